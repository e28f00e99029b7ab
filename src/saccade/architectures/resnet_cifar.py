"""Residual networks for pictures of 32 × 32 pixels, 6n + 2 layers deep, and their plain twins.

Three stages of n basic blocks with 16, 32 and 64 channels. Parameters have the names of the widely used weights by
Yerlan Idelbayev (pytorch_resnet_cifar10), which load unmodified but for the "module." in front of each name.

Taught: that plain networks get worse with depth is no overfitting: at 56 layers their training error is larger than at
20, and with shortcuts it is smaller.

Source: He, Zhang, Ren & Sun, "Deep residual learning for image recognition", arXiv 1512.03385, section 4.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.layers.backbone import Backbone, Step
from saccade.layers.initialisation import initialise_kaiming
from saccade.layers.pooling import GlobalAveragePool
from saccade.layers.residual import BasicBlock, Shortcut, residual_stage

__all__ = ["plain20", "plain56", "resnet8", "resnet20", "resnet32", "resnet44", "resnet56", "resnet110"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "plain20": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 269_722, "macs": 40_551_040, "classes": 10, "channels": 3,
        "native_size": (32, 32), "smallest_size": (1, 1),
        "deviates": "nothing",
        "recipe": {
            "settings": {
                "epochs": 182, "batch_size": 128, "optimizer": "momentum", "learning_rate": 0.1, "momentum": 0.9,
                "weight_decay": 0.0001, "decay_all": True, "schedule": "step", "warmup_epochs": 0.0, "height": 32,
                "augment": "standard", "mirror": True, "crop_rate": 0.125,
            },
            "source": "He et al. 2015, section 4.2: 64 thousand steps of 128 images, of 45,000 182 passes, the rate "
            "divided by 10 after 32 and 48 thousand; that every weight decays: train.lua in "
            "facebookarchive/fb.resnet.torch",
            "deviates": "110 layers begin with a rate of 0.01 until the error is below 80 % there",
        },
    },
    "plain56": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 853_018, "macs": 125_485_696, "classes": 10, "channels": 3,
        "native_size": (32, 32), "smallest_size": (1, 1),
        "deviates": "nothing",
    },
    "resnet8": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 75_290, "macs": 12_239_488, "classes": 10, "channels": 3,
        "native_size": (32, 32), "smallest_size": (1, 1),
        "deviates": "not in the paper: the smallest of its rule, for quick trials",
    },
    "resnet20": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 269_722, "macs": 40_551_040, "classes": 10, "channels": 3,
        "native_size": (32, 32), "smallest_size": (1, 1),
        "paper_parameters": 270_000, "paper_result": "an error of 8.75 % on CIFAR-10",
        "deviates": "nothing",
    },
    "resnet32": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 464_154, "macs": 68_862_592, "classes": 10, "channels": 3,
        "native_size": (32, 32), "smallest_size": (1, 1),
        "deviates": "nothing",
    },
    "resnet44": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 658_586, "macs": 97_174_144, "classes": 10, "channels": 3,
        "native_size": (32, 32), "smallest_size": (1, 1),
        "deviates": "nothing",
    },
    "resnet56": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 853_018, "macs": 125_485_696, "classes": 10, "channels": 3,
        "native_size": (32, 32), "smallest_size": (1, 1),
        "deviates": "nothing",
    },
    "resnet110": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 1_727_962, "macs": 252_887_680, "classes": 10, "channels": 3,
        "native_size": (32, 32), "smallest_size": (1, 1),
        "deviates": "nothing; the paper starts its training with a tenth of the learning rate",
    },
}
# fmt: on


class ResNetCifar(Backbone):
    """A 3×3 stem, three stages of n basic blocks, global average pooling, one dense layer.

    Args:
        name: What it is called in messages.
        depth: Learned layers in all: 6n + 2, so 8, 14, 20 …
        num_classes: Logits.
        in_channels: Channels of the images.
        shortcut: "A", "B", "C" or "none" (a plain network); see `saccade.layers.residual`.
        width: Channels of the first stage; the others have twice and four times as many.

    Raises:
        BadConfig: If there are no classes, no channels or no width, the depth is not 6n + 2, or the shortcut is none of
            the four.

    Source: He et al. 2015, section 4.2.
    """

    def __init__(
        self, name: str, *, depth: int, num_classes: int, in_channels: int, shortcut: Shortcut, width: int = 16
    ) -> None:
        if type(width) is not int or width < 1:
            raise BadConfig(f"got width={width!r}; {name} takes a whole number ≥ 1; the paper has 16")
        widths = (width, 2 * width, 4 * width)
        stages = list(zip((1, 2, 4), widths, strict=True))
        super().__init__(name, stages, num_classes=num_classes, in_channels=in_channels)
        if type(depth) is not int or depth < 8 or depth % 6 != 2:
            raise BadConfig(f"got depth={depth!r}; {name} takes 6n + 2: 8, 14, 20 …; choose the nearest of them")
        blocks = (depth - 2) // 6
        self.conv1 = nn.Conv2d(in_channels, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.layer1 = residual_stage(BasicBlock, width, width=width, depth=blocks, shortcut=shortcut)
        self.layer2 = residual_stage(BasicBlock, width, width=widths[1], depth=blocks, stride=2, shortcut=shortcut)
        self.layer3 = residual_stage(BasicBlock, widths[1], width=widths[2], depth=blocks, stride=2, shortcut=shortcut)
        self.avgpool = GlobalAveragePool()
        self.linear = nn.Linear(widths[2], num_classes)
        initialise_kaiming(self, "fan_in")
        nn.init.kaiming_normal_(self.linear.weight)

    def steps(self) -> Sequence[Step]:
        """Give the three stages; the first of them, the stem, starts with the 3×3 convolution, and keeps its stride."""
        return (lambda images: self.layer1(self.relu(self.bn1(self.conv1(images)))), self.layer2, self.layer3)

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Average each map, and weigh them."""
        return self.linear(self.avgpool(features))


