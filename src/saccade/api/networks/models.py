"""What architectures there are, and making one.

Source: ours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import nn

from saccade import catalog
from saccade.api.kinds import arguments_of
from saccade.errors import BadConfig
from saccade.ops.images import check_counts


def models(pattern: str = "*") -> dict[str, dict[str, Any]]:
    """List the architectures, each with its card.

    Args:
        pattern: Shell-style wildcards, such as "*resnet*".

    Returns:
        Name and card: paper, year, parameters, multiply-adds, sizes, deviations.

    Raises:
        BadConfig: If the pattern is no text.

    Source: ours.

    Example:
        >>> list(models("lenet5"))
        ['lenet5']
    """
    if not isinstance(pattern, str):
        raise BadConfig(
            f"got {pattern!r} as a pattern; taken is text, such as '*resnet*'; leave it out for all of them"
        )
    return catalog.cards("architectures", pattern)


def create(
    name: str,
    *,
    weights: str | Path | None = None,
    num_classes: int | None = None,
    in_channels: int | None = None,
    commercial_only: bool | None = None,
) -> nn.Module:
    """Make an architecture, with fresh weights or with published ones.

    Args:
        name: One of `models()`.
        weights: None for fresh ones; a tag such as "imagenet" for what is published (see `saccade models --weights`),
            which is fetched, checked and kept; or a .safetensors file.
        num_classes: How many classes it tells apart; None: as many as in its card. With weights for another number, all
            of them are taken but the last layer's, which is fresh.
        in_channels: Channels of its images; None: as many as in its card, or as the weights have. With weights for
            another number, the first layer's are summed up for one channel, repeated and scaled for more.
        commercial_only: Refuse weights that are not known to be free for commercial use; None: as the variable
            SACCADE_COMMERCIAL_ONLY says.

    Returns:
        The network.

    Raises:
        UnknownName: If there is no such architecture, or no such weights; the nearest are offered.
        BadConfig: If a number is no whole number above zero, or the name is no text.
        BadCheckpoint: If the weights are for another network; the first ten differences are listed.
        Denied: If the licence of the weights is refused.
        Unreachable: If the weights cannot be fetched.

    Source: ours.

    Example:
        >>> sum(parameter.numel() for parameter in create("lenet5").parameters())
        61706
    """
    if not isinstance(name, str):
        raise BadConfig(f"got {name!r} as an architecture; taken is a name, as text; see saccade.models()")
    check_counts(
        name,
        num_classes=1 if num_classes is None else num_classes,
        in_channels=1 if in_channels is None else in_channels,
    )
    make = catalog.find("architectures", name)
    if weights is not None:
        from saccade.api.published import create_with

        return create_with(
            name, weights, num_classes=num_classes, in_channels=in_channels, commercial_only=commercial_only
        )
    return make(**arguments_of(name, num_classes=num_classes, in_channels=in_channels))
