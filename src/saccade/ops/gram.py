"""The Gram matrix: which channels of a map are high at the same places, wherever these are.

Source: Gatys, Ecker & Bethge, "A neural algorithm of artistic style", arXiv 1508.06576, equation 3.
"""

from __future__ import annotations

from typing import Any

import torch
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
        >>> gram_matrix(torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])).tolist()  # 1·1 + 2·2, 1·3 + 2·4, 3·3 + 4·4
        [[[5.0, 11.0], [11.0, 25.0]]]
    """
    if features.dim() != 4:
        raise BadShape(
            f"got features of shape {tuple(features.shape)}; taken are maps (batch, channels, height, width); "
            "take those of a layer with maps"
        )
    return _Gram.apply(features)


class _Gram(torch.autograd.Function):
    """VᵀV, whose gradient is V(D + Dᵀ): one product, where V stands in it twice and two would be added up."""

    @staticmethod
    def forward(ctx: Any, features: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx.save_for_backward(features)
        places = _places(features)
        with torch.autocast(features.device.type, enabled=False):  # half precision is too coarse for such sums
            return places.mT @ places

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        (features,), (gradient,) = ctx.saved_tensors, gradients
        batch, channels, height, width = features.shape
        found = _places(features) @ (gradient + gradient.mT)
        return found.reshape(batch, height, width, channels).permute(0, 3, 1, 2)


def _places(features: Tensor) -> Tensor:
    """A row for each place; no copy where channels lie last."""
    return features.permute(0, 2, 3, 1).flatten(1, 2)
