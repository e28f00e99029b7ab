"""DenseNet: four dense blocks, in each of which every layer sees all maps before it and adds a few of its own.

Taught: features can be used again: when each layer adds a few maps to all those before it, fewer weights go further,
at the price of memory.

Source: Huang, Liu, van der Maaten & Weinberger, "Densely connected convolutional networks", arXiv 1608.06993; Pleiss
et al., "Memory-efficient implementation of DenseNets", arXiv 1707.06990 (recomputing).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_flag
from saccade.layers.backbone import Backbone, Step
from saccade.layers.dense_block import DenseBlock, DenseTransition
from saccade.layers.initialisation import initialise_kaiming
from saccade.layers.pooling import GlobalAveragePool
from saccade.layers.spans import spans

__all__ = ["densenet121", "densenet161", "densenet169", "densenet201"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "densenet121": {
        "paper": "Densely connected convolutional networks", "year": 2016, "arxiv": "1608.06993",
        "parameters": 7_978_856, "macs": 2_834_161_664, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (29, 29),
        "paper_result": "a top-1 error of 25.0 % on ImageNet",
        "deviates": "nothing",
        "recipe": {
            "settings": {
                "epochs": 90, "batch_size": 256, "optimizer": "nesterov", "learning_rate": 0.1, "momentum": 0.9,
                "weight_decay": 0.0001, "decay_all": True, "schedule": "milestones", "milestones": (30, 60),
                "rate_decay": 0.1, "warmup_epochs": 0.0, "height": 224,
            },
            "source": "Huang et al. 2016, section 4.2: 90 passes of 256 images, the rate divided by 10 after 30 and "
            "60; that every weight decays: train.lua in liuzhuang13/DenseNet",
            "deviates": "windows of the images and changed colours there; an earlier edition has batches of 128 for "
            "161 layers, and a hundred passes",
        },
    },
    "densenet161": {
        "paper": "Densely connected convolutional networks", "year": 2016, "arxiv": "1608.06993",
        "parameters": 28_681_000, "macs": 7_727_907_072, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (29, 29),
        "deviates": "nothing",
    },
    "densenet169": {
        "paper": "Densely connected convolutional networks", "year": 2016, "arxiv": "1608.06993",
        "parameters": 14_149_480, "macs": 3_359_843_328, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (29, 29),
        "deviates": "nothing",
    },
    "densenet201": {
        "paper": "Densely connected convolutional networks", "year": 2016, "arxiv": "1608.06993",
        "parameters": 20_013_928, "macs": 4_291_365_888, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (29, 29),
        "deviates": "nothing",
    },
}
# fmt: on


class DenseNet(Backbone):
    """A 7×7 convolution, four dense blocks with transitions that halve the maps and their size, one dense layer.

    The norm and the ReLU of a transition belong to the stage behind it, as its pooling does: what a stage gives are the
    maps of its dense block, all of them.

    Args:
        name: What it is called in messages.
        depths: Layers in each of the four dense blocks; each of them has two convolutions.
        growth_rate: Maps that each layer adds, k; the first convolution has twice as many filters.
        num_classes: Logits.
        in_channels: Channels of the images.
        recompute: Save memory while training; see `densenet121`.

    Raises:
        BadConfig: If there are no classes or no channels, or `recompute` is neither True nor False.

    Source: Huang et al. 2017, table 1: DenseNet-BC, bottlenecks of 4k and a compression of a half.
    """

    def __init__(
        self,
        name: str,
        *,
        depths: tuple[int, int, int, int],
        growth_rate: int,
        num_classes: int,
        in_channels: int,
        recompute: bool,
    ) -> None:
        width = 2 * growth_rate
        stages = [(2, width)]
        for number, depth in enumerate(depths):
            width = (width if number == 0 else width // 2) + depth * growth_rate
            stages.append((4 << number, width))
        super().__init__(name, stages, num_classes=num_classes, in_channels=in_channels, smallest_size=(29, 29))
        check_flag(name, "recompute", recompute)
        self.features = nn.Sequential(
            OrderedDict(
                conv0=nn.Conv2d(in_channels, 2 * growth_rate, 7, stride=2, padding=3, bias=False),
                norm0=nn.BatchNorm2d(2 * growth_rate),
                relu0=nn.ReLU(inplace=True),
                pool0=nn.MaxPool2d(3, stride=2, padding=1),
                **dict(_blocks(depths, growth_rate, recompute)),
                norm5=nn.BatchNorm2d(width),
                relu5=nn.ReLU(inplace=True),
            )
        )
        self.avgpool = GlobalAveragePool()
        self.classifier = nn.Linear(width, num_classes)
        initialise_kaiming(self, "fan_in")
        nn.init.zeros_(self.classifier.bias)

    def steps(self) -> Sequence[Step]:
        """Give the first convolution; the pooling and a dense block; three times a transition and a dense block."""
        return spans(self.features, (0, 3, 5, 7, 9))

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Average each map, and weigh them."""
        return self.classifier(self.avgpool(features))


