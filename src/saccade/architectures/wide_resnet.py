"""Wide residual networks for photographs: ResNet with twice the channels inside its bottlenecks.

Width instead of depth: 50 wide layers are as good as 152 thin ones, and faster on hardware that works in parallel.

Taught: a residual network may be wide instead of very deep: it is as accurate, and trains faster.

Source: Zagoruyko & Komodakis, "Wide residual networks", arXiv 1605.07146.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from saccade.layers.residual import Bottleneck
from saccade.layers.residual_network import ResNet

__all__ = ["wide_resnet50_2", "wide_resnet101_2"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "wide_resnet50_2": {
        "paper": "Wide residual networks", "year": 2016, "arxiv": "1605.07146",
        "parameters": 68_883_240, "macs": 11_398_021_120, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "deviates": "nothing; weights start from the outputs of a filter, not its inputs",
        "recipe": {
            "settings": {
                "epochs": 90, "batch_size": 128, "optimizer": "nesterov", "learning_rate": 0.1, "momentum": 0.9,
                "weight_decay": 0.0005, "decay_all": True, "schedule": "milestones", "milestones": (30, 60),
                "rate_decay": 0.1, "warmup_epochs": 0.0, "height": 224,
            },
            "source": "Zagoruyko & Komodakis 2016, section 3, under implementation: rate, momentum, decay and batch "
            "of all experiments, and for ImageNet the code of facebookarchive/fb.resnet.torch, whose opts.lua and "
            "train.lua have 90 passes and divide the rate by 10 every 30",
            "deviates": "that code has a decay of 0.0001 if nothing is said; windows of the images and changed "
            "colours there; on CIFAR, for other networks, the rate falls to a fifth after 60, 120 and 160 of 200 "
            "passes",
        },
    },
    "wide_resnet101_2": {
        "paper": "Wide residual networks", "year": 2016, "arxiv": "1605.07146",
        "parameters": 126_886_696, "macs": 22_753_050_624, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "deviates": "not in the paper: the rule of its network of 50 layers, at 101",
    },
}
# fmt: on


def wide_resnet50_2(*, num_classes: int = 1000, in_channels: int = 3) -> ResNet:
    """Make WRN-50-2: ResNet-50 whose bottlenecks are twice as wide inside, and give as much as before.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which may have any size; it was made for 224 × 224.

    Returns:
        A network of 68,883,240 parameters at a thousand classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: Zagoruyko & Komodakis 2016, section 3.5 and table 8 (WRN-50-2-bottleneck).

    Example:
        >>> import torch
        >>> wide_resnet50_2(num_classes=10)(torch.zeros(1, 3, 64, 64)).shape
        torch.Size([1, 10])
    """
    block = partial(Bottleneck, width_per_group=128)
    return ResNet("wide_resnet50_2", block, depths=(3, 4, 6, 3), num_classes=num_classes, in_channels=in_channels)


def wide_resnet101_2(*, num_classes: int = 1000, in_channels: int = 3) -> ResNet:
    """Make WRN-101-2, widened in the same way; 126,886,696 parameters. Arguments as for `wide_resnet50_2`."""
    block = partial(Bottleneck, width_per_group=128)
    return ResNet("wide_resnet101_2", block, depths=(3, 4, 23, 3), num_classes=num_classes, in_channels=in_channels)
