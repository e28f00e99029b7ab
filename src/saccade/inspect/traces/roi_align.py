"""RoI align, one bin after the other."""

from __future__ import annotations

import io
import math
from itertools import product

import numpy as np
from PIL import Image

from saccade.errors import BadConfig, BadShape
from saccade.inspect.tracing.boxes import Corners, read_boxes
from saccade.inspect.tracing.inputs import Matrix, Rows, check_readable, frozen, matrix_of, whole
from saccade.inspect.tracing.numbers import equals, factor, is_exact, number
from saccade.inspect.tracing.panels import Box, Cells, Formula, Grid, Panel, Scene, Sum, Table
from saccade.inspect.tracing.regions import Axis, read_between, region_axes
from saccade.inspect.tracing.trace import Step, Trace

__all__ = ["roi_align"]

EXAMPLE = (
    (1.0, 2.0, 3.0, 3.0, 2.0, 1.0),
    (2.0, 4.0, 6.0, 6.0, 4.0, 2.0),
    (3.0, 6.0, 9.0, 9.0, 6.0, 3.0),
    (3.0, 6.0, 9.0, 9.0, 6.0, 3.0),
    (2.0, 4.0, 6.0, 6.0, 4.0, 2.0),
    (1.0, 2.0, 3.0, 3.0, 2.0, 1.0),
)
BOX = ((6.0, 10.0, 38.0, 34.0),)
_DOT = 0.07  # half a side of the mark at a point, in pixels of the map
_ENLARGED = 16


def roi_align(
    matrix: Rows = EXAMPLE,
    *,
    box: Rows = BOX,
    output_size: int = 2,
    scale: float = 0.125,
    sampling_ratio: int | None = 2,
    aligned: bool = False,
) -> Trace:
    """Show RoI align: a region of a map, its bins, the points in each, and what is read between the pixels.

    Args:
        matrix: Rows of numbers, one channel of a feature map; by default six by six.
        box: x1 y1 x2 y2 in pixels of the image; by default 6 10 38 34.
        output_size: Bins along each axis.
        scale: From pixels of the image to those of the map, 1 / stride.
        sampling_ratio: Points in a bin along each axis; None for as many as it has pixels, rounded up.
        aligned: Take the centre of pixel i to be at i + 1/2, as it is, instead of at i.

    Returns:
        A step for the region, one for the points, one that reads a single point, and one for each bin; the result is
        the output's rows.

    Raises:
        BadShape: If there is not one box of four numbers, or it is too large to read.
        BadConfig: If a number is not finite or out of range.
        BadLabel: If the box is turned inside out.

    Source: He et al., 2017, arXiv 1703.06870, section 3.

    Example:
        >>> roi_align().result
        [[7.3828125, 6.328125], [6.5625, 5.625]]
    """
    numbers = matrix_of(matrix, "matrix")
    check_readable("matrix", len(numbers), len(numbers[0]))
    corners = [one for one, _ in read_boxes(box, 4, "box")]
    if len(corners) != 1:
        raise BadShape(f"got {len(corners)} boxes; taken is one region; write 'x1 y1 x2 y2'")
    whole(output_size, "output_size")
    if sampling_ratio is not None:
        whole(sampling_ratio, "sampling_ratio")
    if not 0 < scale < math.inf:
        raise BadConfig(f"got scale={scale!r}; taken is a number above 0; it is 1 / stride")
    down, across = region_axes(corners[0], output_size, scale, sampling_ratio=sampling_ratio, aligned=aligned)
    check_readable("points", down.bins * down.count, across.bins * across.count, output_size**2 + 3)
    film = _Film(numbers, (down, across))
    steps = [film.region(corners[0], scale, aligned), film.spread(), *film.single()]
    steps += [film.bin((row, column)) for row in range(output_size) for column in range(output_size)]
    return Trace(
        name="roi_align",
        title="RoI align, bin by bin",
        about=f"A region of any size becomes {output_size} × {output_size} numbers. It is cut into as many bins; each "
        f"is read at {down.count} × {across.count} points between the pixels, and their mean is written. Nothing is "
        "rounded to whole pixels, so a small shift of the region is a small change of the numbers.",
        steps=tuple(steps),
        result=[[film.values[row, column] for column in range(output_size)] for row in range(output_size)],
        source="He et al., 2017, Mask R-CNN, arXiv 1703.06870, section 3",
    )


