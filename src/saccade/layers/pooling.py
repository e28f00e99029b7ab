"""Pooling that PyTorch does not have as a module: global, and the trainable subsampling of 1998.

Source: Lin et al., "Network in network", arXiv 1312.4400 (global); LeCun et al. 1998 (trainable).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn


class GlobalAveragePool(nn.Module):
    """Average each map to one number, whatever its size.

    Source: Lin et al. 2013, section 3.2.

    Example:
        >>> GlobalAveragePool()(torch.ones(2, 1000, 7, 7)).shape
        torch.Size([2, 1000])
    """

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch channels"]:
        """Average over height and width."""
        return x.mean((2, 3))


class TrainableSubsampling(nn.Module):
    """LeNet's subsampling: sigmoid(coefficient · mean of a window + bias), with one coefficient and bias for each map.

    The coefficient starts at the number of pixels in the window, which makes it 1 for their sum.

    Args:
        channels: Maps; there are twice as many parameters.
        size: One side of the window, and its step.

    Source: LeCun et al. 1998, section II.B (S2, S4).
    Deviates: The paper says "a sigmoidal function", its word for the scaled tanh too; the field reads it as the
        logistic sigmoid, and so does this.

    Example:
        >>> TrainableSubsampling(6)(torch.zeros(1, 6, 28, 28)).shape
        torch.Size([1, 6, 14, 14])
    """

    def __init__(self, channels: int, size: int = 2) -> None:
        super().__init__()
        self.size = size
        self.weight = nn.Parameter(torch.full((channels,), float(size * size)))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch channels rows columns"]:
        """Average, scale, shift, squash."""
        mean = F.avg_pool2d(x, self.size)
        return torch.sigmoid(mean * self.weight[:, None, None] + self.bias[:, None, None])
