"""Depthwise separable convolution: first each channel by itself, then across the channels."""

from __future__ import annotations

from itertools import chain

from saccade.errors import BadShape
from saccade.inspect.tracing.inputs import Matrix, Rows, frozen, maps_of, matrix_of
from saccade.inspect.tracing.kernels import kernels_of
from saccade.inspect.tracing.numbers import equals
from saccade.inspect.tracing.panels import Formula, Grid, Panel, Sum
from saccade.inspect.tracing.trace import Step, Trace
from saccade.inspect.tracing.windows import slide

__all__ = ["separable"]

EXAMPLE = (
    ((1.0, 2.0, 0.0, 1.0), (0.0, 1.0, 3.0, 1.0), (2.0, 1.0, 0.0, 2.0), (1.0, 0.0, 1.0, 1.0)),
    ((0.0, 1.0, 1.0, 0.0), (2.0, 0.0, 1.0, 2.0), (1.0, 1.0, 0.0, 1.0), (0.0, 2.0, 1.0, 0.0)),
)
KERNELS = (
    ((1.0, 0.0, -1.0), (1.0, 0.0, -1.0), (1.0, 0.0, -1.0)),
    ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0)),
)
MIXING = ((1.0, 1.0), (2.0, -1.0), (0.0, 1.0))
_MOST_CHANNELS, _MOST_FILTERS = 4, 8


def separable(matrix: Rows = EXAMPLE, *, kernels: Rows = KERNELS, mixing: Rows = MIXING) -> Trace:
    """Show a depthwise separable convolution: one kernel for each channel, then a mixture of the channels.

    Args:
        matrix: Channels of rows of numbers; by default two of four by four.
        kernels: A kernel for each channel, or one for all; by default an edge and a Laplacian of three by three.
        mixing: A row for each filter, with one weight for each channel; by default three filters.

    Returns:
        A step for each channel, one for each filter, and one that compares the cost; the result is the filters' maps.

    Raises:
        BadShape: If the channels differ, a kernel does not fit, or it is too large to read.
        BadConfig: If a number is not finite.
        UnknownName: If there is no such filter.

    Source: Sifre, 2014; Howard et al., "MobileNets", arXiv 1704.04861: the cost ratio is 1/filters + 1/f².

    Example:
        >>> len(separable().steps)
        6
    """
    inputs, weights, rows = maps_of(matrix, "matrix"), kernels_of(kernels), matrix_of(mixing, "mixing")
    _check(inputs, weights, rows)
    weights = weights * (len(inputs) // len(weights))
    between = [_correlated(channel, kernel) for channel, kernel in zip(inputs, weights, strict=True)]
    maps = [_mixed(between, row) for row in rows]
    steps = [_depthwise(*parts) for parts in zip(range(len(inputs)), inputs, weights, between, strict=True)]
    steps += [_pointwise(place, between, row, maps[place]) for place, row in enumerate(rows)]
    return Trace(
        name="separable",
        title="Depthwise separable convolution, channel by channel",
        about=f"A usual filter looks at all channels at once. Here each of {len(inputs)} channels first meets a kernel "
        f"of its own (depthwise); then each of {len(rows)} filters mixes the channels, pixel by pixel (pointwise).",
        steps=(*steps, _cost(weights[0], between[0], len(inputs), len(rows))),
        result=maps,
        source="Howard et al., 2017, MobileNets, arXiv 1704.04861",
    )


def _check(inputs: list[Matrix], kernels: list[Matrix], mixing: Matrix) -> None:
    channels = len(inputs)
    if channels > _MOST_CHANNELS or len(mixing) > _MOST_FILTERS:
        raise BadShape(
            f"got {channels} channels and {len(mixing)} filters; a trace shows up to {_MOST_CHANNELS} and "
            f"{_MOST_FILTERS}; leave some out"
        )
    if len(kernels) not in (1, channels) or len(mixing[0]) != channels:
        raise BadShape(
            f"got {channels} channels, {len(kernels)} kernels and mixing rows of {len(mixing[0])} weights; taken is "
            "one kernel for all or for each channel, and one weight for each; give as many"
        )


def _correlated(matrix: Matrix, kernel: Matrix) -> Matrix:
    windows = slide(matrix, (len(kernel), len(kernel[0])))
    rows, columns = windows.outputs
    flat = list(chain.from_iterable(kernel))
    return [
        [
            sum(matrix[y][x] * weight for (y, x), weight in zip(chain(*windows.cells(row, column)), flat, strict=True))
            for column in range(columns)
        ]
        for row in range(rows)
    ]


def _mixed(maps: list[Matrix], weights: list[float]) -> Matrix:
    return [
        [
            sum(value * weight for value, weight in zip(pixels, weights, strict=True))
            for pixels in zip(*rows, strict=True)
        ]
        for rows in zip(*maps, strict=True)
    ]


def _depthwise(place: int, matrix: Matrix, kernel: Matrix, found: Matrix) -> Step:
    size = (len(kernel), len(kernel[0]))
    first = tuple(tuple((matrix[y][x], weight) for x, weight in enumerate(row)) for y, row in enumerate(kernel))
    window = tuple((y, x) for y in range(size[0]) for x in range(size[1]))
    panels: tuple[Panel, ...] = (
        Grid(frozen(matrix), f"channel {place + 1}", "", "signed", None, {"window": window}),
        Grid(frozen(kernel), f"its kernel {place + 1}", "∗", "signed"),
        Grid(frozen(found), f"map {place + 1}", "→", "signed", None, {"fresh": ((0, 0),)}),
    )
    total = Sum(first, found[0][0], "the first window")
    return Step(f"depthwise: channel {place + 1}", (panels, (total,)), "It meets its own kernel, and no other channel.")


def _pointwise(place: int, maps: list[Matrix], weights: list[float], found: Matrix) -> Step:
    marks = {"window": ((0, 0),)}
    sources = [
        Grid(frozen(one), f"map {channel + 1}", "+" if channel else "", "signed", None, marks)
        for channel, one in enumerate(maps)
    ]
    mixture = Grid((tuple(weights),), "a weight for each map", "×", "signed")
    result = Grid(frozen(found), f"filter {place + 1}", "→", "signed", None, {"fresh": ((0, 0),)})
    pairs = tuple((one[0][0], weight) for one, weight in zip(maps, weights, strict=True))
    return Step(
        f"pointwise: filter {place + 1}",
        ((*sources, mixture, result), (Sum((pairs,), found[0][0], "the first pixel"),)),
        "Every pixel of the filter's map is a mixture of the same pixel of all maps.",
    )


def _cost(kernel: Matrix, found: Matrix, channels: int, filters: int) -> Step:
    pixels, taps = len(found) * len(found[0]), len(kernel) * len(kernel[0])
    usual, depthwise, pointwise = (
        pixels * taps * channels * filters,
        pixels * taps * channels,
        pixels * channels * filters,
    )
    share = (depthwise + pointwise) / usual
    lines = (
        f"usual = {pixels} × {taps} × {channels} × {filters} = {usual}",
        f"depthwise = {pixels} × {taps} × {channels} = {depthwise}",
        f"pointwise = {pixels} × {channels} × {filters} = {pointwise}",
        f"share = ({depthwise} + {pointwise}) / {usual} {equals(share)}",
        f"share = 1 / {filters} + 1 / {taps} {equals(share)}",
    )
    text = "Here the maps and filters are few; with 512 filters of 3 × 3 the share is 0.113."
    return Step("what it costs", ((Formula(lines, "multiplications"),),), text)
