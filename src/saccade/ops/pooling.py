"""Pooling in one, two and three dimensions: a window slides, and leaves one number behind.

    max_pool        the largest number of each window
    min_pool        the smallest
    average_pool    the mean
    global_pool     one of the three, over all there is
    max_unpool      puts what was taken back where it was

Pooling has no weights: nothing in it is learned. The step is the window's size unless another is given. Padding never
wins: a maximum or a minimum is always that of real pixels, and padding that would leave a window without any is
refused. `max_pool_with_indices` and `min_pool_with_indices` also say where each number came from, as PyTorch does: its
place in the map, counted row by row from 0.

Source: Goodfellow, Bengio & Courville, "Deep learning", 2016, section 9.3; Zeiler & Fergus, arXiv 1311.2901
(unpooling).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from saccade.errors import BadShape, UnknownName
from saccade.ops.arithmetic import output_size
from saccade.ops.operands import PerAxis, Sides, check_floats, per_axis
from saccade.ops.padding import Padding, pad, resolve_padding

KINDS = ("max", "average", "min")
_MAX = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
_AVERAGE = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}


def max_pool(
    inputs: Float[Tensor, "batch channels *size"],
    window: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = "valid",
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
) -> Float[Tensor, "batch channels *result"]:
    """Keep the largest number of each window.

    Args:
        inputs: Lines, maps or volumes.
        window: Its size, for all axes or for each.
        stride: The step from window to window; None for the window's size. 1 is taken, as Inception uses it.
        padding: "valid", "same", "full", pixels on every side, or for each axis an int or (before, after).
        dilation: Distance between the pixels that a window looks at.
        ceil_mode: Let a last window hang over the end; it must start before it.

    Returns:
        As many maps; each side is that of `output_size`.

    Raises:
        BadShape: If the window is larger than the padded inputs, or one would see nothing but padding.
        BadConfig: If a setting is out of its range, or a word is unknown.

    Example:
        >>> max_pool(torch.tensor([[[1.0, 5, 2, 8, 3]]]), 2).tolist()
        [[[5.0, 8.0]]]
        >>> max_pool(torch.tensor([[[1.0, 5, 2, 8, 3]]]), 3, stride=1, padding="same").tolist()
        [[[5.0, 5.0, 8.0, 8.0, 8.0]]]
    """
    frame = _frame(inputs, window, stride, padding, dilation=dilation, ceil_mode=ceil_mode)
    return _largest(inputs, frame, with_indices=False)[0]


def max_pool_with_indices(
    inputs: Float[Tensor, "batch channels *size"],
    window: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = "valid",
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
) -> tuple[Float[Tensor, "batch channels *result"], Int[Tensor, "batch channels *result"]]:
    """Keep the largest number of each window, and where it was. Arguments as for `max_pool`.

    Returns:
        The numbers, and the place of each in its map: row · width + column. Of equal ones the first.

    Raises:
        BadInput: As `max_pool` does.

    Example:
        >>> max_pool_with_indices(torch.tensor([[[1.0, 5, 2, 8, 3]]]), 2)[1].tolist()
        [[[1, 3]]]
    """
    frame = _frame(inputs, window, stride, padding, dilation=dilation, ceil_mode=ceil_mode)
    return _largest(inputs, frame, with_indices=True)


def min_pool(
    inputs: Float[Tensor, "batch channels *size"],
    window: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = "valid",
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
) -> Float[Tensor, "batch channels *result"]:
    """Keep the smallest number of each window. Arguments as for `max_pool`.

    Returns:
        As many maps; each side is that of `output_size`.

    Raises:
        BadInput: As `max_pool` does.

    Example:
        >>> min_pool(torch.tensor([[[1.0, 5, 2, 8, 3]]]), 2).tolist()
        [[[1.0, 2.0]]]
    """
    return -max_pool(-inputs, window, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)


def min_pool_with_indices(
    inputs: Float[Tensor, "batch channels *size"],
    window: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = "valid",
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
) -> tuple[Float[Tensor, "batch channels *result"], Int[Tensor, "batch channels *result"]]:
    """Keep the smallest number of each window, and where it was. Arguments as for `max_pool`.

    Returns:
        The numbers, and the place of each in its map: row · width + column. Of equal ones the first.

    Raises:
        BadInput: As `max_pool` does.

    Example:
        >>> min_pool_with_indices(torch.tensor([[[1.0, 5, 2, 8, 3]]]), 2)[1].tolist()
        [[[0, 2]]]
    """
    values, indices = max_pool_with_indices(
        -inputs, window, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode
    )
    return -values, indices


def average_pool(
    inputs: Float[Tensor, "batch channels *size"],
    window: PerAxis,
    *,
    stride: PerAxis | None = None,
    padding: Padding = "valid",
    ceil_mode: bool = False,
    count_padding: bool = False,
) -> Float[Tensor, "batch channels *result"]:
    """Average each window.

    At the border the sum of the real pixels is divided by their number; with `count_padding`, by the number of all
    pixels of the window, zeros of the padding included. What hangs over the end of the padded inputs, in ceil mode, is
    never counted.

    Args:
        inputs: Lines, maps or volumes.
        window: Its size, for all axes or for each.
        stride: The step from window to window; None for the window's size.
        padding: "valid", "same", "full", pixels on every side, or for each axis an int or (before, after).
        ceil_mode: Let a last window hang over the end; it must start before it.
        count_padding: Whether padding counts as pixels that are 0. PyTorch counts it unless told otherwise.

    Returns:
        As many maps; each side is that of `output_size`.

    Raises:
        BadShape: If the window is larger than the padded inputs, or one would see nothing but padding.
        BadConfig: If a setting is out of its range, or a word is unknown.

    Example:
        >>> line = torch.tensor([[[6.0, 2, 4]]])
        >>> average_pool(line, 3, stride=1, padding=1).tolist()
        [[[4.0, 4.0, 3.0]]]
        >>> average_pool(line, 2, stride=2, padding=((1, 0),), count_padding=True).tolist()
        [[[3.0, 3.0]]]
    """
    frame = _frame(inputs, window, stride, padding, ceil_mode=ceil_mode)
    axes = len(frame.window)
    if frame.is_plain:
        before = tuple(before for before, _ in frame.sides)
        return _AVERAGE[axes](inputs, frame.window, frame.stride, before, ceil_mode, count_padding)
    reach = [int(frame.places(axis)[-1, -1]) + 1 - side for axis, side in enumerate(inputs.shape[2:])]
    sides = tuple((before, max(0, after)) for (before, _), after in zip(frame.sides, reach, strict=True))
    means = _AVERAGE[axes](pad(inputs, sides), frame.window, frame.stride)
    for axis, side in enumerate(inputs.shape[2:]):
        places, (before, after) = frame.places(axis), frame.sides[axis]
        first, end = (-before, side + after) if count_padding else (0, side)
        counts = ((places >= first) & (places < end)).sum(1)
        shape = [-1 if other == axis else 1 for other in range(axes)]
        means = means * (frame.window[axis] / counts).to(means).reshape(shape)
    return means


def global_pool(
    inputs: Float[Tensor, "batch channels *size"], kind: str = "average"
) -> Float[Tensor, "batch channels"]:
    """Pool each map to one number, whatever its size.

    Args:
        inputs: Lines, maps or volumes.
        kind: max, average or min.

    Returns:
        One number for each map.

    Raises:
        UnknownName: If there is no such kind.
        BadShape: If there is nothing to pool.

    Source: Lin et al., "Network in network", arXiv 1312.4400, section 3.2.

    Example:
        >>> global_pool(torch.ones(2, 1000, 7, 7)).shape
        torch.Size([2, 1000])
    """
    axes = tuple(range(2, 2 + check_floats(inputs)))
    pools: dict[str, Callable[[Tensor, Any], Tensor]] = {"max": torch.amax, "average": torch.mean, "min": torch.amin}
    if kind not in pools:
        raise UnknownName("kind of pooling", kind, KINDS)
    if min(inputs.shape[2:]) < 1:
        raise BadShape(f"got inputs of shape {tuple(inputs.shape)}; taken are sides ≥ 1; leave none empty")
    return pools[kind](inputs, axes)


def max_unpool(
    values: Float[Tensor, "batch channels *result"],
    indices: Int[Tensor, "batch channels *result"],
    size: tuple[int, ...],
) -> Float[Tensor, "batch channels *size"]:
    """Put each number back where it was taken from, and zeros everywhere else.

    Where windows overlapped, a number that two of them took is put back once. It serves minima as well.

    Args:
        values: What was kept of each window, or what became of it since.
        indices: As `max_pool_with_indices` or `min_pool_with_indices` give them.
        size: What was pooled, along each axis.

    Returns:
        Maps of that size.

    Raises:
        BadShape: If the two have different shapes, or the size does not hold every place.

    Source: Zeiler & Fergus 2013, section 2.1; Badrinarayanan et al., "SegNet", arXiv 1511.00561.

    Example:
        >>> values, indices = max_pool_with_indices(torch.tensor([[[1.0, 5, 2, 8, 3]]]), 2)
        >>> max_unpool(values, indices, (5,)).tolist()
        [[[0.0, 5.0, 0.0, 8.0, 0.0]]]
    """
    axes, places = check_floats(values, "values"), math.prod(size)
    if values.shape != indices.shape or indices.dtype != torch.int64:
        raise BadShape(
            f"got values of shape {tuple(values.shape)} and indices of shape {tuple(indices.shape)}, {indices.dtype}; "
            "taken are int64 of the same shape; give those of the same pooling"
        )
    if len(size) != axes or min(size) < 1:
        raise BadShape(f"got size={size} for {axes} axes; taken is a side ≥ 1 for each; give the size that was pooled")
    if indices.numel() and not indices.is_meta and not 0 <= int(indices.min()) <= int(indices.max()) < places:
        raise BadShape(
            f"got indices from {int(indices.min())} to {int(indices.max())} for maps of {' × '.join(map(str, size))}; "
            f"taken are 0 to {places - 1}; give the size that was pooled"
        )
    empty = values.new_zeros((*values.shape[:2], places))
    return empty.scatter(2, indices.flatten(2), values.flatten(2)).unflatten(2, size)


class _Frame(NamedTuple):
    """How windows lie on the inputs: everything for each axis."""

    window: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    sides: Sides
    ceil_mode: bool
    size: tuple[int, ...]

    @property
    def is_plain(self) -> bool:
        """Whether PyTorch takes the padding as it is: as much before as after, at most half a window."""
        return all(before == after <= side // 2 for (before, after), side in zip(self.sides, self.window, strict=True))

    def places(self, axis: int) -> Int[Tensor, "result window"]:
        """Where each pixel of each window lies along an axis; below 0 and past the end it is padding."""
        starts = torch.arange(self.size[axis]) * self.stride[axis] - self.sides[axis][0]
        return starts[:, None] + torch.arange(self.window[axis]) * self.dilation[axis]


def _frame(
    inputs: Float[Tensor, "batch channels *size"],
    window: PerAxis,
    stride: PerAxis | None,
    padding: Padding,
    *,
    dilation: PerAxis = 1,
    ceil_mode: bool,
) -> _Frame:
    axes, size = check_floats(inputs), tuple(inputs.shape[2:])
    windows, gaps = per_axis(window, axes, name="window"), per_axis(dilation, axes, name="dilation")
    steps = per_axis(windows if stride is None else stride, axes, name="stride")
    sides = resolve_padding(padding, windows, dilation=gaps)
    counts = tuple(
        output_size(side, span, stride=step, padding=ends, dilation=gap, ceil_mode=ceil_mode)
        for side, span, step, ends, gap in zip(size, windows, steps, sides, gaps, strict=True)
    )
    frame = _Frame(windows, steps, gaps, sides, ceil_mode, counts)
    for axis, side in enumerate(size):
        places = frame.places(axis)
        if not ((places >= 0) & (places < side)).any(1).all():
            raise BadShape(
                f"got a padding of {sides[axis][0]} + {sides[axis][1]} around {side} pixels for a window of "
                f"{windows[axis]}, one of which would see padding alone; taken is padding that leaves each window a "
                "pixel; pad less"
            )
    return frame


def _largest(
    inputs: Float[Tensor, "batch channels *size"], frame: _Frame, *, with_indices: bool
) -> tuple[Float[Tensor, "batch channels *result"], Int[Tensor, "batch channels *result"]]:
    """The largest number of each window, and its place (an empty tensor in its stead if that is not asked for)."""
    pool = _MAX[len(frame.window)]
    if not frame.is_plain:
        return _largest_by_windows(inputs, frame)
    before = tuple(before for before, _ in frame.sides)
    settings = (frame.window, frame.stride, before, frame.dilation, frame.ceil_mode)
    if with_indices:
        return pool(inputs, *settings, return_indices=True)
    values = pool(inputs, *settings)
    return values, torch.empty_like(values, dtype=torch.int64, device="meta")


def _largest_by_windows(
    inputs: Float[Tensor, "batch channels *size"], frame: _Frame
) -> tuple[Float[Tensor, "batch channels *result"], Int[Tensor, "batch channels *result"]]:
    """The same for any padding: lay the windows side by side, the nearest real pixel of each for its padding.

    Within a window, a stand-in comes directly before or after the pixel that it is a copy of, so that the first of
    several equal pixels is still the first.
    """
    laid, rows = inputs, []
    for axis, side in enumerate(inputs.shape[2:]):
        places = frame.places(axis)
        real = (places >= 0) & (places < side)
        below = torch.where(real, places, side).amin(1, keepdim=True)
        above = torch.where(real, places, -1).amax(1, keepdim=True)
        rows.append(places.clamp(below, above).flatten().to(inputs.device))
        laid = laid.index_select(axis + 2, rows[-1])
    values, indices = _MAX[len(rows)](laid, frame.window, return_indices=True)
    found = torch.zeros_like(indices)
    for axis in range(len(rows)):
        below = math.prod(laid.shape[axis + 3 :])
        along = indices // below % laid.shape[axis + 2]
        found = found + rows[axis][along] * math.prod(inputs.shape[axis + 3 :])
    return values, found
