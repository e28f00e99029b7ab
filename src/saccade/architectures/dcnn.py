"""A plain deep convolutional network, written as one line: the builder for a user's own network.

The notes list a "DCNN" without saying which; no published system goes by that name alone, so we read it as the generic
deep convolutional network, [(conv + non-linearity)^n → pool]^m → (dense + non-linearity)^k. The grammar of the line is
in `saccade.layers.line`.

Taught: nothing of its own; it is the pattern that all the others refine.

Source: ours; the first of its kind are LeCun et al. 1998 and Krizhevsky et al. 2012.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadConfig, BadShape
from saccade.layers.backbone import Backbone, Step
from saccade.layers.initialisation import initialise_kaiming
from saccade.layers.line import Conv, Dense, Layer, Plain, Pool, parse
from saccade.layers.line_modules import LineBuilder
from saccade.ops.arithmetic import output_size, same_padding
from saccade.ops.images import check_maps

__all__ = ["dcnn"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "dcnn": {
        "paper": "none; the line is conv 32 3, conv 32 3, pool 2, conv 64 3, gap, dense 10", "year": 0, "arxiv": "",
        "parameters": 29_290, "macs": 15_041_152, "classes": 10, "channels": 3,
        "native_size": (32, 32), "smallest_size": (2, 2),
        "deviates": "nothing",
    },
}
# fmt: on

LINE = "conv 32 3, conv 32 3, pool 2, conv 64 3, gap, dense 10"


def dcnn(
    line: str = LINE, *, num_classes: int | None = None, in_channels: int = 3, size: Sequence[int] | None = None
) -> DCNN:
    """Make a network from a line such as `conv 32 3, conv 32 3, pool 2, conv 64 3, gap, dense 10`.

    Args:
        line: In the grammar of `saccade.layers.line`.
        num_classes: Logits. A last dense layer, or a last convolution of 1×1 (as in Network in Network), gets so many
            units whatever the line says; a line that ends in another convolution gets a dense layer after it. None: as
            the line says.
        in_channels: Channels of the images.
        size: (height, width) of the images. Needed when the line flattens maps, and then the only size it takes; a
            line with gap takes any size that leaves something.

    Returns:
        The network. Its stages are the layers between two changes of the stride.

    Raises:
        BadConfig: If the line is no text, or anything in it is wrong, all of it listed; or its groups do not divide its
            channels, a layer would be enormous, or it flattens maps and there is no size.
        BadShape: If the maps shrink to nothing; the item is named, and the smallest size. Or the size is none.

    Source: ours.

    Example:
        >>> import torch
        >>> dcnn("conv 10 3 valid, conv 20 5 stride 2 valid, conv 40 5 stride 2 valid, dense 5", size=(39, 39))(
        ...     torch.zeros(1, 3, 39, 39)
        ... ).shape
        torch.Size([1, 5])
    """
    if not isinstance(line, str):
        raise BadConfig(f"got {line!r} as a line; taken is text, such as 'conv 32 3, pool 2, gap, dense 10'; write one")
    layers = list(parse(line))
    last = [layer for layer in layers if isinstance(layer, Conv | Dense)][-1]
    if num_classes is not None and isinstance(last, Conv) and last.kernel_size != (1, 1):
        layers.append(Dense(num_classes, number=len(layers) + 1, text=f"dense {num_classes}"))
    learned = [(place, layer) for place, layer in enumerate(layers) if isinstance(layer, Conv | Dense)]
    for place, layer in learned:
        layers[place] = replace(layer, activation=layer.activation or "relu")
    place, last = learned[-1]
    units = {} if num_classes is None else {"filters" if isinstance(last, Conv) else "units": num_classes}
    layers[place] = replace(last, activation=last.activation or "linear", **units)
    return DCNN(layers, in_channels=in_channels, size=None if size is None else _sides(size))


class DCNN(Backbone):
    """A network of the layers of a line.

    Its parts are `stem`, `stage1` …, each with its layers by kind and number (`conv1`, `norm1`, `relu1`, `pool1`), and
    `classifier` with the layers after the maps.

    Args:
        layers: As `parse` gives them, every activation named.
        in_channels: Channels of the images.
        size: (height, width) of the images; None for any, if nothing flattens maps.

    Raises:
        BadConfig: If groups do not divide channels, a layer would be enormous, or maps are flattened without a size.
        BadShape: If the maps shrink to nothing at that size.

    Source: ours.
    """

    def __init__(self, layers: Sequence[Layer], *, in_channels: int, size: tuple[int, int] | None) -> None:
        learned = [layer for layer in layers if isinstance(layer, Conv | Dense)][-1]
        end = next(
            place for place, layer in enumerate(layers) if isinstance(layer, Dense) or _is(layer, "gap", "flatten")
        )
        body, rest = layers[:end], layers[end:]
        groups = _stages(body, in_channels)
        super().__init__(
            "dcnn",
            [(stride, width) for stride, width, _ in groups],
            num_classes=learned.filters if isinstance(learned, Conv) else learned.units,
            in_channels=in_channels,
            smallest_size=_smallest_size(body),
        )
        maps = None if size is None else _maps(body, size, self.smallest_size)
        self.size, self.maps = (None, None) if _is(rest[0], "gap") else (size, maps)
        builder = LineBuilder(in_channels)
        for stage, (_, _, members) in zip(self.stages, groups, strict=True):
            self.add_module(stage.name, builder.sequence(members))
        builder.features = None if maps is None else builder.channels * maps[0] * maps[1]
        self.classifier = builder.sequence(rest)
        initialise_kaiming(self, "fan_in")

    def steps(self) -> Sequence[Step]:
        """Give the stages."""
        return [self.get_submodule(stage.name) for stage in self.stages]

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Run the layers after the maps; if they flatten, only maps of the one size."""
        if self.maps is not None and self.size is not None:
            check_maps(features, self.name, maps=self.maps, size=self.size)
        return self.classifier(features)


