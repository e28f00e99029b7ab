"""A classifier on the pooled maps of any backbone: how a frozen network learns new classes.

Taught: what a network learnt on many pictures serves for other pictures; only the last layer need be learnt anew.

Source: Donahue et al., "DeCAF: a deep convolutional activation feature for generic visual recognition", arXiv
1310.1531.
"""

from __future__ import annotations

from typing import Any

from saccade import catalog
from saccade.errors import BadConfig
from saccade.layers.pooled import Pooled
from saccade.ops.images import check_counts

__all__ = ["pooled"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "pooled": {
        "paper": "DeCAF: a deep convolutional activation feature for generic visual recognition", "year": 2013,
        "arxiv": "1310.1531",
        "parameters": 2_112_648, "macs": 120_442_880, "classes": 1000, "channels": 3,
        "native_size": (128, 128), "smallest_size": (1, 1),
        "deviates": "the maps of every stage are averaged over the picture; the paper takes dense layers of AlexNet",
    },
}
# fmt: on


def pooled(
    *, num_classes: int = 1000, in_channels: int = 3, backbone: str = "resnet14_half", hidden: int = 0
) -> Pooled:
    """Make a classifier on the pooled maps of every stage of a backbone.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images.
        backbone: A name in the catalogue.
        hidden: Units of a dense layer before the last; 0: none.

    Returns:
        A network of 2,112,648 parameters at a thousand classes, three channels and the backbone by default.

    Raises:
        BadConfig: If a number is out of range, or the backbone is this form itself.
        UnknownName: If no architecture has that name.

    Source: ours.

    Example:
        >>> network = pooled(num_classes=10, backbone="squeezenet1_1")
        >>> sum(parameter.numel() for parameter in network.parameters())
        732106
    """
    check_counts("pooled", num_classes=num_classes, in_channels=in_channels)
    if not isinstance(backbone, str) or backbone in __all__:
        raise BadConfig(f"got backbone={backbone!r}; taken are architectures that stand alone; give the name of one")
    return Pooled(
        catalog.find("architectures", backbone)(in_channels=in_channels, num_classes=1),
        num_classes=num_classes, hidden=hidden,
    )  # fmt: skip