class _Film:
    """The map, the region, and what has come out by now."""

    def __init__(self, numbers: Matrix, axes: tuple[Axis, Axis]) -> None:
        self.numbers, self.axes = numbers, axes
        self.size = (len(numbers), len(numbers[0]))
        self.values: dict[tuple[int, int], float] = {}
        levels = [value for row in numbers for value in row]
        self.span = (min(levels), max(levels))
        self.picture = _picture(numbers, self.span)

    def region(self, box: Corners, scale: float, aligned: bool) -> Step:
        """Show where the region lies on the map."""
        lines = []
        half = " − 0.5" * aligned
        for name, word, place, axis in (("x", "width", 0, self.axes[1]), ("y", "height", 1, self.axes[0])):
            start, end = box[place], box[place + 2]
            last = end * scale - 0.5 * aligned
            side = f"{number(last)} − {factor(axis.start)}"
            lines += [
                f"{name}1 = {factor(start)} × {number(scale)}{half} {_worked(axis.start, start, scale)}",
                f"{name}2 = {factor(end)} × {number(scale)}{half} {_worked(last, end, scale)}",
                f"{word} = {side if aligned else f'max({side}, 1)'} {_worked(axis.length, last, axis.start)}",
                f"{word} of a bin = {number(axis.length)} / {axis.bins} {_worked(axis.step, axis.length)}",
            ]
        text = f"A box times {number(scale)} is a region of the map"
        if aligned:
            text += ". The middle of pixel i is at i + 0.5; half a pixel is taken off, so that its number stands at i."
        else:
            text += ", one pixel long at least. The number of pixel i is taken to stand at i, though its middle is at i"
            text += " + 0.5: all is read half a pixel too far to the lower right, as published detectors have it."
        return Step("the region on the map", ((self._scene(), Formula(tuple(lines), "in pixels of the map")),), text)

    def spread(self) -> Step:
        """Show the points of all bins."""
        down, across = self.axes
        panels = (Formula(_lines(down, "y"), "down"), Formula(_lines(across, "x"), "across"))
        text = f"Each bin has {down.count} × {across.count} points, spread evenly: none lies on its edge."
        return Step("the points in the bins", ((self._scene(points=True),), panels), text)

    def single(self) -> list[Step]:
        """Show how one point is read: the first that lies on the map."""
        points = product(self.axes[0].points, self.axes[1].points)
        place = next((point for point in points if read_between(self.numbers, point).cells), None)
        if place is None:
            return []
        reading = read_between(self.numbers, place)
        (lower, further), (top, left) = reading.shares, reading.cells[0]
        on_map = [min(max(at, 0.0), side - 1.0) for at, side in zip(place, self.size, strict=True)]
        names = ("above, left", "above, right", "below, left", "below, right")
        parts = product((f"(1 − {number(lower)})", number(lower)), (f"(1 − {number(further)})", number(further)))
        weights = zip(names, parts, reading.weights, strict=True)
        lines = (
            f"share of the line below = {number(on_map[0])} − {top} {_worked(lower, on_map[0])}",
            f"share of the column to the right = {number(on_map[1])} − {left} {_worked(further, on_map[1])}",
            *(f"{name}: {one} × {other} {_worked(part, lower, further)}" for name, (one, other), part in weights),
        )
        pairs = [(self.numbers[y][x], weight) for (y, x), weight in zip(reading.cells, reading.weights, strict=True)]
        total = Sum((tuple(pairs[:2]), tuple(pairs[2:])), reading.value, "the numbers times their weights, added up")
        text = (
            f"The point at y = {number(place[0])}, x = {number(place[1])} has four neighbours; the nearer, the heavier."
        )
        if on_map != list(place):
            text += " It lies beyond the numbers at the edge, and is read there."
        return [Step("one point", ((self._map(reading.cells), Formula(lines, "the weights")), (total,)), text)]

    def bin(self, place: tuple[int, int]) -> Step:
        """Show one bin, and remember what it gave."""
        points = list(product(self.axes[0].inside(place[0]), self.axes[1].inside(place[1])))
        readings = [read_between(self.numbers, point) for point in points]
        self.values[place] = value = sum(one.value for one in readings) / max(len(points), 1)
        bins, reach = range(self.axes[0].bins), max(map(abs, self.span))
        by_now = tuple(tuple(self.values.get((row, column)) for column in bins) for row in bins)
        output = Grid(by_now, "output", "→", "signed", (-reach, reach), {"fresh": (place,)})
        rows = tuple((y, x, one.value) for (y, x), one in zip(points, readings, strict=True))
        panels: tuple[Panel, ...] = (Table(("y", "x", "reads"), rows, "its points"),) if rows else ()
        mean = Formula((_mean([one.value for one in readings], value),), "their mean")
        beyond = sum(not one.cells for one in readings)
        text = f"The {len(points)} points read {len(points)} numbers; their mean is {number(value)}."
        if beyond:
            text += f" {beyond} of them lie{'s' * (beyond == 1)} more than a pixel beyond the map, where 0 is read."
        if not points:
            text = "The region has no size, so there is no point in it: 0 is written."
        cells = tuple(dict.fromkeys(cell for one in readings for cell in one.cells))
        return Step(
            f"bin row {place[0] + 1}, column {place[1] + 1}",
            ((self._scene(place, points=True), self._map(cells), output), (*panels, mean)),
            text,
        )

    def _map(self, cells: Cells) -> Grid:
        colour = "grey" if self.span[0] >= 0 else "signed"
        return Grid(frozen(self.numbers), "map", "", colour, self.span, {"window": tuple(dict.fromkeys(cells))})

    def _scene(self, chosen: tuple[int, int] | None = None, *, points: bool = False) -> Scene:
        """The map as a picture, the region, its bins and points over it; pixel i covers i to i + 1."""
        down, across = self.axes
        boxes = [Box(_corners(down, across), *(("", "plain") if points else ("region", "chosen")))]
        for place in product(range(down.bins), range(across.bins)) if points else ():
            taken = chosen in (None, place)
            boxes.append(Box(_corners(down, across, place), "", "chosen" if place == chosen else "plain"))
            for y, x in product(down.inside(place[0]), across.inside(place[1])) if taken else ():
                dot = (x + 0.5 - _DOT, y + 0.5 - _DOT, x + 0.5 + _DOT, y + 0.5 + _DOT)
                boxes.append(Box(dot, "", "kept"))
        return Scene(self.size, tuple(boxes), "the map, pixel i from i to i + 1", picture=self.picture)


