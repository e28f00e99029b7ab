"""The maps of any architecture, borrowed for a network on top of it.

Source: ours.
"""

from __future__ import annotations

from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade import catalog
from saccade.errors import BadConfig
from saccade.layers.backbone import Backbone
from saccade.layers.convolution import ConvBlock
from saccade.layers.stages import HEAD, modules_by_stage


class BorrowedMaps(nn.Module):
    """Maps of three strides, or as many as are asked for, of any architecture without its head.

    They are its last ones of a stride of `finest` or more. Where it has too few, its last map is halved and halved
    again by convolutions of their own, which are learnt.

    Args:
        name: Of the architecture.
        in_channels: Channels of the images.
        maps: How many maps.
        finest: The least stride of a map, in pixels.

    Raises:
        BadConfig: If it is no backbone, so that nobody knows its maps.
        UnknownName: If there is no architecture of that name; the nearest are offered.

    Source: ours; the maps beyond the last are those of Liu et al., 2016 (arXiv 1512.02325).

    Example:
        >>> BorrowedMaps("resnet18", 3).widths, BorrowedMaps("resnet8", 3).strides
        ((128, 256, 512), (8, 16, 32))
    """

    def __init__(self, name: str, in_channels: int, *, maps: int = 3, finest: int = 8) -> None:
        super().__init__()
        check_name(name)
        network = catalog.find("architectures", name)(in_channels=in_channels)
        if not isinstance(network, Backbone):
            raise BadConfig(
                f"got the backbone {name!r}, which has no stages; taken are networks that classify; choose another, "
                "such as resnet18"
            )
        self.network = without_head(network)
        coarse = [stage for stage in network.stages if stage.stride >= finest][-maps:]
        self.names = tuple(stage.name for stage in coarse or network.stages[-1:])
        widths, strides = [stage.width for stage in coarse], [stage.stride for stage in coarse]
        width, stride = network.stages[-1].width, network.stages[-1].stride
        more = list[nn.Module]()
        while len(strides) < maps:
            stride *= 2
            more.append(ConvBlock(width, width, stride=2))
            if stride >= finest:
                widths, strides = [*widths, width], [*strides, stride]
        self.more = nn.ModuleList(more)
        self.widths, self.strides = tuple(widths), tuple(strides)
        self.smallest_size: tuple[int, int] = network.smallest_size

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> list[Float[Tensor, "batch _ _ _"]]:
        """Give the maps, the finest first."""
        features = self.network.forward_features(images)
        maps = [features[name] for name in self.names]
        for halving in self.more:
            maps.append(halving(maps[-1]))
        return maps[-len(self.strides) :]


def check_name(backbone: Any) -> None:
    """Refuse what cannot be the name of a backbone.

    Args:
        backbone: What a detector was given.

    Raises:
        BadConfig: If it is no text.

    Source: ours.

    Example:
        >>> check_name("resnet18")
    """
    if not isinstance(backbone, str):
        raise BadConfig(f"got backbone={backbone!r}; taken is the name of an architecture; write such as resnet18")


def without_head(network: Backbone) -> Backbone:
    """Take away what a backbone computes logits with.

    Args:
        network: Changed in place; of it, `forward_features` alone still means something.

    Returns:
        The same network.

    Source: ours.
    """
    for name in modules_by_stage(network)[HEAD]:
        parent, _, leaf = name.rpartition(".")
        setattr(network.get_submodule(parent), leaf, nn.Identity())
    return network
