"""A trace as text: panels beside each other where the terminal is wide enough, below each other where it is not.

Source: ours.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from saccade.errors import printable
from saccade.inspect.tracing.numbers import number
from saccade.inspect.tracing.panels import Grid, Panel, Scene, Sum, Table
from saccade.inspect.tracing.trace import Trace

_BRACKETS = {"window": "[]", "fresh": "()", "chosen": "<>"}
_COLOURS = {"window": "36", "fresh": "1;33", "chosen": "1;35", "padding": "2", "kept": "32", "dropped": "2"}
_STATES = {"chosen": ">", "kept": "+", "dropped": "-"}
_GAP = 3


def write_text(trace: Trace, width: int, colour: bool) -> str:
    """Write a trace as lines of text.

    Args:
        trace: What to write.
        width: Columns of the terminal.
        colour: Whether to use terminal colours as well as brackets.

    Returns:
        The text, without a line break at its end.

    Source: ours.
    """
    width = max(width, 20)
    lines = [printable(trace.title), *textwrap.wrap(printable(trace.about), width)]
    for place, step in enumerate(trace.steps, 1):
        lines += ["", *_wrapped(f"{place} of {len(trace.steps)} · {step.title}", width)]
        lines += [f"  {line}" for line in _wrapped(step.text, width - 2)]
        for row in step.panels:
            lines += ["", *(f"  {line}" for line in _beside([_block(panel, colour) for panel in row], width - 2))]
    if trace.source:
        lines += ["", *_wrapped(f"Source: {trace.source}", width)]
    return "\n".join(line.rstrip() for line in lines)


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(printable(text), width) if text else []


class _Block:
    """Lines of text, and how wide each looks: terminal colours take no room."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.widths: list[int] = []

    def add(self, parts: list[tuple[str, str]], colour: bool) -> None:
        """Add a line made of pairs (text, colour)."""
        self.widths.append(sum(len(text) for text, _ in parts))
        self.lines.append("".join(_tint(text, code if colour else "") for text, code in parts))

    @property
    def width(self) -> int:
        return max(self.widths, default=0)

    def padded(self) -> Iterator[str]:
        """Give the lines, all equally wide."""
        for line, width in zip(self.lines, self.widths, strict=True):
            yield line + " " * (self.width - width)


def _tint(text: str, code: str) -> str:
    shown = text.rstrip()
    return f"\x1b[{code}m{shown}\x1b[0m{text[len(shown) :]}" if code and shown else text


def _beside(blocks: list[_Block], width: int) -> list[str]:
    """Set blocks beside each other, in as many bands as they need."""
    bands: list[list[_Block]] = [[]]
    for block in blocks:
        taken = sum(one.width + _GAP for one in bands[-1])
        if bands[-1] and taken + block.width > width:
            bands.append([])
        bands[-1].append(block)
    lines = []
    for place, band in enumerate(bands):
        columns = [list(block.padded()) for block in band]
        high = max(len(column) for column in columns)
        filled = [
            column + [" " * block.width] * (high - len(column)) for column, block in zip(columns, band, strict=True)
        ]
        lines += [""] * bool(place) + [(" " * _GAP).join(cells) for cells in zip(*filled, strict=True)]
    return lines


def _block(panel: Panel, colour: bool) -> _Block:
    block = _Block()
    caption = " ".join(part for part in (panel.sign, printable(panel.caption)) if part)
    if caption:
        block.add([(caption, "")], colour)
    if isinstance(panel, Grid):
        _add_grid(block, panel, colour)
    elif isinstance(panel, Table):
        _add_table(block, panel, colour)
    elif isinstance(panel, Scene):
        rows = tuple((box.label, *box.corners) for box in panel.boxes if box.label)
        states = tuple(box.state for box in panel.boxes if box.label)
        if rows:
            _add_table(block, Table(("box", "x1", "y1", "x2", "y2"), rows, states=states), colour)
        else:
            block.add([("(a drawing)", "")], colour)
    else:
        for line in panel.lines() if isinstance(panel, Sum) else panel.lines:
            block.add([(printable(line), "")], colour)
    return block


def _add_grid(block: _Block, grid: Grid, colour: bool) -> None:
    texts = [["·" if value is None else number(value) for value in row] for row in grid.values]
    widest = max(len(text) for row in texts for text in row)
    for y, row in enumerate(texts):
        kinds = [next((kind for kind in _COLOURS if (y, x) in grid.marked(kind)), "") for x in range(len(row))]
        if "chosen" in grid.marks:
            kinds = ["chosen" if (y, x) in grid.marked("chosen") else kind for x, kind in enumerate(kinds)]
        parts = []
        for x, text in enumerate(row):
            parts += [
                (_between(kinds[x - 1] if x else "", kinds[x]), ""),
                (text.rjust(widest), _COLOURS.get(kinds[x], "")),
            ]
        block.add([*parts, (_between(kinds[-1], ""), "")], colour)


def _between(left: str, right: str) -> str:
    """The one or two signs between two cells of a row."""
    closing, opening = _BRACKETS.get(left, "  ")[1], _BRACKETS.get(right, "  ")[0]
    return "  " if left == right else closing + opening


def _add_table(block: _Block, table: Table, colour: bool) -> None:
    texts = [tuple("" if c is None else c if isinstance(c, str) else number(c) for c in row) for row in table.rows]
    texts = [tuple(map(printable, row)) for row in [table.head, *texts]]
    words = [any(isinstance(cell, str) for cell in column) for column in zip(*table.rows, strict=True)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    states = ("", *(table.states or ("",) * len(table.rows)))
    for row, state in zip(texts, states, strict=True):
        cells = [
            text.ljust(width) if word else text.rjust(width)
            for text, width, word in zip(row, widths, words or [True] * len(row), strict=True)
        ]
        block.add([(_STATES.get(state, " ") + " ", ""), ("  ".join(cells), _COLOURS.get(state, ""))], colour)
