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
from dataclasses import dataclass, field
from typing import Any

from jaxtyping import Float
from torch import Tensor

from saccade.layers.detector import Detector
from saccade.layers.feature_pyramid import PyramidBackbone
from saccade.layers.region_head import RegionHead, RegionSettings
from saccade.layers.region_proposals import AnchorOutputs, ProposalSettings, RegionProposals
from saccade.layers.settled_norm import Norm
from saccade.types.truth import Truth

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


@dataclass(frozen=True)
class Sizes:
    """How large the parts on top of a backbone are, and how they choose.

    Args:
        width: Channels of the maps of the pyramid.
        units: Of each dense layer of the second stage.
        proposals: How the first stage chooses.
        regions: How the second does.

    Source: Lin et al. 2017, section 4; the defaults are the published ones.
    """

    width: int = 256
    units: int = 1024
    proposals: ProposalSettings = field(default_factory=ProposalSettings)
    regions: RegionSettings = field(default_factory=RegionSettings)


SMALL = Sizes(
    128,
    256,
    ProposalSettings(before=(500, 300), after=(500, 300), sampled=128),
    RegionSettings(sampled=128),
)


class FasterRcnn(Detector):
    """A backbone with a pyramid, region proposals, and a head on regions.

    Args:
        name: What it is called in messages.
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images.
        backbone: The architecture under the pyramid.
        sizes: Of the parts on top of it; None for the published ones.
        norm: "batch" or "frozen"; see `layers.settled_norm`.
        frozen_stages: So many stages of the backbone, from the stem on, are not learned.

    Raises:
        BadConfig: If there are no classes or no channels, the backbone has no map of a stride of 4 or more or fewer
            stages, or there is no such norm.
        UnknownName: If there is no architecture of that name; the nearest are offered.

    Source: Ren et al. 2015; Lin et al. 2017.
    """

    learns_in = "contiguous"  # measured: benchmarks/faster_rcnn_torchvision.py

    def __init__(
        self,
        name: str,
        *,
        num_classes: int,
        in_channels: int,
        backbone: str,
        sizes: Sizes | None = None,
        norm: Norm = "batch",
        frozen_stages: int = 0,
    ) -> None:
        super().__init__(name, num_classes=num_classes, in_channels=in_channels)
        sizes = sizes or Sizes()
        self.backbone = PyramidBackbone(
            backbone, in_channels, width=sizes.width, norm=norm, frozen_stages=frozen_stages
        )
        self.smallest_size, strides = self.backbone.smallest_size, self.backbone.strides
        self.rpn = RegionProposals(sizes.width, (*strides, 2 * strides[-1]), settings=sizes.proposals)
        self.roi_heads = RegionHead(
            sizes.width, strides, num_classes=num_classes, units=sizes.units, settings=sizes.regions
        )

    def candidates(
        self, images: Float[Tensor, "batch channels height width"], sizes: Sequence[tuple[int, int]] = ()
    ) -> dict[str, Tensor]:
        """Give the box and the score of each region and class.

        Args:
            images: Floats; each pixel as the network was trained to see it.
            sizes: (height, width) of what there is of each image besides padding; all of it where none is given.

        Returns:
            "boxes" (batch, regions, classes, 4) in pixels and "scores" (batch, regions, classes).

        Source: Ren et al. 2015, section 3.3.
        """
        levels, outputs, sizes = self._look(images, sizes)
        found = self.roi_heads.candidates(levels, self.rpn.propose(outputs, sizes), sizes)
        return {**found, "scores": found["scores"] + outputs.doubt()[:, None, None]}

    def losses(
        self,
        images: Float[Tensor, "batch channels height width"],
        truths: Sequence[Truth],
        sizes: Sequence[tuple[int, int]] = (),
    ) -> dict[str, Float[Tensor, ""]]:
        """Give the four terms "objectness", "proposal_boxes", "classes" and "boxes".

        Args:
            images: Floats; each pixel as the network was trained to see it.
            truths: What is to be found in each image.
            sizes: (height, width) of what there is of each image besides padding; all of it where none is given.

        Returns:
            The terms, of which the sum is to be lowered.

        Source: Ren et al. 2015, equation 1; Girshick, "Fast R-CNN", arXiv 1504.08083, equation 1.
        """
        levels, outputs, sizes = self._look(images, sizes)
        regions = self.roi_heads.choose(self.rpn.propose(outputs, sizes), truths)
        return {**self.rpn.losses(outputs, truths), **self.roi_heads.losses(levels, regions)}

    def _look(
        self, images: Tensor, sizes: Sequence[tuple[int, int]]
    ) -> tuple[list[Tensor], AnchorOutputs, Sequence[tuple[int, int]]]:
        padded = self.backbone.pad(images)
        levels = list(self.backbone(padded).values())
        outputs = self.rpn(levels, (padded.shape[2], padded.shape[3]))
        return levels, outputs, sizes or [(images.shape[2], images.shape[3])] * len(images)


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
