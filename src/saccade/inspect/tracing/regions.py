"""A region of a map in a trace: where its bins and points are, and what a point reads, in plain arithmetic.

Source: ours; the rules are those of `ops.roi_align`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from saccade.inspect.tracing.boxes import Corners
from saccade.inspect.tracing.inputs import Matrix
from saccade.inspect.tracing.panels import Cells


@dataclass(frozen=True)
class Axis:
    """A region along one axis, in pixels of a map whose numbers stand at 0, 1, 2 and so on.

    Args:
        start: Where it begins.
        length: How long it is.
        bins: Into how many it is cut.
        count: How many points each bin has.

    Source: ours.

    Example:
        >>> Axis(1.0, 4.0, 2, 2).points
        [1.5, 2.5, 3.5, 4.5]
    """

    start: float
    length: float
    bins: int
    count: int

    @property
    def step(self) -> float:
        """Give the length of a bin."""
        return self.length / self.bins

    @property
    def points(self) -> list[float]:
        """Give the places of all points."""
        return [point for place in range(self.bins) for point in self.inside(place)]

    def inside(self, place: int) -> list[float]:
        """Give the places of the points in a bin.

        Args:
            place: The number of the bin, from 0.

        Returns:
            As many as `count`, spread evenly.

        Source: ours.
        """
        return [self.start + place * self.step + (at + 0.5) * self.step / self.count for at in range(self.count)]


def region_axes(
    box: Corners, bins: int, scale: float, *, sampling_ratio: int | None, aligned: bool
) -> tuple[Axis, Axis]:
    """Put a box onto a map.

    Args:
        box: (x1, y1, x2, y2) in pixels of the image.
        bins: Along each axis.
        scale: From pixels of the image to those of the map.
        sampling_ratio: Points in a bin along each axis; None for as many as it has pixels, rounded up.
        aligned: Whether pixel i has its centre at i + 1/2; otherwise at i, and the region is one pixel long at least.

    Returns:
        The region down, and across.

    Source: He et al., 2017, arXiv 1703.06870, section 3.

    Example:
        >>> region_axes((6, 10, 38, 34), 2, 0.125, sampling_ratio=None, aligned=True)[0]
        Axis(start=0.75, length=3.0, bins=2, count=2)
    """
    axes = []
    for first, last in ((box[1], box[3]), (box[0], box[2])):
        start, end = (corner * scale - 0.5 * aligned for corner in (first, last))
        length = end - start if aligned else max(end - start, 1.0)
        axes.append(Axis(start, length, bins, math.ceil(length / bins) if sampling_ratio is None else sampling_ratio))
    return axes[0], axes[1]


@dataclass(frozen=True)
class Reading:
    """What is read at a point.

    Args:
        cells: The four neighbours, line by line; none more than a pixel beyond the map.
        weights: Of each.
        shares: Of the line below, and of the column to the right.
        value: Their numbers times their weights, added up.

    Source: ours.
    """

    cells: Cells
    weights: tuple[float, ...]
    shares: tuple[float, float]
    value: float


def read_between(numbers: Matrix, point: tuple[float, float]) -> Reading:
    """Read a map between its pixels.

    Args:
        numbers: Its rows.
        point: (y, x), where the first number stands at (0, 0).

    Returns:
        What is read: 0 more than a pixel beyond the map, and what is at the edge up to there.

    Source: bilinear interpolation; Jaderberg et al., 2015, arXiv 1506.02025, equation 5.

    Example:
        >>> read_between([[1.0, 2.0], [3.0, 4.0]], (0.5, 0.25)).value
        2.25
    """
    size = (len(numbers), len(numbers[0]))
    if not all(-1 <= place <= side for place, side in zip(point, size, strict=True)):
        return Reading((), (), (0.0, 0.0), 0.0)
    (top, bottom, lower), (left, right, further) = map(_neighbours, point, size)
    cells = ((top, left), (top, right), (bottom, left), (bottom, right))
    weights = tuple(down * across for down in (1 - lower, lower) for across in (1 - further, further))
    value = sum(weight * numbers[y][x] for weight, (y, x) in zip(weights, cells, strict=True))
    return Reading(cells, weights, (lower, further), value)


def _neighbours(place: float, side: int) -> tuple[int, int, float]:
    """The pixel before a place, the one after it, and the share of the latter."""
    place = min(max(place, 0.0), side - 1.0)
    low = math.floor(place)
    return low, min(low + 1, side - 1), place - low
