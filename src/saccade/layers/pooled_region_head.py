"""A head on regions of one map, each of which becomes small by RoI pooling: the head of Fast R-CNN.

What it says, what it learns from and how boxes are coded is that of any head on regions.

Source: Girshick, "Fast R-CNN", arXiv 1504.08083.
"""

from __future__ import annotations

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor

from saccade.layers.region_head import RegionHead, RegionSettings
from saccade.ops.roi_pooling import roi_pool

FAST = RegionSettings(sampled=64, background_from=0.1, straight=1.0, dropout_rate=0.5)


class PooledRegionHead(RegionHead):
    """Looks at regions of one map.

    Args:
        width: Channels of the map.
        stride: Of the map, in pixels.
        num_classes: Of things, the background not counted.
        units: Of each dense layer.
        settings: How it reads and chooses.

    Source: Girshick 2015, sections 2.1 to 2.3; 64 regions of an image, of which a quarter shows objects and the others
    overlap them by 0.1 or more; an error of codes counts in a straight line from 1 on.
    """

    def __init__(
        self, width: int, stride: int, *, num_classes: int, units: int = 4096, settings: RegionSettings = FAST
    ) -> None:
        super().__init__(width, [stride], num_classes=num_classes, units=units, settings=settings)

    def read(
        self, levels: Sequence[Float[Tensor, "batch width _ _"]], boxes: Sequence[Float[Tensor, "_ 4"]], bins: int = 0
    ) -> Float[Tensor, "regions width bins bins"]:
        """Read each region from the one map: of each bin the maximum.

        Args:
            levels: The map.
            boxes: Of each image, in pixels.
            bins: Pixels a side of what becomes of a region; 0 for those of the settings.

        Returns:
            One small map for each box, those of the first image first.

        Source: Girshick 2015, section 2.1.
        """
        side, (map_,) = bins or self.settings.bins, levels
        if map_.is_meta:
            return map_.new_empty(sum(map(len, boxes)), map_.shape[1], side, side)
        return roi_pool(map_, boxes, output_size=side, scale=1 / self.strides[0])
