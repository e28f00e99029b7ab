"""Pooling, window by window."""

from __future__ import annotations

from itertools import chain

from saccade.errors import BadShape, UnknownName
from saccade.inspect.tracing.inputs import Matrix, Rows, frozen, matrix_of, whole
from saccade.inspect.tracing.numbers import equals, factor, number
from saccade.inspect.tracing.panels import Formula, Grid
from saccade.inspect.tracing.trace import Step, Trace
from saccade.inspect.tracing.windows import Windows, extent, pad, slide, so_far

__all__ = ["pool"]

EXAMPLE = ((1.0, 3.0, 2.0, 1.0), (2.0, 9.0, 1.0, 1.0), (1.0, 3.0, 2.0, 3.0), (5.0, 6.0, 1.0, 2.0))
WORDS = {"max": "maximum", "average": "average", "min": "minimum"}


def pool(
    matrix: Rows = EXAMPLE,
    *,
    kind: str = "max",
    window: int = 2,
    stride: int | None = None,
    padding: int | str = "valid",
) -> Trace:
    """Show pooling: each window, and the number that stands for it.

    Args:
        matrix: Rows of numbers; by default the notes' four by four.
        kind: max, average or min.
        window: A side of the square window, f.
        stride: Cells from one window to the next; by default as the window.
        padding: Cells added on each side, which never count: a number, valid, same or full.

    Returns:
        One step for each window; the result is the output's rows.

    Raises:
        BadShape: If a window does not fit or is all padding, or it is too large to read.
        BadConfig: If a number is out of range.
        UnknownName: If the kind is none of the three.

    Source: the notes: floor((n − f) / s) + 1, no weights.

    Example:
        >>> pool().result, pool(kind="average").result
        ([[9.0, 2.0], [6.0, 3.0]], [[3.75, 1.25], [3.75, 2.0]])
    """
    if kind not in WORDS:
        raise UnknownName("kind of pooling", kind, WORDS)
    numbers, size = matrix_of(matrix, "matrix"), whole(window, "window")
    windows = slide(numbers, (size, size), stride=size if stride is None else stride, padding=padding)
    film = _Film(numbers, windows, kind)
    return Trace(
        name="pool",
        title=f"{kind.capitalize()} pooling, window by window",
        about=f"A window of {size} × {size} moves over {windows.padded[0]} × {windows.padded[1]} numbers, "
        f"{windows.stride} at a time. Of each window one number stays: its {WORDS[kind]}. "
        "There is nothing to learn in it: pooling has no weights.",
        steps=tuple(film.step(place) for place in windows.places()),
        result=[list(row) for row in so_far(film.values, windows)],
        source="Boureau, Ponce & LeCun, 2010, A theoretical analysis of feature pooling in visual recognition",
    )


class _Film:
    """The padded numbers, and what has come out by now."""

    def __init__(self, numbers: Matrix, windows: Windows, kind: str) -> None:
        self.windows, self.kind = windows, kind
        self.padded, self.padding = pad(numbers, windows)
        self.values: dict[tuple[int, int], float] = {}
        levels = [value for row in numbers for value in row]
        self.span = (min(levels), max(levels))

    def step(self, place: tuple[int, int]) -> Step:
        """Show one window, and remember what it gave."""
        window = tuple(chain.from_iterable(self.windows.cells(*place)))
        cells = [cell for cell in window if cell not in self.padding]
        if not cells:
            raise BadShape(
                f"got padding around a window of {self.windows.kernel[0]} that leaves one without any number; taken is "
                "less; use at most half of the window"
            )
        taken = [self.padded[y][x] for y, x in cells]
        self.values[place] = value = _stands_for(taken, self.kind)
        chosen = {} if self.kind == "average" else {"chosen": (cells[taken.index(value)],)}
        marks = {"window": window, "padding": self.padding, **chosen}
        source = Grid(frozen(self.padded), "input", "", "grey", self.span, marks)
        output = Grid(so_far(self.values, self.windows), "output", "→", "grey", self.span, {"fresh": (place,)})
        rows, columns = (
            extent(start * self.windows.stride, length)
            for start, length in zip(place, self.windows.kernel, strict=True)
        )
        return Step(
            f"output row {place[0] + 1}, column {place[1] + 1}",
            ((source, output), (Formula((_formula(self.kind, taken, value),)),)),
            f"The window lies on rows {rows} and columns {columns} of the input.",
        )


def _stands_for(taken: list[float], kind: str) -> float:
    return sum(taken) / len(taken) if kind == "average" else {"max": max, "min": min}[kind](taken)


def _formula(kind: str, taken: list[float], value: float) -> str:
    if kind == "average":
        return f"({' + '.join(map(factor, taken))}) / {len(taken)} {equals(value)}"
    return f"{kind}({', '.join(map(number, taken))}) {equals(value)}"
