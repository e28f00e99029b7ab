"""YOLO as it began: one network looks once, and each cell of a 7×7 grid says what has its middle there.

Twenty-four convolutions with biases, no batch normalisation, two dense layers; 7×7×30 numbers. And a small form, with
batch normalisation, which a processor can train.

Taught: detection as one regression, from pixels to boxes and classes. No windows, no proposals; and what it cost: two
boxes and one class for each cell, so that small things close together are missed.

Source: Redmon, Divvala, Girshick & Farhadi, "You only look once: unified, real-time object detection", arXiv
1506.02640.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.borrowed_maps import BorrowedMaps, check_name
from saccade.layers.convolution import ConvBlock
from saccade.layers.detector import Detector
from saccade.layers.grid_head import GridHead
from saccade.layers.initialisation import initialise_kaiming
from saccade.types.truth import Truth

__all__ = ["yolo_v1", "yolo_v1_small"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "yolo_v1": {
        "task": "detection", "paper": "You only look once: unified, real-time object detection", "year": 2016,
        "arxiv": "1506.02640", "parameters": 271_703_550, "macs": 20_285_153_280, "classes": 20, "channels": 3,
        "native_size": (448, 448), "smallest_size": (32, 32),
        "paper_result": "a mean average precision of 63.4 % on the test set of VOC 2007",
        "deviates": "maps of other sizes are averaged to 7 × 7; of several things whose middle lies in one cell the "
        "first is learnt, which the paper leaves open; scores are cut to [0, 1]",
    },
    "yolo_v1_small": {
        "task": "detection", "paper": "You only look once: unified, real-time object detection", "year": 2016,
        "arxiv": "1506.02640", "parameters": 8_160_590, "macs": 99_298_304, "classes": 20, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "deviates": "a form of ours for a processor: six convolutions of a stride of 1 or 2 with batch normalisation "
        "and no dropout, and an eighth of the units; maps of other sizes are averaged to 7 × 7; of several things "
        "whose middle lies in one cell the first is learnt, which the paper leaves open; scores are cut to [0, 1]",
    },
}
# fmt: on

_POOL = 0
_LAYERS = (  # filters, kernel, stride; or a pooling
    (64, 7, 2), _POOL, (192, 3, 1), _POOL, (128, 1, 1), (256, 3, 1), (256, 1, 1), (512, 3, 1), _POOL,
    *((256, 1, 1), (512, 3, 1)) * 4, (512, 1, 1), (1024, 3, 1), _POOL, *((512, 1, 1), (1024, 3, 1)) * 2,
    (1024, 3, 1), (1024, 3, 2), (1024, 3, 1), (1024, 3, 1),
)  # fmt: skip
_SMALL = (16, 32, 64, 128, 256)


class YoloV1(Detector):
    """A trunk, and a head that speaks for each cell of a grid.

    Args:
        name: What it is called in messages.
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images.
        small: The form of ours.
        backbone: The name of an architecture whose last map is looked at instead of a trunk of its own, or "".

    Raises:
        BadConfig: If there are no classes or no channels, or the backbone is none.

    Source: Redmon et al. 2016, section 2.
    """

    def __init__(self, name: str, *, num_classes: int, in_channels: int, small: bool, backbone: str = "") -> None:
        size = (1, 1) if small else (32, 32)
        super().__init__(name, num_classes=num_classes, in_channels=in_channels, smallest_size=size)
        check_name(backbone)
        self.backbone: BorrowedMaps | nn.Sequential
        if backbone:
            self.backbone = BorrowedMaps(backbone, in_channels, maps=1, finest=1)
            self.smallest_size, width = self.backbone.smallest_size, self.backbone.widths[-1]
        elif small:
            self.backbone, width = nn.Sequential(*_small_trunk(in_channels)), _SMALL[-1]
        else:
            self.backbone, width = nn.Sequential(*_trunk(in_channels)), 1024
            initialise_kaiming(self.backbone)
        self.head = GridHead(width, num_classes, units=512 if small else 4096, dropout_rate=0.0 if small else 0.5)

    def candidates(self, images: Float[Tensor, "batch channels height width"]) -> dict[str, Tensor]:
        """Give two boxes of each of 49 cells, and what they score each class."""
        return self.head.candidates(self._map(images), (images.shape[2], images.shape[3]))

    def losses(
        self, images: Float[Tensor, "batch channels height width"], truths: Sequence[Truth]
    ) -> dict[str, Float[Tensor, ""]]:
        """Give the terms "boxes", "objects", "background" and "classes", weighted."""
        return self.head.losses(self._map(images), (images.shape[2], images.shape[3]), truths)

    def _map(self, images: Tensor) -> Tensor:
        maps = self.backbone(images)
        return maps if isinstance(maps, Tensor) else maps[-1]


def _trunk(in_channels: int) -> Iterator[nn.Module]:
    for layer in _LAYERS:
        if isinstance(layer, int):
            yield nn.MaxPool2d(2)
            continue
        filters, kernel, stride = layer
        yield nn.Conv2d(in_channels, filters, kernel, stride=stride, padding=kernel // 2)
        yield nn.LeakyReLU(0.1, inplace=True)
        in_channels = filters


def _small_trunk(in_channels: int) -> Iterator[nn.Module]:
    for width in _SMALL:
        yield ConvBlock(in_channels, width, stride=2, activation=_leaky)
        in_channels = width
    yield ConvBlock(in_channels, in_channels, activation=_leaky)


def _leaky() -> nn.Module:
    return nn.LeakyReLU(0.1, inplace=True)


def yolo_v1(*, num_classes: int = 20, in_channels: int = 3, backbone: str = "") -> YoloV1:
    """Make YOLO as the paper has it.

    Args:
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images, which may have any size; 448 × 448 in the paper.
        backbone: An architecture whose last map is looked at instead, such as "resnet18"; "" for its own trunk.

    Returns:
        A network of 271,703,550 parameters at 20 classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels, or the backbone is none.
        UnknownName: If there is no architecture of that name; the nearest are offered.

    Source: Redmon et al. 2016, figure 3.

    Example:
        >>> import torch
        >>> with torch.device("meta"):
        ...     network = yolo_v1().eval()
        ...     network(torch.zeros(1, 3, 448, 448))["scores"].shape
        torch.Size([1, 98, 20])
    """
    return YoloV1("yolo_v1", num_classes=num_classes, in_channels=in_channels, small=False, backbone=backbone)


def yolo_v1_small(*, num_classes: int = 20, in_channels: int = 3, backbone: str = "") -> YoloV1:
    """Make a small form, which learns on a processor. Arguments as for `yolo_v1`.

    Source: ours.
    """
    return YoloV1("yolo_v1_small", num_classes=num_classes, in_channels=in_channels, small=True, backbone=backbone)
