"""What a step of a trace shows: a grid of numbers, boxes on a canvas, a table, a sum of products, lines of arithmetic.

All are plain values. How they look in a terminal, in a drawing and on a page is no affair of theirs.

Source: ours.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from saccade.inspect.tracing.numbers import equals, factor, number

Cells = tuple[tuple[int, int], ...]
Cell = float | int | str | None


@dataclass(frozen=True)
class Grid:
    """A matrix of numbers.

    Args:
        values: Rows of equal length; None for a cell that is not known yet.
        caption: What it is.
        sign: What is written in front of it: "×", "=", "→" or "".
        colour: "plain"; "signed": below zero in one colour, above it in another; "grey": as a picture.
        span: What is lowest and highest for the colours; None: as found in the values.
        marks: Cells by the word for why they stand out: "window" is looked at, "fresh" was written just now,
            "chosen" is the one that decided, "padding" is not part of the input.

    Source: ours.

    Example:
        >>> Grid(((1.0, None),)).span_of()
        (1.0, 1.0)
    """

    values: tuple[tuple[float | None, ...], ...]
    caption: str = ""
    sign: str = ""
    colour: str = "plain"
    span: tuple[float, float] | None = None
    marks: Mapping[str, Cells] = field(default_factory=dict)

    def span_of(self) -> tuple[float, float]:
        """Give the lowest and the highest value for the colours."""
        known = [value for row in self.values for value in row if value is not None]
        return self.span or (min(known, default=0.0), max(known, default=0.0))

    def marked(self, kind: str) -> frozenset[tuple[int, int]]:
        """Give the cells that have a mark.

        Args:
            kind: Such as "window".

        Returns:
            Pairs (row, column).

        Source: ours.
        """
        return frozenset(self.marks.get(kind, ()))


@dataclass(frozen=True)
class Box:
    """A box in a scene.

    Args:
        corners: (x1, y1, x2, y2) in pixels.
        label: A word or two, written at the box.
        state: "plain"; "chosen" is looked at; "kept"; "dropped"; "shade" is a filled area without a border.

    Source: ours.
    """

    corners: tuple[float, float, float, float]
    label: str = ""
    state: str = "plain"


@dataclass(frozen=True)
class Picture:
    """A picture that boxes are drawn over.

    Args:
        data: The bytes of a PNG or JPEG, which may be smaller than the picture was.
        size: (height, width) in the pixels of the boxes.

    Source: ours.
    """

    data: bytes
    size: tuple[int, int]


@dataclass(frozen=True)
class Scene:
    """Boxes on a canvas, or over a picture.

    Args:
        size: (height, width) in pixels.
        boxes: What is drawn, the last on top.
        caption: What it is.
        sign: What is written in front of it.
        picture: The bytes of a PNG or JPEG that fills the canvas; b"" for none.

    Source: ours.
    """

    size: tuple[int, int]
    boxes: tuple[Box, ...]
    caption: str = ""
    sign: str = ""
    picture: bytes = b""


@dataclass(frozen=True)
class Table:
    """Rows of words and numbers.

    Args:
        head: The names of the columns.
        rows: Cells, as many in each row as there are names; None is an empty cell.
        caption: What it is.
        states: One word for each row, as in `Box`; () when all are plain.
        sign: What is written in front of it.

    Source: ours.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    states: tuple[str, ...] = ()
    sign: str = ""


@dataclass(frozen=True)
class Sum:
    """A sum of products, one row for each row of the kernel.

    Args:
        rows: Rows of pairs (number, weight).
        result: What they add up to.
        caption: What it is.
        sign: What is written in front of it.

    Source: ours.

    Example:
        >>> print(*Sum((((10, 1), (0, -1)), ((2, 0.5), (1, 1))), 12).lines(), sep="; ")
          10·1 + 0·(−1); + 2·0.5 +    1·1; = 12
    """

    rows: tuple[tuple[tuple[float, float], ...], ...]
    result: float
    caption: str = ""
    sign: str = ""

    def lines(self) -> list[str]:
        """Write the sum, a line for each row and one for the result."""
        terms = [[f"{factor(a)}·{factor(b)}" for a, b in row] for row in self.rows]
        widths = [max(map(len, column)) for column in zip(*terms, strict=True)]
        lines = [" + ".join(term.rjust(width) for term, width in zip(row, widths, strict=True)) for row in terms]
        return [*(("+ " if place else "  ") + line for place, line in enumerate(lines)), equals(self.result)]


@dataclass(frozen=True)
class Formula:
    """Lines of arithmetic: "width = 7 − 3 = 4".

    Args:
        lines: Each can be checked by a reader; sides are joined by = or, where a number is rounded, ≈.
        caption: What it is.
        sign: What is written in front of it.

    Source: ours.
    """

    lines: tuple[str, ...]
    caption: str = ""
    sign: str = ""


Panel = Grid | Scene | Table | Sum | Formula


def kind_of(panel: Panel) -> str:
    """Name the kind of a panel.

    Args:
        panel: Any panel.

    Returns:
        "grid", "scene", "table", "sum" or "formula".

    Source: ours.

    Example:
        >>> kind_of(Formula(()))
        'formula'
    """
    return type(panel).__name__.lower()


def describe(panel: Panel) -> str:
    """Say in words what a panel shows, for those who cannot see it.

    Args:
        panel: Any panel.

    Returns:
        One line.

    Source: ours.

    Example:
        >>> describe(Grid(((1, 0), (None, -2)), "output"))
        'output, 2 by 2: 1 0; not yet −2'
    """
    if isinstance(panel, Grid):
        rows = "; ".join(" ".join("not yet" if v is None else number(v) for v in row) for row in panel.values)
        window = sorted(panel.marked("window"))
        where = f". Looked at: rows {_extent(window, 0)}, columns {_extent(window, 1)}" if window else ""
        told = f"{panel.caption}, {len(panel.values)} by {len(panel.values[0])}: {rows}{where}"
    elif isinstance(panel, Scene):
        boxes = "; ".join(f"{box.label} {box.state} at {' '.join(map(number, box.corners))}" for box in panel.boxes)
        told = f"{panel.caption}, {panel.size[0]} by {panel.size[1]}: {boxes}"
    elif isinstance(panel, Table):
        told = panel.caption
    else:
        told = " ".join(panel.lines() if isinstance(panel, Sum) else panel.lines)
    return re.sub(r"\s+", " ", told).strip()


def plain(thing: Any) -> Any:
    """Turn panels, and what holds them, into values that JSON can hold.

    Args:
        thing: A panel, a value made of panels, or anything plain.

    Returns:
        Dicts, lists, texts and numbers; a panel says its kind, bytes are base64.

    Source: ours.

    Example:
        >>> plain(Formula(("1 + 1 = 2",)))
        {'kind': 'formula', 'lines': ['1 + 1 = 2'], 'caption': '', 'sign': ''}
    """
    if isinstance(thing, bytes):
        return base64.b64encode(thing).decode()
    if isinstance(thing, Mapping):
        return {str(name): plain(value) for name, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [plain(value) for value in thing]
    if not hasattr(thing, "__dataclass_fields__"):
        return thing
    kind = {"kind": kind_of(thing)} if isinstance(thing, Panel) else {}
    return kind | {name: plain(value) for name, value in vars(thing).items()}


def _extent(cells: Sequence[tuple[int, int]], axis: int) -> str:
    places = [cell[axis] + 1 for cell in cells]
    return str(min(places)) if min(places) == max(places) else f"{min(places)} to {max(places)}"
