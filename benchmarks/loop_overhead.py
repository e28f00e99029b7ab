"""What the training loop costs over a bare hand-written one, on the same network, data and settings.

    ./do bench loop_overhead

The bare loop indexes a tensor, and does forward, loss, backward and step; it keeps no state, no events, no checkpoint.
Ours is Loader + Trainer with everything that a run has: event stream on disk, a check of every loss. Both use the same
memory format, precision and fused optimiser, and take turns in one process. Compared is the median step of each turn;
what a checkpoint takes, synchronised to disk, is told in seconds.
"""

from __future__ import annotations

import contextlib
import itertools
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from measure import Timing, header, ratio, record, table
from saccade.api.models import create
from saccade.data.arrays import Arrays
from saccade.data.loader import Loader
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


def bare(network: torch.nn.Module, images: np.ndarray, labels: np.ndarray, execution: Execution) -> list[float]:
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2)
    targets = torch.from_numpy(labels)
    optimizer = make_optimizer(network.parameters(), SETTINGS)
    network.train()
    moments = [time.perf_counter()]
    for rows in torch.randperm(len(pixels)).split(SETTINGS.batch_size):
        batch = (pixels[rows].float() / 255).contiguous(memory_format=execution.torch_memory_format)
        optimizer.zero_grad()
        with execution.autocast():
            loss = F.cross_entropy(network(batch), targets[rows])
        loss.backward()
        optimizer.step()
        moments.append(time.perf_counter())
    return _steps(moments)


def ours(network: torch.nn.Module, images: np.ndarray, labels: np.ndarray, execution: Execution) -> list[float]:
    size, channels = images.shape[1:3], images.shape[3]
    preprocessing = Preprocessing(size, channels, (0.0,) * channels, (1.0,) * channels)
    source = Arrays(images, tuple(labels.tolist()), "benchmark", np.arange(len(images)))
    task = classification(tuple(str(label) for label in range(10)))
    moments: list[float] = []
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        log = stack.enter_context(contextlib.closing(EventLog(Path(folder) / "events.jsonl")))
        loader = stack.enter_context(Loader(source, preprocessing, task.targets, batch_size=64, seed=0))
        job = Job(network, task, SETTINGS, execution, Path(folder) / "last.safetensors")

        def listen(event: Event) -> None:
            log(event)
            if isinstance(event, StepDone | CheckpointSaved):
                moments.append(time.perf_counter())

        Trainer(job, emit=listen, position=log.position).fit(loader, None)
    return _steps(moments)


def _steps(moments: list[float]) -> list[float]:
    return [after - before for before, after in itertools.pairwise(moments)]


def main() -> None:
    header()
    figures = {}
    for name, (architecture, side, channels, steps) in CASES.items():
        rng = np.random.default_rng(0)
        images = rng.integers(0, 256, (steps * 64, side, side, channels), dtype=np.uint8)
        labels = rng.integers(0, 10, steps * 64)
        bare_network = create(architecture, num_classes=10, in_channels=channels)
        network = Normalised(bare_network, (0.0,) * channels, (1.0,) * channels)
        execution = resolve(SETTINGS, network)
        network = network.to(memory_format=execution.torch_memory_format)
        seconds: dict[str, list[float]] = {"bare": [], "saccade": []}
        saving = []
        for turn in range(ROUNDS + 1):
            with execution.applied():
                times = {
                    "bare": bare(network, images, labels, execution),
                    "saccade": ours(network, images, labels, execution),
                }
            if turn:  # the first one warms up
                saving.append(times["saccade"].pop())  # from the last step to the checkpoint
                for rival, values in times.items():
                    seconds[rival].append(statistics.median(values))
        timings = {rival: Timing(tuple(values)) for rival, values in seconds.items()}
        print(f"{name}, milliseconds a step, {execution.precision}\n{table(timings, 'bare')}")
        print(f"a checkpoint: {statistics.median(saving):.2f} s\n")
        middle, low, high = (round(100 * (1 / value - 1), 2) for value in ratio(timings["bare"], timings["saccade"]))
        figures[name] = {
            "overhead_percent": middle,
            "quartiles": sorted([low, high]),
            "checkpoint_seconds": round(statistics.median(saving), 3),
            "precision": execution.precision,
        }
    record("loop_overhead", {"figures": figures})


if __name__ == "__main__":
    main()
