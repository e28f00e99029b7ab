"""The receptive field of a stack of layers, one layer after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from saccade.errors import BadConfig, BadShape
from saccade.inspect.tracing.inputs import LARGEST, Rows, matrix_of, whole
from saccade.inspect.tracing.numbers import equals, factor, number
from saccade.inspect.tracing.panels import Formula, Grid, Table
from saccade.inspect.tracing.trace import Step, Trace

__all__ = ["receptive_field"]

EXAMPLE = ((3.0, 1.0), (3.0, 1.0), (3.0, 1.0))
_NAMES = ("kernel", "stride", "padding", "dilation")
_MOST_LAYERS = 64


def receptive_field(layers: Rows = EXAMPLE) -> Trace:
    """Show how much of the image one unit sees: the receptive field of a stack of layers.

    Args:
        layers: Rows kernel stride padding dilation, those at the end may be left out; by default three of 3 by 3.

    Returns:
        One step for each layer; the result is a row of field, jump and start for each.

    Raises:
        BadShape: If a row has more than four numbers, or there are more than 64 rows.
        BadConfig: If a number is not whole or out of range.

    Source: Araujo, Norris & Sim, Distill 2019.

    Example:
        >>> receptive_field().result
        [[3, 1, 1.5], [5, 1, 2.5], [7, 1, 3.5]]
    """
    read = _layers(layers)
    fields = [_Field()]
    for layer in read:
        fields.append(fields[-1].through(layer))
    side = fields[-1].width
    picture = " The numbers in the picture count the paths from one unit to each pixel."
    return Trace(
        name="receptive_field",
        title="Receptive field, layer by layer",
        about="How much of the image does one unit see? Each layer adds (k − 1) · jump pixels on a side. Behind "
        f"{len(read)} layer{'s' * (len(read) > 1)} it is {side} × {side}.{picture * (side <= LARGEST)}",
        steps=tuple(_step(place, read, fields) for place in range(1, len(fields))),
        result=[[field.width, field.jump, field.start] for field in fields[1:]],
        source="Araujo, Norris & Sim, Computing receptive fields of convolutional neural networks, Distill 2019",
    )


@dataclass(frozen=True)
class _Layer:
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def span(self) -> int:
        return self.dilation * (self.kernel - 1) + 1


@dataclass(frozen=True)
class _Field:
    """How wide a unit's field is, how far apart those of two neighbours are, and where the first is centred."""

    width: int = 1
    jump: int = 1
    start: float = 0.5

    def through(self, layer: _Layer) -> _Field:
        """The field behind one more layer."""
        return _Field(
            self.width + (layer.span - 1) * self.jump,
            self.jump * layer.stride,
            self.start + ((layer.span - 1) / 2 - layer.padding) * self.jump,
        )


def _layers(rows: Rows) -> list[_Layer]:
    matrix = matrix_of(rows, "layers")
    if len(matrix[0]) > len(_NAMES) or len(matrix) > _MOST_LAYERS:
        raise BadShape(
            f"got {len(matrix)} layers of {len(matrix[0])} numbers; taken are up to {_MOST_LAYERS} rows of kernel, "
            "stride, padding, dilation; leave some out"
        )
    read = []
    for count, row in enumerate(matrix, 1):
        for value, name in zip(row, _NAMES, strict=False):
            if value != round(value):
                raise BadConfig(f"got {name} {value:g} in layer {count}; taken is a whole number; round it")
            whole(int(value), f"{name} of layer {count}", least=0 if name == "padding" else 1)
        read.append(_Layer(*(int(value) for value in row)))
    return read


def _step(place: int, layers: Sequence[_Layer], fields: Sequence[_Field]) -> Step:
    layer, before, after = layers[place - 1], fields[place - 1], fields[place]
    dilated = f"span = {layer.dilation} × ({layer.kernel} − 1) + 1 = {layer.span}"
    lines = (
        f"field = {before.width} + ({layer.span} − 1) × {before.jump} = {after.width}",
        f"jump = {before.jump} × {layer.stride} = {after.jump}",
        f"start = {factor(before.start)} + (({layer.span} − 1) / 2 − {layer.padding}) × {before.jump} "
        + equals(after.start),
    )
    formula = Formula((*((dilated,) if layer.dilation > 1 else ()), *lines), "one side, in pixels")
    rows = tuple(
        (f"{count}", one.kernel, one.stride, field.width, field.jump, field.start)
        for count, (one, field) in enumerate(zip(layers, fields[1:], strict=True), 1)
    )[:place]
    states = ("plain",) * (place - 1) + ("chosen",)
    table = Table(("layer", "kernel", "stride", "field", "jump", "start"), rows, "so far", states)
    small = fields[-1].width <= LARGEST
    stride = f", stride {layer.stride}" if layer.stride > 1 else ""
    dilation = f", dilation {layer.dilation}" if layer.dilation > 1 else ""
    return Step(
        f"layer {place}: {layer.kernel} × {layer.kernel}{stride}{dilation}",
        ((_picture(layers[:place], fields[-1].width), formula) if small else (formula,), (table,)),
        f"One unit behind layer {place} sees {after.width} × {after.width} pixels of the image; its neighbour looks "
        f"{number(after.jump)} pixel{'s' * (after.jump > 1)} further.",
    )


def _picture(layers: Sequence[_Layer], side: int) -> Grid:
    """The paths from one unit to each pixel, on a grid as wide as the last field."""
    paths, jump = [1], 1
    for layer in layers:
        taps = [layer.dilation * jump * tap for tap in range(layer.kernel)]
        wide = [0] * (len(paths) + taps[-1])
        for tap in taps:
            for place, count in enumerate(paths):
                wide[place + tap] += count
        paths, jump = wide, jump * layer.stride
    first = (side - len(paths)) // 2
    counts = [0] * first + paths + [0] * (side - len(paths) - first)
    cells = tuple((first + y, first + x) for y in range(len(paths)) for x in range(len(paths)))
    values = tuple(tuple(float(a * b) for b in counts) for a in counts)
    return Grid(values, "paths from one unit to each pixel", "", "signed", None, {"window": cells})