def _corners(down: Axis, across: Axis, place: tuple[int, int] | None = None) -> Corners:
    """Of the region, or of one of its bins, where pixel i covers i to i + 1."""
    first, count = (place, (1, 1)) if place else ((0, 0), (down.bins, across.bins))
    top, left = (axis.start + 0.5 + at * axis.step for axis, at in zip((down, across), first, strict=True))
    return (left, top, left + count[1] * across.step, top + count[0] * down.step)


def _lines(axis: Axis, name: str) -> tuple[str, ...]:
    """Where the points of each bin are."""
    return tuple(
        f"bin {place + 1}, {name}: {number(axis.start)} + {place} × {factor(axis.step)} + {number(at + 0.5)} × "
        f"{factor(axis.step)} / {axis.count} {_worked(point, axis.start, axis.step)}"
        for place in range(axis.bins)
        for at, point in enumerate(axis.inside(place))
    )


def _mean(values: list[float], value: float) -> str:
    told = f"({' + '.join(map(factor, values))}) / {len(values)}"
    return f"{told} {_worked(value, *values)}" if values else "0 = 0"


def _worked(value: float, *used: float) -> str:
    """The sign and the number; ≈ too where what it was worked out of was rounded."""
    return equals(value) if all(map(is_exact, used)) else f"≈ {number(value)}"


def _picture(numbers: Matrix, span: tuple[float, float]) -> bytes:
    """The map in grey, as a PNG that does not blur when it is enlarged."""
    levels = (np.array(numbers) - span[0]) * (255 / max(span[1] - span[0], 1e-12))
    pixels = np.kron(np.round(levels).astype(np.uint8), np.ones((_ENLARGED, _ENLARGED), np.uint8))
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
