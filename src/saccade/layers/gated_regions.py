"""What is around a region tells the region what it knows, and the other way round, through gates.

Around each region lie others of the same middle, smaller and larger. Each is cut out of the maps on the same grid. With
h⁰ᵢ the maps of the i-th, the smallest first, messages go from each to the next larger one, and from each to the next
smaller one, by convolutions ⊗ of their own; a gate, which the sender sets for each number, lets them through:

    h¹ᵢ = relu(h⁰ᵢ ⊗ w¹ᵢ) + g¹ᵢ · relu(h¹ᵢ₋₁ ⊗ v¹ᵢ)    g¹ᵢ = sigmoid(h⁰ᵢ₋₁ ⊗ u¹ᵢ)    from small to large
    h²ᵢ = relu(h⁰ᵢ ⊗ w²ᵢ) + g²ᵢ · relu(h²ᵢ₊₁ ⊗ v²ᵢ)    g²ᵢ = sigmoid(h⁰ᵢ₊₁ ⊗ u²ᵢ)    from large to small
    m(h¹ᵢ, h²ᵢ) = relu([h¹ᵢ, h²ᵢ] ⊗ w³ᵢ)                                              both, merged
    h³ᵢ = h⁰ᵢ + β · (m(h¹ᵢ, h²ᵢ) − m(o¹ᵢ, o²ᵢ))        oᵢ = relu(h⁰ᵢ ⊗ wᵢ), without messages

Source: Zeng et al., "Crafting GBD-Net for object detection", arXiv 1610.02579, section 3; β is 0.1 in their published
network, and so are the gates set by the sender.

Deviates: what is merged without messages is taken away, so that closed gates change nothing; there all of it is added.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.errors import BadConfig
from saccade.layers.region_head import RegionHead, RegionSettings

_OPEN = 0.2  # what the gates begin with, before the sigmoid, as in the published network


@dataclass(frozen=True)
class GateSettings:
    """What lies around a region, and how it is told of it.

    Args:
        paddings: What each of the regions of the same middle is larger by, as a part of the sides, the smallest first;
            0 is the region itself, and is one of them.
        width: Channels of the messages.
        kernel_size: Of all convolutions but those of messages.
        message_size: Of the convolutions of messages.
        share: β, how much of what messages change is added.

    Raises:
        BadConfig: If the paddings do not grow from above −1, or the region itself is not among them.

    Source: Zeng et al. 2016, section 3, for −0.2, 0.2, 0.8 and 1.7, to which the region itself is added.
    """

    paddings: tuple[float, ...] = (-0.2, 0.0, 0.2, 0.8, 1.7)
    width: int = 256
    kernel_size: int = 3
    message_size: int = 3
    share: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what is no row of regions around one."""
        grows = list(self.paddings) == sorted(set(self.paddings))
        if not grows or 0.0 not in self.paddings or self.paddings[0] <= -1 or len(self.paddings) < 2:
            raise BadConfig(
                f"got paddings={self.paddings!r}; taken are two or more that grow, above −1, with 0 for the region "
                "itself among them; (-0.2, 0.0, 0.2, 0.8, 1.7) is usual"
            )


class GatedDirection(nn.Module):
    """Messages from each region to the next, in one direction.

    Args:
        width: Channels of the maps.
        regions: How many there are.
        settings: Of the messages.

    Source: Zeng et al. 2016, section 3.
    """

    def __init__(self, width: int, regions: int, settings: GateSettings) -> None:
        super().__init__()
        inside, side = settings.width, settings.kernel_size
        self.own = nn.ModuleList(_convolution(width, inside, side) for _ in range(regions))
        self.message = nn.ModuleList(_convolution(inside, inside, settings.message_size) for _ in range(regions - 1))
        self.gate = nn.ModuleList(_convolution(width, inside, side, bias=_OPEN) for _ in range(regions - 1))

    def forward(
        self, crops: Sequence[Float[Tensor, "regions width _ _"]]
    ) -> tuple[list[Float[Tensor, "regions inside _ _"]], list[Float[Tensor, "regions inside _ _"]]]:
        """Give what each says without messages, and with them; the first sends, and gets none."""
        alone = [F.relu(own(crop)) for own, crop in zip(self.own, crops, strict=True)]
        told = alone[:1]
        for number, (message, gate) in enumerate(zip(self.message, self.gate, strict=True)):
            sent = F.relu(message(told[-1])) * gate(crops[number]).sigmoid()
            told.append(alone[number + 1] + sent)
        return alone, told


