"""Windows against convolution: a classifier asked about every window, and the same as one pass over the picture."""

from __future__ import annotations

import numpy as np

from saccade.errors import BadShape
from saccade.inspect.tracing.inputs import Matrix, Rows, check_readable, frozen, matrix_of, whole
from saccade.inspect.tracing.kernels import kernel_of
from saccade.inspect.tracing.numbers import equals, number
from saccade.inspect.tracing.panels import Cells, Formula, Grid, Sum, Table
from saccade.inspect.tracing.trace import Step, Trace

__all__ = ["sliding_window"]

# a picture with a small × in it, what answers to its middle, and what finds one in those answers
EXAMPLE = (
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    (0.0, 0.0, 1.0, 0.0, 1.0, 0.0),
    (0.0, 0.0, 0.0, 1.0, 0.0, 0.0),
    (0.0, 0.0, 1.0, 0.0, 1.0, 0.0),
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
)
CROSSING = ((1.0, -1.0), (-1.0, 1.0))


def sliding_window(matrix: Rows = EXAMPLE, *, kernel: Rows = CROSSING, dense: Rows = CROSSING, pool: int = 1) -> Trace:
    """Show a small classifier at every window of a picture, and then as convolutions over all of it at once.

    The classifier is a convolution, ReLU, max pooling and a dense layer with one output; its window is as large as
    those need.

    Args:
        matrix: The picture, rows of numbers; by default five by six with a small × in it.
        kernel: Weights of the convolution, or the name of a filter such as sobel.
        dense: Weights of the dense layer, one for each feature of a window; laid over the map of the whole picture,
            they are a kernel.
        pool: A side of the max pooling. Windows begin at every so many pixels: only there do they coincide with what
            one pass gives.

    Returns:
        One step for each window and three for the single pass; the result is the score of each window, in rows.

    Raises:
        BadShape: If the picture is smaller than one window, or it is too large to read.
        BadConfig: If a number is not finite or out of range.
        UnknownName: If there is no such filter.

    Source: Sermanet et al., OverFeat, arXiv 1312.6229, section 3.5.

    Example:
        >>> sliding_window().result
        [[-1.0, 3.0, -3.0, 2.0], [1.0, -3.0, 4.0, -3.0], [-1.0, 2.0, -3.0, 3.0]]
    """
    film = _Film(matrix_of(matrix, "matrix"), kernel_of(kernel), matrix_of(dense, "dense"), whole(pool, "pool"))
    rows, columns = film.scores.shape
    high, wide = film.window
    return Trace(
        name="sliding_window",
        title="Windows against one convolution",
        about=f"A classifier that takes {high} × {wide} numbers is asked about {rows} × {columns} windows, one after "
        f"the other. Neighbours share most of their numbers, and so most of the work. One pass over all "
        f"{len(film.picture)} × {len(film.picture[0])} numbers gives the same scores, as each layer is a convolution.",
        steps=(*(film.ask((row, column)) for row, column in np.ndindex(rows, columns)), *film.one_pass()),
        result=film.scores.tolist(),
        source="Sermanet et al., OverFeat: integrated recognition, localization and detection, arXiv 1312.6229",
    )


