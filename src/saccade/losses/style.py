"""What two pictures have in common, in the eyes of a network: what is where, and how it is painted.

Source: Gatys, Ecker & Bethge, "A neural algorithm of artistic style", arXiv 1508.06576.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadShape
from saccade.ops.gram import gram_matrix


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
    features: Float[Tensor, "batch channels height width"], wanted: Float[Tensor, "#batch channels channels"]
) -> Float[Tensor, ""]:
    """The squared differences of two Gram matrices, over (2 · height · width · channels)² of the maps.

    Args:
        features: Maps of a layer for the pictures that are made.
        wanted: The Gram matrix of the same layer for the picture whose style is wanted, of as many places: where it has
            another size, the matrix times the places here over the places there.

    Returns:
        The cost; of several pictures the sum.

    Raises:
        BadShape: If the numbers of channels differ.

    Source: Gatys et al., arXiv 1508.06576, equation 4.

    Example:
        >>> import torch
        >>> style_cost(torch.tensor([[[[1.0, 2.0]]]]), torch.tensor([[[1.0]]])).item()  # (5 − 1)² / (2 · 1 · 2 · 1)²
        1.0
    """
    _, channels, height, width = features.shape
    if wanted.shape[1:] != (channels, channels):
        raise BadShape(
            f"got maps of {channels} channels and a Gram matrix of shape {tuple(wanted.shape)}; taken are a matrix and "
            "maps of one layer; compute it with gram_matrix"
        )
    return (gram_matrix(features) - wanted).square().sum() / (2.0 * height * width * channels) ** 2
