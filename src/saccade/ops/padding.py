"""Padding: how much of it, where it goes, what it is filled with, and how it folds back.

    word     before + after, along an axis with a kernel of f at dilation d    size at stride 1
    valid    0 + 0                                                             n − d(f − 1)
    same     ⌊d(f − 1) / 2⌋ + ⌈d(f − 1) / 2⌉                                   n
    full     d(f − 1) + d(f − 1)                                               n + d(f − 1)

    mode        a line 1 2 3 4 padded by 2 + 2
    zeros       0 0 1 2 3 4 0 0
    reflect     3 2 1 2 3 4 3 2
    replicate   1 1 1 2 3 4 4 4
    circular    3 4 1 2 3 4 1 2

Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.ops.arithmetic import PADDINGS, named_padding
from saccade.ops.operands import PerAxis, Sides, per_axis

Padding = str | int | tuple[int | tuple[int, int], ...]
PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def resolve_padding(padding: Padding, kernel_size: tuple[int, ...], *, dilation: PerAxis = 1) -> Sides:
    """Spell out a padding as pixels before and after, along each axis.

    Args:
        padding: "valid", "same" or "full"; or pixels on every side; or for each axis an int or (before, after).
        kernel_size: The kernel along each axis, f.
        dilation: Distance between the kernel's taps.

    Returns:
        (before, after) along each axis.

    Raises:
        UnknownName: If it is another word.
        BadConfig: If it is a negative number, or not one for each axis.
        BadShape: If a side of the kernel is below 1.

    Example:
        >>> resolve_padding("same", (3, 4))
        ((1, 1), (1, 2))
        >>> resolve_padding((2, (0, 1)), (3, 4))
        ((2, 2), (0, 1))
    """
    gaps = per_axis(dilation, len(kernel_size), name="dilation")
    if isinstance(padding, str):
        return tuple(named_padding(padding, side, dilation=gap) for side, gap in zip(kernel_size, gaps, strict=True))
    given = tuple(padding) if isinstance(padding, tuple | list) else (padding,) * len(gaps)
    pairs = tuple((one, one) if isinstance(one, int) else one for one in given)
    if len(pairs) != len(gaps) or not all(_is_pair(pair) for pair in pairs):
        shown = ", ".join(["(before, after)"] * len(gaps)) + ("," if len(gaps) == 1 else "")
        raise BadConfig(
            f"got padding={padding!r}; taken are {', '.join(PADDINGS)}, a whole number ≥ 0, or one or two of them for "
            f"each of {len(gaps)} axes; write ({shown})"
        )
    return tuple((before, after) for before, after in pairs)


def pad(
    inputs: Shaped[Tensor, "batch channels *size"], sides: Sides, *, mode: str = "zeros"
) -> Shaped[Tensor, "batch channels *padded"]:
    """Add pixels before and after, along each axis in space.

    Args:
        inputs: Lines, maps or volumes.
        sides: (before, after) along each axis, as `resolve_padding` gives them.
        mode: zeros; reflect (about the pixel at the edge, which is not repeated); replicate (of that pixel); circular.

    Returns:
        The inputs with a frame around them.

    Raises:
        UnknownName: If there is no such mode.
        BadShape: If the sides are not those of the axes, or need more pixels than there are to reflect or go around.

    Example:
        >>> pad(torch.arange(1.0, 5)[None, None], ((2, 1),), mode="reflect").tolist()
        [[[3.0, 2.0, 1.0, 2.0, 3.0, 4.0, 3.0]]]
    """
    _check_sides(inputs.ndim - 2, sides)
    _check_room(tuple(inputs.shape[2:]), sides, mode)
    ends = [pixels for side in reversed(sides) for pixels in side]
    return F.pad(inputs, ends, mode="constant" if mode == "zeros" else mode)


def fold_back(
    gradient: Float[Tensor, "batch channels *padded"], sides: Sides, *, mode: str = "zeros"
) -> Float[Tensor, "batch channels *size"]:
    """Undo `pad` for gradients, as its adjoint: what was read from a pixel twice is added to it twice.

    With zeros the frame is cut off; in the other modes each of its pixels is added to the one that it was taken from.

    Args:
        gradient: For each pixel of the padded inputs.
        sides: What they were padded by.
        mode: What they were padded with.

    Returns:
        For each pixel of the inputs.

    Raises:
        UnknownName: If there is no such mode.
        BadShape: If the sides are not those of the axes, or leave no pixel, or too few to reflect or go around.

    Source: ours; ⟨pad(x), y⟩ = ⟨x, fold_back(y)⟩.

    Example:
        >>> fold_back(torch.ones(1, 1, 7), ((2, 1),), mode="reflect").tolist()
        [[[1.0, 2.0, 3.0, 1.0]]]
    """
    _check_sides(gradient.ndim - 2, sides)
    size = tuple(side - sum(ends) for side, ends in zip(gradient.shape[2:], sides, strict=True))
    if min(size, default=1) < 1:
        raise BadShape(f"got a padding of {sides} in {tuple(gradient.shape[2:])} pixels; taken is less; leave some")
    _check_room(size, sides, mode)
    for axis, (side, (before, after)) in enumerate(zip(size, sides, strict=True), start=2):
        if mode == "zeros":
            gradient = gradient.narrow(axis, before, side)
        else:
            shape = (*gradient.shape[:axis], side, *gradient.shape[axis + 1 :])
            sources = source_pixels(side, before, after, mode=mode).to(gradient.device)
            gradient = gradient.new_zeros(shape).index_add(axis, sources, gradient)
    return gradient


def source_pixels(size: int, before: int, after: int, *, mode: str) -> Int[Tensor, " padded"]:
    """Say which pixel each padded pixel is a copy of, along one axis.

    Args:
        size: Pixels that there are.
        before: Pixels added in front of them.
        after: Pixels added behind them.
        mode: reflect, replicate or circular; a zero is a copy of nothing.

    Returns:
        A number from 0 to size − 1 for each of before + size + after.

    Raises:
        UnknownName: If there is no such mode.

    Example:
        >>> source_pixels(4, 2, 2, mode="circular").tolist()
        [2, 3, 0, 1, 2, 3, 0, 1]
    """
    places = torch.arange(-before, size + after)
    if mode == "reflect":
        return size - 1 - (size - 1 - places.abs()).abs()
    if mode == "replicate":
        return places.clamp(0, size - 1)
    if mode == "circular":
        return places % size
    raise UnknownName("padding mode", mode, PADDING_MODES[1:])


def _is_pair(pair: object) -> bool:
    """Whether it is two whole numbers ≥ 0."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        return False
    return all(type(pixels) is int and pixels >= 0 for pixels in pair)


def _check_sides(axes: int, sides: object) -> None:
    if not isinstance(sides, tuple | list) or len(sides) != axes or not all(_is_pair(pair) for pair in sides):
        raise BadShape(
            f"got sides {sides!r} for {axes} axes in space; taken is (before, after) for each, in whole numbers ≥ 0; "
            "use resolve_padding"
        )


def _check_room(size: tuple[int, ...], sides: Sides, mode: str) -> None:
    if mode not in PADDING_MODES:
        raise UnknownName("padding mode", mode, PADDING_MODES)
    for side, ends in zip(size, sides, strict=True):
        room = {"reflect": side - 1, "circular": side}.get(mode, max(ends))
        if max(ends) > room:
            raise BadShape(
                f"got {mode} padding of {ends[0]} + {ends[1]} around {side} pixels; taken are up to {room} on a side, "
                "so many there are to copy; pad less, or use zeros or replicate"
            )
