"""The loss of a network that may have classifiers on the side.

Source: Szegedy et al., "Going deeper with convolutions", arXiv 1409.4842, section 5.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn


def classifier_losses(
    network: nn.Module,
    images: Float[Tensor, "batch channels height width"],
    name: str,
    *,
    criterion: Callable[[Tensor], Float[Tensor, ""]],
) -> dict[str, Float[Tensor, ""]]:
    """Run a network and judge its logits; while it trains, judge those of its auxiliary classifiers too.

    A network has such classifiers if its `auxiliary_weight` is not 0; then `forward_with_auxiliaries` gives the
    logits and a list of theirs (see `layers.auxiliary`). In evaluation they are not run.

    Args:
        network: Takes images, gives logits.
        images: What it takes.
        name: The term of the logits.
        criterion: The loss of logits.

    Returns:
        The term of that name; and "auxiliary", the sum of the others' losses times the network's `auxiliary_weight`.

    Source: Szegedy et al. 2014, section 5.

    Example:
        >>> terms = classifier_losses(nn.Flatten(), torch.ones(1, 1, 1, 2), "sum", criterion=torch.sum)
        >>> terms["sum"].item()
        2.0
    """
    weight = getattr(network, "auxiliary_weight", 0.0) if network.training else 0.0
    if not weight:
        return {name: criterion(network(images))}
    logits, others = network.forward_with_auxiliaries(images)  # pyright: ignore[reportCallIssue]
    return {name: criterion(logits), "auxiliary": weight * torch.stack([criterion(other) for other in others]).sum()}
