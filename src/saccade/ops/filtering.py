"""A kernel over a whole picture, tile by tile: beyond the picture and its result, memory holds a tile for each thread.

A tile is cut with a halo of what the kernel reaches around it, and small enough to stay in a processor's cache. There
the sum over the kernel is a sum of shifted tiles, one for each number that is not 0: those that share a magnitude are
added first and multiplied once, and a kernel that is a column times a row goes as two passes where that is less work.
What comes out does not depend on the size of the tiles.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Int, Num, Shaped
from torch import Tensor

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.ops.steering import checked_kernel

PADDINGS = ("reflect", "replicate", "circular", "zeros", "valid")
LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
LEVELS = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65_535}
_TILE_NUMBERS = 1 << 19  # float32 in a tile: 2 MiB; smaller ones spend more on calls, larger ones leave the cache
_TILE_ROWS = 64
_RANK_ONE, _INT16 = 1e-6, 32_767

Place = tuple[slice, slice]
Draw = Callable[[Place, list[Num[np.ndarray, "rows columns channels"]]], None]


@dataclass(frozen=True)
class Term:
    """What is added before it is multiplied: the shifts of a pass whose numbers share a magnitude.

    Args:
        weight: Multiplies the sum.
        shifts: Row, column and sign, the first with a plus.

    Source: ours.
    """

    weight: float
    shifts: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Pass:
    """One walk over a tile: every output is the sum of some terms.

    Args:
        size: (height, width) of the window.
        terms: By magnitude.

    Source: ours.
    """

    size: tuple[int, int]
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Plan:
    """How a kernel is summed over a tile.

    Args:
        reach: How far a window goes beyond its output: above, below, left, right.
        passes: One after the other.
        dtype: Of the numbers that are summed.

    Source: ours.
    """

    reach: tuple[int, int, int, int]
    passes: tuple[Pass, ...]
    dtype: np.dtype


def filtered(
    image: Shaped[np.ndarray, "height width channels"],
    kernel: Float[Tensor, "rows columns"],
    *,
    padding: str = "reflect",
    luma: bool = False,
    tile: tuple[int, int] | None = None,
) -> Float32[np.ndarray, "new_height new_width new_channels"]:
    """Cross-correlate every channel of a picture with a kernel.

    Args:
        image: uint8 in [0, 255], uint16 in [0, 65535], both brought to [0, 1]; or float32, taken as it is.
        kernel: Its numbers. The middle of an even side is the pixel before the middle.
        padding: What lies beyond the edge: "reflect" (the picture mirrored without its edge pixel, as OpenCV does by
            default), "replicate" (the edge pixel), "circular" (the other side), "zeros"; or "valid", which takes only
            windows that lie inside, so that the result is smaller.
        luma: Filter the luma of the picture instead of its channels: 0.299 red + 0.587 green + 0.114 blue.
        tile: (height, width) of the tiles; by default as large as a cache bears.

    Returns:
        The response, as large as the picture but for "valid".

    Raises:
        BadShape: If the picture is too small for the kernel, or the kernel has not two sides.
        BadData: If a number of the kernel is not finite.
        UnknownName: If there is no such padding.

    Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285.

    Example:
        >>> half = np.repeat(np.array([10, 10, 10, 0, 0, 0], np.float32)[None, :, None], 6, axis=0)
        >>> edge = torch.tensor([[1.0, 0.0, -1.0]] * 3)
        >>> filtered(half, edge, padding="valid")[0, :, 0].tolist()
        [0.0, 30.0, 30.0, 0.0]
    """
    height, width = response_size(image.shape[:2], kernel, padding=padding)
    result = np.empty((height, width, 1 if luma else image.shape[2]), np.float32)

    def put(place: Place, responses: list[Num[np.ndarray, "rows columns channels"]]) -> None:
        result[place] = responses[0]

    each_tile(image, [kernel], put, padding=padding, take="luma" if luma else "channels", tile=tile)
    return result


def response_size(
    size: tuple[int, ...], kernel: Float[Tensor, "rows columns"], *, padding: str = "reflect"
) -> tuple[int, int]:
    """Say how large a response will be, and refuse what cannot be filtered.

    Args:
        size: (height, width) of the picture.
        kernel: Its numbers.
        padding: One of `PADDINGS`.

    Returns:
        (height, width).

    Raises:
        BadShape: If the picture is too small for the kernel, or the kernel has not two sides.
        BadData: If a number of the kernel is not finite.
        UnknownName: If there is no such padding.

    Source: Dumoulin & Visin 2016, relation 1.

    Example:
        >>> response_size((6, 6), torch.ones(3, 3), padding="valid")
        (4, 4)
    """
    if padding not in PADDINGS:
        raise UnknownName("padding", padding, PADDINGS)
    height, width = size[:2]
    rows, columns = checked_kernel(kernel).shape
    spare = height - rows + 1, width - columns + 1
    if padding == "valid":
        if min(spare) < 1:
            raise BadShape(f"{_got(size, kernel)}; taken is a kernel that fits inside; use another padding")
        return spare
    reach = (rows // 2, columns // 2)
    if padding == "reflect" and (reach[0] >= height or reach[1] >= width):
        raise BadShape(
            f"{_got(size, kernel)}; taken with padding 'reflect' are more than {reach[0]} × {reach[1]} pixels; "
            "use padding 'replicate', or a larger picture"
        )
    if padding == "circular" and (reach[0] > height or reach[1] > width):
        raise BadShape(
            f"{_got(size, kernel)}; taken with padding 'circular' are at least {reach[0]} × {reach[1]} pixels; "
            "use padding 'replicate', or a larger picture"
        )
    return height, width


def each_tile(
    image: Shaped[np.ndarray, "height width channels"],
    kernels: Sequence[Float[Tensor, "_rows _columns"]],
    draw: Draw,
    *,
    padding: str = "reflect",
    take: str = "channels",
    tile: tuple[int, int] | None = None,
    rows: Sequence[slice] = (),
) -> None:
    """Filter a picture tile by tile with some kernels at once, and hand over each tile as soon as it is done.

    Args:
        image: As for `filtered`.
        kernels: One or several, of any sizes.
        draw: Called with the place of a tile in the result and the response to each kernel there; from several threads,
            each time with another place. With padding "valid" all kernels must have one size.
        padding: As for `filtered`.
        take: "channels" or "luma", both brought to [0, 1] as for `filtered`; or "levels", the channels in the levels
            that the picture has. With 8 bits and a kernel of small whole numbers they come as int16, and exact.
        tile: As for `filtered`.
        rows: Bands of the result; only those are computed. By default all of it.

    Raises:
        BadShape: If the picture is too small for a kernel.
        BadData: If a number of a kernel is not finite.

    Source: ours.
    """
    sizes = {response_size(image.shape[:2], kernel, padding=padding) for kernel in kernels}
    if len(sizes) != 1:
        raise BadShape(f"got kernels that leave {sorted(sizes)}; taken with padding 'valid' is one size; pad them")
    height, width = sizes.pop()
    channels = 1 if take == "luma" else image.shape[2]
    plans = [_plan(kernel, image.dtype, padding, take) for kernel in kernels]
    largest = max(max(kernel.shape) for kernel in kernels)
    places = list(_places(rows or (slice(0, height),), width, tile or _tile(largest, width, channels)))

    def one(place: Place) -> None:
        draw(place, [_response(image, place, plan, padding, take) for plan in plans])

    workers = min(torch.get_num_threads(), len(places))
    if workers <= 1:
        for place in places:
            one(place)
        return
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(one, places):
            pass


def _response(
    image: Shaped[np.ndarray, "height width channels"], place: Place, plan: Plan, padding: str, take: str
) -> Num[np.ndarray, "rows columns answered"]:
    """One tile: cut it with its halo, and walk over it once or twice."""
    above, below, left, right = plan.reach
    rows, columns = place
    patch = _cut(image, (rows.start - above, rows.stop + below), (columns.start - left, columns.stop + right), padding)
    numbers = _luma(patch) if take == "luma" else np.ascontiguousarray(patch, plan.dtype)
    channels = numbers.shape[2]
    flat = numbers.reshape(numbers.shape[0], -1)
    for one in plan.passes:
        flat = _walk(flat, one, channels)
    return flat.reshape(flat.shape[0], -1, channels)


def _walk(
    source: Num[np.ndarray, "rows numbers"], one: Pass, channels: int
) -> Num[np.ndarray, "fewer_rows fewer_numbers"]:
    """Sum the terms of a pass; pixels lie side by side with all their channels, so a column is `channels` numbers."""
    height = source.shape[0] - one.size[0] + 1
    width = source.shape[1] - (one.size[1] - 1) * channels
    total = np.zeros((height, width), source.dtype) if not one.terms else None
    for term in one.terms:
        part, owned = None, False
        for down, across, sign in term.shifts:
            shifted = source[down : down + height, across * channels : across * channels + width]
            if part is None:
                part = shifted
            else:
                part = (np.add if sign > 0 else np.subtract)(part, shifted, out=part if owned else None)
                owned = True
        assert part is not None
        if term.weight != 1 or not owned:
            part = np.multiply(part, source.dtype.type(term.weight), out=part if owned else None)
        total = part if total is None else np.add(total, part, out=total)
    assert total is not None
    return total


def _plan(kernel: Float[Tensor, "rows columns"], dtype: np.dtype, padding: str, take: str) -> Plan:
    """Decide how a kernel is summed, and in which numbers."""
    reach = _reach(kernel, padding)
    if take != "levels":
        return Plan(reach, _passes(kernel / LEVELS.get(dtype, 1)), np.dtype(np.float32))
    whole = bool((kernel == kernel.round()).all()) and float(kernel.abs().sum()) * 255 <= _INT16
    if dtype == np.uint8 and whole:
        numbers = kernel.double().numpy()
        return Plan(reach, (Pass(numbers.shape, _terms(numbers)),), np.dtype(np.int16))
    return Plan(reach, _passes(kernel), np.dtype(np.float32))


def _passes(kernel: Float[Tensor, "rows columns"]) -> tuple[Pass, ...]:
    """Plan the walks: a column and a row where the kernel is their product and that is less to add, else all at once.

    The factors are read off at the largest number, so that those of whole numbers are whole and cancel exactly.
    """
    numbers = kernel.double().numpy()
    row, column = np.unravel_index(np.abs(numbers).argmax(), numbers.shape)
    pivot = numbers[row, column]
    whole = Pass(numbers.shape, _terms(numbers))
    if not pivot:
        return (whole,)
    down, across = numbers[:, [column]] / pivot, numbers[[row], :]
    if np.abs(down * across - numbers).max() > _RANK_ONE * abs(pivot):
        return (whole,)
    both = Pass(down.shape, _terms(down)), Pass(across.shape, _terms(across))
    fewer = sum(map(_work, both)) < _work(whole)
    return both if fewer else (whole,)


def _terms(numbers: Float[np.ndarray, "rows columns"]) -> tuple[Term, ...]:
    groups: dict[float, list[tuple[int, int, float]]] = {}
    for (row, column), value in np.ndenumerate(numbers):
        if value:
            groups.setdefault(float(np.float32(abs(value))), []).append((row, column, value))
    terms = []
    for magnitude, shifts in groups.items():
        lead = next((shift for shift in shifts if shift[2] > 0), shifts[0])
        ordered = [lead, *(shift for shift in shifts if shift is not lead)]
        signs = tuple((row, column, 1 if value * lead[2] > 0 else -1) for row, column, value in ordered)
        terms.append(Term(magnitude if lead[2] > 0 else -magnitude, signs))
    return tuple(terms)


def _work(one: Pass) -> int:
    return sum(len(term.shifts) + (term.weight != 1) for term in one.terms)


def _reach(kernel: Float[Tensor, "rows columns"], padding: str) -> tuple[int, int, int, int]:
    """How far a window goes beyond its output: above, below, left, right; the larger half comes after."""
    rows, columns = kernel.shape
    if padding == "valid":
        return 0, rows - 1, 0, columns - 1
    return (rows - 1) // 2, rows // 2, (columns - 1) // 2, columns // 2


def _tile(largest: int, width: int, channels: int) -> tuple[int, int]:
    """The size of a tile, so that its halo stays small beside it and those of a row are alike."""
    height = max(_TILE_ROWS, 2 * largest)
    most = max(_TILE_NUMBERS // (height * channels), 2 * largest)
    return height, -(-width // -(-width // most))


def _places(bands: Sequence[slice], width: int, tile: tuple[int, int]) -> Iterator[Place]:
    if min(tile) < 1:
        raise BadConfig(f"got tiles of {tile[0]} × {tile[1]}; taken are whole numbers from 1 on; enlarge them")
    for band in bands:
        for top in range(band.start, band.stop, tile[0]):
            for left in range(0, width, tile[1]):
                yield slice(top, min(top + tile[0], band.stop)), slice(left, min(left + tile[1], width))


def _cut(
    image: Shaped[np.ndarray, "height width channels"], rows: tuple[int, int], columns: tuple[int, int], padding: str
) -> Shaped[np.ndarray, "rows columns channels"]:
    """Cut a piece that may reach beyond the edges; what lies there, the padding says."""
    height, width = image.shape[:2]
    if rows[0] >= 0 and columns[0] >= 0 and rows[1] <= height and columns[1] <= width:
        return image[rows[0] : rows[1], columns[0] : columns[1]]
    down, across = np.arange(*rows), np.arange(*columns)
    sources = _inside(down, height, padding), _inside(across, width, padding)
    outside = (down < 0) | (down >= height), (across < 0) | (across >= width)
    inner = slice(max(rows[0], 0), min(rows[1], height)), slice(max(columns[0], 0), min(columns[1], width))
    within = tuple(
        slice(one.start - first[0], one.stop - first[0]) for one, first in zip(inner, (rows, columns), strict=True)
    )
    piece = np.empty((len(down), len(across), image.shape[2]), image.dtype)
    piece[within] = image[inner]
    piece[within[0], outside[1]] = 0 if padding == "zeros" else image[inner[0]][:, sources[1][outside[1]]]
    piece[outside[0]] = 0 if padding == "zeros" else image[sources[0][outside[0]]][:, sources[1]]
    return piece


def _inside(places: Int[np.ndarray, " places"], length: int, padding: str) -> Int[np.ndarray, " places"]:
    if padding == "circular":
        return places % length
    if padding == "reflect":
        mirrored = np.abs(places)
        return np.where(mirrored >= length, 2 * (length - 1) - mirrored, mirrored)
    return places.clip(0, length - 1)


def _luma(patch: Shaped[np.ndarray, "rows columns channels"]) -> Float32[np.ndarray, "rows columns 1"]:
    """The luma of three channels; the mean of any other number of them."""
    channels = patch.shape[2]
    if channels == 1:
        return np.ascontiguousarray(patch, np.float32)
    weights = np.array(LUMA if channels == 3 else [1 / channels] * channels, np.float32)
    return (patch.astype(np.float32).reshape(-1, channels) @ weights).reshape(*patch.shape[:2], 1)


def _got(size: tuple[int, ...], kernel: Float[Tensor, "rows columns"]) -> str:
    return f"got a picture of {size[0]} × {size[1]} pixels and a kernel of {kernel.shape[0]} × {kernel.shape[1]}"
