"""Boxes in a trace: read from rows of numbers, compared one pair at a time in plain arithmetic.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from saccade.errors import BadLabel, BadShape
from saccade.inspect.tracing.inputs import Rows, matrix_of

Corners = tuple[float, float, float, float]
_COLUMNS = ("x1 y1 x2 y2", "confidence", "class")
_ONE = {"boxes": "box", "anchors": "anchor", "objects": "object"}


@dataclass(frozen=True)
class Overlap:
    """What two boxes have in common.

    Args:
        corners: Of the part that they share.
        areas: Of the one and the other.
        intersection: Area of the part that they share.

    Source: ours.
    """

    corners: Corners
    areas: tuple[float, float]
    intersection: float

    @property
    def union(self) -> float:
        """Give the area that either covers."""
        return sum(self.areas) - self.intersection

    @property
    def iou(self) -> float:
        """Give the intersection over the union; 0 where nothing is shared."""
        return self.intersection / self.union if self.intersection else 0.0


def overlap(first: Corners, second: Corners) -> Overlap:
    """Compare two boxes.

    Args:
        first: (x1, y1, x2, y2) in pixels.
        second: The other.

    Returns:
        What they share.

    Source: Everingham et al., 2010, equation 4.

    Example:
        >>> overlap((0, 0, 10, 10), (5, 0, 15, 10)).union
        150
    """
    left, top = max(first[0], second[0]), max(first[1], second[1])
    right, bottom = min(first[2], second[2]), min(first[3], second[3])
    areas = ((first[2] - first[0]) * (first[3] - first[1]), (second[2] - second[0]) * (second[3] - second[1]))
    return Overlap((left, top, right, bottom), areas, max(right - left, 0) * max(bottom - top, 0))


def read_boxes(
    value: Rows, columns: int, name: str = "boxes", *, most: int | None = None
) -> list[tuple[Corners, tuple[float, ...]]]:
    """Read boxes, one a row.

    Args:
        value: Rows, a tensor or text.
        columns: How many numbers a row has: four corners, and what else.
        name: What they are called, for the message.
        most: How many a row may have; None for no more than those.

    Returns:
        For each box its corners and the other numbers.

    Raises:
        BadShape: If a row has not as many numbers.
        BadConfig: If a number is not finite.
        BadLabel: If a box is turned inside out.

    Source: ours.

    Example:
        >>> read_boxes("0 0 10 20 0.9", 5)
        [((0.0, 0.0, 10.0, 20.0), (0.9,))]
    """
    rows = matrix_of(value, name)
    wanted, more = (" ".join(_COLUMNS[: count - 3]) for count in (columns, most or columns))
    if not columns <= len(rows[0]) <= (most or columns):
        told = f"rows '{wanted}'" if wanted == more else f"rows '{wanted}' or '{more}'"
        raise BadShape(f"got {name} of {len(rows[0])} numbers; taken are {told}; give {columns} numbers each")
    boxes = []
    for count, (x1, y1, x2, y2, *rest) in enumerate(rows, 1):
        if x2 < x1 or y2 < y1:
            raise BadLabel(
                f"got {_ONE.get(name, name)} {count} = {rows[count - 1][:4]}; taken are x1 y1 x2 y2 with x1 ≤ x2 "
                "and y1 ≤ y2; give left, top, right, bottom"
            )
        boxes.append(((x1, y1, x2, y2), tuple(rest)))
    return boxes


def canvas_of(boxes: Sequence[Corners]) -> tuple[int, int]:
    """Give a canvas on which all boxes have room.

    Args:
        boxes: At least one.

    Returns:
        (height, width), a tenth more than the boxes reach.

    Source: ours.

    Example:
        >>> canvas_of([(20, 20, 100, 80)])
        (100, 120)
    """
    margins = [max(min(box[axis] for box in boxes), 0) for axis in (1, 0)]
    ends = [max(box[axis] for box in boxes) for axis in (3, 2)]
    return max(1, math.ceil(ends[0] + margins[0])), max(1, math.ceil(ends[1] + margins[1]))
