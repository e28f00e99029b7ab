"""SSD: one pass, several maps; each finds boxes of its own scale, near default boxes of fixed shapes.

A trunk, here VGG-16 without its dense layers or any other network; maps behind it, each coarser than the last; and on
each map 3×3 convolutions for the classes and the boxes.

Taught: a detector needs no proposals. Fine maps see what is small and coarse ones what is large; and where nearly
everything is background, only the hardest of it is to be learnt from.

Source: Liu et al., "SSD: single shot multibox detector", arXiv 1512.02325.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.errors import BadConfig
from saccade.layers.arguments import check_counts
from saccade.layers.borrowed_maps import BorrowedMaps, check_name
from saccade.layers.default_box_head import DefaultBoxHead
from saccade.layers.detector import Detector
from saccade.layers.extra_map import ExtraMap
from saccade.layers.initialisation import initialise_kaiming
from saccade.ops.anchors import SSD300, SSD512, DefaultBoxLayout
from saccade.types.truth import Truth

__all__ = ["ssd300", "ssd512"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "ssd300": {
        "task": "detection", "paper": "SSD: single shot multibox detector", "year": 2016, "arxiv": "1512.02325",
        "parameters": 35_641_826, "macs": 34_858_153_472, "classes": 90, "channels": 3,
        "native_size": (300, 300), "smallest_size": (12, 12),
        "paper_result": "a mean average precision of 74.3 % on the test set of VOC 2007",
        "deviates": "an image without objects trains as background, by its three hardest boxes; default boxes of other "
        "sizes of images are the same shares of them, their centres spread evenly; a map that is smaller than the "
        "next kernel is padded to it; behind another backbone the first map is not normalised, and the maps that the "
        "backbone has take the place of the first ones here",
    },
    "ssd512": {
        "task": "detection", "paper": "SSD: single shot multibox detector", "year": 2016, "arxiv": "1512.02325",
        "parameters": 37_513_116, "macs": 100_032_441_344, "classes": 90, "channels": 3,
        "native_size": (512, 512), "smallest_size": (12, 12),
        "paper_result": "a mean average precision of 76.8 % on the test set of VOC 2007",
        "deviates": "an image without objects trains as background, by its three hardest boxes; default boxes of other "
        "sizes of images are the same shares of them, their centres spread evenly; a map that is smaller than the "
        "next kernel is padded to it; behind another backbone the first map is not normalised, and the maps that the "
        "backbone has take the place of the first ones here",
    },
}
# fmt: on

_WIDTHS, _DEPTHS = (64, 128, 256, 512), (2, 2, 3, 3)
_FINEST = 8  # the stride of VGG-16's fourth block
_SCALE = 20.0  # what the lengths of the first map's vectors begin with


@dataclass(frozen=True)
class Form:
    """What the two sizes of SSD differ in.

    Args:
        native_size: The side of the images that it is made for.
        layout: Which boxes each map looks for.
        extras: Of each map from the third on: channels between, channels, kernel, stride, padding.

    Source: Liu et al. 2016, figure 2 and section 3.1; the coarser maps for 512 as in its code.
    """

    native_size: int
    layout: DefaultBoxLayout
    extras: tuple[tuple[int, int, int, int, int], ...]


_FIRST = ((256, 512, 3, 2, 1), (128, 256, 3, 2, 1))
_FORM300 = Form(300, SSD300, (*_FIRST, (128, 256, 3, 1, 0), (128, 256, 3, 1, 0)))
_FORM512 = Form(512, SSD512, (*_FIRST, (128, 256, 3, 2, 1), (128, 256, 3, 2, 1), (128, 256, 4, 1, 1)))


class VGGMaps(nn.Module):
    """VGG-16 up to its fifth block, its first two dense layers as convolutions, and the maps behind.

    The first map, at a stride of 8, has larger numbers than the others: its vectors are brought to a length that is
    learnt for each channel.

    Args:
        in_channels: Channels of the images.
        form: Which maps there are behind.

    Source: Liu et al. 2016, section 3; Simonyan & Zisserman, arXiv 1409.1556, table 1, for VGG-16; Liu et al.,
        "ParseNet", arXiv 1506.04579, section 3.3, for the length; Chen et al., arXiv 1412.7062, section 3.1, for the
        dense layers, the first of which sees every sixth pixel.
    """

    smallest_size = (12, 12)

    def __init__(self, in_channels: int, form: Form) -> None:
        super().__init__()
        self.scale_weight = nn.Parameter(torch.full((_WIDTHS[-1],), _SCALE))
        self.features = nn.Sequential(*_blocks(in_channels))
        fifth = nn.Sequential(nn.MaxPool2d(2), *_convolutions(512, 512, 3), _dense())
        initialise_kaiming(self.features)
        initialise_kaiming(fifth)
        self.extra = nn.ModuleList([fifth, *extra_maps(1024, form.extras)])
        self.widths = (512, 1024, *(width for _, width, *_ in form.extras))

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> list[Float[Tensor, "batch _ _ _"]]:
        """Give the maps, the finest first."""
        x = self.features(images)
        maps = [self.scale_weight[:, None, None] * F.normalize(x)]
        for extra in self.extra:
            x = extra(x)
            maps.append(x)
        return maps


class OtherMaps(nn.Module):
    """The last three maps of another network, and the maps behind.

    Args:
        name: Of the network's architecture.
        in_channels: Channels of the images.
        form: Which maps there are behind.
        finest: The least stride of a map, in pixels.

    Raises:
        BadConfig: If the network is no backbone.
        UnknownName: If there is no architecture of that name; the nearest are offered.

    Source: Liu et al. 2016, section 2.1: any network can be the base.
    """

    def __init__(self, name: str, in_channels: int, form: Form, *, finest: int = _FINEST) -> None:
        super().__init__()
        self.maps = BorrowedMaps(name, in_channels, maps=3, finest=finest)
        self.smallest_size = self.maps.smallest_size
        self.extra = nn.ModuleList(extra_maps(self.maps.widths[-1], form.extras[1:]))
        self.widths = (*self.maps.widths, *(width for _, width, *_ in form.extras[1:]))

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> list[Float[Tensor, "batch _ _ _"]]:
        """Give the maps, the finest first."""
        maps = self.maps(images)
        for extra in self.extra:
            maps.append(extra(maps[-1]))
        return maps


class SSD(Detector):
    """Maps of several scales, and a head on each.

    Args:
        name: What it is called in messages.
        form: Which maps and boxes there are.
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images.
        backbone: The name of an architecture whose maps are looked at, or "" for VGG-16.
        finest: The least stride of a map of that architecture, in pixels; that of VGG-16 is 8.

    Raises:
        BadConfig: If there are no classes or no channels, the backbone is none, or there is no such stride.

    Source: Liu et al. 2016.
    """

    def __init__(
        self, name: str, form: Form, *, num_classes: int, in_channels: int, backbone: str = "", finest: int = _FINEST
    ) -> None:
        super().__init__(name, num_classes=num_classes, in_channels=in_channels)
        check_name(backbone)
        check_counts(name, {"finest": finest})
        if not backbone and finest != _FINEST:
            raise BadConfig(
                f"got finest={finest} without a backbone; taken is {_FINEST}, since VGG-16 has no other; name a "
                "backbone, such as 'resnet18'"
            )
        self.backbone: VGGMaps | OtherMaps
        if backbone:
            self.backbone = OtherMaps(backbone, in_channels, form, finest=finest)
        else:
            self.backbone = VGGMaps(in_channels, form)
            self.learns_in = "contiguous"  # measured: benchmarks/ssd_torchvision.py
        self.smallest_size = self.backbone.smallest_size
        self.head = DefaultBoxHead(self.backbone.widths, num_classes, layout=form.layout, native_size=form.native_size)

    def candidates(self, images: Float[Tensor, "batch channels height width"]) -> dict[str, Tensor]:
        """Give the box that each default box becomes, and what it scores each class."""
        return self.head.candidates(self.backbone(images), (images.shape[2], images.shape[3]))

    def losses(
        self, images: Float[Tensor, "batch channels height width"], truths: Sequence[Truth]
    ) -> dict[str, Float[Tensor, ""]]:
        """Give the terms "classes" and "boxes"."""
        return self.head.losses(self.backbone(images), (images.shape[2], images.shape[3]), truths)


def extra_maps(in_channels: int, extras: Sequence[tuple[int, int, int, int, int]]) -> Iterator[ExtraMap]:
    """Make the maps behind the last one of a network.

    Args:
        in_channels: Channels of that one.
        extras: Of each: channels between, channels, kernel, stride, padding.

    Yields:
        Each as a module.

    Source: Liu et al. 2016, figure 2.
    """
    for squeeze, width, kernel, stride, padding in extras:
        yield ExtraMap(in_channels, width, squeeze_channels=squeeze, kernel_size=kernel, stride=stride, padding=padding)
        in_channels = width


def _blocks(in_channels: int) -> Iterator[nn.Module]:
    """Four blocks of VGG-16 with a pooling between; the third pooling keeps the odd pixel, so that 75 become 38."""
    for number, (width, depth) in enumerate(zip(_WIDTHS, _DEPTHS, strict=True)):
        if number:
            yield nn.MaxPool2d(2, ceil_mode=number == 3)
        yield from _convolutions(in_channels, width, depth)
        in_channels = width


def _convolutions(in_channels: int, width: int, depth: int) -> Iterator[nn.Module]:
    for _ in range(depth):
        yield nn.Conv2d(in_channels, width, 3, padding=1)
        yield nn.ReLU(inplace=True)
        in_channels = width


def _dense() -> nn.Sequential:
    """The fifth pooling, which keeps the size, and the dense layers as convolutions."""
    return nn.Sequential(
        nn.MaxPool2d(3, stride=1, padding=1),
        nn.Conv2d(512, 1024, 3, padding=6, dilation=6),
        nn.ReLU(inplace=True),
        nn.Conv2d(1024, 1024, 1),
        nn.ReLU(inplace=True),
    )


def ssd300(*, num_classes: int = 90, in_channels: int = 3, backbone: str = "", finest: int = _FINEST) -> SSD:
    """Make SSD with 8,732 default boxes in an image of 300 × 300.

    Args:
        num_classes: Classes that it tells apart, the background not counted; 90 for published weights.
        in_channels: Channels of the images, which may have any size.
        backbone: An architecture whose maps are looked at instead, such as "resnet18"; "" for VGG-16.
        finest: The least stride of a map of that architecture. A map is made for objects of some shares of the image
            and wants about as many cells as at 300 pixels, so images of 64 do best with 2.

    Returns:
        A network of 35,641,826 parameters at 90 classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels, the backbone is none, or there is no such stride.

    Source: Liu et al. 2016.

    Example:
        >>> import torch
        >>> ssd300(num_classes=2, backbone="resnet8").eval()(torch.zeros(1, 3, 64, 64))["scores"].shape
        torch.Size([1, 390, 2])
    """
    return SSD("ssd300", _FORM300, num_classes=num_classes, in_channels=in_channels, backbone=backbone, finest=finest)


def ssd512(*, num_classes: int = 90, in_channels: int = 3, backbone: str = "", finest: int = _FINEST) -> SSD:
    """Make SSD with 24,564 default boxes in an image of 512 × 512. Arguments as for `ssd300`.

    Source: Liu et al. 2016, section 3.1.
    """
    return SSD("ssd512", _FORM512, num_classes=num_classes, in_channels=in_channels, backbone=backbone, finest=finest)
