"""Style transfer: a pass beside a plain transcription of the formulas, in seconds at 256 pixels and in memory at 1,024.

    ./do bench style [ROUNDS]

VGG-19 with drawn weights (the time does not depend on them), the paper's layers: style from relu1_1 to relu5_1, content
relu4_2. One thread, processes taking turns, so many rounds of three passes, 5 by default. saccade's process has its
allocator set, as the command line sets it; a transcription is timed without, as it would be run, and with. A peak of
memory is what targets and a pass take above network and pictures.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import saccade

PLAIN, TUNED = "transcribed as it is", "transcribed, allocator set"

if sys.argv[-1] != PLAIN:
    saccade.tune_memory()

import torch  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from measure import header, record  # noqa: E402
from saccade.imagine.making.likeness import Likeness, Wanted  # noqa: E402

STYLE = {"features.1": 0.2, "features.6": 0.2, "features.11": 0.2, "features.20": 0.2, "features.29": 0.2}
CONTENT, LARGE, MEMORY = "features.22", 1024, 2000
BETA = 1e3


class Transcribed:
    """The formulas as they read: every layer of the network's features, maps kept where they are wanted."""

    def __init__(self, network: nn.Module, content: Tensor, style: Tensor) -> None:
        self.layers = list(network.features)[:30]
        with torch.no_grad():
            self.content = self.maps(content)[CONTENT]
            self.grams = {name: self.gram(maps) for name, maps in self.maps(style).items() if name in STYLE}

    def maps(self, images: Tensor) -> dict[str, Tensor]:
        """Run the layers one by one."""
        kept = {}
        for number, layer in enumerate(self.layers):
            images = nn.functional.relu(images) if isinstance(layer, nn.ReLU) else layer(images)
            name = f"features.{number}"
            if name in STYLE or name == CONTENT:
                kept[name] = images
        return kept

    @staticmethod
    def gram(maps: Tensor) -> Tensor:
        """Products of the channels, summed over all places."""
        flat = maps.flatten(2)[0]
        return flat @ flat.T

    def __call__(self, picture: Tensor) -> tuple[float, Tensor]:
        """The cost, and its gradient."""
        leaf = picture.clone().requires_grad_()
        maps = self.maps(leaf)
        count = maps[CONTENT].numel()
        cost = ((maps[CONTENT] - self.content) ** 2).sum() / (4 * count)
        for name, weight in STYLE.items():
            difference = self.gram(maps[name]) - self.grams[name]
            cost = cost + BETA * weight * (difference**2).sum() / (2 * maps[name].numel()) ** 2
        cost.backward()
        assert leaf.grad is not None
        return cost.item(), leaf.grad


class Ready:
    """A network and pictures, and how the cost of one is made of them."""

    def __init__(self, side: int, way: str) -> None:
        torch.manual_seed(0)
        self.network, self.way = saccade.create("vgg19").eval(), way
        for parameter in self.network.parameters():
            parameter.requires_grad_(False)
        if way != "transcribed":
            self.network = self.network.to(memory_format=torch.channels_last)
        self.content, self.style, self.picture = (torch.rand(1, 3, side, side) for _ in range(3))

    def __call__(self) -> Any:
        """Compute the targets."""
        if self.way == "transcribed":
            return Transcribed(self.network, self.content, self.style)
        wanted = Wanted((CONTENT,), STYLE, style_weight=BETA, even=False)
        memory = MEMORY << 20 if self.way == "tiles" else 0
        return Likeness(self.network, wanted, content=self.content, style=self.style, memory=memory)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def peak(way: str) -> None:
    """Print what the targets and a pass take above network and pictures, in MiB; the seconds of the pass; the tiles."""
    torch.set_num_threads(1)
    ready = Ready(LARGE, way)
    before, most, done = resident(), 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.005):
            most = max(most, resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    cost = ready()
    started = time.perf_counter()
    cost(ready.picture)
    seconds = time.perf_counter() - started
    done.set()
    watcher.join()
    print((most - before) / 2**20, seconds, len(getattr(cost, "tiles", ())))


def timed(way: str) -> None:
    """Print the median of three passes at 256 pixels, after one."""
    torch.set_num_threads(1)
    ready = Ready(256, way.split(",", maxsplit=1)[0].split(" as", maxsplit=1)[0])
    cost, seconds = ready(), []
    for _ in range(4):
        started = time.perf_counter()
        cost(ready.picture)
        seconds.append(time.perf_counter() - started)
    print(statistics.median(seconds[1:]))


def agreement() -> dict[str, float]:
    """How far both ways are apart."""
    torch.set_num_threads(1)
    ready = Ready(256, "saccade")
    (terms, gradient), (cost, other) = ready()(ready.picture), Ready(256, "transcribed")()(ready.picture)
    apart = float((gradient - other).norm() / other.norm())
    return {"cost": abs(sum(terms.values()) / cost - 1), "gradient": apart}


def apart(*words: str) -> list[str]:
    """Run this file in a process of its own, and give what it prints."""
    done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=True)
    return done.stdout.split()


def main(number: str = "5", what: str = "", way: str = "") -> None:
    if what:
        {"timed": timed, "peak": peak}[what](way)
        return
    header()
    seconds: dict[str, list[float]] = {name: [] for name in ("saccade", PLAIN, TUNED)}
    for turn in range(int(number)):
        for name in list(seconds) if turn % 2 else list(seconds)[::-1]:
            seconds[name].append(float(apart(number, "timed", name)[0]))
    figures: dict[str, Any] = {"seconds": {name: round(statistics.median(own), 3) for name, own in seconds.items()}}
    for name in (PLAIN, TUNED):
        ratios = sorted(a / b for a, b in zip(seconds["saccade"], seconds[name], strict=True))
        three = (statistics.median(ratios), ratios[0], ratios[-1])
        figures[f"of the time {name}"] = [round(ratio, 3) for ratio in three]
    figures["relative difference"] = agreement()
    figures["at 1,024"] = {}
    for name in ("transcribed", "saccade", "tiles"):
        mib, took, tiles = (float(word) for word in apart(number, "peak", name))
        figures["at 1,024"][name] = {"mib": round(mib), "seconds": round(took, 1), "tiles": int(tiles)}
    for name, values in figures.items():
        print(name, values)
    record("style", {"content": CONTENT, "style": STYLE, "memory": MEMORY, "figures": figures})


if __name__ == "__main__":
    main(*sys.argv[1:])
