"""Pictures at other sizes.

Source: ours.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F


def resized(
    picture: Float[Tensor, "1 channels height width"], size: tuple[int, int]
) -> Float[Tensor, "1 channels rows columns"]:
    """Bring a picture to another size.

    Args:
        picture: Any.
        size: (height, width).

    Returns:
        The picture.

    Source: bilinear interpolation, over all pixels where it shrinks.

    Example:
        >>> import torch
        >>> resized(torch.ones(1, 1, 4, 4), (2, 2)).shape
        torch.Size([1, 1, 2, 2])
    """
    if (picture.shape[2], picture.shape[3]) == size:
        return picture
    return F.interpolate(picture, size, mode="bilinear", align_corners=False, antialias=True)
