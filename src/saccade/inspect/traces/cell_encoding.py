"""Boxes told from the cells of a grid, and beside the anchors of those cells: what YOLO learns of a thing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from string import ascii_uppercase

from saccade.errors import BadConfig, BadShape
from saccade.inspect.tracing.boxes import Corners, read_boxes
from saccade.inspect.tracing.inputs import LARGEST, Rows, matrix_of, whole
from saccade.inspect.tracing.numbers import equals, factor, number
from saccade.inspect.tracing.panels import Box, Cell, Formula, Picture, Scene, Table
from saccade.inspect.tracing.trace import Step, Trace

__all__ = ["cell_encoding"]

THINGS = ((38.0, 36.0, 74.0, 92.0), (32.0, 50.0, 96.0, 78.0), (84.0, 4.0, 140.0, 36.0))
ANCHORS = ((32.0, 56.0), (64.0, 32.0))
_MOST_THINGS, _SIDE = 9, 144


def cell_encoding(
    boxes: Rows = THINGS,
    *,
    anchors: Rows = ANCHORS,
    grid: int = 3,
    side: int = _SIDE,
    picture: Picture | None = None,
) -> Trace:
    """Show which cell and which anchor answer for a thing, and the numbers that they learn.

    Args:
        boxes: Rows x1 y1 x2 y2 in pixels, each with an area; by default three, two of them in one cell.
        anchors: Rows width height in pixels.
        grid: Cells in a row, and in a column.
        side: Of the image in pixels, where there is no picture.
        picture: What the boxes are drawn over.

    Returns:
        A step for the grid, one for the cell of each thing, one for the anchors of each cell, and one for what is
        learned; the result has for each thing [row, column, anchor, x, y, log of width, log of height], counted from
        0; where no anchor is left, that is −1, and the logarithms 0.

    Raises:
        BadShape: If a row has not its numbers, or there are more than 9 boxes, 26 anchors or 18 × 18 cells.
        BadConfig: If a number is not finite, or a side is not above 0.
        BadLabel: If a box is turned inside out.

    Source: Redmon et al., 2016, arXiv 1506.02640, section 2; Redmon and Farhadi, 2017, arXiv 1612.08242, section 2.

    Example:
        >>> [row[:3] for row in cell_encoding().result]
        [[1, 1, 0], [1, 1, 1], [0, 2, 1]]
    """
    things, shapes = _read(boxes, anchors)
    cells, side = whole(grid, "grid"), whole(side, "side")
    if cells > LARGEST:
        raise BadShape(f"got {cells} × {cells} cells; a trace shows up to {LARGEST} × {LARGEST}; give fewer")
    film = _Film(things, shapes, cells, picture or Picture(b"", (side, side)))
    return Trace(
        name="cell_encoding",
        title="Cells, anchors and boxes",
        about="A grid lies over the image. The cell in which the middle of a thing lies answers for it, and of its "
        "anchors the one whose shape suits the thing best. The middle is told as a share of the cell, the sides as "
        "shares of the image, or beside those of the anchor.",
        steps=(
            film.start(), *(film.locate(thing) for thing in range(len(things))),
            *(film.choose(cell) for cell in sorted(set(film.cells))), film.end(),
        ),
        result=[film.learned(thing) for thing in range(len(things))],
        source="Redmon et al., 2016, YOLO, arXiv 1506.02640, section 2; Redmon and Farhadi, 2017, YOLO9000, arXiv "
        "1612.08242, section 2",
    )  # fmt: skip


def _read(boxes: Rows, anchors: Rows) -> tuple[list[Corners], list[tuple[float, float]]]:
    """The things and the anchors, if they can be shown."""
    things = [box for box, _ in read_boxes(boxes, 4)]
    shapes = matrix_of(anchors, "anchors")
    if len(shapes[0]) != 2 or len(shapes) > len(ascii_uppercase) or len(things) > _MOST_THINGS:
        raise BadShape(
            f"got {len(things)} boxes and {len(shapes)} anchors of {len(shapes[0])} numbers; a trace shows up to "
            f"{_MOST_THINGS}, and {len(ascii_uppercase)} of width and height; give fewer"
        )
    sizes = [(x2 - x1, y2 - y1) for x1, y1, x2, y2 in things]
    if min(min(pair) for pair in (*sizes, *shapes)) <= 0:
        raise BadConfig(
            "got a box or an anchor without an area; taken are widths and heights above 0; leave that one out"
        )
    return things, [(wide, high) for wide, high in shapes]


class _Film:
    """Things, anchors and a grid, and who answers for whom."""

    def __init__(self, things: list[Corners], anchors: list[tuple[float, float]], grid: int, picture: Picture) -> None:
        self.things, self.anchors, self.grid, self.picture = things, anchors, grid, picture
        self.size = size = picture.size
        self.sizes = [(x2 - x1, y2 - y1) for x1, y1, x2, y2 in things]
        self.middles = [((x1 + x2) / 2 * grid / size[1], (y1 + y2) / 2 * grid / size[0]) for x1, y1, x2, y2 in things]
        self.cells = [
            (min(max(math.floor(down), 0), grid - 1), min(max(math.floor(right), 0), grid - 1))
            for right, down in self.middles
        ]
        self.overlaps = [[_shape_overlap(one, other) for other in anchors] for one in self.sizes]
        self.chosen = [-1] * len(things)
        pairs = [(thing, anchor) for thing in range(len(things)) for anchor in range(len(anchors))]
        taken = set[tuple[tuple[int, int], int]]()
        for thing, anchor in sorted(pairs, key=lambda pair: -self.overlaps[pair[0]][pair[1]]):
            if self.chosen[thing] < 0 and (self.cells[thing], anchor) not in taken:
                self.chosen[thing] = anchor
                taken.add((self.cells[thing], anchor))

    def start(self) -> Step:
        """Show the grid and the things."""
        text = f"{self.grid} × {self.grid} cells, {len(self.things)} things, {len(self.anchors)} anchors for each cell."
        rows = tuple((ascii_uppercase[at], wide, high) for at, (wide, high) in enumerate(self.anchors))
        return Step("grid", ((self._scene(), Table(("anchor", "width", "height"), rows, "anchors")),), text)

    def locate(self, thing: int) -> Step:
        """Find the cell of a thing, and tell its box from there."""
        x1, y1, x2, y2 = map(factor, self.things[thing])
        (right, down), (row, column), (wide, high) = self.middles[thing], self.cells[thing], self.sizes[thing]
        height, width = map(number, self.size)
        x, y = self._place(thing)
        lines = (
            f"middle along x, in cells = ({x1} + {x2}) / 2 × {self.grid} / {width} {equals(right)}",
            f"middle along y, in cells = ({y1} + {y2}) / 2 × {self.grid} / {height} {equals(down)}",
            f"x = ({x1} + {x2}) / 2 × {self.grid} / {width} − {column} {equals(x)}",
            f"y = ({y1} + {y2}) / 2 × {self.grid} / {height} − {row} {equals(y)}",
            f"width = {number(wide)} / {width} {equals(wide / self.size[1])}",
            f"height = {number(high)} / {height} {equals(high / self.size[0])}",
            f"root of the width = sqrt({number(wide)} / {width}) {equals(math.sqrt(wide / self.size[1]))}",
            f"root of the height = sqrt({number(high)} / {height}) {equals(math.sqrt(high / self.size[0]))}",
        )
        text = f"The middle of thing {thing + 1} lies in row {row}, column {column}, counted from 0."
        others = [other for other, cell in enumerate(self.cells[:thing]) if cell == (row, column)]
        if others:
            text += f" Thing {others[0] + 1} is there already: without anchors, a cell learns only one of them."
        panels = (self._scene(thing), Formula(lines, "from the cell, and as shares of the image"))
        return Step(f"the cell of thing {thing + 1}", (panels,), text)

    def choose(self, cell: tuple[int, int]) -> Step:
        """Give each thing of a cell its anchor, and tell its sides beside it."""
        here = [thing for thing, one in enumerate(self.cells) if one == cell]
        rows = tuple((f"thing {thing + 1}", *self.overlaps[thing], self._anchor(thing)) for thing in here)
        head = ("thing", *(ascii_uppercase[at] for at in range(len(self.anchors))), "anchor")
        lines = tuple(line for thing in here if self.chosen[thing] >= 0 for line in self._beside(thing))
        told = [f"thing {thing + 1} gets {self._anchor(thing)}" for thing in here if self.chosen[thing] >= 0]
        text = f"IoU of each shape with each anchor, laid on one middle. The best pair comes first: {', '.join(told)}."
        left = [f"{thing + 1}" for thing in here if self.chosen[thing] < 0]
        text += f" No anchor is left for thing {', '.join(left)}: it is not learned." if left else ""
        panels = (Table(head, rows, "IoU of the shapes"), Formula(lines, "beside the anchor"))
        return Step(f"the anchors of row {cell[0]}, column {cell[1]}", (panels,), text)

    def end(self) -> Step:
        """Show the numbers that are learned."""
        head = ("thing", "row", "column", "anchor", "x", "y", "log width", "log height")
        rows = tuple(self._row(thing) for thing in range(len(self.things)))
        states = tuple("kept" if anchor >= 0 else "dropped" for anchor in self.chosen)
        learnt = sum(anchor >= 0 for anchor in self.chosen)
        cells = len(set(self.cells))
        text = f"With anchors {learnt} of {len(self.things)} are learned; one for each cell would be {cells}."
        return Step("what is learned", ((self._scene(), Table(head, rows, "what is learned", states)),), text)

    def learned(self, thing: int) -> list[float]:
        """Give the numbers of a thing."""
        row, column = self.cells[thing]
        return [row, column, self.chosen[thing], *self._place(thing), *self._logs(thing)]

    def _place(self, thing: int) -> tuple[float, float]:
        (right, down), (row, column) = self.middles[thing], self.cells[thing]
        return right - column, down - row

    def _logs(self, thing: int) -> tuple[float, float]:
        if self.chosen[thing] < 0:
            return 0.0, 0.0
        (wide, high), shape = self.sizes[thing], self.anchors[self.chosen[thing]]
        return math.log(wide / shape[0]), math.log(high / shape[1])

    def _anchor(self, thing: int) -> str:
        return ascii_uppercase[self.chosen[thing]] if self.chosen[thing] >= 0 else "none"

    def _beside(self, thing: int) -> tuple[str, str]:
        (wide, high), shape, logs = self.sizes[thing], self.anchors[self.chosen[thing]], self._logs(thing)
        return (
            f"width of {thing + 1} = log({number(wide)} / {number(shape[0])}) {equals(logs[0])}",
            f"height of {thing + 1} = log({number(high)} / {number(shape[1])}) {equals(logs[1])}",
        )

    def _row(self, thing: int) -> tuple[Cell, ...]:
        logs = self._logs(thing) if self.chosen[thing] >= 0 else (None, None)
        return (f"thing {thing + 1}", *self.cells[thing], self._anchor(thing), *self._place(thing), *logs)

    def _scene(self, chosen: int | None = None) -> Scene:
        height, width = (side / self.grid for side in self.size)
        cells = [(row, column) for row in range(self.grid) for column in range(self.grid)]
        own = self.cells[chosen] if chosen is not None else None
        lines = [
            Box(
                (column * width, row * height, (column + 1) * width, (row + 1) * height),
                "",
                _word((row, column) == own),
            )
            for row, column in sorted(cells, key=lambda cell: cell == own)
        ]
        things = [
            Box(box, f"{place + 1}", "shade" if chosen in (None, place) else "plain")
            for place, box in enumerate(self.things)
        ]
        return Scene(self.size, (*lines, *things), "grid and things", picture=self.picture.data)


def _word(chosen: bool) -> str:
    return "chosen" if chosen else "plain"


def _shape_overlap(one: Sequence[float], other: Sequence[float]) -> float:
    shared = min(one[0], other[0]) * min(one[1], other[1])
    return shared / (one[0] * one[1] + other[0] * other[1] - shared)
