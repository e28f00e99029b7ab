"""Residual networks for photographs, 18 to 152 layers deep, and their plain twins without shortcuts.

The bare names are the form of published weights: the stride of a bottleneck sits in its 3×3 convolution (v1.5). The
`_paper` names have it in the first 1×1, as in the paper; a basic block has only one place for it.

Taught: a layer need only learn what to add to its input. Plain networks train worse from some depth on; with
shortcuts, 152 layers train well.

Source: He, Zhang, Ren & Sun, "Deep residual learning for image recognition", arXiv 1512.03385.
"""

from __future__ import annotations

from typing import Any

from saccade.layers.residual import BasicBlock, Bottleneck, PaperBottleneck, Shortcut
from saccade.layers.residual_network import ResNet

__all__ = [
    "plain18",
    "plain34",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet50_paper",
    "resnet101",
    "resnet101_paper",
    "resnet152",
    "resnet152_paper",
]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "plain18": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 11_515_688, "macs": 1_794_805_760, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "deviates": "nothing; weights start as in the residual twin, from the outputs of a filter, not its inputs",
        "recipe": {
            "settings": {
                "epochs": 120, "batch_size": 256, "optimizer": "momentum", "learning_rate": 0.1, "momentum": 0.9,
                "weight_decay": 0.0001, "decay_all": True, "schedule": "milestones", "milestones": (30, 60, 90),
                "rate_decay": 0.1, "warmup_epochs": 0.0, "height": 224,
            },
            "source": "He et al. 2015, section 3.4: 600 thousand steps of 256 images, which are 120 passes, the rate "
            "divided by 10; where it falls, and that every weight decays: train.lua in facebookarchive/fb.resnet.torch",
            "deviates": "the rate falls when the error stays, in the paper; images are also resized and recoloured at "
            "random there; that code has Nesterov momentum, and 90 passes",
        },
    },
    "plain34": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 21_623_848, "macs": 3_644_493_824, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "deviates": "nothing; weights start as in the residual twin, from the outputs of a filter, not its inputs",
    },
    "resnet18": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 11_689_512, "macs": 1_814_073_344, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "deviates": "shortcut B, as published weights have it; the paper's first comparison has A",
    },
    "resnet34": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 21_797_672, "macs": 3_663_761_408, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "deviates": "shortcut B, as published weights have it; the paper's first comparison has A",
    },
    "resnet50": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 25_557_032, "macs": 4_089_184_256, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "deviates": "the stride of a bottleneck is in its 3×3 convolution, as published weights have it; so a unit of "
        "the last stage sees 427 pixels a side, as computed here, where the paper's form sees 483",
    },
    "resnet50_paper": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 25_557_032, "macs": 3_857_973_248, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "receptive_field": 483, "paper_macs": 3_800_000_000,
        "deviates": "nothing; weights start from the outputs of a filter, not its inputs",
    },
    "resnet101": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 44_549_160, "macs": 7_801_405_440, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "deviates": "the stride of a bottleneck is in its 3×3 convolution, as published weights have it",
    },
    "resnet101_paper": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 44_549_160, "macs": 7_570_194_432, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "receptive_field": 1027,
        "deviates": "nothing; weights start from the outputs of a filter, not its inputs",
    },
    "resnet152": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 60_192_808, "macs": 11_513_626_624, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "deviates": "the stride of a bottleneck is in its 3×3 convolution, as published weights have it",
    },
    "resnet152_paper": {
        "paper": "Deep residual learning for image recognition", "year": 2015, "arxiv": "1512.03385",
        "parameters": 60_192_808, "macs": 11_282_415_616, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "receptive_field": 1507,
        "paper_result": "a top-5 error of 4.49 % on ImageNet, and of 3.57 % with several networks",
        "deviates": "nothing; weights start from the outputs of a filter, not its inputs",
    },
}
# fmt: on


def resnet18(*, num_classes: int = 1000, in_channels: int = 3, shortcut: Shortcut = "B") -> ResNet:
    """Make ResNet-18: four stages of 2, 2, 2, 2 basic blocks.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which may have any size; it was made for 224 × 224.
        shortcut: "A" (zeros for new channels), "B" (projection where the shape changes), "C" (projection everywhere)
            or "none" (a plain network). Published weights are "B".

    Returns:
        A network of 11,689,512 parameters at a thousand classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels, or the shortcut is none of the four.

    Source: He et al. 2015, table 1.

    Example:
        >>> import torch
        >>> resnet18(num_classes=10)(torch.zeros(1, 3, 64, 64)).shape
        torch.Size([1, 10])
    """
    return ResNet(
        "resnet18", BasicBlock, depths=(2, 2, 2, 2), num_classes=num_classes, in_channels=in_channels, shortcut=shortcut
    )


