"""ResNeXt: the bottlenecks of ResNet in many parallel paths, 32 or 64, which are one convolution in so many groups.

The same block as paths that are added, which is what the paper means, is in `saccade.layers.aggregated`.

Taught: at equal cost, more ways side by side pay better than more depth or more width.

Source: Xie, Girshick, Dollár, Tu & He, "Aggregated residual transformations for deep neural networks",
arXiv 1611.05431.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from saccade.layers.residual import Bottleneck
from saccade.layers.residual_network import ResNet

__all__ = ["resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "resnext50_32x4d": {
        "paper": "Aggregated residual transformations for deep neural networks", "year": 2016, "arxiv": "1611.05431",
        "parameters": 25_028_904, "macs": 4_230_479_872, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "paper_result": "a top-1 error of 22.2 % on ImageNet",
        "deviates": "nothing; weights start from the outputs of a filter, not its inputs",
        "recipe": {
            "settings": {
                "batch_size": 256, "optimizer": "nesterov", "learning_rate": 0.1, "momentum": 0.9,
                "weight_decay": 0.0001, "decay_all": True, "epochs": 100, "schedule": "milestones",
                "milestones": (30, 60, 90), "rate_decay": 0.1, "warmup_epochs": 0.0, "height": 224,
            },
            "source": "Xie et al. 2016, section 4: 256 images, the rate divided by 10 three times; a hundred passes, "
            "where the rate falls, Nesterov momentum, and that every weight decays: opts.lua and train.lua in "
            "facebookresearch/ResNeXt",
            "deviates": "windows of the images and changed colours there",
        },
    },
    "resnext101_32x8d": {
        "paper": "Aggregated residual transformations for deep neural networks", "year": 2016, "arxiv": "1611.05431",
        "parameters": 88_791_336, "macs": 16_414_015_488, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "deviates": "not in the paper, whose networks of 101 layers are 32×4d and 64×4d: its authors made it later",
    },
    "resnext101_64x4d": {
        "paper": "Aggregated residual transformations for deep neural networks", "year": 2016, "arxiv": "1611.05431",
        "parameters": 83_455_272, "macs": 15_460_270_080, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "deviates": "nothing; weights start from the outputs of a filter, not its inputs",
    },
}
# fmt: on


def resnext50_32x4d(*, num_classes: int = 1000, in_channels: int = 3) -> ResNet:
    """Make ResNeXt-50 of 32 paths, each four channels wide in the first stage, eight in the second, and so on.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which may have any size; it was made for 224 × 224.

    Returns:
        A network of 25,028,904 parameters at a thousand classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: Xie et al. 2017, table 1.

    Example:
        >>> import torch
        >>> resnext50_32x4d(num_classes=10)(torch.zeros(1, 3, 64, 64)).shape
        torch.Size([1, 10])
    """
    block = partial(Bottleneck, groups=32, width_per_group=4)
    return ResNet("resnext50_32x4d", block, depths=(3, 4, 6, 3), num_classes=num_classes, in_channels=in_channels)


def resnext101_32x8d(*, num_classes: int = 1000, in_channels: int = 3) -> ResNet:
    """Make ResNeXt-101 of 32 paths of 8 channels; 88,791,336 parameters. Arguments as for `resnext50_32x4d`."""
    block = partial(Bottleneck, groups=32, width_per_group=8)
    return ResNet("resnext101_32x8d", block, depths=(3, 4, 23, 3), num_classes=num_classes, in_channels=in_channels)


def resnext101_64x4d(*, num_classes: int = 1000, in_channels: int = 3) -> ResNet:
    """Make ResNeXt-101 of 64 paths of 4 channels; 83,455,272 parameters. Arguments as for `resnext50_32x4d`."""
    block = partial(Bottleneck, groups=64, width_per_group=4)
    return ResNet("resnext101_64x4d", block, depths=(3, 4, 23, 3), num_classes=num_classes, in_channels=in_channels)
