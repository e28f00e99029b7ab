"""The drawings of a trace: panels as SVG elements with classes; the colours are those of the page around them.

Source: ours.
"""

from __future__ import annotations

import base64
import hashlib
import html
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from saccade.errors import printable
from saccade.inspect.tracing.numbers import number
from saccade.inspect.tracing.panels import Box, Cell, Grid, Panel, Scene, Sum, Table

CELL, LETTER, LINE = 30, 7.6, 20  # sides of a cell, width of a monospaced letter of 12.5 px, height of a line
_LEVELS, _GREYS = 6, 8
_CANVAS = (230.0, 340.0)  # the largest height and width of a scene
_SIDE_BY_STATE = {"dropped": 0, "plain": 1, "kept": 2, "chosen": 3}


@dataclass(frozen=True)
class Drawing:
    """A part of a drawing.

    Args:
        width: In pixels.
        height: In pixels.
        body: SVG elements, escaped.
        marks: More of them, over the others, which change from step to step.

    Source: ours.
    """

    width: float
    height: float
    body: str
    marks: str = ""

    def size(self) -> str:
        """Write the attributes of an SVG element that holds it."""
        width, height = f"{self.width:g}", f"{self.height:g}"
        return f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'


def draw(panel: Panel) -> Drawing:
    """Draw a panel without its caption.

    Args:
        panel: Any panel.

    Returns:
        Its drawing; a picture in it is a reference to `picture_symbol`.

    Source: ours.

    Example:
        >>> draw(Grid(((1, 2, 3),))).width
        90
    """
    if isinstance(panel, Grid):
        return _draw_grid(panel)
    if isinstance(panel, Scene):
        return _draw_scene(panel)
    if isinstance(panel, Table):
        return _draw_table(panel)
    lines = panel.lines() if isinstance(panel, Sum) else panel.lines
    body = "".join(_text(0, LINE * (place + 0.7), "t line", line) for place, line in enumerate(lines))
    return Drawing(max(map(len, lines), default=0) * LETTER, LINE * len(lines), body)


def picture_symbols(panels: Iterable[Panel]) -> str:
    """Give each picture of some scenes once, as a symbol that the drawings refer to.

    Args:
        panels: Any panels.

    Returns:
        SVG elements that show nothing by themselves.

    Source: ours.
    """
    scenes = {panel.picture: panel.size for panel in panels if isinstance(panel, Scene) and panel.picture}
    return "".join(_symbol(picture, size) for picture, size in scenes.items())


def escaped(text: str) -> str:
    """Make a stranger's text safe inside HTML and SVG.

    Args:
        text: Any text.

    Returns:
        The same without control characters, with &, <, > and quotes written as entities.

    Source: ours.

    Example:
        >>> escaped("<b>")
        '&lt;b&gt;'
    """
    return html.escape(printable(text), quote=True)


def written(cell: Cell) -> str:
    """Write a cell of a table.

    Args:
        cell: A word, a number or None.

    Returns:
        Its text.

    Source: ours.

    Example:
        >>> written(0.5), written(None), written("A")
        ('0.5', '', 'A')
    """
    return "" if cell is None else cell if isinstance(cell, str) else number(cell)


def cell_width(grid: Grid) -> int:
    """Give the width of a cell, in which the longest number has room.

    Args:
        grid: Any grid.

    Returns:
        Pixels.

    Source: ours.

    Example:
        >>> cell_width(Grid(((1.0, 1234567.0),)))
        66
    """
    values = [value for row in grid.values for value in row if value is not None]
    longest = max(len(number(value)) for value in (*values, *grid.span_of()))
    return max(CELL, math.ceil(longest * LETTER + 12))


def _draw_grid(grid: Grid) -> Drawing:
    wide, rows, columns = cell_width(grid), len(grid.values), len(grid.values[0])
    backs: dict[str, list[str]] = defaultdict(list)
    texts: dict[str, list[str]] = defaultdict(list)
    for y, row in enumerate(grid.values):
        for x, value in enumerate(row):
            back, ink = _shade(grid, value, (y, x))
            backs[back].append(f"M{x * wide + 1} {y * CELL + 1}h{wide - 2}v{CELL - 2}h{2 - wide}z")
            if value is not None:
                texts[ink].append(_tspan(x * wide + wide / 2, y * CELL + CELL / 2 + 4.5, number(value)))
    body = "".join(f'<path class="{name}" d="{"".join(parts)}"/>' for name, parts in backs.items())
    body += "".join(f'<text class="middle {name}">{"".join(parts)}</text>' for name, parts in texts.items())
    return Drawing(wide * columns, CELL * rows, body, _draw_marks(grid, wide))


def _shade(grid: Grid, value: float | None, place: tuple[int, int]) -> tuple[str, str]:
    """The classes of a cell's ground and of its number."""
    if value is None:
        return "none", ""
    if place in grid.marked("padding"):
        return "pad", "t faint"
    low, high = grid.span_of()
    if grid.colour == "grey":
        level = round(_GREYS * (value - low) / (high - low)) if high > low else _GREYS // 2
        return f"g{level}", "onlight" if level > _GREYS // 2 else "ondark"
    reach = max(abs(low), abs(high))
    level = min(_LEVELS, math.ceil(_LEVELS * abs(value) / reach - 1e-9)) if grid.colour == "signed" and reach else 0
    return f"{'p' if value > 0 else 'm'}{level}" if level else "cell", "t"


