"""What two pictures have in common, in the eyes of a network: what is where, and how it is painted.

Source: Gatys, Ecker & Bethge, "A neural algorithm of artistic style", arXiv 1508.06576.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadShape


def content_cost(
    features: Float[Tensor, "batch channels height width"], wanted: Float[Tensor, "batch channels height width"]
) -> Float[Tensor, ""]:
    """Half the sum of the squared differences of two maps.

    Args:
        features: Maps of a layer for the pictures that are made.
        wanted: Its maps for the pictures whose content is kept.

    Returns:
        The cost; of several pictures the sum.

    Raises:
        BadShape: If the shapes differ.

    Source: Gatys et al., arXiv 1508.06576, equation 1.

    Example:
        >>> import torch
        >>> content_cost(torch.ones(1, 1, 1, 2), torch.tensor([[[[1.0, 4.0]]]])).item()  # ½ (0² + 3²)
        4.5
    """
    if features.shape != wanted.shape:
        raise BadShape(
            f"got maps of shape {tuple(features.shape)} and {tuple(wanted.shape)}; taken are two of one shape; "
            "bring the pictures to one size"
        )
    return 0.5 * (features - wanted).square().sum()


def style_cost(
    gram: Float[Tensor, "batch channels channels"], wanted: Float[Tensor, "#batch channels channels"], *, places: int
) -> Float[Tensor, ""]:
    """The squared differences of two Gram matrices, over (2 · height · width · channels)² of the maps.

    Args:
        gram: Of the maps of a layer for the pictures that are made, as `gram_matrix` gives it, or added up over parts.
        wanted: Of the same layer for the picture whose style is wanted, of as many places: where it has another size,
            the matrix times the places here over the places there.
        places: Height times width of the maps.

    Returns:
        The cost; of several pictures the sum.

    Raises:
        BadShape: If the numbers of channels differ.

    Source: Gatys et al., arXiv 1508.06576, equation 4.

    Example:
        >>> import torch
        >>> style_cost(torch.tensor([[[5.0]]]), torch.tensor([[[1.0]]]), places=2).item()  # (5 − 1)² / (2 · 1 · 2 · 1)²
        1.0
    """
    if gram.shape[1:] != wanted.shape[1:]:
        raise BadShape(
            f"got Gram matrices of shape {tuple(gram.shape)} and {tuple(wanted.shape)}; taken are two of one layer; "
            "compute both with gram_matrix"
        )
    return (gram - wanted).square().sum() / (2.0 * places * gram.shape[1]) ** 2
