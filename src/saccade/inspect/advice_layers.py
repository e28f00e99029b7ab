"""What each layer of a network costs, and the cheaper forms that it could take.

Two things are not offered. Where there is a bottleneck already, none: a convolution behind a 1×1 that reduces the
channels, or before one that raises them, is the middle of one. On a picture itself, or anything else of at most four
channels, no form that would leave as few maps in between.

Source: ours; the forms and their papers are in `saccade.ops.rewrites`.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import Tensor, nn

from saccade.inspect.layer_rows import LayerRow, LayerTable
from saccade.inspect.layer_table import layer_table
from saccade.inspect.taps import borrowed
from saccade.ops.rewrites import Convolution, Pair, Rewrite, pooled, rewrites

WORTH = 0.05
"""A change that saves a smaller share of all multiply-adds, and of all parameters, is not worth doing."""
POINT = "1×1 already"
DEPTHWISE = "depthwise already"
GROUPS = "in groups already"
BOTTLENECK = "in a bottleneck"
SHARED = "shared weights"
FEW = "few channels"
DENSE = "no maps before it"
OTHER = "no form for it"
_NARROW = ("separable", "bottleneck", "1x1 first")
_REFUSED = {BOTTLENECK: ("bottleneck", "1x1 first"), FEW: _NARROW}
_FEWEST = 4


@dataclass(frozen=True)
class Alternative:
    """What a layer would cost in another form; it may be more than now.

    Args:
        rewrite: The form.
        parameters: Then, all of the layer's own.
        macs: Multiply-adds then, for one image.

    Source: ours.
    """

    rewrite: Rewrite
    parameters: int
    macs: int


@dataclass(frozen=True)
class LayerCost:
    """A layer that costs something, and its cheaper forms.

    Args:
        name: As in `module.named_modules()`.
        what: Its numbers in words: "3×3, 64 → 128, stride 2".
        outputs: The shape of what it gave first.
        parameters: Its own.
        macs: Multiply-adds for one image, of all its runs.
        activations: Bytes of what it made, in all its runs; none where it works in place.
        alternatives: The forms that it could take.
        note: Why there are fewer forms than one might think, or "".

    Source: ours.
    """

    name: str
    what: str
    outputs: tuple[int, ...]
    parameters: int
    macs: int
    activations: int
    alternatives: tuple[Alternative, ...] = ()
    note: str = ""

    def cheaper(self, name: str) -> Alternative | None:
        """Give a form if the layer can take it and that saves multiply-adds."""
        found = (other for other in self.alternatives if other.rewrite.name == name and other.macs < self.macs)
        return next(found, None)


def layer_costs(module: nn.Module, size: Pair, *, in_channels: int | None = None) -> tuple[list[LayerCost], LayerTable]:
    """Run a module on images without content, and see what each layer costs and what form it could take.

    Args:
        module: Any module that takes a batch of images; it is put back as it was, after an error too.
        size: (height, width) of the images.
        in_channels: Channels of the images; None: as the first part that states `in_channels`, else 3.

    Returns:
        Every layer that ran, in the order of running, and the table that they come from.

    Raises:
        BadShape: If the module cannot run at that size.

    Source: ours.

    Example:
        >>> layers, _ = layer_costs(nn.Sequential(nn.Conv2d(64, 64, 7, padding=3), nn.ReLU()), (28, 28))
        >>> [other.rewrite.name for other in layers[0].alternatives]
        ['separable', 'bottleneck', '1x1 first', 'small kernels', 'two strips']
    """
    inputs: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    with borrowed(module):
        for name, part in module.named_modules():
            if type(part) in (nn.Conv2d, nn.Linear):
                part.register_forward_pre_hook(partial(_keep_shape, inputs[name]))
        table = layer_table(module, size, in_channels=in_channels)
    return _Reader(module, table, inputs).layers(), table


def described(layer: nn.Conv2d) -> Convolution:
    """Read the numbers of a convolution.

    Args:
        layer: The module.

    Returns:
        Its numbers.

    Source: ours.

    Example:
        >>> print(described(nn.Conv2d(64, 128, 3, stride=2, padding=1)))
        3×3, 64 → 128, stride 2
    """
    pairs = {"valid": (0, 0), "same": "same"}
    padding = pairs[layer.padding] if isinstance(layer.padding, str) else (layer.padding[0], layer.padding[1])
    return Convolution(
        layer.in_channels,
        layer.out_channels,
        (layer.kernel_size[0], layer.kernel_size[1]),
        (layer.stride[0], layer.stride[1]),
        padding,
        (layer.dilation[0], layer.dilation[1]),
        layer.groups,
        layer.bias is not None,
    )


class _Reader:
    """Goes through the layers that ran, in their order, and knows what stands before and after each."""

    def __init__(self, module: nn.Module, table: LayerTable, inputs: Mapping[str, list[tuple[int, ...]]]) -> None:
        self.parts = dict(module.named_modules())
        self.runs: dict[str, list[LayerRow]] = defaultdict(list)
        for row in table.rows:
            if row.outputs:
                self.runs[row.name].append(row)
        self.rows = table.rows
        self.inputs = inputs
        self.order = [name for name in self.runs if type(self.parts[name]) is nn.Conv2d]
        uses = Counter(id(weight) for part in self.parts.values() for weight in part.parameters(recurse=False))
        self.shared = {key for key, count in uses.items() if count > 1}

    def layers(self) -> list[LayerCost]:
        """Give every layer that ran."""
        return [self._layer(name, rows) for name, rows in self.runs.items()]

    def _layer(self, name: str, rows: list[LayerRow]) -> LayerCost:
        part = self.parts[name]
        parameters, macs = sum(row.parameters for row in rows), sum(row.macs for row in rows)
        activations = sum(row.activation_bytes for row in rows)
        what, alternatives, note = rows[0].kind, (), OTHER
        if any(id(weight) in self.shared for weight in part.parameters(recurse=False)):
            note = SHARED
        elif type(part) is nn.Conv2d:
            convolution = described(part)
            what, note = str(convolution), self._note(name, convolution)
            alternatives = self._convolution(name, convolution, _REFUSED.get(note, ()))
        elif type(part) is nn.Linear:
            what = f"dense, {part.in_features} → {part.out_features}"
            alternatives = self._dense(name, part, macs)
            note = "" if alternatives else DENSE
        return LayerCost(name, what, rows[0].outputs[0], parameters, macs, activations, alternatives, note)

    def _convolution(self, name: str, convolution: Convolution, refused: tuple[str, ...]) -> tuple[Alternative, ...]:
        """Every form that it could take, for all its runs."""
        shapes = self.inputs[name][-len(self.runs[name]) :]
        if len(shapes) != len(self.runs[name]):
            return ()
        found = []
        for rewrite in rewrites(convolution):
            then = sum(math.prod(shape[:-3]) * rewrite.macs((shape[-2], shape[-1])) for shape in shapes)
            if rewrite.name not in refused:
                found.append(Alternative(rewrite, rewrite.parameters, then))
        return tuple(found)

    def _dense(self, name: str, layer: nn.Linear, macs: int) -> tuple[Alternative, ...]:
        """Averaging each map first, where the layer takes flattened maps."""
        shapes, maps = self.inputs[name], self._maps_before(name, layer.in_features)
        if maps is None or any(len(shape) != 2 for shape in shapes):
            return ()
        rewrite = pooled(layer.in_features, layer.out_features, maps, bias=layer.bias is not None)
        if rewrite is None:
            return ()
        return (Alternative(rewrite, rewrite.parameters, macs // (maps[0] * maps[1])),)

    def _maps_before(self, name: str, features: int) -> Pair | None:
        """The size of the last maps before a layer that hold as many numbers as it takes."""
        place = next(place for place, row in enumerate(self.rows) if row.name == name)
        for row in reversed(self.rows[:place]):
            for shape in row.outputs:
                if len(shape) == 4 and math.prod(shape[1:]) == features and shape[2] * shape[3] > 1:
                    return shape[2], shape[3]
        return None

    def _note(self, name: str, convolution: Convolution) -> str:
        if convolution.kernel_size == (1, 1):
            return POINT
        if convolution.groups > 1:
            return DEPTHWISE if convolution.alone else GROUPS
        if convolution.in_channels <= _FEWEST:
            return FEW
        return BOTTLENECK if self._is_squeezed(name, convolution) else ""

    def _is_squeezed(self, name: str, convolution: Convolution) -> bool:
        """Whether a 1×1 before it reduces the channels, or one after it raises them."""
        place = self.order.index(name)
        before = self._neighbour(reversed(self.order[:place]), out_channels=convolution.in_channels)
        after = self._neighbour(self.order[place + 1 : place + 2], in_channels=convolution.out_channels)
        reduces = before is not None and before.in_channels > before.out_channels
        return reduces or (after is not None and after.out_channels > after.in_channels)

    def _neighbour(self, names: Iterable[str], *, in_channels: int = 0, out_channels: int = 0) -> nn.Conv2d | None:
        """The nearest convolution with such channels, if it is a 1×1."""
        for name in names:
            layer = self.parts[name]
            if isinstance(layer, nn.Conv2d) and (
                layer.in_channels == in_channels or layer.out_channels == out_channels
            ):
                return layer if layer.kernel_size == (1, 1) else None
        return None


def _keep_shape(shapes: list[tuple[int, ...]], _part: nn.Module, arguments: tuple[Any, ...]) -> None:
    if arguments and isinstance(arguments[0], Tensor):
        shapes.append(tuple(arguments[0].shape))
