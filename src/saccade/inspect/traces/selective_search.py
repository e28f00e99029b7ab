"""Selective search on a tiny picture: which two regions become one, step by step, and which boxes come of it."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.inspect.tracing.inputs import Matrix, Rows, check_readable, frozen, matrix_of
from saccade.inspect.tracing.numbers import equals, number
from saccade.inspect.tracing.panels import Box, Cell, Formula, Grid, Scene, Table
from saccade.inspect.tracing.trace import Step, Trace
from saccade.ops.region_features import KINDS, describe_regions, likeness
from saccade.ops.region_grouping import Grouping, group
from saccade.ops.selective_search import ranked_boxes

__all__ = ["selective_search"]

# A jar of two shades with a label on it, on a floor, before a wall.
EXAMPLE = (
    (212.0, 216.0, 212.0, 216.0, 212.0, 216.0, 212.0),
    (216.0, 212.0, 38.0, 42.0, 48.0, 48.0, 216.0),
    (216.0, 212.0, 38.0, 120.0, 120.0, 48.0, 216.0),
    (212.0, 216.0, 42.0, 120.0, 120.0, 48.0, 212.0),
    (206.0, 204.0, 38.0, 42.0, 48.0, 48.0, 206.0),
    (204.0, 206.0, 42.0, 38.0, 48.0, 48.0, 204.0),
    (206.0, 204.0, 206.0, 204.0, 206.0, 204.0, 206.0),
)
_MOST_SEGMENTS, _PAIRS_SHOWN, _BINS_SHOWN = 16, 6, 3
_ENLARGED = 16  # so that a pixel is not smoothed away where it is drawn


def selective_search(
    matrix: Rows = EXAMPLE,
    *,
    tolerance: float = 4.0,
    kinds: str = "colour texture size fill",
    seed: int = 0,
) -> Trace:
    """Show how selective search groups regions: which two are most alike, and the box around both.

    Args:
        matrix: Rows of grey levels from 0 to 255; by default a jar of two shades with a label, on a floor, before a
            wall.
        tolerance: Pixels side by side that differ by no more are of one segment. Selective search itself cuts by the
            graph of all pixels, which means nothing on so few.
        kinds: Which likenesses are added up: any of colour, texture, size and fill.
        seed: Of the chance in the order of the boxes.

    Returns:
        A step for the segments, one for each merge, and one for the order of the boxes; the result is the boxes in that
        order, rows x1 y1 x2 y2 without duplicates.

    Raises:
        BadShape: If it is too large to read, or falls into more than 16 segments.
        BadConfig: If a level is outside 0 to 255, or a number is out of range.
        UnknownName: If a likeness is none of the four.

    Source: Uijlings et al., 2013, IJCV 104:154-171, sections 3.1, 3.2 and 4.4.

    Example:
        >>> len(selective_search().result), [2, 1, 6, 6] in selective_search().result
        (7, True)
    """
    film = _Film(_levels(matrix), _tolerance(tolerance), _kinds(kinds))
    merges = len(film.grouping.merged)
    return Trace(
        name="selective_search",
        title="Selective search: regions that grow together",
        about="The picture is cut into segments. The two neighbours that are most alike become one region, until one "
        f"is left: {merges} merge{'s' * (merges != 1)}. The box around each region that ever was may hold a thing: so "
        "things of every size are found, and those that are parts of others.",
        steps=(film.start(), *(film.merge(place) for place in range(merges)), film.end(seed)),
        result=[[int(side) for side in box] for box in ranked_boxes([film.grouping], seed=seed)],
        source="Uijlings et al., 2013, Selective search for object recognition, IJCV 104:154-171",
    )


def _levels(matrix: Rows) -> Matrix:
    levels = matrix_of(matrix, "matrix")
    check_readable("matrix", len(levels), len(levels[0]))
    if not all(0 <= level <= 255 and level == round(level) for row in levels for level in row):
        raise BadConfig("got levels that are not whole or not within 0 and 255; taken are those of a grey picture")
    return levels


def _tolerance(tolerance: float) -> float:
    if not 0 <= tolerance <= 255:
        raise BadConfig(f"got tolerance={tolerance!r}; taken is a difference of levels from 0 to 255; change it")
    return tolerance


def _kinds(words: str) -> list[str]:
    kinds = words.replace(",", " ").split()
    for kind in kinds:
        if kind not in KINDS:
            raise UnknownName("kind of likeness", kind, KINDS)
    if not kinds:
        raise BadConfig(f"got no kind of likeness; taken are {', '.join(KINDS)}; choose one or more")
    return [kind for kind in KINDS if kind in kinds]


def _cut(levels: Matrix, tolerance: float) -> np.ndarray:
    """The number of the segment of each pixel: those are of one that are joined by small steps."""
    high, wide = len(levels), len(levels[0])
    labels, found = np.full((high, wide), -1), 0
    for start in np.ndindex(high, wide):
        waiting = [start] if labels[start] < 0 else []
        while waiting:
            row, column = waiting.pop()
            labels[row, column] = found
            for y, x in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                inside = 0 <= y < high and 0 <= x < wide and labels[y, x] < 0
                if inside and abs(levels[y][x] - levels[row][column]) <= tolerance:
                    waiting.append((y, x))
        found = int(labels.max()) + 1
    if found > _MOST_SEGMENTS:
        raise BadShape(
            f"got a picture of {found} segments; a trace shows up to {_MOST_SEGMENTS}; raise tolerance={tolerance:g}, "
            "or take a smaller crop"
        )
    return labels


class _Film:
    """The regions as they are just now. They are numbered from 1: first the segments, then what they become."""

    def __init__(self, levels: Matrix, tolerance: float, kinds: list[str]) -> None:
        self.levels, self.kinds, self.labels = levels, kinds, _cut(levels, tolerance)
        self.segments = int(self.labels.max()) + 1
        image = np.array(levels, np.uint8)[..., None]
        self.grouping: Grouping = group(describe_regions(self.labels, image), kinds)
        self.columns = [KINDS.index(kind) for kind in kinds]

    def start(self) -> Step:
        """Show the picture and its segments."""
        regions = self.grouping.regions
        rows = tuple(
            (place + 1, int(regions.sizes[place]), self._mean(place), *map(int, regions.boxes[place]))
            for place in range(self.segments)
        )
        head = ("segment", "pixels", "mean level", "x1", "y1", "x2", "y2")
        text = f"{self.segments} segments of about one grey each. Those are the first regions."
        return Step(
            "segments", ((self._picture(), self._numbers("segments", "→")), (Table(head, rows, "segments"),)), text
        )

    def merge(self, place: int) -> Step:
        """Make one region of the two that are most alike."""
        one, other = (int(side) for side in self.grouping.merged[place])
        new, regions = self.segments + place, self.grouping.regions
        table, pairs = self._table((one, other))
        parts = self._alike(one, other)
        marks = {"window": self._cells(one), "fresh": self._cells(other)}
        before = self._numbers("regions", "", marks)
        lines = self._formulas(one, other, parts)
        self.labels[(self.labels == one) | (self.labels == other)] = new
        box = [number(side) for side in regions.boxes[new]]
        told = f"Of {pairs} pairs of neighbours" if pairs > 1 else "Two are left:"
        text = f"{told} {one + 1} and {other + 1} are most alike. They become" if pairs > 1 else f"{told} they become"
        text += f" region {new + 1}."
        text += f" Its box is {' '.join(box)}."
        panels = ((before, self._scene(new)), (table, Formula(lines, f"{one + 1} and {other + 1}")))
        return Step(f"{one + 1} + {other + 1} → {new + 1}", panels, text)

    def end(self, seed: int) -> Step:
        """Put the boxes into their order."""
        count = len(self.grouping.regions.boxes)
        drawn = np.random.default_rng(seed).random(count)
        values = np.arange(1, count + 1) * drawn
        seen, rows, states = set[tuple[int, ...]](), list[tuple[Cell, ...]](), []
        for place in np.argsort(values, kind="stable"):
            region = count - 1 - int(place)
            box = tuple(int(side) for side in self.grouping.regions.boxes[region])
            rows.append((region + 1, int(place) + 1, float(drawn[place]), float(values[place]), *box))
            states.append("dropped" if box in seen else "kept")
            seen.add(box)
        head = ("region", "place", "drawn", "place × drawn", "x1", "y1", "x2", "y2")
        text = "The last region has place 1, the first segment the last place. Each place times a number that is drawn "
        text += "gives the order: the large ones tend to be first. A box that was there already goes."
        panels = (self._scene(None), Table(head, tuple(rows), "the order of the boxes", tuple(states)))
        return Step("the boxes", (panels,), text)

    def _mean(self, region: int) -> float:
        return float(np.array(self.levels)[self.labels == region].mean())

    def _cells(self, region: int) -> tuple[tuple[int, int], ...]:
        return tuple((int(row), int(column)) for row, column in np.argwhere(self.labels == region))

    def _picture(self) -> Grid:
        return Grid(frozen(self.levels), "picture", "", "grey", (0.0, 255.0))

    def _numbers(self, caption: str, sign: str, marks: dict[str, tuple[tuple[int, int], ...]] | None = None) -> Grid:
        """The number of the region of each pixel."""
        rows = tuple(tuple(float(label + 1) for label in row) for row in self.labels)
        return Grid(rows, caption, sign, "grey", (1.0, float(2 * self.segments - 1)), marks or {})

    def _table(self, merged: tuple[int, int]) -> tuple[Table, int]:
        """How alike all neighbours are, the most alike first; and how many pairs there are."""
        pairs = set[tuple[int, int]]()
        for one, other in ((self.labels[:, :-1], self.labels[:, 1:]), (self.labels[:-1], self.labels[1:])):
            pairs |= {(min(a, b), max(a, b)) for a, b in zip(one.flat, other.flat, strict=True) if a != b}
        told = []
        for a, b in pairs:
            every = self._alike(int(a), int(b))
            parts = [every[column] for column in self.columns]
            told.append((-sum(parts), (int(a), int(b)) != merged, int(a), int(b), parts))
        rows = [(f"{a + 1}, {b + 1}", *parts, -less) for less, _, a, b, parts in sorted(told, key=lambda row: row[:4])]
        shown = tuple(rows[:_PAIRS_SHOWN])
        caption = "how alike neighbours are" + (f", {len(shown)} of {len(rows)}" if len(shown) < len(rows) else "")
        states = ("chosen",) + ("plain",) * (len(shown) - 1)
        return Table(("pair", *self.kinds, "sum"), shown, caption, states), len(rows)

    def _alike(self, one: int, other: int) -> list[float]:
        """The four likenesses, without the last digits of float32."""
        return [round(float(part), 6) for part in likeness(self.grouping.regions, one, np.array([other]))[0]]

    def _formulas(self, one: int, other: int, parts: Sequence[float]) -> tuple[str, ...]:
        """The arithmetic of what a reader can check: colour, where few bins are shared, size, fill, and the sum."""
        regions, lines = self.grouping.regions, []
        bins = [(a, b) for a, b in regions.colours[[one, other]].T.tolist() if a and b]
        if "colour" in self.kinds and len(bins) <= _BINS_SHOWN:
            shared = " + ".join(f"min({number(a)}, {number(b)})" for a, b in bins)
            lines.append(f"colour = {shared} {equals(parts[0])}" if bins else "colour = 0")
        size, more, area = (number(value) for value in (regions.sizes[one], regions.sizes[other], regions.area))
        if "size" in self.kinds:
            lines.append(f"size = 1 − ({size} + {more}) / {area} {equals(parts[2])}")
        if "fill" in self.kinds:
            low = np.minimum(regions.boxes[one, :2], regions.boxes[other, :2])
            wide, high = np.maximum(regions.boxes[one, 2:], regions.boxes[other, 2:]) - low
            around = f"{number(wide)} × {number(high)}"
            lines.append(f"fill = 1 − ({around} − {size} − {more}) / {area} {equals(parts[3])}")
        chosen = [parts[column] for column in self.columns]
        return (*lines, f"sum = {' + '.join(map(number, chosen))} {equals(sum(chosen))}")

    def _scene(self, new: int | None) -> Scene:
        """The boxes of the regions that there were by now."""
        boxes = self.grouping.regions.boxes[: len(self.grouping.regions.boxes) if new is None else new + 1]
        drawn = [
            Box((float(x1), float(y1), float(x2), float(y2)), "", "plain" if new is not None else "kept")
            for x1, y1, x2, y2 in boxes
        ]
        if new is not None:
            drawn[-1] = Box(drawn[-1].corners, f"{new + 1}", "chosen")
        sign, picture = (
            ("", self._painted(np.array(self.levels))) if new is None else ("→", self._painted(self._means()))
        )
        return Scene((len(self.levels), len(self.levels[0])), tuple(drawn), "boxes", sign, picture)

    def _means(self) -> np.ndarray:
        """Each pixel as the mean level of its region."""
        levels = np.array(self.levels)
        for region in np.unique(self.labels):
            levels[self.labels == region] = self._mean(int(region))
        return levels

    def _painted(self, levels: np.ndarray) -> bytes:
        pixels = levels.round().astype(np.uint8).repeat(_ENLARGED, 0).repeat(_ENLARGED, 1)
        file = BytesIO()
        Image.fromarray(pixels).save(file, "png", optimize=True)
        return file.getvalue()
