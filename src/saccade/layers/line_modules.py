"""The modules of a network that was written as one line.

Source: ours.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence

from torch import nn

from saccade.errors import BadConfig
from saccade.layers.line import Conv, Dense, Dropout, Layer, Pool
from saccade.layers.pooling import GlobalAveragePool
from saccade.ops.arithmetic import same_padding
from saccade.ops.costs import convolution_parameters, dense_parameters

MOST_WEIGHTS = 1_000_000_000
ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky": lambda: nn.LeakyReLU(0.1),
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "silu": nn.SiLU,
    "linear": nn.Identity,
}


class LineBuilder:
    """Makes modules from layers, one after the other, and keeps count of them and of channels and features.

    Args:
        channels: Channels of the images.

    Source: ours.

    Example:
        >>> from saccade.layers.line import parse
        >>> list(dict(LineBuilder(3).sequence(parse("conv 8 3 relu, pool 2, gap")[:2]).named_children()))
        ['conv1', 'relu1', 'pool1']
    """

    def __init__(self, channels: int) -> None:
        self.channels = channels
        self.features: int | None = None
        self.flat = False
        self.made = Counter[str]()

    def sequence(self, layers: Sequence[Layer]) -> nn.Sequential:
        """Make the modules of several layers.

        Args:
            layers: Their activations named.

        Returns:
            The modules, named by kind and number.

        Raises:
            BadConfig: If groups do not divide channels, a layer would be enormous, or maps are flattened while
                `features` is not known.

        Source: ours.
        """
        named: OrderedDict[str, nn.Module] = OrderedDict()
        for layer in layers:
            for kind, module in self._modules(layer):
                self.made[kind] += 1
                named[f"{kind}{self.made[kind]}"] = module
        return nn.Sequential(named)

    def _modules(self, layer: Layer) -> Iterator[tuple[str, nn.Module]]:
        """Make the modules of one layer, each with its kind."""
        if isinstance(layer, Conv):
            yield from self._conv(layer)
        elif isinstance(layer, Dense):
            yield from self._dense(layer)
        elif isinstance(layer, Pool):
            yield "pool", (nn.MaxPool2d if layer.kind == "max" else nn.AvgPool2d)(layer.size, layer.stride)
        elif isinstance(layer, Dropout):
            yield "dropout", nn.Dropout(layer.rate)
        elif layer.kind == "gap":
            self.features, self.flat = self.channels, True
            yield "gap", GlobalAveragePool()
        elif layer.kind == "flatten":
            yield from self._flatten(layer)
        elif layer.kind == "norm":
            yield "norm", nn.BatchNorm1d(self.features or 1) if self.flat else nn.BatchNorm2d(self.channels)
        else:
            yield layer.kind, ACTIVATIONS[layer.kind]()

    def _conv(self, layer: Conv) -> Iterator[tuple[str, nn.Module]]:
        """Make the padding, if it is uneven, the convolution, its norm, its activation."""
        if self.channels % layer.groups or layer.filters % layer.groups:
            raise BadConfig(
                f"got item {layer.number}, {layer.text!r}, on {self.channels} channels, for {layer.filters}; "
                "taken are groups that divide both; choose other groups or filters"
            )
        _refuse_enormous(
            layer, convolution_parameters(self.channels, layer.filters, layer.kernel_size, groups=layer.groups)
        )
        (top, bottom), (left, right) = (
            (0, 0) if layer.padding == "valid" else same_padding(side, dilation=layer.dilation)
            for side in layer.kernel_size
        )
        even = (top, left) == (bottom, right)
        if not even:
            yield "pad", nn.ZeroPad2d((left, right, top, bottom))
        yield (
            "conv",
            nn.Conv2d(
                self.channels,
                layer.filters,
                layer.kernel_size,
                stride=layer.stride,
                padding=(top, left) if even else 0,
                dilation=layer.dilation,
                groups=layer.groups,
                bias=not layer.norm,
            ),
        )
        self.channels = layer.filters
        if layer.norm:
            yield "norm", nn.BatchNorm2d(layer.filters)
        if layer.activation != "linear":
            yield layer.activation, ACTIVATIONS[layer.activation]()

    def _dense(self, layer: Dense) -> Iterator[tuple[str, nn.Module]]:
        """Flatten what is not flat; make the dense layer, its norm, its activation."""
        if not self.flat:
            yield from self._flatten(layer)
        features = self.features or 1
        _refuse_enormous(layer, dense_parameters(features, layer.units))
        yield "dense", nn.Linear(features, layer.units, bias=not layer.norm)
        self.features = layer.units
        if layer.norm:
            yield "norm", nn.BatchNorm1d(layer.units)
        if layer.activation != "linear":
            yield layer.activation, ACTIVATIONS[layer.activation]()

    def _flatten(self, layer: Layer) -> Iterator[tuple[str, nn.Module]]:
        """Flatten maps, whose size must be known."""
        if self.features is None:
            raise BadConfig(
                f"got item {layer.number}, {layer.text!r}, which flattens maps, and no size; "
                "taken is size=(height, width) with it; give the size of your images, or put gap before it"
            )
        self.flat = True
        yield "flatten", nn.Flatten()


def _refuse_enormous(layer: Layer, weights: int) -> None:
    if weights > MOST_WEIGHTS:
        raise BadConfig(
            f"got item {layer.number}, {layer.text!r}, with {weights:,} weights; taken are up to {MOST_WEIGHTS:,}; "
            "put gap or pool before it, or make it smaller"
        )
