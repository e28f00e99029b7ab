"""Too little memory for a step of training: said before it begins, or where it ran out, with what would fit.

Source: ours.
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from saccade.errors import BadConfig, BadInput
from saccade.inspect.memory_use import bytes_of, training_memory

_STATES = 2  # numbers that AdamW keeps for each weight, the most of any optimiser
_FILLED = 0.8  # of the memory that there is; the rest is for what an operation allocates for itself
_SURELY = 2.0  # so many times the memory that there is do not fit, whatever the precision
_OFTEN = 300  # what a network keeps of an image is seldom more than so many times the image
_WORDS = ("out of memory", "can't allocate memory", "std::bad_alloc")
Shape = tuple[int, int, int, int]


def refuse_too_large(network: nn.Module, shape: Shape, device: str) -> None:
    """Refuse a step of training that needs far more memory than there is, before a system kills for it.

    Args:
        network: What is to be trained; left as it was.
        shape: (batch, channels, height, width) of the images of a step.
        device: Where: "cpu", "cuda" or "mps".

    Raises:
        BadConfig: If it needs more than twice of what there is.

    Source: ours.

    Example:
        >>> refuse_too_large(nn.Conv2d(3, 8, 3), (2, 3, 8, 8), "cpu")
    """
    batch, channels, height, width = shape
    room = memory_of(device)
    if room is None or 4 * batch * channels * height * width * _OFTEN < room:
        return
    needs = _needs(network, shape)
    if needs is not None and needs[0] + batch * needs[1] > _SURELY * room:
        raise _too_large(shape, needs, room)


@contextlib.contextmanager
def shortage_named(network: nn.Module, images: Tensor) -> Iterator[None]:
    """Say how many images would fit, where a step of training finds too little memory.

    Args:
        network: What is trained.
        images: Of the step.

    Raises:
        BadConfig: If memory runs out; any other error passes.

    Source: ours.
    """
    shape, device = tuple(images.shape), images.device.type
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_shortage(error) or len(shape) != 4:
            raise
        traceback.clear_frames(error.__traceback__)  # they hold what filled the memory
        raise _too_large(shape, _needs(network, shape), memory_of(device)) from error


def is_shortage(error: BaseException) -> bool:
    """Tell whether an error says that memory ran out.

    Args:
        error: Any.

    Returns:
        True if it does.

    Source: ours.

    Example:
        >>> is_shortage(RuntimeError("DefaultCPUAllocator: can't allocate memory")), is_shortage(ValueError("no"))
        (True, False)
    """
    return isinstance(error, MemoryError) or any(words in str(error) for words in _WORDS)


def memory_of(device: str) -> int | None:
    """Find how much memory this process could have in all, what it has now included.

    Args:
        device: "cpu", "cuda" or "mps".

    Returns:
        Bytes; None where nobody says.

    Source: ours.
    """
    if device == "cuda":
        return torch.cuda.mem_get_info()[0] + torch.cuda.memory_reserved()
    if device != "cpu":
        return None
    try:
        machine, own = _sizes(Path("/proc/meminfo")), _sizes(Path("/proc/self/status"))
        rooms = [machine["MemAvailable"] + own["VmRSS"]]
    except (OSError, ValueError, LookupError):  # no Linux
        return None
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        rooms.append(max(0, limit - (own["VmSize"] - own["VmRSS"])))
    with contextlib.suppress(OSError, ValueError):  # "max", or no such group
        rooms.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return min(rooms)


def _sizes(file: Path) -> dict[str, int]:
    """Read lines such as "MemAvailable:  123 kB"."""
    lines = (line.split() for line in file.read_text(encoding="ascii", errors="replace").splitlines())
    return {words[0].rstrip(":"): 1024 * int(words[1]) for words in lines if len(words) == 3 and words[2] == "kB"}


def _needs(network: nn.Module, shape: Shape) -> tuple[int, int] | None:
    """Bytes that a step needs whatever the batch, and for each image; None where that cannot be worked out."""
    _, channels, height, width = shape
    try:
        one, two = (training_memory(network, (height, width), in_channels=channels, batch=batch) for batch in (2, 3))
    except (BadInput, RuntimeError, MemoryError):
        return None
    each = max(1, two.together - one.together)
    kept = bytes_of([*network.parameters(), *network.buffers()]) + _STATES * one.gradients
    return max(0, one.together - 2 * each) + kept, each


def _too_large(shape: Shape, needs: tuple[int, int] | None, room: int | None) -> BadConfig:
    batch, _, height, width = shape
    got = f"got less memory than a step on {batch} images of {height} × {width} pixels takes"
    smaller = "a smaller --height and --width"
    if needs is None or room is None:
        return BadConfig(f"{got}; taken is a machine with enough; use a smaller --batch-size, or {smaller}")
    fixed, each = needs
    fits = max(0, int((_FILLED * room - fixed) / each))
    there = f"taken is what fits into the {_gibibytes(room)} that there are"
    got = f"{got}, which is about {_gibibytes(fixed + batch * each)}"
    if fits < 1:
        return BadConfig(f"{got}; {there}, which is not one such image; use {smaller}, or a smaller network")
    fits = min(fits, max(1, batch // 2))  # what did not fit needs more than could be worked out
    alike = f"--batch-size {fits} --accumulate {-(-batch // fits)}" if batch > 1 else f"--batch-size {fits}"
    return BadConfig(f"{got}; {there}, such as {fits} images; use {alike}, or {smaller}")


def _gibibytes(count: int) -> str:
    return f"{count / 2**30:,.1f} GiB"
