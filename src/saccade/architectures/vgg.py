"""VGG: nothing but 3×3 convolutions, 8 to 16 of them, and three dense layers; two in a row see 5×5, three 7×7.

Taught: depth, made of small kernels: two 3×3 see what a 5×5 sees, with fewer weights and one more non-linearity
between. Its price: nine tenths of the weights are in the dense layers.

Source: Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition", arXiv 1409.1556.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.backbone import Backbone, Step
from saccade.layers.initialisation import initialise_kaiming
from saccade.layers.spans import spans

__all__ = ["vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "vgg11": {
        "paper": "Very deep convolutional networks for large-scale image recognition",
        "year": 2014, "arxiv": "1409.1556",
        "parameters": 132_863_336, "macs": 7_609_090_048, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (32, 32),
        "deviates": "maps of other sizes are averaged to 7 × 7",
        "recipe": {
            "settings": {
                "epochs": 74, "batch_size": 256, "optimizer": "momentum", "learning_rate": 0.01, "momentum": 0.9,
                "weight_decay": 0.0005, "schedule": "milestones", "milestones": (19, 37, 56), "rate_decay": 0.1,
                "warmup_epochs": 0.0, "height": 224,
            },
            "source": "Simonyan & Zisserman 2014, section 3.1: 370 thousand steps, which are 74 passes, the rate "
            "divided by 10 three times",
            "deviates": "the rate falls when the error stays, in the paper; here at fixed epochs, which are ours; "
            "which weights decay is not said; deeper networks begin with layers of the shallowest there; images are "
            "also resized and recoloured at random there",
        },
    },
    "vgg11_bn": {
        "paper": "Very deep convolutional networks for large-scale image recognition",
        "year": 2014, "arxiv": "1409.1556",
        "parameters": 132_868_840, "macs": 7_609_090_048, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (32, 32),
        "deviates": "batch normalisation after each convolution, which came a year later; maps of other sizes are "
        "averaged to 7 × 7",
    },
    "vgg13": {
        "paper": "Very deep convolutional networks for large-scale image recognition",
        "year": 2014, "arxiv": "1409.1556",
        "parameters": 133_047_848, "macs": 11_308_466_176, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (32, 32),
        "deviates": "maps of other sizes are averaged to 7 × 7",
    },
    "vgg13_bn": {
        "paper": "Very deep convolutional networks for large-scale image recognition",
        "year": 2014, "arxiv": "1409.1556",
        "parameters": 133_053_736, "macs": 11_308_466_176, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (32, 32),
        "deviates": "batch normalisation after each convolution, which came a year later; maps of other sizes are "
        "averaged to 7 × 7",
    },
    "vgg16": {
        "paper": "Very deep convolutional networks for large-scale image recognition",
        "year": 2014, "arxiv": "1409.1556",
        "parameters": 138_357_544, "macs": 15_470_264_320, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (32, 32),
        "receptive_field": 212, "paper_result": "a top-5 error of 7.3 % on ImageNet as an entry to ILSVRC 2014",
        "deviates": "maps of other sizes are averaged to 7 × 7",
    },
    "vgg16_bn": {
        "paper": "Very deep convolutional networks for large-scale image recognition",
        "year": 2014, "arxiv": "1409.1556",
        "parameters": 138_365_992, "macs": 15_470_264_320, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (32, 32),
        "deviates": "batch normalisation after each convolution, which came a year later; maps of other sizes are "
        "averaged to 7 × 7",
    },
    "vgg19": {
        "paper": "Very deep convolutional networks for large-scale image recognition",
        "year": 2014, "arxiv": "1409.1556",
        "parameters": 143_667_240, "macs": 19_632_062_464, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (32, 32),
        "paper_result": "a top-5 error of 7.3 % on ImageNet as an entry to ILSVRC 2014",
        "deviates": "maps of other sizes are averaged to 7 × 7",
    },
    "vgg19_bn": {
        "paper": "Very deep convolutional networks for large-scale image recognition",
        "year": 2014, "arxiv": "1409.1556",
        "parameters": 143_678_248, "macs": 19_632_062_464, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (32, 32),
        "deviates": "batch normalisation after each convolution, which came a year later; maps of other sizes are "
        "averaged to 7 × 7",
    },
}
# fmt: on

_WIDTHS = (64, 128, 256, 512, 512)


class VGG(Backbone):
    """Five blocks of 3×3 convolutions, a pooling after each, three dense layers.

    A block is one resolution, so the stages are: the first block, each pooling with the block after it, the last
    pooling.

    Args:
        name: What it is called in messages.
        depths: Convolutions in each of the five blocks.
        num_classes: Logits.
        in_channels: Channels of the images.
        norm: Whether batch normalisation follows each convolution.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: Simonyan & Zisserman 2014, table 1.
    """

    def __init__(
        self, name: str, depths: tuple[int, int, int, int, int], *, num_classes: int, in_channels: int, norm: bool
    ) -> None:
        stages = [(1, 64), (2, 128), (4, 256), (8, 512), (16, 512), (32, 512)]
        super().__init__(name, stages, num_classes=num_classes, in_channels=in_channels, smallest_size=(32, 32))
        self.features = nn.Sequential(*_layers(in_channels, depths, norm))
        self.avgpool = nn.AdaptiveAvgPool2d(7)
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, num_classes),
        )
        initialise_kaiming(self)

    def steps(self) -> Sequence[Step]:
        """Give the first block; four times a pooling and a block; the last pooling."""
        pools = [number for number, part in enumerate(self.features) if isinstance(part, nn.MaxPool2d)]
        return spans(self.features, (0, *pools))

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Bring the maps to 7 × 7, and put three dense layers on them."""
        return self.classifier(self.avgpool(features).flatten(1))