def resnet20(*, num_classes: int = 10, in_channels: int = 3, shortcut: Shortcut = "A", width: int = 16) -> ResNetCifar:
    """Make ResNet-20: three stages of three blocks; 269,722 parameters.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which may have any size; it was made for 32 × 32.
        shortcut: "A" (zeros for new channels) as in the paper and in published weights, "B" (projection where the
            shape changes), "C" (projection everywhere) or "none" (a plain network).
        width: Channels of the first stage; the others have twice and four times as many.

    Returns:
        The network.

    Raises:
        BadConfig: If there are no classes, no channels or no width, or the shortcut is none of the four.

    Source: He et al. 2015, section 4.2.

    Example:
        >>> import torch
        >>> resnet20()(torch.zeros(1, 3, 32, 32)).shape
        torch.Size([1, 10])
    """
    return ResNetCifar(
        "resnet20", depth=20, num_classes=num_classes, in_channels=in_channels, shortcut=shortcut, width=width
    )


def resnet8(*, num_classes: int = 10, in_channels: int = 3, shortcut: Shortcut = "A", width: int = 16) -> ResNetCifar:
    """Make ResNet-8: three stages of one block; 75,290 parameters. Arguments as for `resnet20`."""
    return ResNetCifar(
        "resnet8", depth=8, num_classes=num_classes, in_channels=in_channels, shortcut=shortcut, width=width
    )


def resnet32(*, num_classes: int = 10, in_channels: int = 3, shortcut: Shortcut = "A", width: int = 16) -> ResNetCifar:
    """Make ResNet-32: three stages of five blocks; 464,154 parameters. Arguments as for `resnet20`."""
    return ResNetCifar(
        "resnet32", depth=32, num_classes=num_classes, in_channels=in_channels, shortcut=shortcut, width=width
    )


def resnet44(*, num_classes: int = 10, in_channels: int = 3, shortcut: Shortcut = "A", width: int = 16) -> ResNetCifar:
    """Make ResNet-44: three stages of seven blocks; 658,586 parameters. Arguments as for `resnet20`."""
    return ResNetCifar(
        "resnet44", depth=44, num_classes=num_classes, in_channels=in_channels, shortcut=shortcut, width=width
    )


def resnet56(*, num_classes: int = 10, in_channels: int = 3, shortcut: Shortcut = "A", width: int = 16) -> ResNetCifar:
    """Make ResNet-56: three stages of nine blocks; 853,018 parameters. Arguments as for `resnet20`."""
    return ResNetCifar(
        "resnet56", depth=56, num_classes=num_classes, in_channels=in_channels, shortcut=shortcut, width=width
    )


def resnet110(*, num_classes: int = 10, in_channels: int = 3, shortcut: Shortcut = "A", width: int = 16) -> ResNetCifar:
    """Make ResNet-110: three stages of eighteen blocks; 1,727,962 parameters. Arguments as for `resnet20`."""
    return ResNetCifar(
        "resnet110", depth=110, num_classes=num_classes, in_channels=in_channels, shortcut=shortcut, width=width
    )


def plain20(*, num_classes: int = 10, in_channels: int = 3, width: int = 16) -> ResNetCifar:
    """Make ResNet-20 without its shortcuts, which have no parameters. Arguments as for `resnet20`."""
    return ResNetCifar(
        "plain20", depth=20, num_classes=num_classes, in_channels=in_channels, shortcut="none", width=width
    )


def plain56(*, num_classes: int = 10, in_channels: int = 3, width: int = 16) -> ResNetCifar:
    """Make ResNet-56 without its shortcuts, which have no parameters. Arguments as for `resnet20`."""
    return ResNetCifar(
        "plain56", depth=56, num_classes=num_classes, in_channels=in_channels, shortcut="none", width=width
    )
