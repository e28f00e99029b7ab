"""How operations that look through windows change what is seen: convolutions, pooling, padding, enlargement.

Each rule gets a call of an aten operation and gives the reach of what it returns.

Source: ours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

from torch import Tensor

from saccade.inspect.fields.call import Call, Rule
from saccade.inspect.fields.reach import Reach, mixed, regular, renumbered, reshaped, united


def windowed(
    reach: Reach, tensor: Tensor, *, dim: int, reads: Sequence[Iterable[int]], moves: int, count: int
) -> Reach:
    """Give what is seen after each place along a dimension is made from several.

    Args:
        reach: Of the tensor.
        tensor: The tensor.
        dim: The dimension.
        reads: For each place of the first period of the result, the places that it reads.
        moves: How far what is read moves from one period to the next.
        count: Places of the result.

    Returns:
        The reach; irregular where places are not single indices.

    Source: ours.
    """
    if reach is None:
        return None
    found = []
    for term in reach:
        unrolled = term.unrolled() if dim in term.dims else None
        if dim not in term.dims:
            found.append((term,))
        elif unrolled is None or term.count * term.inner != tensor.shape[dim]:
            found.append((term.loose(),))
        else:
            pattern = unrolled.through(reads, moves)
            found.append(regular(dim, pattern, count) if pattern else (term.loose(),))
    return united(found)


def _convolution(call: Call) -> Reach:
    given, images, weight = call.given, call.first, call.given["weight"]
    sides = len(weight.shape) - 2
    channels = images.dim() - sides - 1
    reach = mixed(call.reach(images), [channels])
    for side in range(sides):
        dim, size = channels + 1 + side, weight.shape[2 + side]
        stride, padding, dilation = (_of(given[name], side) for name in ("stride", "padding", "dilation"))
        if given.get("transposed"):
            reads = [
                [(phase + padding - dilation * tap) // stride for tap in range(size)
                 if (phase + padding - dilation * tap) % stride == 0] for phase in range(stride)
            ]  # fmt: skip
            moves = 1
        else:
            reads, moves = [[dilation * tap - padding for tap in range(size)]], stride
        reach = windowed(reach, images, dim=dim, reads=reads, moves=moves, count=call.outputs[0].shape[dim])
    return united([reach, mixed(call.reach(weight), range(weight.dim()))])


def _pooling(call: Call) -> Reach:
    given, images = call.given, call.first
    reach, sides = call.reach(images), _sides(call.name)
    for side in range(sides):
        dim = images.dim() - sides + side
        size, padding, dilation = (_of(given.get(name), side, default) for name, default in _WINDOW)
        reads = [[dilation * tap - padding for tap in range(size)]]
        moves = _of(given.get("stride"), side, size)
        reach = windowed(
            reach, images, dim=dim, reads=reads, moves=moves, count=_length(call, dim, size, moves, padding)
        )
    return reach


_WINDOW = (("kernel_size", 1), ("padding", 0), ("dilation", 1))


def _length(call: Call, dim: int, size: int, stride: int, padding: int) -> int:
    """Of a side of the output; that of unfolded patches is not to be seen in its shape."""
    if call.name != "im2col":
        return call.outputs[0].shape[dim]
    span = _of(call.given["dilation"], dim - call.first.dim(), 1) * (size - 1) + 1
    return (call.first.shape[dim] + 2 * padding - span) // stride + 1


def _patches(call: Call) -> Reach:
    reach, images, patches = _pooling(call), call.first, call.outputs[0]
    stride, sizes = call.given["stride"], []
    for side in (-2, -1):
        size, padding = _of(call.given["kernel_size"], side), _of(call.given["padding"], side)
        sizes.append(_length(call, images.dim() + side, size, _of(stride, side), padding))
    return reshaped(reach, (*patches.shape[:-1], *sizes), patches.shape)


def _adaptive_pooling(call: Call) -> Reach:
    images, reach = call.first, call.reach(call.first)
    sides = len(call.given["output_size"])
    for dim in range(images.dim() - sides, images.dim()):
        before, after = images.shape[dim], call.outputs[0].shape[dim]
        if after == 1:
            reach = mixed(reach, [dim])
        elif before != after:
            common = math.gcd(before, after)
            reads = [range(i * before // after, -(-(i + 1) * before // after)) for i in range(after // common)]
            reach = windowed(reach, images, dim=dim, reads=reads, moves=before // common, count=after)
    return reach


def _padding(call: Call) -> Reach:
    images, reach = call.first, call.reach(call.first)
    pads = call.given.get("pad") or call.given["padding"]
    for side, before in enumerate(pads[::2]):
        dim = images.dim() - 1 - side
        if before or pads[2 * side + 1]:
            reach = windowed(reach, images, dim=dim, reads=[[-before]], moves=1, count=call.outputs[0].shape[dim])
    return reach


def _enlargement(call: Call) -> Reach:
    images, result, reach = call.first, call.outputs[0], call.reach(call.first)
    factors = _factors(call, images.dim() - 2)
    for dim in range(2, images.dim()):
        before, after, factor = images.shape[dim], result.shape[dim], factors[dim - 2]
        corners = bool(call.given.get("align_corners")) and after > 1
        top, bottom = (before - 1, after - 1) if corners else (before, after)
        common = math.gcd(top, bottom) or 1
        if factor is not None and not corners and before * factor != after:
            reach = _loosened(reach, dim)
            continue
        reads = [_read(call.name, place, top, bottom, corners=corners) for place in range(max(1, bottom // common))]
        reach = windowed(reach, images, dim=dim, reads=reads, moves=top // common, count=after)
    return reach


def _read(name: str, place: int, before: int, after: int, *, corners: bool) -> range:
    """Find the places that one place of an enlarged row is made from, the row being endless."""
    if "nearest_exact" in name:
        low = (2 * place + 1) * before // (2 * after)
        return range(low, low + 1)
    if "nearest" in name or "unpool" in name:
        low = place * before // after
        return range(low, low + 1)
    above, below = (place * before, after) if corners else ((2 * place + 1) * before - after, 2 * after)
    low, rest = divmod(above, max(1, below))
    if rest == 0:
        return range(low, low + 1)
    return range(low - 1, low + 3) if "cubic" in name else range(low, low + 2)


def _factors(call: Call, sides: int) -> list[float | None]:
    """The factors that the caller gave for each side, if any."""
    given = call.given
    if given.get("scale_factors"):
        return list(given["scale_factors"])
    names = ("scales_d", "scales_h", "scales_w")[3 - sides :] if sides > 1 else ("scales",)
    return [given.get(name) for name in names]


def _unpooling(call: Call) -> Reach:
    images, result = call.first, call.outputs[0]
    sides = _sides(call.name)
    exact = all(result.shape[dim] % images.shape[dim] == 0 for dim in range(-sides, 0))
    return _enlargement(call) if exact and images.dim() == sides + 2 else None


def _pixel_shuffle(call: Call) -> Reach:
    images, factor = call.first, call.given.get("upscale_factor") or call.given["downscale_factor"]
    *batch, channels, height, width = images.shape
    rank, reach = len(batch), call.reach(images)
    if "unshuffle" in call.name:
        cut, order = (*batch, channels, height // factor, factor, width // factor, factor), (0, 2, 4, 1, 3)
    else:
        cut, order = (*batch, channels // factor**2, factor, factor, height, width), (0, 3, 1, 4, 2)
    places = [*range(rank), *(rank + place for place in order)]
    reach = renumbered(reshaped(reach, images.shape, cut), places.index)
    return reshaped(reach, [cut[place] for place in places], call.outputs[0].shape)


def _loosened(reach: Reach, dim: int) -> Reach:
    return reach and united((term.loose() if dim in term.dims else term,) for term in reach)


def _sides(name: str) -> int:
    """How many sides the windows of an operation have; those of unfolded patches have two."""
    found = re.search(r"(\d)d", name)
    return int(found[1]) if found else 2


def _of(numbers: Any, side: int, default: int = 0) -> int:
    """One number of a list, of which the last stands for all that are missing."""
    if numbers is None or numbers == []:
        return default
    if isinstance(numbers, int):
        return numbers
    return numbers[side] if len(numbers) > 1 else numbers[0]


WINDOW_RULES: dict[str, Rule] = {
    **dict.fromkeys(("convolution", "_convolution", "mkldnn_convolution", "cudnn_convolution"), _convolution),
    **{f"max_pool{sides}d_with_indices": _pooling for sides in (2, 3)},
    **{f"{kind}_pool{sides}d": _pooling for kind in ("max", "avg", "mkldnn_max") for sides in (1, 2, 3)},
    **{f"{kind}{sides}d": _adaptive_pooling for sides in (1, 2, 3)
       for kind in ("adaptive_avg_pool", "_adaptive_avg_pool", "adaptive_max_pool")},
    **{f"{kind}_pad{sides}d": _padding for kind in ("reflection", "replication") for sides in (1, 2, 3)},
    **{f"{kind}{sides}d": _enlargement for kind in ("upsample_nearest", "_upsample_nearest_exact")
       for sides in (1, 2, 3)},
    **dict.fromkeys(("upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d", "upsample_bicubic2d"),
                    _enlargement),
    "constant_pad_nd": _padding,
    "im2col": _patches,
    "max_unpool2d": _unpooling,
    "max_unpool3d": _unpooling,
    "pixel_shuffle": _pixel_shuffle,
    "pixel_unshuffle": _pixel_shuffle,
}  # fmt: skip
