"""A residual network for laptops: fourteen layers, half as wide as ResNet-18, in a file of three megabytes.

Taught: nothing; it is what a processor without help can train and run in seconds.

Source: ours; the layout is that of He, Zhang, Ren & Sun, arXiv 1512.03385.
"""

from __future__ import annotations

from typing import Any

from saccade.layers.residual import BasicBlock
from saccade.layers.residual_network import ResNet

__all__ = ["resnet14_half"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "resnet14_half": {
        "paper": "ours, after Deep residual learning for image recognition", "year": 2026, "arxiv": "",
        "parameters": 1_856_648, "macs": 120_186_880, "classes": 1000, "channels": 3,
        "native_size": (128, 128), "smallest_size": (1, 1),
        "deviates": "not in the paper: depths 1, 2, 2, 1 and half its widths",
    },
}
# fmt: on


def resnet14_half(*, num_classes: int = 1000, in_channels: int = 3) -> ResNet:
    """Make a residual network of four stages of 1, 2, 2, 1 basic blocks with 32 to 256 channels.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which may have any size; it was made for 128 × 128.

    Returns:
        A network of 1,856,648 parameters at a thousand classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: ours.

    Example:
        >>> sum(parameter.numel() for parameter in resnet14_half(num_classes=10).parameters())
        1602218
    """
    return ResNet(
        "resnet14_half", BasicBlock,
        depths=(1, 2, 2, 1), num_classes=num_classes, in_channels=in_channels, width=32,
    )  # fmt: skip
