"""A tiny problem for the loop: two classes of 6×6 images, batches that are a function of epoch and index."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from saccade.training.events import Event, StepDone
from saccade.training.execution import Execution
from saccade.training.job import Job
from saccade.training.loop import Trainer
from saccade.training.settings import TrainingSettings
from saccade.types.batch import Batch


class Counting:
    """A metric: mean accuracy."""

    def __init__(self) -> None:
        self.right = self.seen = 0

    def update(self, outputs: Any, batch: Batch) -> None:
        self.right += int((outputs.argmax(1) == batch.targets).sum())
        self.seen += len(batch)

    def compute(self) -> dict[str, float]:
        return {"accuracy": self.right / max(1, self.seen)}

    def judge(self, resamples: int, seed: int) -> Any:
        raise AssertionError("the loop does not judge")


@dataclass(frozen=True)
class TwoClasses:
    """A task: cross entropy over two classes."""

    name: str = "two classes"
    labels: tuple[str, ...] = ("dark", "light")
    headline: tuple[str, bool] = ("accuracy", True)

    def groups(self, network: nn.Module) -> dict[str, list[nn.Parameter]]:
        return {"all": list(network.parameters())}

    def loss(self, network: nn.Module, batch: Batch, group: str = "all") -> dict[str, torch.Tensor]:
        return {"cross_entropy": F.cross_entropy(network(batch.images), batch.targets)}

    def metric(self) -> Counting:
        return Counting()

    def targets(self, targets: Any) -> torch.Tensor:
        return torch.tensor(targets)

    def decode(self, outputs: Any, batch: Batch) -> list[Any]:
        raise AssertionError("the loop does not decode")

    def asked(self, outputs: Any, about: Any) -> list[Any]:
        raise AssertionError("the loop does not explain")

    def score(self, outputs: Any, about: Any) -> torch.Tensor:
        raise AssertionError("the loop does not explain")

    def confidence_in(self, outputs: Any, asked: Any) -> torch.Tensor:
        raise AssertionError("the loop does not explain")

    def draw(self, sample: Any, prediction: Any) -> Any:
        raise AssertionError("the loop does not draw")


@dataclass(frozen=True)
class Batches:
    """Five batches of four random images, the same ones for the same epoch; the label is which half is lighter."""

    steps: int = 5
    size: int = 4
    poison: int = -1

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        for index in range(start, self.steps):
            generator = torch.Generator().manual_seed(1000 * epoch + index)
            images = torch.rand(self.size, 1, 6, 6, generator=generator)
            targets = (images[..., :3].mean((1, 2, 3)) > images[..., 3:].mean((1, 2, 3))).long()
            if index == self.poison:
                images = images * float("nan")
            sizes = torch.tensor([[6, 6]] * self.size)
            yield Batch(images, sizes, targets, tuple(f"image {epoch}.{index}.{n}" for n in range(self.size)))


def tiny_network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3), nn.Flatten(), nn.Linear(64, 2)
    )


def make_job(folder: Path, **changes: Any) -> Job:
    """A job on the tiny network, its checkpoint in a folder that is made if need be."""
    settings = replace(TrainingSettings(epochs=2, threads=1, warmup_epochs=0.0), **changes)
    folder.mkdir(exist_ok=True)
    return Job(tiny_network(), TwoClasses(), settings, Execution(), folder / "last.safetensors")


def state_of(trainer: Trainer) -> dict[str, torch.Tensor]:
    """Every tensor that moves while training, copied."""
    moving = trainer.moving
    tensors = {f"network.{name}": value for name, value in moving.network.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in moving.average.weights.items()}
    for group, optimizer in moving.optimizers.items():
        for index, values in optimizer.state_dict()["state"].items():
            tensors |= {f"{group}.{index}.{name}": value for name, value in values.items() if torch.is_tensor(value)}
    return {name: value.clone() for name, value in tensors.items()}


def assert_same_bits(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    """Fail at the first tensor that differs in any bit."""
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert torch.equal(value, other[name]), name


def stop_after(steps: int) -> Callable[[Event], None]:
    """A listener that asks this process to end after so many steps."""

    def listen(event: Event) -> None:
        if isinstance(event, StepDone) and event.step == steps:
            os.kill(os.getpid(), signal.SIGTERM)

    return listen
