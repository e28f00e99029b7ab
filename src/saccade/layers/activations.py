"""Activations that PyTorch does not have.

ReLU, leaky ReLU, sigmoid, tanh, SiLU and softmax are PyTorch's own; blocks take the class, such as `nn.SiLU`, as their
`activation`. By the words of a line they are in `saccade.layers.line_modules.ACTIVATIONS`.

Source: LeCun et al., "Gradient-based learning applied to document recognition", 1998, appendix A.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn


class ScaledTanh(nn.Module):
    """1.7159 · tanh(2x / 3), which is 1 at 1 and −1 at −1, with its strongest curvature there.

    Source: LeCun et al. 1998, appendix A.

    Example:
        >>> ScaledTanh()(torch.tensor([-1.0, 0.0, 1.0])).round(decimals=4)
        tensor([-1.,  0.,  1.])
    """

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Squash each number."""
        return 1.7159 * torch.tanh(x * (2 / 3))
