"""Forward, training step, peak memory and creation of four networks, beside the reference library on the same tensors.

    ./do bench networks [NAME …]

The rival is torchvision, in the same environment and process, with the same weights, taking turns call by call. (Where
its wheel does not load beside a CPU build of torch, a module `load_torchvision` on the path, which makes it load, is
imported first.) Each row is one way of running:

    torchvision      the rival as it comes: contiguous, float32
    saccade          the same weights, images and memory format
    + channels last  images and weights in the memory format that `saccade train` chooses
    + folded         evaluation alone: batch normalisation folded into the convolutions (`saccade.layers.folding`)

Peak memory is the growth of a fresh process's resident size over one training step.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from measure import Timing, header, interleaved, ratio, record, table
from saccade.api.networks.models import create
from saccade.layers.folding import fold

NAMES = ("resnet50", "mobilenet_v2", "efficientnet_b0", "densenet121")
BATCH, SIDE, ROUNDS = 8, 224, 9
RIVAL, OURS, LAST, FOLDED = "torchvision", "saccade", "+ channels last", "+ folded"


def rival(name: str) -> nn.Module:
    if importlib.util.find_spec("load_torchvision"):
        importlib.import_module("load_torchvision")
    return getattr(importlib.import_module("torchvision.models"), name)(weights=None)


def networks(name: str) -> tuple[nn.Module, nn.Module]:
    """The rival and ours, with the same weights."""
    theirs, ours = rival(name), create(name)
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


def last(network: nn.Module) -> nn.Module:
    return network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def forward(network: nn.Module, images: Tensor) -> Callable[[], object]:
    network.eval()

    def run() -> Tensor:
        with torch.inference_mode():
            return network(images)

    return run


def step(network: nn.Module, images: Tensor, labels: Tensor) -> Callable[[], object]:
    network.train()
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9)

    def run() -> None:
        optimizer.zero_grad()
        F.cross_entropy(network(images), labels).backward()
        optimizer.step()

    return run


def tensors() -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(0)
    images, labels = torch.randn(BATCH, 3, SIDE, SIDE), torch.randint(0, 1000, (BATCH,))
    return images, images.to(memory_format=torch.channels_last), labels


def timed(name: str) -> dict[str, dict[str, Timing]]:
    images, images_last, labels = tensors()
    (theirs, ours), (_, also) = networks(name), networks(name)
    also = last(also)
    ways = {RIVAL: forward(theirs, images), OURS: forward(ours, images), LAST: forward(also, images_last)}
    folded = last(fold(ours.eval()).network)
    assert torch.allclose(forward(folded, images_last)(), ways[RIVAL](), atol=1e-3)
    found = {"forward": interleaved({**ways, FOLDED: forward(folded, images_last)}, ROUNDS, warm_up=2)}
    ways = {
        RIVAL: step(theirs, images, labels), OURS: step(ours, images, labels), LAST: step(also, images_last, labels),
    }  # fmt: skip
    found["training step"] = interleaved(ways, ROUNDS, warm_up=2)
    rival(name)  # its imports are not creation
    made = {RIVAL: lambda: rival(name), OURS: lambda: create(name)}
    found["creation"] = interleaved(made, ROUNDS, warm_up=2)
    return found


def child(name: str, way: str) -> None:
    """Print by how many MiB one step makes this process grow."""
    images, images_last, labels = tensors()
    network = rival(name) if way == RIVAL else create(name)
    run = step(last(network) if way == LAST else network, images_last if way == LAST else images, labels)
    before = most_memory()
    run()
    print(json.dumps((most_memory() - before) / 1024))


def most_memory() -> int:
    """The largest resident size of this process so far, in KiB (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def peaks(name: str) -> dict[str, float]:
    """The median growth of three processes for each way."""
    found: dict[str, list[float]] = {way: [] for way in (RIVAL, OURS, LAST)}
    for _ in range(3):
        for way, sizes in found.items():
            command = [sys.executable, __file__, "--peak", name, way]
            sizes.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    return {way: round(sorted(sizes)[1], 1) for way, sizes in found.items()}


def main(names: list[str]) -> None:
    header()
    version = importlib.metadata.version("torchvision")
    print(f"torchvision {version}; batch {BATCH}, {SIDE} × {SIDE}, float32, {torch.get_num_threads()} threads\n")
    for name in names or list(NAMES):
        figures: dict[str, object] = {}
        for what, timings in timed(name).items():
            print(f"{name}, {what}\n{table(timings, RIVAL)}\n", flush=True)
            figures[what] = {
                way: {
                    "ms": round(timing.median * 1e3, 2),
                    "times_rival": [round(number, 3) for number in ratio(timings[RIVAL], timing)],
                }
                for way, timing in timings.items()
            }
        figures["peak_mib"] = peaks(name)
        print(f"{name}, growth of a process over one training step, MiB: {figures['peak_mib']}\n", flush=True)
        shape = {"batch": BATCH, "side": SIDE, "rounds": ROUNDS, "torchvision": version}
        record("networks", {"model": name, **shape, "figures": figures})


if __name__ == "__main__":
    child(*sys.argv[2:]) if sys.argv[1:2] == ["--peak"] else main(sys.argv[1:])
