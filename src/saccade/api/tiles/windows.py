"""Windows over a picture that is too large to be looked at whole, and which of the boxes found in them stay.

A thing at the edge of a window is seen in part there, and whole by a neighbour, as long as it is no larger than what
the two share. So of the boxes found, some are cut: those that end at an edge of their window with more of the picture
beyond it. The rule, for the boxes of one class:

1. A box that is not cut stays.
2. A cut box gives way if a box of another window that stays covers more than half of it. Those with fewer cut sides are
   asked first, of equals the larger ones; so of a thing that no window sees whole, the part stays that shows most.

What is left is suppressed like any other boxes of a class. What two windows both saw whole is one thing from half on,
even where the suppression would leave both: two looks at a small thing differ by more than one look does.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from saccade.errors import BadConfig
from saccade.ops.suppression import suppress_by_class

_NEAR = 0.01  # of the side of a window: a box that ends so near its edge is cut
_COVERED = 0.5
_SAME = 0.5  # boxes of two windows that overlap by more are one thing; so are found and true ones in COCO's metric


@dataclass(frozen=True)
class Window:
    """A part of a picture.

    Args:
        top: The first row.
        left: The first column.
        height: In pixels.
        width: In pixels.

    Source: ours.
    """

    top: int
    left: int
    height: int
    width: int


def check_tiling(side: int, overlap: float) -> None:
    """See that windows can be laid.

    Args:
        side: Of a window, in pixels.
        overlap: What neighbours share, as a part of the side.

    Raises:
        BadConfig: If the side is below 1, or the overlap not from 0 to below 1; all that is wrong is listed.

    Source: ours.
    """
    wrong = list[str]()
    if not isinstance(side, int) or side < 1:
        wrong.append(f"got tiles of side {side!r}; taken is a whole number of pixels, 1 or more; 640 is usual")
    if not 0 <= overlap < 1:
        wrong.append(f"got an overlap of {overlap!r}; taken is a number from 0 to below 1; 0.2 is usual")
    if wrong:
        raise BadConfig("\n".join(wrong))


def starts(length: int, side: int, overlap: float) -> list[int]:
    """Say where the windows along one side of a picture begin.

    Args:
        length: Of that side, in pixels.
        side: Of a window.
        overlap: What neighbours share at least, as a part of the side.

    Returns:
        As few as cover every pixel, spread evenly from the first pixel to the last.

    Raises:
        BadConfig: As `check_tiling` does.

    Source: ours.

    Example:
        >>> starts(10, 4, 0.25), starts(4, 4, 0.25), starts(3, 4, 0.0)
        ([0, 3, 6], [0], [0])
    """
    check_tiling(side, overlap)
    room = length - side
    if room <= 0:
        return [0]
    count = math.ceil(room / max(1, math.floor(side * (1 - overlap))))
    return [number * room // count for number in range(count + 1)]


def windows(size: tuple[int, int], side: int, overlap: float) -> Iterator[Window]:
    """Lay windows over a picture, row by row.

    Args:
        size: (height, width) of the picture.
        side: Of a window; a picture that is smaller has smaller ones.
        overlap: What neighbours share at least, as a part of the side.

    Returns:
        The windows; a single one for a picture that is no larger.

    Raises:
        BadConfig: As `check_tiling` does.

    Source: ours.

    Example:
        >>> [(one.top, one.left, one.height, one.width) for one in windows((3, 6), 4, 0.0)]
        [(0, 0, 3, 4), (0, 2, 3, 4)]
    """
    height, width = (min(side, length) for length in size)
    across = starts(size[1], side, overlap)
    return (Window(top, left, height, width) for top in starts(size[0], side, overlap) for left in across)


def cut_sides(boxes: Float[np.ndarray, "boxes 4"], window: Window, size: tuple[int, int]) -> Int[np.ndarray, " boxes"]:
    """Count on how many sides each box is cut by the edges of its window.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels of the picture, found in the window.
        window: Where it lies.
        size: (height, width) of the picture. Its own edges cut nothing.

    Returns:
        0 to 4; a box is cut at an edge that it comes nearer to than a hundredth of the window's longer side.

    Source: ours.

    Example:
        >>> boxes = np.array([[0.0, 0, 4, 3], [1, 1, 3, 3]])
        >>> cut_sides(boxes, Window(0, 0, 4, 4), (4, 9)).tolist()
        [1, 0]
    """
    near = _NEAR * max(window.height, window.width)
    bottom, right = window.top + window.height, window.left + window.width
    cut = np.zeros(len(boxes), np.int64)
    if window.left > 0:
        cut += boxes[:, 0] < window.left + near
    if window.top > 0:
        cut += boxes[:, 1] < window.top + near
    if right < size[1]:
        cut += boxes[:, 2] > right - near
    if bottom < size[0]:
        cut += boxes[:, 3] > bottom - near
    return cut


def whole_ones(
    boxes: Float[np.ndarray, "boxes 4"],
    class_ids: Int[np.ndarray, " boxes"],
    cut: Int[np.ndarray, " boxes"],
    found_in: Int[np.ndarray, " boxes"],
) -> Bool[np.ndarray, " boxes"]:
    """Say which boxes stay when cut ones give way to those that show more of the same thing.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels of the picture.
        class_ids: Of each.
        cut: On how many sides each is cut.
        found_in: The number of the window of each; boxes of one window never give way to each other.

    Returns:
        True for each that stays. A cut box without an area shows nothing, and goes.

    Source: ours.

    Example:
        >>> boxes = np.array([[0.0, 0, 4, 4], [3, 0, 9, 4], [1, 0, 9, 4]])
        >>> whole_ones(boxes[:2], np.array([0, 0]), np.array([1, 0]), np.array([0, 1])).tolist()
        [True, True]
        >>> whole_ones(boxes[::2], np.array([0, 0]), np.array([1, 0]), np.array([0, 1])).tolist()
        [False, True]
    """
    area = _areas(boxes)
    stays = cut == 0
    candidates = np.flatnonzero((cut > 0) & (area > 0))
    lefts, rights = boxes[:, 0].astype(np.float64), boxes[:, 2].astype(np.float64)
    across, widest = lefts.argsort(), (rights - lefts).max(initial=0)
    for number in candidates[np.lexsort((-area[candidates], cut[candidates]))]:
        # those further to the left or right share nothing with it
        first, last = np.searchsorted(lefts, (lefts[number] - widest, rights[number]), sorter=across)
        near = across[first:last]
        others = near[stays[near] & (class_ids[near] == class_ids[number]) & (found_in[near] != found_in[number])]
        shared = _shared(boxes[number], boxes[others])
        stays[number] = not (shared > _COVERED * area[number]).any()
    return stays


def told_once(
    boxes: Float[np.ndarray, "boxes 4"],
    confidence: Float[np.ndarray, " boxes"],
    class_ids: Int[np.ndarray, " boxes"],
    found_in: Int[np.ndarray, " boxes"],
    iou_threshold: float,
) -> Int[np.ndarray, " kept"]:
    """Suppress boxes of one class that overlap: within a window as ever, between windows from half on.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels of the picture.
        confidence: Of each.
        class_ids: Of each.
        found_in: The number of the window of each.
        iou_threshold: Of two boxes of a class that overlap by more, the less sure one goes.

    Returns:
        The numbers of the boxes that are kept, the surest first.

    Source: ours.

    Example:
        >>> boxes, sure = np.array([[0.0, 0, 10, 10], [2, 0, 12, 10]]), np.array([0.5, 0.9])  # they share 2/3
        >>> [told_once(boxes, sure, np.array([0, 0]), np.array(window), 0.7).tolist() for window in ([0, 0], [0, 1])]
        [[1, 0], [1]]
    """
    tensors = [torch.from_numpy(one) for one in (boxes, confidence, class_ids)]
    kept = suppress_by_class(tensors[0], tensors[1], tensors[2], iou_threshold).numpy()
    strict = suppress_by_class(tensors[0], tensors[1], tensors[2], min(_SAME, iou_threshold)).numpy()
    stays = np.ones(len(kept), np.bool_)
    for place in np.flatnonzero(~np.isin(kept, strict)):
        number, surer = kept[place], kept[:place][stays[:place]]
        surer = surer[(class_ids[surer] == class_ids[number]) & (found_in[surer] != found_in[number])]
        shared = _shared(boxes[number], boxes[surer])
        stays[place] = not (shared > _SAME * (_areas(boxes[surer]) + _areas(boxes[[number]]) - shared)).any()
    return kept[stays]


def _areas(boxes: Float[np.ndarray, "boxes 4"]) -> Float[np.ndarray, " boxes"]:
    return (boxes[:, 2:] - boxes[:, :2]).clip(min=0).prod(1)


def _shared(box: Float[np.ndarray, " 4"], others: Float[np.ndarray, "others 4"]) -> Float[np.ndarray, " others"]:
    """The area that a box has in common with each of others."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    return (high - low).clip(min=0).prod(1)
