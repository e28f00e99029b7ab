"""Squeeze-and-excitation networks: residual networks in which the whole image decides how much each channel counts.

The names with `_paper`, `se_resnext50_32x4d` and `senet154` are what the paper's authors trained in Caffe: strides of
SE-ResNet in the first 1×1, and a pooling without padding that rounds up. `se_resnet50` is ResNet-50 as it is used
today, with the same modules in its blocks.

Taught: to weigh whole channels by what the whole picture shows costs hardly any arithmetic and makes any of these
networks better.

Source: Hu, Shen, Albanie, Sun & Wu, "Squeeze-and-excitation networks", arXiv 1709.01507.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_rate
from saccade.layers.backbone import Backbone, Step
from saccade.layers.initialisation import initialise_kaiming
from saccade.layers.pooling import GlobalAveragePool
from saccade.layers.residual import BlockMaker, Bottleneck, PaperBottleneck, WideProjectionBottleneck, residual_stage
from saccade.layers.residual_network import ResNet
from saccade.layers.squeeze_excitation import SqueezeExcitation

__all__ = [
    "se_resnet50",
    "se_resnet50_paper",
    "se_resnet101_paper",
    "se_resnet152_paper",
    "se_resnext50_32x4d",
    "senet154",
]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "senet154": {
        "paper": "Squeeze-and-excitation networks", "year": 2017, "arxiv": "1709.01507",
        "parameters": 115_088_984, "macs": 20_688_363_520, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (3, 3),
        "paper_result": "a top-5 error of 2.25 % on ImageNet as an entry to ILSVRC 2017",
        "deviates": "nothing; weights start from the outputs of a filter, not its inputs",
        "recipe": {
            "settings": {
                "epochs": 100, "batch_size": 1024, "optimizer": "momentum", "learning_rate": 0.6, "momentum": 0.9,
                "weight_decay": 0.0001, "schedule": "milestones", "milestones": (30, 60, 90), "rate_decay": 0.1,
                "warmup_epochs": 0.0, "height": 224,
            },
            "source": "Hu et al. 2017, section 5: 1,024 images, a rate of 0.6, divided by 10 every 30 of 100 passes; "
            "decay of weights: its first author in issue 37 of hujie-frank/SENet",
            "deviates": "which weights decay is not said; windows of the images, turned ones, and batches in which "
            "classes are balanced there; published weights are of other runs, with 256 images, a rate of 0.1 and more "
            "passes",
        },
    },
    "se_resnet50": {
        "paper": "Squeeze-and-excitation networks", "year": 2017, "arxiv": "1709.01507",
        "parameters": 28_088_024, "macs": 4_091_699_200, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "deviates": "strides in the 3×3 convolutions and a padded pooling, as in today's ResNet-50",
    },
    "se_resnet50_paper": {
        "paper": "Squeeze-and-excitation networks", "year": 2017, "arxiv": "1709.01507",
        "parameters": 28_088_024, "macs": 3_860_488_192, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (3, 3),
        "deviates": "nothing; weights start from the outputs of a filter, not its inputs",
    },
    "se_resnet101_paper": {
        "paper": "Squeeze-and-excitation networks", "year": 2017, "arxiv": "1709.01507",
        "parameters": 49_326_872, "macs": 7_574_937_600, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (3, 3),
        "deviates": "nothing; weights start from the outputs of a filter, not its inputs",
    },
    "se_resnet152_paper": {
        "paper": "Squeeze-and-excitation networks", "year": 2017, "arxiv": "1709.01507",
        "parameters": 66_821_848, "macs": 11_288_993_792, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (3, 3),
        "deviates": "nothing; weights start from the outputs of a filter, not its inputs",
    },
    "se_resnext50_32x4d": {
        "paper": "Squeeze-and-excitation networks", "year": 2017, "arxiv": "1709.01507",
        "parameters": 27_559_896, "macs": 4_232_994_816, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (3, 3),
        "deviates": "nothing; weights start from the outputs of a filter, not its inputs",
    },
}
# fmt: on


class CaffeBottleneck(PaperBottleneck):
    """The bottleneck with its stride in the first 1×1; named as in its published weights."""

    attention_name = "se_module"


class CaffeGroupedBottleneck(Bottleneck):
    """The bottleneck with its stride in the 3×3; named as in its published weights."""

    attention_name = "se_module"


class SENet(Backbone):
    """A stem, four stages of residual blocks with squeeze and excitation, global average pooling, one dense layer.

    Args:
        name: What it is called in messages.
        block: Makes a block whose output is four times its width.
        depths: Blocks in each of the four stages.
        num_classes: Logits.
        in_channels: Channels of the images.
        deep_stem: Three 3×3 convolutions in front, to 128 channels, instead of a 7×7 one to 64.
        dropout_rate: Share of the numbers before the dense layer that is zeroed while training.

    Raises:
        BadConfig: If there are no classes or no channels, or the rate is not in [0, 1).

    Source: Hu et al. 2018, table 1.
    """

    def __init__(
        self,
        name: str,
        block: BlockMaker,
        *,
        depths: tuple[int, int, int, int],
        num_classes: int,
        in_channels: int,
        deep_stem: bool = False,
        dropout_rate: float = 0.0,
    ) -> None:
        width = 128 if deep_stem else 64
        stages = [(2, width), (4, 256), (8, 512), (16, 1024), (32, 2048)]
        super().__init__(name, stages, num_classes=num_classes, in_channels=in_channels, smallest_size=(3, 3))
        check_rate(name, "dropout_rate", dropout_rate)
        one, two, three, four = depths
        self.layer0 = _deep_stem(in_channels) if deep_stem else _stem(in_channels)
        self.pool0 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.layer1 = residual_stage(block, width, width=64, depth=one)
        self.layer2 = residual_stage(block, 256, width=128, depth=two, stride=2)
        self.layer3 = residual_stage(block, 512, width=256, depth=three, stride=2)
        self.layer4 = residual_stage(block, 1024, width=512, depth=four, stride=2)
        self.avgpool = GlobalAveragePool()
        self.dropout = nn.Dropout(dropout_rate)
        self.last_linear = nn.Linear(2048, num_classes)
        initialise_kaiming(self)

    def steps(self) -> Sequence[Step]:
        """Give the stem and the four stages; the first of them starts with the pooling."""
        return (self.layer0, lambda x: self.layer1(self.pool0(x)), self.layer2, self.layer3, self.layer4)

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Average each map, and weigh them."""
        return self.last_linear(self.dropout(self.avgpool(features)))


