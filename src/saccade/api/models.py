"""What architectures there are, and making one.

Source: ours.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from saccade import catalog
from saccade.errors import BadConfig


def models(pattern: str = "*") -> dict[str, dict[str, Any]]:
    """List the architectures, each with its card.

    Args:
        pattern: Shell-style wildcards, such as "*resnet*".

    Returns:
        Name and card: paper, year, parameters, multiply-adds, sizes, deviations.

    Source: ours.

    Example:
        >>> list(models("lenet5"))
        ['lenet5']
    """
    return catalog.cards("architectures", pattern)


def create(name: str, *, num_classes: int = 1000, in_channels: int = 3) -> nn.Module:
    """Make an architecture with fresh weights.

    Args:
        name: One of `models()`.
        num_classes: How many classes it tells apart.
        in_channels: Channels of its images.

    Returns:
        The network.

    Raises:
        UnknownName: If there is no such architecture; the nearest are offered.
        BadConfig: If a number is not above zero.

    Source: ours.

    Example:
        >>> sum(parameter.numel() for parameter in create("lenet5", num_classes=10, in_channels=1).parameters())
        61706
    """
    if num_classes < 1 or in_channels < 1:
        raise BadConfig(
            f"got num_classes={num_classes}, in_channels={in_channels}; taken are numbers above zero; change them"
        )
    return catalog.find("architectures", name)(num_classes=num_classes, in_channels=in_channels)
