"""The total variation of a picture: how rough it is.

Source: Rudin, Osher & Fatemi, "Nonlinear total variation based noise removal algorithms", 1992; as a prior of pictures,
    Mahendran & Vedaldi, arXiv 1412.0035, equation 4, with β = 1.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

_TINY = 1e-8


def total_variation(images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, ""]:
    """Take the mean length of the differences of each pixel to its neighbours right and below.

    Args:
        images: Of 2 × 2 pixels or more.

    Returns:
        A number; 0.0001 for one colour, so that it can be differentiated there.

    Source: as the file.

    Example:
        >>> import torch
        >>> round(total_variation(torch.tensor([[[[0.0, 3.0], [4.0, 1.0]]]])).item(), 3)  # √(3² + 4²)
        5.0
    """
    right = images[:, :, :-1, 1:] - images[:, :, :-1, :-1]
    below = images[:, :, 1:, :-1] - images[:, :, :-1, :-1]
    return (right.square() + below.square() + _TINY).sqrt().mean()