class GatedMessages(nn.Module):
    """Messages between regions of the same middle, in both directions.

    Args:
        width: Channels of the maps.
        settings: Of the messages.

    Source: Zeng et al. 2016, section 3.

    Example:
        >>> around = GatedMessages(8, GateSettings((0.0, 1.0), width=4))
        >>> crops = [torch.rand(5, 8, 7, 7), torch.rand(5, 8, 7, 7)]
        >>> [tuple(one.shape) for one in around(crops)]
        [(5, 8, 7, 7), (5, 8, 7, 7)]
        >>> around.close_gates()
        >>> torch.equal(around(crops)[0], crops[0])
        True
    """

    def __init__(self, width: int, settings: GateSettings) -> None:
        super().__init__()
        self.share, regions = settings.share, len(settings.paddings)
        self.growing, self.shrinking = (GatedDirection(width, regions, settings) for _ in range(2))
        self.merge = nn.ModuleList(
            _convolution(2 * settings.width, width, settings.kernel_size) for _ in range(regions)
        )

    def forward(self, crops: Sequence[Float[Tensor, "regions width _ _"]]) -> list[Float[Tensor, "regions width _ _"]]:
        """Give the maps of each region, changed by what the others told it."""
        return [crop + change for crop, change in zip(crops, self.changes(crops), strict=True)]

    def changes(self, crops: Sequence[Float[Tensor, "regions width _ _"]]) -> list[Float[Tensor, "regions width _ _"]]:
        """Say what the messages change in the maps of each region.

        Args:
            crops: The maps of each region, those of the smallest first.

        Returns:
            As many; zeros where the gates are closed.

        Source: Zeng et al. 2016, section 3.
        """
        alone, told = self.growing(crops)
        alone_too, told_too = (row[::-1] for row in self.shrinking(crops[::-1]))
        changes = list[Tensor]()
        for number, merge in enumerate(self.merge):
            heard = F.relu(merge(torch.cat([told[number], told_too[number]], 1)))
            unheard = F.relu(merge(torch.cat([alone[number], alone_too[number]], 1)))
            changes.append(self.share * (heard - unheard))
        return changes

    @torch.no_grad()
    def close_gates(self) -> None:
        """Let no message through, until other weights are loaded."""
        for direction in (self.growing, self.shrinking):
            for gate in direction.gate:
                gate.bias.fill_(-math.inf)  # pyright: ignore[reportCallIssue, reportArgumentType, reportAttributeAccessIssue]


class GatedRegionHead(RegionHead):
    """Looks at regions of the maps of a pyramid, and at what is around them.

    What the messages change in all regions of one middle is added to the maps of the region itself, which the dense
    layers of a plain head then read. A sum of convolutions is one convolution of all that they read, put side by side.

    Args:
        width: Channels of the maps.
        strides: Of the maps that are read, the finest first.
        num_classes: Of things, the background not counted.
        units: Of each dense layer.
        settings: How it reads and chooses; None for the published ones.
        gates: What lies around a region; None for the published form.

    Source: Zeng et al. 2016, section 3.

    Deviates: the maps of all regions are put side by side there, before the classes; with a sum closed gates leave the
    plain head.
    """

    def __init__(
        self,
        width: int,
        strides: Sequence[int],
        *,
        num_classes: int,
        units: int = 1024,
        settings: RegionSettings | None = None,
        gates: GateSettings | None = None,
    ) -> None:
        super().__init__(width, strides, num_classes=num_classes, units=units, settings=settings)
        gates = gates or GateSettings()
        self.paddings = gates.paddings
        self.around = GatedMessages(width, gates)

    def read(
        self, levels: Sequence[Float[Tensor, "batch width _ _"]], boxes: Sequence[Float[Tensor, "_ 4"]], bins: int = 0
    ) -> Float[Tensor, "regions width bins bins"]:
        """Read each region, and add what it is told by those around it.

        Args:
            levels: Maps, the finest first.
            boxes: Of each image, in pixels.
            bins: Pixels a side of what becomes of a region; 0 for those of the settings.

        Returns:
            One small map for each box, those of the first image first.

        Source: Zeng et al. 2016, section 3.
        """
        crops = [
            super(GatedRegionHead, self).read(levels, [pad_boxes(rows, padding) for rows in boxes], bins)
            for padding in self.paddings
        ]
        return crops[self.paddings.index(0.0)] + torch.stack(self.around.changes(crops)).sum(0)


def pad_boxes(boxes: Float[Tensor, "boxes 4"], padding: float) -> Float[Tensor, "boxes 4"]:
    """Make boxes larger, or smaller, around their middle.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels.
        padding: What is added to each side of a box, as a part of it; below 0 it gets smaller.

    Returns:
        As many; they may end beyond the image, and are those given where nothing is added.

    Source: Zeng et al. 2016, section 3.

    Example:
        >>> pad_boxes(torch.tensor([[10.0, 10, 20, 30]]), 0.8).tolist()
        [[6.0, 2.0, 24.0, 38.0]]
    """
    if not padding:
        return boxes
    more = (boxes[:, 2:] - boxes[:, :2]) * (padding / 2)
    return torch.cat([boxes[:, :2] - more, boxes[:, 2:] + more], 1)


def _convolution(width: int, out: int, side: int, *, bias: float = 0.0) -> nn.Conv2d:
    convolution = nn.Conv2d(width, out, side, padding=side // 2)
    nn.init.xavier_uniform_(convolution.weight)
    nn.init.constant_(convolution.bias, bias)  # pyright: ignore[reportArgumentType]
    return convolution
