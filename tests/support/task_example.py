"""What a task shows the contract tests: a file `tests/contracts/examples/<task>.py` with a function `example()`.

A new task (detection, say) brings its own file; the contract tests fail until it is there.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from saccade.types.batch import Batch
from saccade.types.sample import Sample
from saccade.types.task import Task

EXAMPLES = Path(__file__).parents[1] / "contracts" / "examples"


@dataclass(frozen=True)
class TaskExample:
    """A task small enough to be learnt by heart in a second.

    Args:
        task: With labels.
        network: Fresh, tiny, without randomness of its own while training.
        samples: A handful of images of one size, uint8, with their targets.
        about: What `score` can be asked about.
        bad_targets: Targets that mean nothing, each of which `targets` must refuse.
        steps: Of Adam, after which the loss is close to zero.
        learning_rate: Of Adam.
    """

    task: Task
    network: nn.Module
    samples: Sequence[Sample]
    about: Any
    bad_targets: Sequence[Any]
    steps: int = 300
    learning_rate: float = 0.02

    def batch(self) -> Batch:
        """All samples, stacked."""
        images = torch.from_numpy(np.stack([sample.image for sample in self.samples])).permute(0, 3, 1, 2) / 255
        sizes = torch.tensor([sample.image.shape[:2] for sample in self.samples])
        targets = self.task.targets([sample.target for sample in self.samples])
        return Batch(images, sizes, targets, tuple(sample.key for sample in self.samples))

    def learn(self) -> tuple[float, float]:
        """Learn the batch by heart; give the loss before and after."""
        batch, optimizer = self.batch(), torch.optim.Adam(self.network.parameters(), self.learning_rate)
        losses, threads = [], torch.get_num_threads()
        torch.set_num_threads(1)  # threads that wait for each other take longer than the work
        for _ in range(self.steps):
            optimizer.zero_grad()
            loss = torch.stack(list(self.task.loss(self.network, batch).values())).sum()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        torch.set_num_threads(threads)
        return losses[0], losses[-1]


def example_of(task: str) -> TaskExample:
    """Make the example of a task, fresh."""
    path = EXAMPLES / f"{task}.py"
    assert path.exists(), f"task {task!r} has no example; write {path} with a function example() -> TaskExample"
    spec = importlib.util.spec_from_file_location(f"example_of_{task}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.example()


def striped(rng: np.random.Generator, *, across: bool, down: bool, key: str, target: Any) -> Sample:
    """A noisy 8×8 image with stripes in one direction, both or none."""
    image = rng.integers(90, 110, (8, 8, 3))
    image[::2] += 100 * across
    image[:, ::2] += 50 * down
    return Sample(image.astype(np.uint8), target, key)


def tiny_network(outputs: int) -> nn.Module:
    """Two convolutions and a dense layer, always the same."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(),
            nn.Linear(64, outputs),
        )  # fmt: skip
