"""Moving the pixels of a picture along a warp, once, straight from the picture as it was decoded.

Where the result shrinks the picture, it is sampled more finely by a whole factor and the samples in each pixel are
averaged, so that nothing flickers (aliases); where pixels only change places, they are copied.

How many samples a pixel gets is measured: up to a shrink of 1.5 one bilinear sample is as near to the truth as several,
and up to 1.7 nearer than what is antialiased by a triangle filter (docs/augmentation.md).

Source: ours; the samples are OpenCV's.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np
from jaxtyping import Float, Shaped

from saccade.data.augmenting.room import room
from saccade.types.warp import Warp

_ONE_WILL_DO = 1.7  # shrink up to which a pixel gets a single sample
_APART = 1.25  # beyond, pixels of the picture between two samples at most
_MOST_FINER = 4
_WHOLE = 1e-6
_WAYS = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}

_Image = Shaped[np.ndarray, "height width channels"]
_Moved = Shaped[np.ndarray, "new_height new_width channels"]
_Matrix = Float[np.ndarray, "3 3"]
_Way = tuple[np.ndarray, np.ndarray | None]


class _Span(NamedTuple):
    """Which pixels of a picture become which of a result, along one axis."""

    start: int
    stop: int
    to_start: int
    to_stop: int
    mirrored: bool

    @property
    def copies(self) -> bool:
        return self.stop - self.start == self.to_stop - self.to_start

    @property
    def shrink(self) -> float:
        return (self.stop - self.start) / max(1, self.to_stop - self.to_start)


def resample(image: _Image, warp: Warp, way: str = "bilinear") -> _Moved:
    """Move a picture along a warp.

    Args:
        image: uint8 or float32, of any number of channels.
        warp: From its pixels to those of the result.
        way: "bilinear", or "bicubic", which is sharper where a picture is enlarged.

    Returns:
        The result, of the same type; black where it shows nothing of the picture. Where only whole pixels change places
        it may be a view of the picture.

    Source: ours.

    Example:
        >>> mirror = Warp(np.array([[-1.0, 0.0, 3.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), (1, 3), (1, 3))
        >>> resample(np.array([[[1], [2], [3]]], np.uint8), mirror).ravel().tolist()
        [3, 2, 1]
    """
    return moved(image, warp.matrix, warp.size, field=warp.field, way=way)


def moved(
    image: _Image,
    matrix: _Matrix,
    size: tuple[int, int],
    *,
    field: Float[np.ndarray, "rows columns 2"] | None = None,
    way: str = "bilinear",
    reflect: bool = False,
) -> _Moved:
    """Move a picture as `resample` does, by the parts of a warp.

    Args:
        image: uint8 or float32, of any number of channels.
        matrix: From its pixels to those of the result.
        size: (height, width) of the result.
        field: A local warp, as `Warp.field`.
        way: "bilinear" or "bicubic".
        reflect: Where pixels only change places: what comes from beyond the picture is the picture mirrored at the
            middle of its outermost pixels; otherwise, and wherever it is turned or bent, black.

    Returns:
        The result.

    Source: ours.

    Example:
        >>> moved(np.array([[[1], [2], [3]]], np.uint8), np.eye(3), (1, 2)).ravel().tolist()
        [1, 2]
    """
    (a, b, x), (c, d, y), (e, f, w) = matrix.tolist()
    if field is None and not (b or c or e or f):
        across = _span(a / w, x / w, image.shape[1], size[1])
        down = _span(d / w, y / w, image.shape[0], size[0])
        if across is not None and down is not None:
            return _straight(image, (down, across), size, way, reflect)
    channels = image.shape[2]
    if channels in (1, 3, 4):
        return _warped(image, (matrix, field), size, way)
    threes = channels // 3 * 3  # OpenCV warps one, three or four channels exactly; two it rounds to 1/32 of a pixel
    starts = [*range(0, threes, 3), *range(threes, channels), channels]
    pairs = itertools.pairwise(starts)
    parts = [_warped(image[..., start:stop], (matrix, field), size, way) for start, stop in pairs]
    return np.concatenate(parts, axis=2)


def _span(scale: float, shift: float, length: int, size: int) -> _Span | None:
    """Find the pixels that become pixels; None where either end lies between two."""
    low, high = (shift, shift + scale * length) if scale > 0 else (shift + scale * length, shift)
    low, high = max(low, 0.0), min(high, float(size))
    if low >= high:
        return _Span(0, 0, 0, 0, False)
    first, last = (low - shift) / scale, (high - shift) / scale
    if scale < 0:
        first, last = last, first
    span = _Span(round(first), round(last), round(low), round(high), scale < 0)
    most = _WHOLE * max(length, size)
    near = abs(span.start - first) < most and abs(span.stop - last) < most
    return span if near and abs(span.to_start - low) < most and abs(span.to_stop - high) < most else None


def _straight(image: _Image, spans: tuple[_Span, _Span], size: tuple[int, int], way: str, reflect: bool) -> _Moved:
    down, across = spans
    part = image[down.start : down.stop, across.start : across.stop]
    inner = (down.to_stop - down.to_start, across.to_stop - across.to_start)
    if not part.size or not all(inner):
        return np.zeros((*size, image.shape[2]), image.dtype)
    mirrored = down.mirrored or across.mirrored
    if not (down.copies and across.copies):
        into = _room_for(inner, image, 1) if mirrored else None
        part = _resized(part, inner, (down.shrink, across.shrink), way, into)
    if mirrored:  # by OpenCV: arrays that run backwards are slow to use
        which = -1 if down.mirrored and across.mirrored else int(across.mirrored)
        part = _whole_picture(cv2.flip(part, which))
    if inner == size:
        return part
    if reflect:
        beside = (down.to_start, size[0] - down.to_stop, across.to_start, size[1] - across.to_stop)
        return _whole_picture(cv2.copyMakeBorder(part, *beside, cv2.BORDER_REFLECT_101))
    result = np.zeros((*size, image.shape[2]), image.dtype)
    result[down.to_start : down.to_stop, across.to_start : across.to_stop] = part
    return result


def _resized(
    part: _Image, size: tuple[int, int], shrinks: tuple[float, float], way: str, into: np.ndarray | None
) -> _Moved:
    finer = [_samples(shrink) for shrink in shrinks]
    flag = _WAYS[way] if max(shrinks) < 1 else cv2.INTER_LINEAR
    if finer == [1, 1]:
        return _whole_picture(cv2.resize(part, size[::-1], dst=into, interpolation=flag))
    fine = (size[0] * finer[0], size[1] * finer[1])
    if fine != part.shape[:2]:
        part = cv2.resize(part, fine[::-1], dst=_room_for(fine, part), interpolation=flag)
    return _averaged(part, size, into)


def _samples(shrink: float) -> int:
    """How many samples each pixel gets along one side."""
    return 1 if shrink <= _ONE_WILL_DO else math.ceil(shrink / _APART - _WHOLE)


def _averaged(fine: np.ndarray, size: tuple[int, int], into: np.ndarray | None = None) -> _Image:
    return _whole_picture(cv2.resize(fine, size[::-1], dst=into, interpolation=cv2.INTER_AREA))


def _warped(image: _Image, way_there: _Way, size: tuple[int, int], way: str) -> _Moved:
    matrix, field = np.linalg.inv(way_there[0]), way_there[1]
    shrink = _most_shrink(matrix, size)
    if shrink > _MOST_FINER * _APART:
        image, matrix = _smaller(image, matrix, int(shrink / (2 * _APART)))
        shrink = _most_shrink(matrix, size)
    finer = min(_MOST_FINER, _samples(shrink))
    flags = (_WAYS[way] if shrink < 1 else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
    fine = (size[0] * finer, size[1] * finer)
    into = _room_for(fine, image) if finer > 1 else None
    sampled = _sampler(image, (matrix, field), size, fine)(flags, into)
    return _averaged(sampled, size) if finer > 1 else _whole_picture(sampled)


def _sampler(
    image: _Image, way_back: _Way, size: tuple[int, int], fine: tuple[int, int]
) -> Callable[[int, Any], np.ndarray]:
    """Choose OpenCV's function; it counts pixels from the middle of the first, the house from its corner."""
    matrix, field = way_back
    if field is not None:
        across, down = _origins(matrix, field, size, fine)
        border = _border_of(image, np.array([[across.min(), down.min()], [across.max(), down.max()]]) + 0.5)
        return lambda flags, into: cv2.remap(
            image, across, down, flags & ~cv2.WARP_INVERSE_MAP, dst=into, borderMode=border
        )
    border = _border_of(image, _corners(matrix, size))
    step_y, step_x = size[0] / fine[0], size[1] / fine[1]
    finer = np.array([[step_x, 0.0, step_x / 2], [0.0, step_y, step_y / 2], [0.0, 0.0, 1.0]])
    there = np.array([[1.0, 0.0, -0.5], [0.0, 1.0, -0.5], [0.0, 0.0, 1.0]]) @ matrix @ finer
    wanted = (fine[1], fine[0])
    if matrix[2, :2].any():
        return lambda flags, into: cv2.warpPerspective(image, there, wanted, dst=into, flags=flags, borderMode=border)
    affine = there[:2] / there[2, 2]
    return lambda flags, into: cv2.warpAffine(image, affine, wanted, dst=into, flags=flags, borderMode=border)


def _border_of(image: _Image, corners: Float[np.ndarray, "corners 2"]) -> int:
    """Where all of the result lies on the picture, its edge pixels reach to its edges; else black begins there."""
    inside = (corners >= -_WHOLE).all() and (corners <= np.array(image.shape[1::-1]) + _WHOLE).all()
    return cv2.BORDER_REPLICATE if inside else cv2.BORDER_CONSTANT


def _corners(matrix: _Matrix, size: tuple[int, int]) -> Float[np.ndarray, "4 2"]:
    height, width = size
    there = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float64) @ matrix.T
    return there[:, :2] / there[:, 2:]


def _most_shrink(matrix: _Matrix, size: tuple[int, int]) -> float:
    """How many pixels of the picture are between two of the result, at most, in any direction at any corner."""
    if not matrix[2, :2].any():
        return _stretch(*(matrix[:2, :2] / matrix[2, 2]).ravel().tolist())
    most, (height, width) = 0.0, size
    for x, y in ((0, 0), (width, 0), (0, height), (width, height)):
        u, v, w = (matrix @ (x, y, 1.0)).tolist()
        slopes = (matrix[:2, :2] - np.outer((u / w, v / w), matrix[2, :2])) / w
        most = max(most, _stretch(*slopes.ravel().tolist()))
    return most


def _stretch(a: float, b: float, c: float, d: float) -> float:
    """The larger singular value of a matrix of two rows."""
    squares, product = a * a + b * b + c * c + d * d, a * d - b * c
    return math.sqrt((squares + math.sqrt(max(0.0, squares * squares - 4 * product * product))) / 2)


def _smaller(image: _Image, matrix: _Matrix, factor: int) -> tuple[_Moved, _Matrix]:
    """Average blocks of a very large picture first; samples alone would miss most of its pixels."""
    height, width = (-(-side // factor) * factor for side in image.shape[:2])
    down, across = height - image.shape[0], width - image.shape[1]
    if down or across:
        image = _whole_picture(cv2.copyMakeBorder(image, 0, down, 0, across, cv2.BORDER_REPLICATE))
    return _averaged(image, (height // factor, width // factor)), np.diag([1 / factor, 1 / factor, 1.0]) @ matrix


def _origins(
    matrix: _Matrix, field: np.ndarray, size: tuple[int, int], fine: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """What `Warp.origins` says, for finer pixels and in OpenCV's coordinates, x and y apart.

    A shift between knots is a sum over rows and columns of knots, and so is a matrix times a point: one product of two
    thin matrices gives all points.
    """
    (height, width), (rows, columns) = size, field.shape[:2]
    x, y = ((np.arange(count) + 0.5) * (side / count) for count, side in ((fine[1], width), (fine[0], height)))
    upright, level = _between(y / height, rows), _between(x / width, columns)
    left = np.column_stack([upright, np.ones_like(y), y]).astype(np.float32)
    there = []
    rows_wanted = matrix / matrix[2, 2] if matrix[2, :2].any() else matrix[:2] / matrix[2, 2]
    for a, b, c in rows_wanted.tolist():
        bent = (a * field[..., 0] + b * field[..., 1]) @ level.T
        there.append(left @ np.vstack([bent, a * x + c, np.full_like(x, b)]).astype(np.float32))
    across, down = (one / there[2] if len(there) > 2 else one for one in there[:2])
    return np.subtract(across, np.float32(0.5), out=across), np.subtract(down, np.float32(0.5), out=down)


def _between(places: Float[np.ndarray, " places"], knots: int) -> Float[np.ndarray, "places knots"]:
    """How much of each knot there is at places from 0 to 1: a line from each to the next."""
    distance = np.abs(places[:, None] * (knots - 1) - np.arange(knots))
    return np.clip(1 - distance, 0, None)


def _whole_picture(image: np.ndarray) -> _Image:
    """OpenCV leaves out the axis of a single channel."""
    return image[..., None] if image.ndim == 2 else image


def _room_for(size: tuple[int, int], image: _Image, place: int = 0) -> np.ndarray:
    return room(size if image.shape[2] == 1 else (*size, image.shape[2]), image.dtype, place)
