"""GBD-Net: what is around a proposal, and what is in the middle of it, are asked before it is named.

A detector of two stages whose second look reads each proposal at several sizes. They send messages to each other, from
small to large and from large to small, through gates that the sender opens where it has something to say. An ensemble
of such networks won the detection of ILSVRC 2016 under the name CUImage.

Taught: a box alone often cannot say what it shows, or how much of it; the context can, but not always, so that it has
to be gated. With closed gates the network is the plain one.

Source: Zeng, Ouyang, Yan, Li, Xiao, Wang, Liu, Zhou, Yang, Wang, Zhou & Wang, "Crafting GBD-Net for object detection",
arXiv 1610.02579; Ren et al., arXiv 1506.01497, and Lin et al., arXiv 1612.03144, for the network around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from saccade.layers.gated_regions import GatedRegionHead, GateSettings
from saccade.layers.region_head import RegionSettings
from saccade.layers.region_proposals import ProposalSettings
from saccade.layers.settled_norm import Norm
from saccade.layers.two_stages import Sizes, TwoStages

__all__ = ["gbd_net", "gbd_net_small"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "gbd_net": {
        "task": "detection", "paper": "Crafting GBD-Net for object detection", "year": 2016, "arxiv": "1610.02579",
        "parameters": 63_050_006, "macs": 523_167_023_616, "classes": 90, "channels": 3,
        "native_size": (800, 800), "smallest_size": (1, 1),
        "deviates": "on ResNet-50 with a feature pyramid, RoI align and proposals of a network, as "
        "faster_rcnn_resnet50 has them, where the paper has Inception with batch normalisation or ResNet-269, one map "
        "and other proposals; the region itself is added to the paper's four; what messages change is added to it, "
        "where the paper puts all regions side by side and lets what they say alone through too, so that closed gates "
        "leave the plain head; 300 proposals, for which multiply-adds are, and 128 regions of an image learnt from",
    },
    "gbd_net_small": {
        "task": "detection", "paper": "Crafting GBD-Net for object detection", "year": 2016, "arxiv": "1610.02579",
        "parameters": 13_888_086, "macs": 7_968_931_200, "classes": 90, "channels": 3,
        "native_size": (320, 320), "smallest_size": (1, 1),
        "deviates": "a form of ours for a processor, on faster_rcnn_resnet18: four regions instead of the five of "
        "gbd_net, messages of an eighth of the width, 1 × 1 convolutions but for the messages; else as gbd_net",
    },
}
# fmt: on


@dataclass(frozen=True)
class GatedSizes(Sizes):
    """How large the parts on top of a backbone are, and what lies around a region.

    Args:
        gates: The regions around one, and their messages.

    Source: Zeng et al. 2016, section 3.
    """

    gates: GateSettings = field(default_factory=GateSettings)


LARGE = GatedSizes(proposals=ProposalSettings(after=(2000, 300)), regions=RegionSettings(sampled=128))
SMALL = GatedSizes(
    128,
    256,
    ProposalSettings(before=(500, 300), after=(500, 300), sampled=128),
    RegionSettings(sampled=128),
    GateSettings((-0.2, 0.0, 0.8, 1.7), width=16, kernel_size=1),
)


class GbdNet(TwoStages[GatedSizes]):
    """A backbone with a pyramid, region proposals, and a head on regions and what is around them.

    Arguments as for `TwoStages`.

    Source: Zeng et al. 2016.
    """

    def look_again(self, strides: Sequence[int], sizes: GatedSizes) -> GatedRegionHead:
        """Make the head that asks around. Arguments as for `TwoStages.look_again`."""
        return GatedRegionHead(
            sizes.width,
            strides,
            num_classes=self.num_classes,
            units=sizes.units,
            settings=sizes.regions,
            gates=sizes.gates,
        )


def gbd_net(
    *,
    num_classes: int = 90,
    in_channels: int = 3,
    backbone: str = "resnet50",
    norm: Norm = "batch",
    frozen_stages: int = 0,
) -> GbdNet:
    """Make GBD-Net with a feature pyramid on ResNet-50.

    Weights of `faster_rcnn_resnet50` fit all but `roi_heads.around`, and mean the same where its gates are closed.

    Args:
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images, which may have any size.
        backbone: The architecture under the pyramid, any one with a map of a stride of 4 or more.
        norm: "batch" learns with the statistics of each batch; "frozen" leaves all batch normalisation of the backbone
            as it is loaded.
        frozen_stages: So many stages of the backbone, from the stem on, are not learned.

    Returns:
        The detector.

    Raises:
        BadConfig: If there are no classes or no channels, the backbone has no such map or fewer stages, or there is no
            such norm.
        UnknownName: If there is no architecture of that name; the nearest are offered.

    Source: Zeng et al. 2016.

    Example:
        >>> import torch
        >>> with torch.device("meta"):
        ...     gbd_net(num_classes=2).eval()(torch.zeros(1, 3, 64, 64))["boxes"].shape
        torch.Size([1, 300, 2, 4])
    """
    return GbdNet(
        "gbd_net",
        num_classes=num_classes,
        in_channels=in_channels,
        backbone=backbone,
        sizes=LARGE,
        norm=norm,
        frozen_stages=frozen_stages,
    )


def gbd_net_small(
    *,
    num_classes: int = 90,
    in_channels: int = 3,
    backbone: str = "resnet18",
    norm: Norm = "batch",
    frozen_stages: int = 0,
) -> GbdNet:
    """Make a small form on ResNet-18, which learns on a processor. Arguments as for `gbd_net`."""
    return GbdNet(
        "gbd_net_small",
        num_classes=num_classes,
        in_channels=in_channels,
        backbone=backbone,
        sizes=SMALL,
        norm=norm,
        frozen_stages=frozen_stages,
    )