class _Film:
    """The map of the whole picture, what each window gives of it, and which features were computed by now."""

    def __init__(self, picture: Matrix, kernel: Matrix, dense: Matrix, pool: int) -> None:
        self.picture, self.kernel, self.dense, self.pool = picture, kernel, np.array(dense), pool
        weights, taken = np.array(kernel), self.dense.shape
        self.window = (taken[0] * pool + len(kernel) - 1, taken[1] * pool + len(kernel[0]) - 1)
        size = np.array(picture).shape
        if size[0] < self.window[0] or size[1] < self.window[1]:
            raise BadShape(
                f"got matrix of {size[0]} × {size[1]} numbers, smaller than one window, which is {self.window[0]} × "
                f"{self.window[1]}; taken is one as large at least; give a larger one, or smaller weights"
            )
        convolved = _slid(np.array(picture), weights)
        self.map = _pooled(np.maximum(convolved, 0.0), pool)
        self.scores = _slid(self.map, self.dense) + 0.0
        check_readable("matrix", len(picture), len(picture[0]), self.scores.size)
        self.seen = np.zeros(self.map.shape, bool)
        self.span = (float(np.min(picture)), float(np.max(picture)))
        self.each = int(self.dense.size * pool * pool * weights.size)  # products of one window's convolution
        self.once = int(self.map.size * pool * pool * weights.size)

    def ask(self, place: tuple[int, int]) -> Step:
        """Ask the classifier about one window."""
        part = tuple(slice(start, start + length) for start, length in zip(place, self.dense.shape, strict=True))
        known = self.seen[part]
        fresh = tuple((int(row), int(column)) for row, column in np.argwhere(~known))
        again, count = int(known.sum()), self.dense.size
        self.seen[part] = True
        features, score = self.map[part], float(self.scores[place])
        top, left = (start * self.pool for start in place)
        marks = {"window": tuple((top + y, left + x) for y, x in np.ndindex(*self.window))}
        asked = place[0] * self.scores.shape[1] + place[1] + 1
        products = tuple(
            tuple((float(value), float(weight)) for value, weight in zip(*row, strict=True))
            for row in zip(features, self.dense, strict=True)
        )
        work = f"{asked} × ({self.each} + {count}) = {asked * (self.each + count)}"
        return Step(
            f"window row {place[0] + 1}, column {place[1] + 1}",
            (
                (self._input(marks), self._features(features, fresh, "its features"), self._output(place)),
                (Sum(products, score, "the dense layer"), Formula((work,), "products by now")),
            ),
            f"{_told(count, again)} The dense layer makes {number(score)} of them.",
        )

    def one_pass(self) -> tuple[Step, ...]:
        """Do the same as two convolutions over everything, and count."""
        everywhere = tuple(np.ndindex(*self.map.shape))
        corner = tuple(np.ndindex(*self.dense.shape))
        windows, count = self.scores.size, self.dense.size
        alone, together = windows * (self.each + count), self.once + windows * count
        table = Table(
            ("", "products of the convolution", "of the dense layer", "together"),
            (
                (f"{windows} windows", windows * self.each, windows * count, alone),
                ("one pass", self.once, windows * count, together),
            ),
            "the work",
            ("dropped", "kept"),
        )
        lines = (
            f"windows: {windows} × ({self.each} + {count}) = {alone}",
            f"one pass: {self.once} + {windows} × {count} = {together}",
            f"{alone} / {together} {equals(alone / together)}",
        )
        high, wide = self.dense.shape
        weights = Grid(frozen(self.dense.tolist()), "dense layer, as a kernel", "×", "signed")
        return (
            Step(
                "one pass: the map",
                ((self._input({}), self._features(self.map, everywhere, "map")),),
                "The same convolution, over the whole picture: each feature once, whichever windows it belongs to.",
            ),
            Step(
                "one pass: the dense layer",
                ((self._features(self.map, (), "map", "", corner), weights, self._output()),),
                f"The dense layer takes {high} × {wide} features. Over the map it is a kernel of that size, and gives "
                "the score of each window, the same number as before.",
            ),
            Step(
                "the work",
                ((table, Formula(lines)),),
                f"One pass needs {together} products, the windows need {alone}. The larger the windows are and the "
                "closer they stand, the greater the difference.",
            ),
        )

    def _input(self, marks: dict[str, Cells]) -> Grid:
        return Grid(frozen(self.picture), "picture", "", "grey" if self.span[0] >= 0 else "signed", self.span, marks)

    def _features(self, values: np.ndarray, fresh: Cells, caption: str, sign: str = "→", window: Cells = ()) -> Grid:
        span = (0.0, float(self.map.max()))
        return Grid(frozen(values.tolist()), caption, sign, "grey", span, {"fresh": fresh, "window": window})

    def _output(self, place: tuple[int, int] | None = None) -> Grid:
        """The scores by now, or all of them."""
        reach = float(np.abs(self.scores).max())
        rows = tuple(
            tuple(
                float(score) if place is None or (row, column) <= place else None for column, score in enumerate(line)
            )
            for row, line in enumerate(self.scores)
        )
        return Grid(rows, "output", "→", "signed", (-reach, reach), {"fresh": (place,)} if place else {})


def _told(count: int, again: int) -> str:
    if not again:
        return f"Its {count} features are computed for the first time."
    was = "was" if again == 1 else "were"
    return f"Of its {count} features {again} {was} computed before, for a window that overlaps it, and now once more."


def _slid(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The sum of products at every window."""
    windows = np.lib.stride_tricks.sliding_window_view(values, weights.shape)
    return (windows * weights).sum(axis=(2, 3))


def _pooled(values: np.ndarray, pool: int) -> np.ndarray:
    """The largest of each square; what does not fill one is left out."""
    high, wide = (length // pool for length in values.shape)
    squares = values[: high * pool, : wide * pool].reshape(high, pool, wide, pool)
    return squares.max(axis=(1, 3))
