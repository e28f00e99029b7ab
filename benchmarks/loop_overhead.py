"""What the training loop costs over a bare hand-written one, on the same network, data and settings.

    ./do bench loop_overhead

The bare loop indexes a tensor, and does forward, loss, backward and step; it keeps no state, no events, no checkpoint.
Ours is Loader + Trainer with everything that a run has: event stream on disk, a check of every loss. Both use the same
memory format, precision and fused optimiser, each on its own copy of the network, and take turns step by step in one
process, so that whatever disturbs the machine disturbs both. Compared is the median step of each round; what a
checkpoint takes, synchronised to disk, is told in seconds.
"""

from __future__ import annotations

import contextlib
import copy
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from measure import Timing, header, ratio, record, table
from saccade.api.networks.models import create
from saccade.data.arrays import Arrays
from saccade.data.loading.loader import Loader
from saccade.layers.normalised import Normalised
from saccade.tasks.classification import classification
from saccade.training.events import CheckpointSaved, Event, EventLog, StepDone
from saccade.training.execution import Execution, resolve
from saccade.training.job import Job
from saccade.training.loop import Trainer
from saccade.training.optimizers import make_optimizer
from saccade.training.settings import TrainingSettings
from saccade.types.preprocessing import Preprocessing

CASES = {"lenet5, 32×32×1": ("lenet5", 32, 1, 400), "resnet18, 64×64×3": ("resnet18", 64, 3, 20)}
ROUNDS = 5
SETTINGS = TrainingSettings(
    epochs=1, batch_size=64, mirror=False, crop_rate=0.0, schedule="constant", warmup_epochs=0.0
)


def bare(network: torch.nn.Module, images: np.ndarray, labels: np.ndarray, execution: Execution) -> Iterator[None]:
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2)
    targets = torch.from_numpy(labels)
    optimizer = make_optimizer(network.parameters(), SETTINGS)
    network.train()
    for rows in torch.randperm(len(pixels)).split(SETTINGS.batch_size):
        batch = (pixels[rows].float() / 255).contiguous(memory_format=execution.torch_memory_format)
        optimizer.zero_grad()
        with execution.autocast():
            loss = F.cross_entropy(network(batch), targets[rows])
        loss.backward()
        optimizer.step()
        yield


class Turns:
    """Lets a bare loop take one step after each of ours, and times both."""

    def __init__(self, rival: Iterator[None]) -> None:
        self.seconds: dict[str, list[float]] = {"bare": [], "saccade": [], "checkpoint": []}
        self._rival, self._began = rival, time.perf_counter()

    def __call__(self, event: Event) -> None:
        """Take the time of what has just ended; after a step of ours, let the rival take one."""
        ended = time.perf_counter()
        if isinstance(event, StepDone):
            self.seconds["saccade"].append(ended - self._began)
            next(self._rival)
            self._began = time.perf_counter()
            self.seconds["bare"].append(self._began - ended)
        elif isinstance(event, CheckpointSaved):
            self.seconds["checkpoint"].append(ended - self._began)
            self._began = time.perf_counter()


def one_round(
    networks: tuple[torch.nn.Module, torch.nn.Module], images: np.ndarray, labels: np.ndarray, execution: Execution
) -> dict[str, float]:
    size, channels = images.shape[1:3], images.shape[3]
    preprocessing = Preprocessing(size, channels, (0.0,) * channels, (1.0,) * channels)
    source = Arrays(images, tuple(labels.tolist()), "benchmark", np.arange(len(images)))
    task = classification(tuple(str(label) for label in range(10)))
    turns = Turns(bare(networks[0], images, labels, execution))
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        log = stack.enter_context(contextlib.closing(EventLog(Path(folder) / "events.jsonl")))
        loader = stack.enter_context(Loader(source, preprocessing, task.targets, batch_size=64, seed=0))
        job = Job(networks[1], task, SETTINGS, execution, Path(folder) / "last.safetensors")

        def listen(event: Event) -> None:
            log(event)
            turns(event)

        Trainer(job, emit=listen, position=log.position).fit(loader, None)
    return {name: statistics.median(seconds) for name, seconds in turns.seconds.items()}


def main() -> None:
    header()
    figures = {}
    for name, (architecture, side, channels, steps) in CASES.items():
        rng = np.random.default_rng(0)
        images = rng.integers(0, 256, (steps * 64, side, side, channels), dtype=np.uint8)
        labels = rng.integers(0, 10, steps * 64)
        network = Normalised(
            create(architecture, num_classes=10, in_channels=channels), (0.0,) * channels, (1.0,) * channels
        )
        execution = resolve(SETTINGS, network)
        networks = execution.placed(network), execution.placed(copy.deepcopy(network))
        with execution.applied():
            rounds = [one_round(networks, images, labels, execution) for _ in range(ROUNDS + 1)][1:]  # one warms up
        timings = {rival: Timing(tuple(one[rival] for one in rounds)) for rival in ("bare", "saccade")}
        saving = statistics.median(one["checkpoint"] for one in rounds)
        print(f"{name}, milliseconds a step, {execution.precision}\n{table(timings, 'bare')}")
        print(f"a checkpoint: {saving:.2f} s\n")
        middle, low, high = (round(100 * (1 / value - 1), 2) for value in ratio(timings["bare"], timings["saccade"]))
        figures[name] = {
            "overhead_percent": middle,
            "quartiles": sorted([low, high]),
            "checkpoint_seconds": round(saving, 3),
            "precision": execution.precision,
        }
    record("loop_overhead", {"figures": figures})


if __name__ == "__main__":
    main()
