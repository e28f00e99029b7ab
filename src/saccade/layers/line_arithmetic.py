"""A walk along a line of layers with a pencil: the shape, parameters and cost of each, without making a network.

Source: ours.
"""

from __future__ import annotations

import math
from dataclasses import replace

from saccade.errors import BadShape
from saccade.layers.line import Conv, Dense, Layer, Plain, Pool, parse
from saccade.layers.line_table import LineRow, LineTable
from saccade.ops.costs import convolution_macs, convolution_parameters, dense_macs, dense_parameters
from saccade.ops.formulas import worked_size
from saccade.ops.receptive_field import Window, receptive_fields

Pair = tuple[Window, Window]
_STILL: Pair = (Window(1), Window(1))


def line_table(line: str, shape: tuple[int, int, int]) -> LineTable:
    """Work out every layer of a line at one size.

    Args:
        line: In the grammar of `saccade.layers.line`; unlike a network, it may end in any layer.
        shape: Of one image: (height, width, channels).

    Returns:
        The table.

    Raises:
        BadConfig: If anything in the line is wrong; everything wrong is listed.
        BadShape: If a kernel does not fit or groups do not divide channels; the item is named.

    Source: ours.

    Example:
        >>> table = line_table("conv 10 3 valid, conv 20 5 stride 2 valid, flatten", (39, 39, 3))
        >>> [row.output for row in table.rows]
        ['37 × 37 × 10', '17 × 17 × 20', '5780']
    """
    if len(shape) != 3 or min(shape) < 1:
        raise BadShape(f"got images of shape {shape}; taken is (height, width, channels), all ≥ 1; change the shape")
    layers = parse(f"{line}, dense 1")[:-1]  # the parser wants a whole network; a part of one will do here
    walk = _Walk(shape)
    steps = [walk.step(layer) for layer in layers]
    high, wide = (receptive_fields([windows[axis] for _, windows in steps], size=shape[axis]) for axis in (0, 1))
    rows = (replace(row, fields=pair) for (row, _), pair in zip(steps, zip(high, wide, strict=True), strict=True))
    return LineTable(line, shape, tuple(rows))


class _Walk:
    """Where a line has got to: the size of the maps, their channels, and the features once they are flat."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.maps, self.channels = shape[:2], shape[2]
        self.features: int | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """What the next layer takes: (height, width, channels) or (features,)."""
        return (*self.maps, self.channels) if self.features is None else (self.features,)

    def step(self, layer: Layer) -> tuple[LineRow, Pair]:
        """Take one layer: its row, but for the receptive field, and what it looks through."""
        before = " × ".join(map(str, self.shape))
        try:
            if isinstance(layer, Conv):
                return self._conv(layer)
            if isinstance(layer, Pool):
                return self._pool(layer)
            if isinstance(layer, Dense):
                return self._dense(layer)
            return self._plain(layer.kind if isinstance(layer, Plain) else "dropout", self._row(layer))
        except BadShape as error:
            told = str(error).removeprefix("got ")
            raise BadShape(f"got item {layer.number}, {layer.text!r}, on {before}: {told}") from error

    def _row(self, layer: Layer) -> LineRow:
        """A layer that leaves the shape as it is and has no parameters."""
        return LineRow(_words(layer), self.shape, activations=math.prod(self.shape))

    def _conv(self, layer: Conv) -> tuple[LineRow, Pair]:
        sides = [
            worked_size(side, kernel, stride=layer.stride, padding=layer.padding, dilation=layer.dilation)
            for side, kernel in zip(self.maps, layer.kernel_size, strict=True)
        ]
        channels, self.channels, self.maps = self.channels, layer.filters, (sides[0].size, sides[1].size)
        counts = (channels, layer.filters, layer.kernel_size)
        parameters = convolution_parameters(*counts, groups=layer.groups, bias=not layer.norm)
        macs = convolution_macs(*counts, output=self.maps, groups=layer.groups)
        share = f"{channels}" if layer.groups == 1 else f"({channels}/{layer.groups})"
        weights = f"{layer.kernel_size[0]}·{layer.kernel_size[1]}·{share}"
        row = replace(
            self._row(layer),
            size_formulas=tuple(dict.fromkeys(side.formula for side in sides)),
            macs=macs,
            macs_formula=f"({self.maps[0]}·{self.maps[1]}·{layer.filters})·({weights})",
        )
        windows = (
            Window(kernel, layer.stride, side.padding, layer.dilation)
            for kernel, side in zip(layer.kernel_size, sides, strict=True)
        )
        high, wide = windows
        return _learned(row, parameters, f"{weights}·{layer.filters}", layer.filters, layer.norm), (high, wide)

    def _pool(self, layer: Pool) -> tuple[LineRow, Pair]:
        high, wide = (worked_size(side, layer.size, stride=layer.stride) for side in self.maps)
        self.maps = (high.size, wide.size)
        formulas = tuple(dict.fromkeys((high.formula, wide.formula)))
        window = Window(layer.size, layer.stride)
        return replace(self._row(layer), size_formulas=formulas), (window, window)

    def _dense(self, layer: Dense) -> tuple[LineRow, Pair]:
        """A dense layer sees all there is, like a convolution whose kernel is as large as the maps."""
        features, written, windows = math.prod(self.shape), "·".join(map(str, self.shape)), self._whole()
        self.features = layer.units
        formula = f"({written})·{layer.units}" if "·" in written else f"{written}·{layer.units}"
        row = replace(self._row(layer), macs=dense_macs(features, layer.units), macs_formula=formula)
        parameters = dense_parameters(features, layer.units, bias=not layer.norm)
        return _learned(row, parameters, formula, layer.units, layer.norm), windows

    def _plain(self, kind: str, row: LineRow) -> tuple[LineRow, Pair]:
        if kind == "flatten":
            written = "·".join(map(str, self.shape))
            self.features = math.prod(self.shape)
            formula = (f"{written} = {self.features}",) if "·" in written else ()
            return replace(row, shape=self.shape, size_formulas=formula, activations=0), _STILL  # it is only a view
        if kind == "gap":
            windows = self._whole()
            self.features = self.channels
            return replace(row, shape=self.shape, activations=self.channels), windows
        if kind == "norm":
            count = self.shape[-1]
            return replace(row, parameters=2 * count, parameter_formula=f"2·{count} = {2 * count:,}"), _STILL
        return row, _STILL

    def _whole(self) -> Pair:
        """Look through a window as large as the maps, after which there is one place left."""
        (height, width), self.maps = self.maps, (1, 1)
        return Window(height), Window(width)


def _learned(row: LineRow, parameters: int, weights: str, units: int, norm: bool) -> LineRow:
    """Fill in the parameters of a convolution or a dense layer: with a norm it has no bias, but scales and shifts."""
    total = parameters + 2 * units * norm
    formula = f"{weights} + {f'2·{units}' if norm else units} = {total:,}"
    return replace(row, parameters=total, parameter_formula=formula, activations=row.activations * (1 + norm))


def _words(layer: Layer) -> str:
    """What was written, with the norm and the activation that were written after it."""
    merged = [] if not isinstance(layer, Conv | Dense) else ["norm"] * layer.norm + [layer.activation]
    said = layer.text.lower().replace("batchnorm", "norm").split()
    return " ".join([layer.text, *(word for word in merged if word and word not in said)])