def _sides(size: Any) -> tuple[int, int]:
    """Read (height, width) from what should be two whole numbers."""
    if not isinstance(size, Sequence) or len(size) != 2 or any(type(side) is not int or side < 1 for side in size):
        raise BadShape(f"got size={size!r}; taken is (height, width) in whole pixels, both ≥ 1; change the size")
    return size[0], size[1]


def _is(layer: Layer, *kinds: str) -> bool:
    return isinstance(layer, Plain) and layer.kind in kinds


def _stages(body: Sequence[Layer], channels: int) -> list[tuple[int, int, list[Layer]]]:
    """Cut the layers where the stride changes: (stride, width, layers) of each stage."""
    stages: list[tuple[int, int, list[Layer]]] = []
    stride, members = 1, []
    for layer in body:
        step = layer.stride if isinstance(layer, Conv | Pool) else 1
        if members and step > 1:
            stages.append((stride, channels, members))
            members = []
        stride, members = stride * step, [*members, layer]
        channels = layer.filters if isinstance(layer, Conv) else channels
    return [*stages, (stride, channels, members)] if members else stages


def _smallest_size(body: Sequence[Layer]) -> tuple[int, int]:
    """Compute the smallest images that leave one pixel, from the last layer back to the first."""
    sides = [1, 1]
    for layer in reversed(body):
        for axis in (0, 1):
            if isinstance(layer, Conv):
                span = layer.dilation * (layer.kernel_size[axis] - 1) + 1 if layer.padding == "valid" else 1
                sides[axis] = (sides[axis] - 1) * layer.stride + span
            elif isinstance(layer, Pool):
                sides[axis] = (sides[axis] - 1) * layer.stride + layer.size
    return sides[0], sides[1]


def _maps(body: Sequence[Layer], size: tuple[int, int], smallest: tuple[int, int]) -> tuple[int, int]:
    """Compute the size of the last maps; name the item at which nothing is left."""
    height, width = _sides(size)
    for layer in body:
        if isinstance(layer, Conv | Pool):
            try:
                height, width = (_side(layer, axis, side) for axis, side in enumerate((height, width)))
            except BadShape as error:
                raise BadShape(
                    f"got images of {size[0]} × {size[1]} pixels, of which item {layer.number}, {layer.text!r}, leaves "
                    f"nothing; taken are {smallest[0]} × {smallest[1]} or more; enlarge them, or shorten the line"
                ) from error
    return height, width


def _side(layer: Conv | Pool, axis: int, side: int) -> int:
    if isinstance(layer, Pool):
        return output_size(side, layer.size, stride=layer.stride)
    kernel = layer.kernel_size[axis]
    padding = 0 if layer.padding == "valid" else same_padding(kernel, dilation=layer.dilation)
    return output_size(side, kernel, stride=layer.stride, padding=padding, dilation=layer.dilation)
