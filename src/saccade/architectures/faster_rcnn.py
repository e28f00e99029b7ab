"""Faster R-CNN: a network that proposes regions, and one that looks at them again, on the same maps.

With a feature pyramid, as it is used today. Parameters have the names of the field's reference library, whose published
weights load unmodified.

Taught: the regions of a detector can be learned, by a network that costs next to nothing since it shares its maps with
the one that names what they show. All later detectors of two stages are built on it.

Source: Ren, He, Girshick & Sun, "Faster R-CNN: towards real-time object detection with region proposal networks", arXiv
1506.01497; Lin et al., "Feature pyramid networks for object detection", arXiv 1612.03144.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saccade.layers.region_head import RegionHead, RegionSettings
from saccade.layers.region_proposals import ProposalSettings
from saccade.layers.settled_norm import Norm
from saccade.layers.two_stages import Sizes, TwoStages

__all__ = ["faster_rcnn_resnet18", "faster_rcnn_resnet50"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "faster_rcnn_resnet18": {
        "task": "detection", "paper": "Faster R-CNN: towards real-time object detection with region proposal networks",
        "year": 2015, "arxiv": "1506.01497", "parameters": 13_828_374, "macs": 6_862_550_400,
        "classes": 90, "channels": 3, "native_size": (320, 320), "smallest_size": (1, 1),
        "deviates": "a form of ours for a processor: half the width of the pyramid, a quarter of the dense layers, and "
        "fewer proposals, of which 300 are looked at",
    },
    "faster_rcnn_resnet50": {
        "task": "detection", "paper": "Faster R-CNN: towards real-time object detection with region proposal networks",
        "year": 2015, "arxiv": "1506.01497", "parameters": 41_808_406, "macs": 134_379_721_216,
        "classes": 90, "channels": 3, "native_size": (800, 800), "smallest_size": (1, 1),
        "deviates": "a feature pyramid, RoI align and ResNet-50, as published weights have them, where the paper has "
        "one map, RoI pooling and VGG-16; both stages are trained together. With norm='frozen' the 53,120 numbers of "
        "batch normalisation are not learned, which leaves the 41,755,286 parameters that are usually stated; "
        "multiply-adds are for 1,000 proposals",
    },
}
# fmt: on


SMALL = Sizes(
    128,
    256,
    ProposalSettings(before=(500, 300), after=(500, 300), sampled=128),
    RegionSettings(sampled=128),
)


class FasterRcnn(TwoStages[Sizes]):
    """A backbone with a pyramid, region proposals, and a plain head on regions. Arguments as for `TwoStages`.

    Source: Ren et al. 2015; Lin et al. 2017.
    """

    def look_again(self, strides: Sequence[int], sizes: Sizes) -> RegionHead:
        """Make the plain head. Arguments as for `TwoStages.look_again`."""
        return RegionHead(sizes.width, strides, num_classes=self.num_classes, units=sizes.units, settings=sizes.regions)


def faster_rcnn_resnet50(
    *,
    num_classes: int = 90,
    in_channels: int = 3,
    backbone: str = "resnet50",
    norm: Norm = "batch",
    frozen_stages: int = 0,
) -> FasterRcnn:
    """Make Faster R-CNN with a feature pyramid on ResNet-50.

    Published weights load into it as it is. To learn from there on few images, take norm="frozen" and
    frozen_stages=2 (the stem and the first stage), as they were trained.

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

    Source: Ren et al. 2015; Lin et al. 2017.

    Example:
        >>> import torch
        >>> network = faster_rcnn_resnet50(num_classes=2, backbone="resnet8").eval()
        >>> network(torch.zeros(1, 3, 32, 32))["boxes"].shape[2:]
        torch.Size([2, 4])
    """
    return FasterRcnn(
        "faster_rcnn_resnet50",
        num_classes=num_classes,
        in_channels=in_channels,
        backbone=backbone,
        sizes=Sizes(),
        norm=norm,
        frozen_stages=frozen_stages,
    )


def faster_rcnn_resnet18(
    *,
    num_classes: int = 90,
    in_channels: int = 3,
    backbone: str = "resnet18",
    norm: Norm = "batch",
    frozen_stages: int = 0,
) -> FasterRcnn:
    """Make a small form on ResNet-18, which learns on a processor. Arguments as for `faster_rcnn_resnet50`."""
    return FasterRcnn(
        "faster_rcnn_resnet18",
        num_classes=num_classes,
        in_channels=in_channels,
        backbone=backbone,
        sizes=SMALL,
        norm=norm,
        frozen_stages=frozen_stages,
    )
