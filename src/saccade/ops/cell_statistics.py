"""A picture in a few numbers: how bright each of its cells is in each channel, and how much that varies within.

Source: ours.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F


def cell_statistics(
    images: Float[Tensor, "batch channels height width"], cells: int = 8
) -> Float[Tensor, "batch numbers"]:
    """Give the mean and the deviation of the levels in each cell of a grid.

    Args:
        images: In [0, 1].
        cells: Along each side; fewer where an image has fewer pixels.

    Returns:
        For each image the means of all cells of all channels, then the deviations: numbers in [0, 1], in levels.

    Source: ours.

    Example:
        >>> cell_statistics(torch.tensor([[[[0.0, 1.0], [0.0, 1.0]]]]), cells=1).tolist()
        [[0.5, 0.5]]
    """
    grid = (min(cells, images.shape[2]), min(cells, images.shape[3]))
    means = F.adaptive_avg_pool2d(images, grid)
    squares = F.adaptive_avg_pool2d(images.square(), grid)
    deviations = (squares - means.square()).clamp(min=0).sqrt()
    return torch.cat([means.flatten(1), deviations.flatten(1)], 1)
