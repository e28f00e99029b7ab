"""How fast a network is on this machine: one image at a time, and many at once."""

from __future__ import annotations

import copy
import os
import platform
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from saccade.errors import BadShape

_BUSY = 1.5


@dataclass(frozen=True)
class Timing:
    """How long one forward pass took, over several repeats.

    Args:
        batch_size: Images in one pass.
        median: Seconds.
        low: The first quartile, in seconds.
        high: The third quartile, in seconds.
        repeats: Passes that were timed.

    Source: ours.

    Example:
        >>> Timing(batch_size=32, median=0.5, low=0.4, high=0.6, repeats=9).images_per_second
        64.0
    """

    batch_size: int
    median: float
    low: float
    high: float
    repeats: int

    @property
    def images_per_second(self) -> float:
        """Images in a second, at the median."""
        return self.batch_size / self.median


@dataclass(frozen=True)
class Speed:
    """How fast a network is: its forward pass alone, without reading images.

    Args:
        device: In words, such as "AMD EPYC 9B14, 2 threads".
        size: (height, width) of the images in pixels.
        channels: Channels of the images.
        single: One image at a time (latency).
        many: Many images at once (throughput).
        load: Processes that wanted to run in the minute before, for each core; 0 where the system does not tell.

    Source: ours.
    """

    device: str
    size: tuple[int, int]
    channels: int
    single: Timing
    many: Timing
    load: float = 0.0

    @property
    def busy(self) -> bool:
        """Whether other work slowed it down, as far as can be told."""
        return self.load > _BUSY or any(timing.high > _BUSY * timing.low for timing in (self.single, self.many))


def measure_speed(
    network: nn.Module, size: tuple[int, int], channels: int, device: torch.device, *, seconds: float = 1.0
) -> Speed:
    """Time the forward pass of a network, in evaluation mode, on random images.

    A copy of the network is timed, so the network itself is left as it is.

    Args:
        network: Takes images of shape (batch, channels, height, width), float in [0, 1].
        size: (height, width) of the images in pixels, each ≥ 1.
        channels: Channels of the images, ≥ 1.
        device: Where to run.
        seconds: How long to measure each of the two, about; at least five passes are timed.

    Returns:
        Latency at batch 1 and throughput at batch 32: median and quartiles.

    Raises:
        BadShape: If a side or the number of channels is below 1.

    Source: ours.

    Example:
        >>> speed = measure_speed(nn.Conv2d(1, 2, 3), (8, 8), 1, torch.device("cpu"), seconds=0.01)
        >>> speed.many.batch_size, speed.single.repeats >= 5
        (32, True)
    """
    if min(*size, channels) < 1:
        raise BadShape(f"got size={size} and channels={channels}; taken are numbers ≥ 1; give the size of the images")
    timed = copy.deepcopy(network).to(device).eval()
    generator = torch.Generator().manual_seed(0)
    load = os.getloadavg()[0] / (os.cpu_count() or 1) if hasattr(os, "getloadavg") else 0.0
    timings = []
    for batch_size in (1, 32):
        images = torch.rand((batch_size, channels, *size), generator=generator).to(device)
        timings.append(_time(timed, images, seconds))
    return Speed(describe_device(device), size, channels, timings[0], timings[1], load)


def describe_device(device: torch.device) -> str:
    """Name a device the way a reader knows it.

    Args:
        device: Any device of this machine.

    Returns:
        The name of its processor, and the number of threads where that matters.

    Source: ours.

    Example:
        >>> describe_device(torch.device("cpu")).endswith(("thread", "threads"))
        True
    """
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type != "cpu":
        return f"{platform.machine()} {device.type}"
    threads = torch.get_num_threads()
    return f"{processor_name()}, {threads} thread{'s' if threads != 1 else ''}"


def processor_name() -> str:
    """Name the processor of this machine.

    Returns:
        Its own name on Linux, else what Python knows of it.

    Source: ours.
    """
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


@torch.inference_mode()
def _time(network: nn.Module, images: torch.Tensor, seconds: float) -> Timing:
    for _ in range(3):
        network(images)
    _wait(images.device)
    taken: list[float] = []
    while len(taken) < 5 or (sum(taken) < seconds and len(taken) < 1000):
        start = time.perf_counter()
        network(images)
        _wait(images.device)
        taken.append(time.perf_counter() - start)
    low, median, high = statistics.quantiles(taken, n=4)
    return Timing(len(images), median, low, high, len(taken))


def _wait(device: torch.device) -> None:
    """Let a device that works on its own finish."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