def _draw_marks(grid: Grid, wide: int) -> str:
    drawn = []
    for kind in ("window", "fresh", "chosen"):
        cells = sorted(grid.marked(kind))
        if not cells:
            continue
        (top, bottom), (left, right) = ((min(axis), max(axis)) for axis in zip(*cells, strict=True))
        full = len(cells) == (bottom - top + 1) * (right - left + 1)
        if not full:
            drawn += [_outline(f"tap {kind}", (y, x), (y, x), wide, 2.5) for y, x in cells]
        names = ("halo", f"frame {kind}") if full else (f"frame {kind} loose",)
        drawn += [_outline(name, (top, left), (bottom, right), wide, 0) for name in names]
    return "".join(drawn)


def _outline(name: str, start: tuple[int, int], end: tuple[int, int], wide: int, inset: float) -> str:
    x, y = start[1] * wide + inset, start[0] * CELL + inset
    width, height = (end[1] + 1) * wide - inset - x, (end[0] + 1) * CELL - inset - y
    return f'<rect class="{name}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3"/>'


def _draw_scene(scene: Scene) -> Drawing:
    scale = min(side / pixels for side, pixels in zip(_CANVAS, scene.size, strict=True))
    height, width = (round(pixels * scale, 1) for pixels in scene.size)
    body = f'<rect class="canvas" width="{width:g}" height="{height:g}"/>'
    if scene.picture:
        body += f'<use href="#{_picture_id(scene.picture)}" width="{width:g}" height="{height:g}"/>'
    order = sorted(scene.boxes, key=lambda box: _SIDE_BY_STATE.get(box.state, -1))
    body += "".join(_draw_box(box, scale, over_picture=bool(scene.picture)) for box in order)
    placed: list[tuple[float, float, float]] = []
    body += "".join(_draw_label(box, scale, (width, height), placed) for box in reversed(order) if box.label)
    return Drawing(width, height, body)


def _draw_box(box: Box, scale: float, *, over_picture: bool) -> str:
    x1, y1, x2, y2 = (corner * scale for corner in box.corners)
    size = f'width="{max(x2 - x1, 0):.2f}" height="{max(y2 - y1, 0):.2f}"'
    names = ["under"] * (over_picture and box.state != "shade") + [f"box {escaped(box.state)}"]
    return "".join(f'<rect class="{name}" x="{x1:.2f}" y="{y1:.2f}" {size} rx="1.5"/>' for name in names)


def _draw_label(box: Box, scale: float, canvas: tuple[float, float], placed: list[tuple[float, float, float]]) -> str:
    """A label in the first corner of its box where it lies on no other."""
    x1, y1, x2, y2 = (corner * scale for corner in box.corners)
    wide = len(printable(box.label)) * 6.8 + 8
    corners = [(x, y) for y in (y1 + 2, y2 - 18) for x in (x1 + 2, x2 - wide - 2)]
    corners += [(x, y) for y in (y1 - 18, y2 + 2) for x in (x1, x2 - wide)]
    inside = [(min(max(x, 0), canvas[0] - wide), min(max(y, 0), canvas[1] - 16)) for x, y in corners]
    x, y = next((corner for corner in inside if _is_free(*corner, wide, placed)), inside[0])
    placed.append((x, y, wide))
    ground = f'<rect class="tag {escaped(box.state)}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="16" rx="3"/>'
    return ground + _text(x + 4, y + 12, f"label {escaped(box.state)}", box.label)


def _is_free(x: float, y: float, wide: float, placed: list[tuple[float, float, float]]) -> bool:
    return all(
        abs(y - other_y) >= 16 or x + wide <= other_x or other_x + taken <= x for other_x, other_y, taken in placed
    )


def _draw_table(table: Table) -> Drawing:
    rows = [table.head, *(tuple(written(cell) for cell in row) for row in table.rows)]
    widths = [max(len(cell) for cell in column) * LETTER + 16 for column in zip(*rows, strict=True)]
    left = [isinstance(column[0], str) for column in zip(*table.rows, strict=True)] or [True] * len(table.head)
    states = ("head", *(table.states or ("plain",) * len(table.rows)))
    body = ""
    for place, (row, state) in enumerate(zip(rows, states, strict=True)):
        x = 0.0
        for cell, width, to_left in zip(row, widths, left, strict=True):
            ink = f"t line {escaped(state)}" + ("" if to_left else " end")
            body += _text(x if to_left else x + width - 16, LINE * (place + 0.7), ink, cell)
            x += width
    return Drawing(sum(widths) - 16, LINE * len(rows), body)


def _text(x: float, y: float, name: str, text: str) -> str:
    return f'<text class="{name}" x="{x:g}" y="{y:g}">{escaped(text)}</text>'


def _tspan(x: float, y: float, text: str) -> str:
    return f'<tspan x="{x:g}" y="{y:g}">{text}</tspan>'


def _picture_id(picture: bytes) -> str:
    return f"picture-{hashlib.sha256(picture).hexdigest()[:10]}"


def _symbol(picture: bytes, size: tuple[int, int]) -> str:
    height, width = size
    kind = "png" if picture.startswith(b"\x89PNG") else "jpeg"
    uri = f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"
    frame = f'viewBox="0 0 {width} {height}" preserveAspectRatio="none"'
    return (
        f'<symbol id="{_picture_id(picture)}" {frame}><image width="{width}" height="{height}" href="{uri}"/></symbol>'
    )
