"""An epoch of ResNet-18 at 224 from JPEG files, beside the same epoch on tensors that lie in memory already.

    ./do bench epoch [PICTURES]

On all cores: forward, loss, backward and step of `resnet18` in batches of 32 on photographs of `imagenet_sample`,
written as JPEG of 500 × 375. From files, each is read, decoded, cropped and mirrored at random by the loader, and
nothing is kept; in memory, the same batches are given as they are. Taking turns, epoch by epoch. Before that, what it
takes to hand a batch of 64 × 224 × 224 pictures over from a worker, by shared memory and by the pipe.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from measure import header, interleaved, ratio, record, table
from saccade.api.networks.models import create
from saccade.data.augmentations.recipes import standard
from saccade.data.files import Files
from saccade.data.loading.feeding import Feeding
from saccade.data.loading.loader import Loader
from saccade.data.loading.workers import Workers
from saccade.types.batch import Batch
from saccade.types.preprocessing import Preprocessing

BATCH, SIDE, ROUNDS, PASSED = 32, 224, 3, 10


def files(folder: Path, count: int) -> Files:
    """Photographs as JPEG of 500 × 375, in a folder that is thrown away."""
    data = Path(os.environ["SACCADE_DATA"])
    paths = sorted((data / "imagenet_sample/images").rglob("*.[jJ]*"))[:count]
    for number, path in enumerate(paths):
        Image.open(path).convert("RGB").resize((500, 375)).save(folder / f"{number}.jpg", quality=90)
    return Files(str(folder), tuple(f"{number}.jpg" for number in range(len(paths))), tuple(range(len(paths))))


def trained(network: torch.nn.Module, batches: Callable[[], Iterable[Batch]]) -> Callable[[], None]:
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-4, momentum=0.9)

    def run() -> None:
        for batch in batches():
            images = batch.images.contiguous(memory_format=torch.channels_last)
            optimizer.zero_grad()
            F.cross_entropy(network(images), batch.targets).backward()
            optimizer.step()

    return run


def same(number: int) -> np.ndarray:
    del number
    return np.zeros((64, SIDE, SIDE, 3), np.uint8)


def passed(workers: Workers) -> Callable[[], None]:
    def run() -> None:
        for batch in workers.results((number,) for number in range(PASSED)):
            batch.copy()

    return run


def main(count: int) -> None:
    header()
    room = 64 * SIDE * SIDE * 3
    ways = {"pipe": Workers(1, same), "shared memory": Workers(1, same, room=room)}
    timings = interleaved({name: passed(workers) for name, workers in ways.items()}, 9)
    print(f"handing over {room / 1e6:.1f} MB, ms a batch\n{table(timings, 'pipe', PASSED)}\n", flush=True)
    handed = {name: round(timing.median / PASSED * 1e3, 2) for name, timing in timings.items()}
    for workers in ways.values():
        workers.close()

    network = create("resnet18", num_classes=1000).to(memory_format=torch.channels_last).train()
    taken = Preprocessing((SIDE, SIDE), 3, (0.0,) * 3, (1.0,) * 3)
    with tempfile.TemporaryDirectory() as folder:
        source = files(Path(folder), count)
        options = {"batch_size": BATCH, "seed": 0, "augmentations": standard(True, 0.125)}
        loaders = {
            f"from files, {told}": Loader(source, taken, torch.tensor, workers=Feeding(number, cache="off"), **options)
            for number, told in ((0, "no workers"), (1, "1 worker"))
        }
        held = list(next(iter(loaders.values())).epoch(0))
        runs = {"in memory": trained(network, lambda: held)}
        runs |= {name: trained(network, lambda one=one: one.epoch(0)) for name, one in loaders.items()}
        timings = interleaved(runs, ROUNDS)
        for loader in loaders.values():
            loader.close()
    print(
        f"{count} pictures, {torch.get_num_threads()} threads, ms an epoch\n{table(timings, 'in memory')}", flush=True
    )
    figures = {
        name: {
            "ms": round(timing.median * 1e3),
            "times_as_long": [round(value, 3) for value in ratio(timing, timings["in memory"])],
        }
        for name, timing in timings.items()
    }
    record("epoch", {"pictures": count, "batch": BATCH, "rounds": ROUNDS, "hand_over_ms": handed, "figures": figures})


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 64)