def _stem(in_channels: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False),
            bn1=nn.BatchNorm2d(64),
            relu1=nn.ReLU(inplace=True),
        )
    )


def _deep_stem(in_channels: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(in_channels, 64, 3, stride=2, padding=1, bias=False),
            bn1=nn.BatchNorm2d(64),
            relu1=nn.ReLU(inplace=True),
            conv2=nn.Conv2d(64, 64, 3, padding=1, bias=False),
            bn2=nn.BatchNorm2d(64),
            relu2=nn.ReLU(inplace=True),
            conv3=nn.Conv2d(64, 128, 3, padding=1, bias=False),
            bn3=nn.BatchNorm2d(128),
            relu3=nn.ReLU(inplace=True),
        )
    )


def senet154(*, num_classes: int = 1000, in_channels: int = 3) -> SENet:
    """Make SENet-154, the network that won ImageNet 2017: 64 paths, 3×3 projections, three convolutions as a stem.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which are 3 × 3 or larger; it was made for 224 × 224.

    Returns:
        A network of 115,088,984 parameters at a thousand classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: Hu et al. 2018, section 6.2 and appendix.

    Example:
        >>> import torch
        >>> senet154(num_classes=10)(torch.zeros(1, 3, 64, 64)).shape
        torch.Size([1, 10])
    """
    block = partial(WideProjectionBottleneck, groups=64, width_per_group=4, attention=SqueezeExcitation)
    return SENet(
        "senet154",
        block,
        depths=(3, 8, 36, 3),
        num_classes=num_classes,
        in_channels=in_channels,
        deep_stem=True,
        dropout_rate=0.2,
    )


def se_resnet50(*, num_classes: int = 1000, in_channels: int = 3) -> ResNet:
    """Make ResNet-50 of today with squeeze and excitation, from any size on; 28,088,024 parameters.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which may have any size; it was made for 224 × 224.

    Returns:
        A network whose stride is in the 3×3 convolutions.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: Hu et al. 2018, table 1, on the form of ResNet that published weights have.

    Example:
        >>> se_resnet50(num_classes=10).layer1[0].se.fc1.out_channels
        16
    """
    block = partial(Bottleneck, attention=SqueezeExcitation)
    return ResNet("se_resnet50", block, depths=(3, 4, 6, 3), num_classes=num_classes, in_channels=in_channels)


def se_resnet50_paper(*, num_classes: int = 1000, in_channels: int = 3) -> SENet:
    """Make SE-ResNet-50 as in the paper, strides in the 1×1; 28,088,024 parameters. Arguments as for `senet154`."""
    return _se_resnet("se_resnet50_paper", (3, 4, 6, 3), num_classes, in_channels)


def se_resnet101_paper(*, num_classes: int = 1000, in_channels: int = 3) -> SENet:
    """Make SE-ResNet-101 as in the paper; 49,326,872 parameters. Arguments as for `senet154`."""
    return _se_resnet("se_resnet101_paper", (3, 4, 23, 3), num_classes, in_channels)


def se_resnet152_paper(*, num_classes: int = 1000, in_channels: int = 3) -> SENet:
    """Make SE-ResNet-152 as in the paper; 66,821,848 parameters. Arguments as for `senet154`."""
    return _se_resnet("se_resnet152_paper", (3, 8, 36, 3), num_classes, in_channels)


def se_resnext50_32x4d(*, num_classes: int = 1000, in_channels: int = 3) -> SENet:
    """Make SE-ResNeXt-50 of 32 paths of 4 channels; 27,559,896 parameters. Arguments as for `senet154`."""
    block = partial(CaffeGroupedBottleneck, groups=32, width_per_group=4, attention=SqueezeExcitation)
    return SENet("se_resnext50_32x4d", block, depths=(3, 4, 6, 3), num_classes=num_classes, in_channels=in_channels)


def _se_resnet(name: str, depths: tuple[int, int, int, int], num_classes: int, in_channels: int) -> SENet:
    block = partial(CaffeBottleneck, attention=SqueezeExcitation)
    return SENet(name, block, depths=depths, num_classes=num_classes, in_channels=in_channels)
