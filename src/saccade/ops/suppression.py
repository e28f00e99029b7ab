"""Non-maximum suppression as fast as compiled ones, and equal to the notes' on every input.

`suppress` keeps what `ops.nms.nms` keeps, in the same order, bit for bit: ties go to the lower number, an overlap equal
to the threshold stays, and the overlaps are computed in the type of the boxes by the same steps. What differs is the
order of the work:

1. The surest boxes that are left, 128 at first and more each time, are decided among themselves.
2. Those that were kept remove what they cover of all the others. Then 1 again, with what is left.

Both steps compare many boxes with many at once, and leave out the pairs whose overlap along x alone is below the
threshold, for it is never below that of the boxes: in the order of x those lie outside a window.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped
from numpy.typing import NDArray
from torch import Tensor

from saccade.errors import BadConfig, BadShape
from saccade.ops.boxes import rows_of_four

Numbers = NDArray[np.intp]
Flags = NDArray[np.bool_]
FIRST, LARGEST = 128, 1024  # boxes that are decided at a time
PAIRS = 16_384  # compared at a time: what is computed of them stays in the nearest caches
MARGIN = 1e-5  # of the threshold; hundreds of times what rounding does to an overlap


def suppress(
    boxes: Shaped[Tensor, "boxes 4"], confidences: Float[Tensor, " boxes"], iou_threshold: float = 0.5
) -> Int[Tensor, " kept"]:
    """Keep the surest of boxes that overlap, whatever their class.

    Gradients do not pass. What is on another device is computed on the processor.

    Args:
        boxes: Rows (x1, y1, x2, y2), in any order; half precision is computed in float32.
        confidences: How sure each one is, any finite number; of equals, the one that comes first is taken first.
        iou_threshold: In [0, 1]; of two boxes that overlap by more, the less sure one goes.

    Returns:
        The numbers of the boxes that are kept, the surest first, on the device of the boxes.

    Raises:
        BadShape: If boxes and confidences do not belong together, or are not all finite.
        BadConfig: If the threshold is outside [0, 1].

    Source: the notes, as `ops.nms.nms`, of which this is the fast form for a confidence threshold of 0.

    Example:
        >>> boxes = torch.tensor([[0, 0, 10, 10], [1, 0, 11, 10], [30, 0, 40, 10]])
        >>> suppress(boxes, torch.tensor([0.7, 0.9, 0.8])).tolist()
        [1, 2]
    """
    corners, sure = plain_arrays(boxes, confidences, iou_threshold)
    return torch.from_numpy(_suppress(corners, sure, iou_threshold, None)).to(boxes.device)


def suppress_by_class(
    boxes: Shaped[Tensor, "boxes 4"],
    confidences: Float[Tensor, " boxes"],
    class_ids: Int[Tensor, " boxes"],
    iou_threshold: float = 0.5,
) -> Int[Tensor, " kept"]:
    """Keep the surest of boxes of one class that overlap; boxes of different classes never meet.

    The boxes stay where they are: no class is moved aside, which would change the last bits of its overlaps.

    Args:
        boxes: Rows (x1, y1, x2, y2), in any order; half precision is computed in float32.
        confidences: How sure each one is, any finite number; of equals, the one that comes first is taken first.
        class_ids: Of each box, any whole number.
        iou_threshold: In [0, 1]; of two boxes of a class that overlap by more, the less sure one goes.

    Returns:
        The numbers of the boxes of all classes that are kept, the surest first.

    Raises:
        BadShape: If boxes, confidences and classes do not belong together, or are not all finite.
        BadConfig: If the threshold is outside [0, 1].

    Source: the notes: "for each class".

    Example:
        >>> boxes = torch.tensor([[0, 0, 10, 10], [1, 0, 11, 10], [0, 0, 10, 10]])
        >>> suppress_by_class(boxes, torch.tensor([0.7, 0.9, 0.8]), torch.tensor([0, 0, 1])).tolist()
        [1, 2]
    """
    corners, sure = plain_arrays(boxes, confidences, iou_threshold)
    if tuple(class_ids.shape) != (len(corners),) or class_ids.is_floating_point():
        raise BadShape(
            f"got {len(corners)} boxes and classes of shape {tuple(class_ids.shape)} and {class_ids.dtype}; "
            "taken is one whole number for each box; give as many"
        )
    classes = np.unique(class_ids.cpu().numpy(), return_inverse=True)[1].reshape(-1).astype(np.int32)
    return torch.from_numpy(_suppress(corners, sure, iou_threshold, classes)).to(boxes.device)


def plain_arrays(
    boxes: Shaped[Tensor, "boxes 4"], confidences: Float[Tensor, " boxes"], iou_threshold: float
) -> tuple[NDArray, NDArray]:
    """Check what is to be suppressed, and take it as arrays of the processor.

    Args:
        boxes: Rows (x1, y1, x2, y2).
        confidences: One for each.
        iou_threshold: In [0, 1].

    Returns:
        Both, of 32 or 64 bits.

    Raises:
        BadShape: If they do not belong together, or are not all finite.
        BadConfig: If the threshold is outside [0, 1].

    Source: ours.

    Example:
        >>> plain_arrays(torch.tensor([[0, 0, 4, 3]]), torch.tensor([0.5]), 0.5)[0].tolist()
        [[0.0, 0.0, 4.0, 3.0]]
    """
    boxes = rows_of_four(boxes, "boxes")
    if tuple(confidences.shape) != (len(boxes),):
        raise BadShape(
            f"got {len(boxes)} boxes and confidences of shape {tuple(confidences.shape)}; "
            "taken is one confidence for each box; give as many"
        )
    if not 0 <= iou_threshold <= 1:
        raise BadConfig(f"got iou_threshold={iou_threshold!r}; taken is a number from 0 to 1; 0.5 is usual")
    corners, sure = _array(boxes), _array(confidences)
    if not (np.isfinite(corners).all() and np.isfinite(sure).all()):
        raise BadShape("got boxes or confidences that are not finite; taken are finite numbers; leave those boxes out")
    return corners, sure


def _array(numbers: Tensor) -> NDArray:
    numbers = numbers.detach()
    wide = numbers if numbers.dtype in (torch.float32, torch.float64) else numbers.float()
    return wide.cpu().numpy()


@dataclass(frozen=True, eq=False)
class _Row:
    """Boxes in the order of their class, then of x1; each array has one column for each box."""

    sides: NDArray  # x1, y1, x2, y2 and the area
    key: NDArray[np.float64]  # x1, every class moved aside; it only says which pairs are compared
    window: NDArray[np.float64]  # from where to where the key of a box lies that this one may cover
    rank: Numbers  # 0 for the surest
    classes: NDArray[np.int32] | None

    def take(self, which: Numbers) -> _Row:
        classes = None if self.classes is None else self.classes[which]
        return _Row(self.sides[:, which], self.key[which], self.window[:, which], self.rank[which], classes)


def _suppress(corners: NDArray, sure: NDArray, threshold: float, classes: NDArray[np.int32] | None) -> Numbers:
    if not len(corners):
        return np.zeros(0, np.intp)
    with np.errstate(all="ignore"):
        order = np.argsort(-sure, kind="stable")
        row = _in_a_row(corners, order, threshold, classes)
        return order[np.sort(row.rank[_decide_all(row, corners.dtype.type(threshold))])]


def _in_a_row(corners: NDArray, order: Numbers, threshold: float, classes: NDArray[np.int32] | None) -> _Row:
    places = corners[:, 0].argsort() if classes is None else np.lexsort((corners[:, 0], classes))
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    sides = np.empty((5, len(corners)), corners.dtype)
    sides[:4] = corners[places].T
    width, height = np.maximum(sides[2:4] - sides[:2], 0)
    sides[4] = width * height
    sides[4][~(sides[4] > 0)] = 1  # it shares nothing with any box; so 0 / 0 does not happen
    classes = None if classes is None else classes[places]
    key, window = _windows(sides, width, height, threshold=threshold, classes=classes)
    return _Row(sides, key, window, rank[places], classes)


def _windows(
    sides: NDArray, width: NDArray, height: NDArray, *, threshold: float, classes: NDArray[np.int32] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Say which boxes one may cover: d to the left, or to the right, they share w/(w + d) or (w − d)/w along x at most.

    Where the sides of boxes differ so much that rounding could matter, every pair is compared.
    """
    key, wide = sides[0].astype(np.float64), width.astype(np.float64)
    largest = np.abs(sides[:4]).max()
    extents = np.concatenate([width, height])
    smallest = np.where(extents > 0, extents, np.inf).min()
    if not (largest <= 1e12 and smallest >= max(1e-12, 1e-9 * largest)):
        return key, np.array([[-np.inf], [np.inf]]).repeat(len(key), 1)
    share = threshold * (1 - MARGIN) if threshold > 1e-6 else 0.0
    left = key - wide * (1 / share - 1) if share else np.full_like(key, -np.inf)
    window = np.stack([left, key + wide * (1 - share)])
    if classes is not None:
        apart = 3 * (largest + wide.max()) * classes
        key, window = key + apart, np.maximum(window, -2 * largest) + apart
        window += np.array([[-1e-12], [1e-12]]) * np.abs(key).max()
    return key, window