def resnet34(*, num_classes: int = 1000, in_channels: int = 3, shortcut: Shortcut = "B") -> ResNet:
    """Make ResNet-34: 3, 4, 6, 3 basic blocks; 21,797,672 parameters. Arguments as for `resnet18`."""
    return ResNet(
        "resnet34", BasicBlock, depths=(3, 4, 6, 3), num_classes=num_classes, in_channels=in_channels, shortcut=shortcut
    )


def resnet50(*, num_classes: int = 1000, in_channels: int = 3, shortcut: Shortcut = "B") -> ResNet:
    """Make ResNet-50: 3, 4, 6, 3 bottlenecks; 25,557,032 parameters. Arguments as for `resnet18`."""
    return ResNet(
        "resnet50", Bottleneck, depths=(3, 4, 6, 3), num_classes=num_classes, in_channels=in_channels, shortcut=shortcut
    )


def resnet50_paper(*, num_classes: int = 1000, in_channels: int = 3, shortcut: Shortcut = "B") -> ResNet:
    """Make ResNet-50 as in the paper, strides in the 1×1. Arguments as for `resnet18`."""
    return ResNet(
        "resnet50_paper",
        PaperBottleneck,
        depths=(3, 4, 6, 3),
        num_classes=num_classes,
        in_channels=in_channels,
        shortcut=shortcut,
    )


def resnet101(*, num_classes: int = 1000, in_channels: int = 3, shortcut: Shortcut = "B") -> ResNet:
    """Make ResNet-101: 3, 4, 23, 3 bottlenecks; 44,549,160 parameters. Arguments as for `resnet18`."""
    return ResNet(
        "resnet101",
        Bottleneck,
        depths=(3, 4, 23, 3),
        num_classes=num_classes,
        in_channels=in_channels,
        shortcut=shortcut,
    )


def resnet101_paper(*, num_classes: int = 1000, in_channels: int = 3, shortcut: Shortcut = "B") -> ResNet:
    """Make ResNet-101 as in the paper, strides in the 1×1. Arguments as for `resnet18`."""
    return ResNet(
        "resnet101_paper",
        PaperBottleneck,
        depths=(3, 4, 23, 3),
        num_classes=num_classes,
        in_channels=in_channels,
        shortcut=shortcut,
    )


def resnet152(*, num_classes: int = 1000, in_channels: int = 3, shortcut: Shortcut = "B") -> ResNet:
    """Make ResNet-152: 3, 8, 36, 3 bottlenecks; 60,192,808 parameters. Arguments as for `resnet18`."""
    return ResNet(
        "resnet152",
        Bottleneck,
        depths=(3, 8, 36, 3),
        num_classes=num_classes,
        in_channels=in_channels,
        shortcut=shortcut,
    )


def resnet152_paper(*, num_classes: int = 1000, in_channels: int = 3, shortcut: Shortcut = "B") -> ResNet:
    """Make ResNet-152 as in the paper, strides in the 1×1. Arguments as for `resnet18`."""
    return ResNet(
        "resnet152_paper",
        PaperBottleneck,
        depths=(3, 8, 36, 3),
        num_classes=num_classes,
        in_channels=in_channels,
        shortcut=shortcut,
    )


def plain18(*, num_classes: int = 1000, in_channels: int = 3) -> ResNet:
    """Make ResNet-18 without its shortcuts; 11,515,688 parameters. Arguments as for `resnet18`."""
    return ResNet(
        "plain18", BasicBlock, depths=(2, 2, 2, 2), num_classes=num_classes, in_channels=in_channels, shortcut="none"
    )


def plain34(*, num_classes: int = 1000, in_channels: int = 3) -> ResNet:
    """Make ResNet-34 without its shortcuts; 21,623,848 parameters. Arguments as for `resnet18`."""
    return ResNet(
        "plain34", BasicBlock, depths=(3, 4, 6, 3), num_classes=num_classes, in_channels=in_channels, shortcut="none"
    )
