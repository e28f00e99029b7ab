"""Stochastic depth: while training, leave out a whole branch, for some of the images.

Source: Huang, Sun, Liu, Sedra & Weinberger, "Deep networks with stochastic depth", arXiv 1603.09382.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_rate


class DropPath(nn.Module):
    """While training, zero everything for a share of the images; the others grow, so that the mean stays.

    Which ones is drawn from PyTorch's generator, as in `nn.Dropout`. In evaluation it does nothing.

    Args:
        rate: The share that is dropped, in [0, 1).

    Raises:
        BadConfig: If the rate is not in [0, 1).

    Source: Huang et al. 2016, section 3.
    Deviates: The paper leaves a branch out for the whole batch, and shrinks it in evaluation; like published
        EfficientNets this one draws for each image, and divides by 1 − rate while training.

    Example:
        >>> DropPath(0.2).eval()(torch.ones(2, 3))
        tensor([[1., 1., 1.],
                [1., 1., 1.]])
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        check_rate("DropPath", "rate", rate)
        self.rate = float(rate)

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Keep or drop each item of the batch."""
        if not self.training or self.rate == 0:
            return x
        kept = torch.empty((len(x),) + (1,) * (x.ndim - 1), dtype=x.dtype, device=x.device)
        return x * kept.bernoulli_(1 - self.rate).div_(1 - self.rate)

    def extra_repr(self) -> str:
        """Show the rate where the module is printed."""
        return f"rate={self.rate:g}"
