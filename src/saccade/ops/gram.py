"""The Gram matrix: which channels of a map are high at the same places, wherever these are.

Source: Gatys, Ecker & Bethge, "A neural algorithm of artistic style", arXiv 1508.06576, equation 3.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadShape


def gram_matrix(
    features: Float[Tensor, "batch channels height width"],
) -> Float[Tensor, "batch channels channels"]:
    """Sum the products of each two channels over all places: VᵀV, where V has a row for each place.

    Args:
        features: Maps of a layer.

    Returns:
        The unnormalised Gram matrix of each image: symmetric, no eigenvalue below zero.

    Raises:
        BadShape: If they are no maps.

    Source: Gatys et al., arXiv 1508.06576, equation 3.

    Example:
        >>> import torch
        >>> gram_matrix(torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])).tolist()  # 1·1 + 2·2, 1·3 + 2·4, 3·3 + 4·4
        [[[5.0, 11.0], [11.0, 25.0]]]
    """
    if features.dim() != 4:
        raise BadShape(
            f"got features of shape {tuple(features.shape)}; taken are maps (batch, channels, height, width); "
            "take those of a layer with maps"
        )
    batch, channels, height, width = features.shape
    places = features.permute(0, 2, 3, 1).reshape(batch, height * width, channels)  # no copy where channels lie last
    return places.mT @ places
