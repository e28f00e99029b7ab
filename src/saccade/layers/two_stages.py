"""What detectors of two stages have in common: a backbone with a pyramid, and on its maps proposals and a second look.

Source: Ren et al., "Faster R-CNN", arXiv 1506.01497; Lin et al., "Feature pyramid networks", arXiv 1612.03144.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from jaxtyping import Float
from torch import Tensor

from saccade.layers.detector import Detector
from saccade.layers.feature_pyramid import PyramidBackbone
from saccade.layers.region_head import RegionHead, RegionSettings
from saccade.layers.region_proposals import AnchorOutputs, ProposalSettings, RegionProposals
from saccade.layers.settled_norm import Norm
from saccade.types.truth import Truth


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


Chosen = TypeVar("Chosen", bound=Sizes)


class TwoStages(Detector, Generic[Chosen]):
    """A backbone with a pyramid, region proposals, and a head on regions, which `look_again` makes.

    Args:
        name: What it is called in messages.
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images.
        backbone: The architecture under the pyramid.
        sizes: Of the parts on top of it.
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
        sizes: Chosen,
        norm: Norm = "batch",
        frozen_stages: int = 0,
    ) -> None:
        super().__init__(name, num_classes=num_classes, in_channels=in_channels)
        self.backbone = PyramidBackbone(
            backbone, in_channels, width=sizes.width, norm=norm, frozen_stages=frozen_stages
        )
        self.smallest_size, strides = self.backbone.smallest_size, self.backbone.strides
        self.rpn = RegionProposals(sizes.width, (*strides, 2 * strides[-1]), settings=sizes.proposals)
        self.roi_heads = self.look_again(strides, sizes)

    @abstractmethod
    def look_again(self, strides: Sequence[int], sizes: Chosen) -> RegionHead:
        """Make the head of the second stage.

        Args:
            strides: Of the maps of the pyramid, the finest first.
            sizes: Of the parts.

        Returns:
            The head, for `num_classes` classes.

        Source: ours.
        """

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
