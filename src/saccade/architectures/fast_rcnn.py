"""Fast R-CNN: one map of the whole image, from which every proposal is cut out, named and moved at once.

Proposals come from selective search, which looks at the image alone and is not learnt.

Taught: convolution is shared by all proposals of an image, where R-CNN runs the network on each; and one network with
one loss of two tasks takes the place of fine-tuning, support vector machines and regressors, trained one after the
other. What is left outside, the search for proposals, is then what takes the time.

Source: Girshick, "Fast R-CNN", arXiv 1504.08083; Simonyan & Zisserman, arXiv 1409.1556, for the trunk; Uijlings et al.,
"Selective search for object recognition", 2013, for the proposals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor

from saccade.layers.detector import Detector
from saccade.layers.one_map import OneMap
from saccade.layers.pooled_region_head import FAST, PooledRegionHead
from saccade.layers.region_head import RegionSettings
from saccade.layers.searched_regions import SearchedRegions
from saccade.types.truth import Truth

__all__ = ["fast_rcnn", "fast_rcnn_small"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "fast_rcnn": {
        "task": "detection", "paper": "Fast R-CNN", "year": 2015, "arxiv": "1504.08083",
        "parameters": 134_690_729, "macs": 386_569_420_800, "classes": 20, "channels": 3,
        "native_size": (600, 800), "smallest_size": (32, 32),
        "paper_result": "a mean average precision of 66.9 % on the test set of VOC 2007",
        "deviates": "all convolutions are learnt, where the paper leaves the first four as they were; the batch is "
        "that of the training, 2 images in the paper; images without things are learnt as background; the dense layers "
        "are not made smaller by singular values; multiply-adds are for 2,000 proposals, without the search for them",
    },
    "fast_rcnn_small": {
        "task": "detection", "paper": "Fast R-CNN", "year": 2015, "arxiv": "1504.08083",
        "parameters": 2_381_737, "macs": 2_532_838_400, "classes": 20, "channels": 3,
        "native_size": (320, 320), "smallest_size": (1, 1),
        "deviates": "a form of ours for a processor: the first three stages of ResNet-18, a map of a stride of 8, a "
        "sixteenth of the units and no dropout, 300 proposals; regions that touch no thing are learnt as background "
        "too, and errors of codes count in a straight line from 1/9 on, as in the networks of two stages after it",
    },
}
# fmt: on


@dataclass(frozen=True)
class Sizes:
    """How large the parts are, and how they choose.

    Args:
        coarsest: The greatest stride of the map, in pixels.
        units: Of each dense layer.
        proposals: Of an image, at most.
        regions: How the head reads and chooses them.

    Source: Girshick 2015, sections 2 and 3; the defaults are the paper's.
    """

    coarsest: int = 16
    units: int = 4096
    proposals: int = 2000
    regions: RegionSettings = FAST


SMALL = Sizes(8, 256, 300, RegionSettings(sampled=64))


class FastRcnn(Detector):
    """A trunk of one map, proposals of selective search, and a head on what they show.

    Args:
        name: What it is called in messages.
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images.
        backbone: The architecture whose map is looked at.
        sizes: Of the parts; None for the paper's.

    Raises:
        BadConfig: If there are no classes or no channels, or the backbone is none.
        UnknownName: If there is no architecture of that name; the nearest are offered.

    Source: Girshick 2015.
    """

    def __init__(
        self, name: str, *, num_classes: int, in_channels: int, backbone: str, sizes: Sizes | None = None
    ) -> None:
        super().__init__(name, num_classes=num_classes, in_channels=in_channels)
        sizes = sizes or Sizes()
        self.proposals = SearchedRegions(most=sizes.proposals)
        self.backbone = OneMap(backbone, in_channels, coarsest=sizes.coarsest)
        self.smallest_size = self.backbone.smallest_size
        self.roi_heads = PooledRegionHead(
            self.backbone.width,
            self.backbone.stride,
            num_classes=num_classes,
            units=sizes.units,
            settings=sizes.regions,
        )

    def candidates(self, images: Float[Tensor, "batch channels height width"]) -> dict[str, Tensor]:
        """Give the box and the score of each proposal and class.

        Args:
            images: Floats; each pixel as the network was trained to see it.

        Returns:
            "boxes" (batch, proposals, classes, 4) in pixels and "scores" (batch, proposals, classes).

        Source: Girshick 2015, section 3.
        """
        sizes = [(images.shape[2], images.shape[3])] * len(images)
        return self.roi_heads.candidates([self.backbone(images)], self.proposals(images), sizes)

    def losses(
        self, images: Float[Tensor, "batch channels height width"], truths: Sequence[Truth]
    ) -> dict[str, Float[Tensor, ""]]:
        """Give the two terms "classes" and "boxes" of the one loss."""
        regions = self.roi_heads.choose(self.proposals(images), truths)
        return self.roi_heads.losses([self.backbone(images)], regions)


def fast_rcnn(*, num_classes: int = 20, in_channels: int = 3, backbone: str = "vgg16") -> FastRcnn:
    """Make Fast R-CNN as the paper has it, on VGG-16.

    Args:
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images, which may have any size; 600 pixels along the shorter side in the paper.
        backbone: The architecture whose last map of a stride of 16 or less is looked at.

    Returns:
        The detector.

    Raises:
        BadConfig: If there are no classes or no channels, or the backbone is none.
        UnknownName: If there is no architecture of that name; the nearest are offered.

    Source: Girshick 2015.

    Example:
        >>> import torch
        >>> with torch.device("meta"):
        ...     fast_rcnn().eval()(torch.zeros(1, 3, 600, 800))["scores"].shape
        torch.Size([1, 2000, 20])
    """
    return FastRcnn("fast_rcnn", num_classes=num_classes, in_channels=in_channels, backbone=backbone)


def fast_rcnn_small(*, num_classes: int = 20, in_channels: int = 3, backbone: str = "resnet18") -> FastRcnn:
    """Make a small form, which learns on a processor. Arguments as for `fast_rcnn`.

    Source: ours.
    """
    return FastRcnn("fast_rcnn_small", num_classes=num_classes, in_channels=in_channels, backbone=backbone, sizes=SMALL)