def _blocks(depths: tuple[int, ...], growth_rate: int, recompute: bool) -> Iterator[tuple[str, nn.Module]]:
    width = 2 * growth_rate
    for number, depth in enumerate(depths, start=1):
        block = DenseBlock(width, depth=depth, growth_rate=growth_rate, recompute=recompute)
        yield f"denseblock{number}", block
        if number < len(depths):
            yield f"transition{number}", DenseTransition(block.out_channels)
        width = block.out_channels // 2


def densenet121(*, num_classes: int = 1000, in_channels: int = 3, recompute: bool = False) -> DenseNet:
    """Make DenseNet-121: dense blocks of 6, 12, 24 and 16 layers that add 32 maps each.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which are 29 × 29 or larger.
        recompute: While training, compute joined maps and what their norms make of them again in the backward pass
            instead of keeping them: less memory, more time, the same numbers.

    Returns:
        A network of 7,978,856 parameters at a thousand classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels, or `recompute` is neither True nor False.

    Source: Huang et al. 2017, table 1; Pleiss et al. 2017 (recomputing).

    Example:
        >>> import torch
        >>> densenet121(num_classes=10)(torch.zeros(1, 3, 64, 64)).shape
        torch.Size([1, 10])
    """
    return DenseNet(
        "densenet121",
        depths=(6, 12, 24, 16),
        growth_rate=32,
        num_classes=num_classes,
        in_channels=in_channels,
        recompute=recompute,
    )


def densenet161(*, num_classes: int = 1000, in_channels: int = 3, recompute: bool = False) -> DenseNet:
    """Make DenseNet-161: 6, 12, 36, 24 layers of 48 maps; 28,681,000 parameters. Arguments as for `densenet121`."""
    return DenseNet(
        "densenet161",
        depths=(6, 12, 36, 24),
        growth_rate=48,
        num_classes=num_classes,
        in_channels=in_channels,
        recompute=recompute,
    )


def densenet169(*, num_classes: int = 1000, in_channels: int = 3, recompute: bool = False) -> DenseNet:
    """Make DenseNet-169: 6, 12, 32 and 32 layers; 14,149,480 parameters. Arguments as for `densenet121`."""
    return DenseNet(
        "densenet169",
        depths=(6, 12, 32, 32),
        growth_rate=32,
        num_classes=num_classes,
        in_channels=in_channels,
        recompute=recompute,
    )


def densenet201(*, num_classes: int = 1000, in_channels: int = 3, recompute: bool = False) -> DenseNet:
    """Make DenseNet-201: 6, 12, 48 and 32 layers; 20,013,928 parameters. Arguments as for `densenet121`."""
    return DenseNet(
        "densenet201",
        depths=(6, 12, 48, 32),
        growth_rate=32,
        num_classes=num_classes,
        in_channels=in_channels,
        recompute=recompute,
    )
