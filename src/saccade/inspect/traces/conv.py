"""Convolution, window by window."""

from __future__ import annotations

from itertools import chain

from saccade.errors import BadShape
from saccade.inspect.tracing.inputs import Matrix, Rows, frozen, maps_of
from saccade.inspect.tracing.kernels import kernels_of
from saccade.inspect.tracing.numbers import number
from saccade.inspect.tracing.panels import Grid, Sum
from saccade.inspect.tracing.trace import Step, Trace
from saccade.inspect.tracing.windows import Windows, extent, pad, slide, so_far

__all__ = ["conv"]

EXAMPLE = ((10.0, 10.0, 10.0, 0.0, 0.0, 0.0),) * 6
EDGE = ((1.0, 0.0, -1.0),) * 3
_MOST_CHANNELS = 4
Pairs = tuple[tuple[tuple[float, float], ...], ...]


def conv(
    matrix: Rows = EXAMPLE,
    *,
    kernel: Rows = EDGE,
    stride: int = 1,
    padding: int | str = "valid",
    dilation: int = 1,
    flip: bool = False,
) -> Trace:
    """Show a convolution: each window, each product, the sum.

    Args:
        matrix: Rows of numbers, or several channels of them; by default six by six, bright on the left, dark on the
            right.
        kernel: Rows of weights, or the name of a filter such as sobel; by default the vertical edge. One for each
            channel, or one for all.
        stride: Cells from one window to the next.
        padding: Zeros added on each side: a number, valid, same or full.
        dilation: Cells from one tap of the window to the next.
        flip: Turn the kernel by half a turn first: convolution as mathematics has it. Networks do not.

    Returns:
        One step for each window; the result is the output's rows.

    Raises:
        BadShape: If the window does not fit, the channels differ, or it is too large to read.
        BadConfig: If a number is not finite or out of range.
        UnknownName: If there is no such filter.

    Source: the notes' example; Dumoulin & Visin, arXiv 1603.07285.

    Example:
        >>> conv().result[0]
        [0.0, 30.0, 30.0, 0.0]
    """
    matrices = maps_of(matrix, "matrix")
    kernels = _one_for_each(kernels_of(kernel), matrices)
    if flip:
        kernels = [[row[::-1] for row in reversed(one)] for one in kernels]
    size = (len(kernels[0]), len(kernels[0][0]))
    windows = slide(matrices[0], size, stride=stride, padding=padding, dilation=dilation)
    film = _Film(matrices, kernels, windows)
    rows, columns = windows.outputs
    return Trace(
        name="conv",
        title="Convolution, window by window" if flip else "Cross-correlation, window by window",
        about=_about(film, flip),
        steps=tuple(film.step(place) for place in windows.places()),
        result=[[film.results[row, column] for column in range(columns)] for row in range(rows)],
        source="Dumoulin & Visin, A guide to convolution arithmetic for deep learning, arXiv 1603.07285",
    )


class _Film:
    """The padded channels, a kernel for each, and what every window gives."""

    def __init__(self, matrices: list[Matrix], kernels: list[Matrix], windows: Windows) -> None:
        self.windows, self.kernels = windows, kernels
        self.inputs = [pad(matrix, windows)[0] for matrix in matrices]
        self.padding = pad(matrices[0], windows)[1]
        levels = [value for matrix in matrices for row in matrix for value in row]
        self.span = (min(levels), max(levels))
        weights = [abs(weight) for kernel in kernels for row in kernel for weight in row]
        self.largest_product = max(map(abs, self.span)) * max(weights)
        self.results = {
            place: sum(a * b for channel in range(len(kernels)) for row in self.pairs(channel, place) for a, b in row)
            for place in windows.places()
        }

    def pairs(self, channel: int, place: tuple[int, int]) -> Pairs:
        """Each number of a channel under a window, with its weight."""
        return tuple(
            tuple((self.inputs[channel][y][x], weight) for (y, x), weight in zip(cells, weights, strict=True))
            for cells, weights in zip(self.windows.cells(*place), self.kernels[channel], strict=True)
        )

    def step(self, place: tuple[int, int]) -> Step:
        """Show one window."""
        pairs = [self.pairs(channel, place) for channel in range(len(self.kernels))]
        total = Sum(tuple(chain.from_iterable(pairs)), self.results[place], "the products, added up")
        by_now = {other: value for other, value in self.results.items() if other <= place}
        reach = max(map(abs, self.results.values()))
        output = Grid(so_far(by_now, self.windows), "output", "→", "signed", (-reach, reach), {"fresh": (place,)})
        channels = [self.channel(channel, place, pairs[channel]) for channel in range(len(pairs))]
        rows, columns = (
            extent(start * self.windows.stride, length, self.windows.dilation)
            for start, length in zip(place, self.windows.kernel, strict=True)
        )
        return Step(
            f"output row {place[0] + 1}, column {place[1] + 1}",
            (*channels, (total, output)) if len(channels) > 1 else ((*channels[0], output), (total,)),
            f"The window lies on rows {rows} and columns {columns} of the input. Each number under it is multiplied by "
            f"its weight; the {sum(map(len, total.rows))} products add up to {number(total.result)}.",
        )

    def channel(self, channel: int, place: tuple[int, int], pairs: Pairs) -> tuple[Grid, Grid, Grid]:
        """Show what is looked at in a channel, the weights, and their products."""
        name = f" {channel + 1}" if len(self.kernels) > 1 else ""
        marks = {"window": tuple(chain.from_iterable(self.windows.cells(*place))), "padding": self.padding}
        colour = "grey" if self.span[0] >= 0 else "signed"
        products = tuple(tuple(a * b + 0.0 for a, b in row) for row in pairs)
        reach = self.largest_product
        return (
            Grid(frozen(self.inputs[channel]), f"input{name}", "", colour, self.span, marks),
            Grid(frozen(self.kernels[channel]), f"kernel{name}", "×", "signed"),
            Grid(products, f"products{name}", "=", "signed", (-reach, reach)),
        )


def _one_for_each(kernels: list[Matrix], matrices: list[Matrix]) -> list[Matrix]:
    """A kernel for each channel."""
    if len(matrices) > _MOST_CHANNELS:
        raise BadShape(f"got {len(matrices)} channels; a trace shows up to {_MOST_CHANNELS}; leave some out")
    if len(kernels) not in (1, len(matrices)):
        raise BadShape(
            f"got {len(matrices)} channels and a kernel of {len(kernels)}; taken is a kernel of one channel for all, "
            "or of as many; give as many"
        )
    return kernels * (len(matrices) // len(kernels))


def _about(film: _Film, flip: bool) -> str:
    (height, width), (rows, columns), outputs = film.windows.kernel, film.windows.padded, film.windows.outputs
    channels = f" × {len(film.kernels)}" if len(film.kernels) > 1 else ""
    padded = ", the zeros around them included" if film.padding else ""
    turned = " The kernel is turned by half a turn first." if flip else ""
    return (
        f"A {height} × {width}{channels} kernel slides over {rows} × {columns}{channels} numbers{padded}, "
        f"{film.windows.stride} at a time: {outputs[0]} × {outputs[1]} windows. In each, the numbers are multiplied by "
        f"the weights and added up.{turned}"
    )
