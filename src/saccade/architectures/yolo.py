"""YOLO, the detector to begin with: anchor-free, on three scales, with places that choose what they learn.

A backbone of cross-stage blocks, a pyramid that goes down and up, and a head with separate branches for class and box.
Built from papers alone; nano, small and medium are one network, deeper and wider.

Taught: a detector can look once. What the first of the name asked of one grid, the later ones ask of three maps,
without anchors, and let the network say which place shall learn which thing.

Source: Redmon et al., "You only look once", arXiv 1506.02640, for the idea; Wang et al., arXiv 1911.11929 (backbone);
Liu et al., arXiv 1803.01534 (pyramid); Feng et al., arXiv 2108.07755 (assignment); Li et al., arXiv 2006.04388
(distances as distributions); Ge et al., arXiv 2107.08430 (no anchors, decoupled head); Tan & Le, arXiv 1905.11946 (one
rule for all sizes).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.aligned_head import AlignedHead
from saccade.layers.borrowed_maps import BorrowedMaps, check_name
from saccade.layers.convolution import ConvBlock
from saccade.layers.cross_stage import CrossStage, PyramidPooling
from saccade.layers.detector import Detector
from saccade.layers.path_aggregation import PathAggregation
from saccade.layers.widths import scaled_width
from saccade.types.truth import Truth

__all__ = ["yolo_medium", "yolo_nano", "yolo_small"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "yolo_nano": {
        "task": "detection", "paper": "You only look once: unified, real-time object detection", "year": 2016,
        "arxiv": "1506.02640", "parameters": 3_026_432, "macs": 4_083_302_400, "classes": 80, "channels": 3,
        "native_size": (640, 640), "smallest_size": (32, 32),
        "deviates": "everything but the idea; the sources of the file say what is whose",
    },
    "yolo_small": {
        "task": "detection", "paper": "You only look once: unified, real-time object detection", "year": 2016,
        "arxiv": "1506.02640", "parameters": 12_027_472, "macs": 16_089_907_200, "classes": 80, "channels": 3,
        "native_size": (640, 640), "smallest_size": (32, 32),
        "deviates": "everything but the idea; the sources of the file say what is whose",
    },
    "yolo_medium": {
        "task": "detection", "paper": "You only look once: unified, real-time object detection", "year": 2016,
        "arxiv": "1506.02640", "parameters": 36_457_440, "macs": 47_816_294_400, "classes": 80, "channels": 3,
        "native_size": (640, 640), "smallest_size": (32, 32),
        "deviates": "everything but the idea; the sources of the file say what is whose",
    },
}
# fmt: on

_WIDTHS, _DEPTHS = (64, 128, 256, 512, 1024), (3, 6, 6, 3)
_SIZES = {"nano": (0.33, 0.25), "small": (0.33, 0.5), "medium": (0.67, 0.75)}


class CrossStageBackbone(nn.Module):
    """The backbone of cross-stage blocks: five halvings, of which the last three are looked at.

    Args:
        in_channels: Channels of the images.
        widths: Of the map after each halving.
        depths: Links of the block after each but the first.

    Source: Wang et al. 2019.
    """

    def __init__(self, in_channels: int, widths: Sequence[int], depths: Sequence[int]) -> None:
        super().__init__()
        self.widths, self.strides = tuple(widths), (8, 16, 32)
        self.stem = ConvBlock(in_channels, widths[0], stride=2, activation=nn.SiLU)
        self.blocks = nn.ModuleList(
            nn.Sequential(ConvBlock(before, after, stride=2, activation=nn.SiLU), CrossStage(after, after, depth=depth))
            for before, after, depth in zip(widths[:-1], widths[1:], depths, strict=True)
        )
        self.pooling = PyramidPooling(widths[-1], widths[-1])

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> list[Float[Tensor, "batch _ _ _"]]:
        """Give the maps of strides 8, 16 and 32."""
        x, maps = self.stem(images), []
        for block in self.blocks:
            x = block(x)
            maps.append(x)
        return [*maps[1:-1], self.pooling(maps[-1])]


class Yolo(Detector):
    """A backbone, a pyramid, a head.

    Args:
        name: What it is called in messages.
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images.
        size: "nano", "small" or "medium".
        backbone: The name of an architecture whose stages are looked at instead of the backbone of its own, or "".

    Raises:
        BadConfig: If there are no classes or no channels, or the backbone has no map of a stride of 8 or more.

    Source: See the module.
    """

    def __init__(self, name: str, *, num_classes: int, in_channels: int, size: str, backbone: str = "") -> None:
        depth, width = _SIZES[size]
        widths = [scaled_width(one, width) for one in _WIDTHS]
        depths = [max(1, round(depth * one)) for one in _DEPTHS]
        super().__init__(name, num_classes=num_classes, in_channels=in_channels, smallest_size=(32, 32))
        check_name(backbone)
        if backbone:
            self.backbone = BorrowedMaps(backbone, in_channels)
            self.smallest_size = self.backbone.smallest_size
        else:
            self.backbone = CrossStageBackbone(in_channels, widths, depths)
        self.neck = PathAggregation(self.backbone.widths[-3:], widths[-3:], depth=depths[0])
        self.head = AlignedHead(widths[-3:], self.backbone.strides, num_classes)

    def candidates(self, images: Float[Tensor, "batch channels height width"]) -> dict[str, Tensor]:
        """Give the box of each place of the three maps, and what it scores each class."""
        return self.head.candidates(self.neck(self.backbone(images)))

    def losses(
        self, images: Float[Tensor, "batch channels height width"], truths: Sequence[Truth]
    ) -> dict[str, Float[Tensor, ""]]:
        """Give the terms "classes", "boxes" and "distances", weighted."""
        return self.head.losses(self.neck(self.backbone(images)), truths)


def yolo_nano(*, num_classes: int = 80, in_channels: int = 3, backbone: str = "") -> Yolo:
    """Make the smallest of the three, for a processor.

    Args:
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images, which may have any size.
        backbone: An architecture whose maps are looked at instead, such as "resnet18"; "" for its own.

    Returns:
        The detector.

    Raises:
        BadConfig: If there are no classes or no channels, or the backbone has too few maps.

    Source: See the module.

    Example:
        >>> import torch
        >>> yolo_nano(num_classes=2).eval()(torch.zeros(1, 3, 64, 64))["boxes"].shape
        torch.Size([1, 84, 4])
    """
    return Yolo("yolo_nano", num_classes=num_classes, in_channels=in_channels, size="nano", backbone=backbone)


def yolo_small(*, num_classes: int = 80, in_channels: int = 3, backbone: str = "") -> Yolo:
    """Make the one between, twice as wide as nano. Arguments as for `yolo_nano`.

    Source: See the module.
    """
    return Yolo("yolo_small", num_classes=num_classes, in_channels=in_channels, size="small", backbone=backbone)


def yolo_medium(*, num_classes: int = 80, in_channels: int = 3, backbone: str = "") -> Yolo:
    """Make the largest, thrice as wide as nano and twice as deep. Arguments as for `yolo_nano`.

    Source: See the module.
    """
    return Yolo("yolo_medium", num_classes=num_classes, in_channels=in_channels, size="medium", backbone=backbone)