def _decide_all(row: _Row, threshold: np.floating) -> Numbers:
    """Give the places of the boxes that are kept."""
    left, alive = np.empty_like(row.rank), np.ones(len(row.rank), np.bool_)
    left[row.rank] = np.arange(len(row.rank))
    kept, size = [], FIRST
    while len(left):
        head, left = np.sort(left[:size]), left[size:]
        best = head[_decide(row.take(head), threshold)]
        kept.append(best)
        alive[head] = False
        if len(left):
            others = np.flatnonzero(alive)
            alive[others[_covered(row.take(best), row.take(others), threshold)]] = False
            left, size = left[alive[left]], min(2 * size, LARGEST)
    return np.concatenate(kept)


def _covered(kept: _Row, others: _Row, threshold: np.floating) -> Flags:
    """Say which of the others a kept one covers."""
    gone = np.zeros(len(others.rank), np.bool_)
    for rows, columns in _tiles(kept, others):
        gone[columns] |= _overlap(kept, others, rows, columns, threshold=threshold).any(0)
    return gone


def _decide(row: _Row, threshold: np.floating) -> Flags:
    """Say which are kept of boxes that have only each other to fear, the surest first.

    Whom a box covers is one whole number with a bit for each place, so what a kept one removes is one "or".
    """
    number, gone = len(row.rank), 0
    covers = np.zeros((number, number), np.bool_)
    for rows, columns in _tiles(row, row):
        covers[rows, columns] = _overlap(row, row, rows, columns, threshold=threshold)
    bits, size = np.packbits(covers, 1, "little").tobytes(), -(-number // 8)
    kept = np.zeros(number, np.bool_)
    for place in row.rank.argsort().tolist():
        if not gone >> place & 1:
            kept[place] = True
            gone |= int.from_bytes(bits[place * size : (place + 1) * size], "little")
    return kept


def _tiles(rows: _Row, columns: _Row) -> Iterator[tuple[slice, slice]]:
    """Cut what must be compared into rectangles of few pairs, each of neighbours along x."""
    if len(rows.key) * len(columns.key) <= PAIRS:
        yield slice(0, len(rows.key)), slice(0, len(columns.key))
        return
    starts = columns.key.searchsorted(rows.window[0], "left").tolist()
    ends = columns.key.searchsorted(rows.window[1], "right").tolist()
    first, low, high = 0, len(columns.key), 0
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        lower, higher = start if start < low else low, end if end > high else high
        if number - first >= 4 and (number - first + 1) * (higher - lower) > PAIRS:
            yield from [(slice(first, number), slice(low, high))] if low < high else []
            first, lower, higher = number, start, end
        low, high = lower, higher
    if low < high:
        yield slice(first, len(starts)), slice(low, high)


def _overlap(rows: _Row, columns: _Row, down: slice, along: slice, *, threshold: np.floating) -> Flags:
    """Say which pairs overlap by more than the threshold, by the arithmetic of `ops.boxes.iou`."""
    x1, y1, x2, y2, area = rows.sides[:, down, None]
    left, top, right, bottom, others = columns.sides[:, along]
    shared = np.minimum(x2, right)
    shared -= np.maximum(x1, left)
    nothing = np.zeros_like(shared)  # numpy takes three times as long for the number 0
    np.maximum(shared, nothing, out=shared)
    tall = np.minimum(y2, bottom)
    tall -= np.maximum(y1, top)
    np.maximum(tall, nothing, out=tall)
    shared *= tall
    np.add(area, others, out=tall)
    tall -= shared
    shared /= tall
    more = ~(shared <= threshold)  # what is not a number is more, as it is there
    if rows.classes is not None and columns.classes is not None:
        more &= rows.classes[down, None] == columns.classes[along]
    return more
