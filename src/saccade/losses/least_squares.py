"""The least-squares form of what a generator and a critic want of each other.

Source: Mao et al., "Least squares generative adversarial networks", arXiv 1611.04076, equation 9 with a = 0, b = c = 1.
"""

from __future__ import annotations

from jaxtyping import Float, Shaped
from torch import Tensor


def least_squares(opinions: Float[Tensor, "batch ..."], wanted: float) -> Float[Tensor, ""]:
    """Say how far a critic's opinions are from what is wanted of them.

    Args:
        opinions: Any numbers for each picture.
        wanted: 1 for real, or taken for real; 0 for made.

    Returns:
        The mean square of the differences, over everything; 0 where there are no pictures.

    Source: Mao et al. 2017, equation 9, without its halves.

    Example:
        >>> import torch
        >>> least_squares(torch.tensor([[1.0], [0.5]]), 1.0).item()
        0.125
    """
    return mean_or_zero((opinions.float() - wanted).square())


def mean_or_zero(values: Shaped[Tensor, "*shape"]) -> Float[Tensor, ""]:
    """Average numbers, of which there may be none: a batch can lack pictures of one kind.

    Args:
        values: Any number of them.

    Returns:
        The mean; 0 where there are none, and still part of the graph.

    Source: ours.

    Example:
        >>> import torch
        >>> mean_or_zero(torch.ones(2, 2)).item(), mean_or_zero(torch.ones(0, 2)).item()
        (1.0, 0.0)
    """
    return values.sum() / max(1, values.numel())