def _layers(in_channels: int, depths: tuple[int, ...], norm: bool) -> Iterator[nn.Module]:
    for width, depth in zip(_WIDTHS, depths, strict=True):
        for _ in range(depth):
            yield nn.Conv2d(in_channels, width, 3, padding=1)
            if norm:
                yield nn.BatchNorm2d(width)
            yield nn.ReLU(inplace=True)
            in_channels = width
        yield nn.MaxPool2d(2)


def vgg11(*, num_classes: int = 1000, in_channels: int = 3) -> VGG:
    """Make VGG-11: one, one, two, two and two convolutions.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which are 32 × 32 or larger.

    Returns:
        A network of 132,863,336 parameters at a thousand classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: Simonyan & Zisserman 2014, table 1, column A.

    Example:
        >>> import torch
        >>> vgg11(num_classes=10)(torch.zeros(1, 3, 32, 32)).shape
        torch.Size([1, 10])
    """
    return VGG("vgg11", (1, 1, 2, 2, 2), num_classes=num_classes, in_channels=in_channels, norm=False)


def vgg11_bn(*, num_classes: int = 1000, in_channels: int = 3) -> VGG:
    """Make VGG-11, with batch normalisation; 132,868,840 parameters. Arguments as for `vgg11`."""
    return VGG("vgg11_bn", (1, 1, 2, 2, 2), num_classes=num_classes, in_channels=in_channels, norm=True)


def vgg13(*, num_classes: int = 1000, in_channels: int = 3) -> VGG:
    """Make VGG-13, the paper's column B; 133,047,848 parameters. Arguments as for `vgg11`."""
    return VGG("vgg13", (2, 2, 2, 2, 2), num_classes=num_classes, in_channels=in_channels, norm=False)


def vgg13_bn(*, num_classes: int = 1000, in_channels: int = 3) -> VGG:
    """Make VGG-13, with batch normalisation; 133,053,736 parameters. Arguments as for `vgg11`."""
    return VGG("vgg13_bn", (2, 2, 2, 2, 2), num_classes=num_classes, in_channels=in_channels, norm=True)


def vgg16(*, num_classes: int = 1000, in_channels: int = 3) -> VGG:
    """Make VGG-16, the paper's column D; 138,357,544 parameters. Arguments as for `vgg11`."""
    return VGG("vgg16", (2, 2, 3, 3, 3), num_classes=num_classes, in_channels=in_channels, norm=False)


def vgg16_bn(*, num_classes: int = 1000, in_channels: int = 3) -> VGG:
    """Make VGG-16, with batch normalisation; 138,365,992 parameters. Arguments as for `vgg11`."""
    return VGG("vgg16_bn", (2, 2, 3, 3, 3), num_classes=num_classes, in_channels=in_channels, norm=True)


def vgg19(*, num_classes: int = 1000, in_channels: int = 3) -> VGG:
    """Make VGG-19, the paper's column E; 143,667,240 parameters. Arguments as for `vgg11`."""
    return VGG("vgg19", (2, 2, 4, 4, 4), num_classes=num_classes, in_channels=in_channels, norm=False)


def vgg19_bn(*, num_classes: int = 1000, in_channels: int = 3) -> VGG:
    """Make VGG-19, with batch normalisation; 143,678,248 parameters. Arguments as for `vgg11`."""
    return VGG("vgg19_bn", (2, 2, 4, 4, 4), num_classes=num_classes, in_channels=in_channels, norm=True)
