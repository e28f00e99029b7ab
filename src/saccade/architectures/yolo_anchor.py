"""YOLO with anchors: each anchor of each cell answers for one thing, and the network is convolutions all the way.

Darknet-19 as the trunk, a passage that brings a finer map along, and one 1×1 convolution as the head. And a small form,
which a processor can train.

Taught: anchors, with shapes that are found in the data by k-means; a box told from its cell and its anchor; and two
things of one cell recovered, which the YOLO before could not.

Source: Redmon & Farhadi, "YOLO9000: better, faster, stronger", arXiv 1612.08242.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.layers.anchor_grid_head import AnchorGridHead
from saccade.layers.borrowed_maps import BorrowedMaps, check_name
from saccade.layers.convolution import ConvBlock
from saccade.layers.detector import Detector
from saccade.ops.anchor_shapes import cluster_shapes
from saccade.types.truth import Truth

__all__ = ["yolo_anchor", "yolo_anchor_small"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "yolo_anchor": {
        "task": "detection", "paper": "YOLO9000: better, faster, stronger", "year": 2017, "arxiv": "1612.08242",
        "parameters": 50_655_389, "macs": 14_680_167_424, "classes": 20, "channels": 3,
        "native_size": (416, 416), "smallest_size": (32, 32),
        "paper_result": "a mean average precision of 76.8 % on the test set of VOC 2007",
        "deviates": "the finer map is brought to 64 channels before it is laid beside the coarser, as in the authors' "
        "code; the paper prints no loss, so it is that of their code, with a cross-entropy for the classes; of two "
        "things that want one anchor of a cell, the one that suits it less takes its next; images have one size "
        "throughout a training",
    },
    "yolo_anchor_small": {
        "task": "detection", "paper": "YOLO9000: better, faster, stronger", "year": 2017, "arxiv": "1612.08242",
        "parameters": 2_166_189, "macs": 559_879_424, "classes": 20, "channels": 3,
        "native_size": (208, 208), "smallest_size": (16, 16),
        "deviates": "a form of ours for a processor: a trunk of eight convolutions, cells of 16 pixels; and as "
        "`yolo_anchor`",
    },
}
# fmt: on

# (width, height) of the anchors, in cells: table of the authors' code for VOC
_SHAPES = ((1.3221, 1.73145), (3.19275, 4.00944), (5.05587, 8.09892), (9.47112, 4.84053), (11.2364, 10.0071))
_PASSED = 64
_POOL = 0
_FINE = (
    (32, 3), _POOL, (64, 3), _POOL, (128, 3), (64, 1), (128, 3), _POOL, (256, 3), (128, 1), (256, 3), _POOL,
    (512, 3), (256, 1), (512, 3), (256, 1), (512, 3),
)  # fmt: skip
_COARSE = (_POOL, (1024, 3), (512, 1), (1024, 3), (512, 1), (1024, 3))
_SMALL_FINE = ((16, 3), _POOL, (32, 3), _POOL, (64, 3), _POOL, (128, 3), (64, 1), (128, 3))
_SMALL_COARSE = (_POOL, (256, 3), (128, 1), (256, 3))
Layers = Sequence[int | tuple[int, int]]


class TwoMaps(nn.Module):
    """A line of convolutions, of which two maps are looked at.

    Args:
        in_channels: Channels of the images.
        fine: Up to the first map: (filters, kernel), or 0 for a pooling.
        coarse: From there to the second.

    Source: Redmon & Farhadi 2017, table 6.
    """

    def __init__(self, in_channels: int, fine: Layers, coarse: Layers) -> None:
        super().__init__()
        self.fine = nn.Sequential(*_line(in_channels, fine))
        self.widths = (_last(fine), _last(coarse))
        self.coarse = nn.Sequential(*_line(self.widths[0], coarse))

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> list[Float[Tensor, "batch _ _ _"]]:
        """Give both maps, the finer first."""
        fine = self.fine(images)
        return [fine, self.coarse(fine)]


class Passage(nn.Module):
    """Lays a finer map beside a coarser one: the pixels of each of its squares become channels.

    Args:
        width: Channels of the finer map.
        passed: Channels to which it is brought first.
        factor: Pixels a side of the squares.

    Source: Redmon & Farhadi 2017, section 2, "fine-grained features".

    Example:
        >>> Passage(8, 4, 2)(torch.zeros(1, 8, 5, 6), torch.zeros(1, 3, 3, 3)).shape
        torch.Size([1, 19, 3, 3])
    """

    def __init__(self, width: int, passed: int, factor: int) -> None:
        super().__init__()
        self.factor, self.squeeze = factor, ConvBlock(width, passed, kernel_size=1, activation=_leaky)

    def forward(
        self, fine: Float[Tensor, "batch width _ _"], coarse: Float[Tensor, "batch wide rows columns"]
    ) -> Float[Tensor, "batch both rows columns"]:
        """Give the channels of both; an odd row or column of the finer map is filled with zeros, or left out."""
        (rows, columns), squeezed = coarse.shape[2:], self.squeeze(fine)
        down, right = (-side % self.factor for side in squeezed.shape[2:])
        squares = F.pixel_unshuffle(F.pad(squeezed, (0, right, 0, down)), self.factor)
        return torch.cat([squares[..., :rows, :columns], coarse], 1)


class YoloAnchor(Detector):
    """A trunk, a passage, and a head that speaks for each anchor of each cell.

    Args:
        name: What it is called in messages.
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images.
        small: The form of ours.
        backbone: The name of an architecture whose last two maps are looked at instead of a trunk of its own, or "".

    Raises:
        BadConfig: If there are no classes or no channels, or the backbone is none.

    Source: Redmon & Farhadi 2017, section 2.
    """

    def __init__(self, name: str, *, num_classes: int, in_channels: int, small: bool, backbone: str = "") -> None:
        size = (16, 16) if small else (32, 32)
        super().__init__(name, num_classes=num_classes, in_channels=in_channels, smallest_size=size)
        check_name(backbone)
        width, stride, factor = (256, 16, 2) if small else (1024, 32, 2)
        self.backbone: BorrowedMaps | TwoMaps
        if backbone:
            self.backbone = BorrowedMaps(backbone, in_channels, maps=2, finest=8)
            self.smallest_size = self.backbone.smallest_size
            stride, factor = self.backbone.strides[1], self.backbone.strides[1] // self.backbone.strides[0]
        else:
            self.backbone = TwoMaps(in_channels, *((_SMALL_FINE, _SMALL_COARSE) if small else (_FINE, _COARSE)))
        passed = _PASSED // 4 if small else _PASSED
        fine, coarse = self.backbone.widths
        blocks = (
            ConvBlock(before, width, activation=_leaky) for before in ((coarse, width) if not small else (coarse,))
        )
        self.deeper = nn.Sequential(*blocks)
        self.passage = Passage(fine, passed, factor)
        self.mixing = ConvBlock(width + passed * factor**2, width, activation=_leaky)
        self.head = AnchorGridHead(width, num_classes, [(w * stride, h * stride) for w, h in _SHAPES])

    def suit(self, sizes: Float[Tensor, "boxes 2"]) -> None:
        """Take the shapes of the anchors from those of a data set; where too few differ, they stay as they are.

        Args:
            sizes: (width, height) of boxes in pixels of what the network sees, above 0.

        Source: Redmon & Farhadi 2017, section 2, "dimension clusters".
        """
        number = len(self.head.anchors)
        if len(sizes.unique(dim=0)) >= number:
            self.head.anchors.copy_(cluster_shapes(sizes, number))

    def candidates(self, images: Float[Tensor, "batch channels height width"]) -> dict[str, Tensor]:
        """Give the box of each anchor of each cell, and what it scores each class."""
        return self.head.candidates(self._map(images), (images.shape[2], images.shape[3]))

    def losses(
        self, images: Float[Tensor, "batch channels height width"], truths: Sequence[Truth]
    ) -> dict[str, Float[Tensor, ""]]:
        """Give the terms "boxes", "objects", "background" and "classes", weighted."""
        return self.head.losses(self._map(images), (images.shape[2], images.shape[3]), truths)

    def _map(self, images: Tensor) -> Tensor:
        fine, coarse = self.backbone(images)
        return self.mixing(self.passage(fine, self.deeper(coarse)))


def _line(in_channels: int, layers: Layers) -> Iterator[nn.Module]:
    for layer in layers:
        if isinstance(layer, int):
            yield nn.MaxPool2d(2)
            continue
        filters, kernel = layer
        yield ConvBlock(in_channels, filters, kernel_size=kernel, activation=_leaky)
        in_channels = filters


def _last(layers: Layers) -> int:
    return next(layer[0] for layer in reversed(layers) if not isinstance(layer, int))


def _leaky() -> nn.Module:
    return nn.LeakyReLU(0.1, inplace=True)


def yolo_anchor(*, num_classes: int = 20, in_channels: int = 3, backbone: str = "") -> YoloAnchor:
    """Make YOLO with five anchors, as the paper has it.

    Trained by `saccade.train`, its anchors are first given the shapes of the boxes it is to learn.

    Args:
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images, which may have any size; 416 × 416 in the paper.
        backbone: An architecture whose last two maps are looked at instead, such as "resnet18"; "" for Darknet-19.

    Returns:
        A network of 50,655,389 parameters at 20 classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels, or the backbone is none.
        UnknownName: If there is no architecture of that name; the nearest are offered.

    Source: Redmon & Farhadi 2017.

    Example:
        >>> with torch.device("meta"):
        ...     yolo_anchor().eval()(torch.zeros(1, 3, 416, 416))["scores"].shape
        torch.Size([1, 845, 20])
    """
    return YoloAnchor("yolo_anchor", num_classes=num_classes, in_channels=in_channels, small=False, backbone=backbone)


def yolo_anchor_small(*, num_classes: int = 20, in_channels: int = 3, backbone: str = "") -> YoloAnchor:
    """Make a small form, which learns on a processor. Arguments as for `yolo_anchor`.

    Source: ours.
    """
    return YoloAnchor(
        "yolo_anchor_small", num_classes=num_classes, in_channels=in_channels, small=True, backbone=backbone
    )
