"""Local response normalisation, and the batch normalisation that does nothing.

Source: Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural networks", 2012,
section 3.3; Ioffe & Szegedy, "Batch Normalization", arXiv 1502.03167, section 3.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig


class LocalResponseNorm(nn.Module):
    """Divide each number by what its neighbours in the channels say at the same place: a / (k + α · Σ a²)^β.

    The sum goes over `window` channels around its own, as far as there are any; of an even window the longer half
    comes before. As in the paper, α is not divided by the window; PyTorch's `nn.LocalResponseNorm` divides it, and so
    does this with `divide_alpha`. The same α is therefore a five times weaker normalisation there, at a window of 5.

    Args:
        window: Channels that are summed, n in the paper.
        alpha: α.
        beta: β.
        k: What keeps the divisor away from 0.
        divide_alpha: Whether α is divided by the window, as in PyTorch.

    Raises:
        BadConfig: If the window is below 1.

    Source: Krizhevsky et al. 2012, section 3.3, with its numbers as defaults.

    Example:
        >>> norm = LocalResponseNorm(1, alpha=3.0, beta=0.5, k=1.0)
        >>> norm(torch.ones(1, 1, 1, 1)).item()
        0.5
    """

    def __init__(
        self,
        window: int = 5,
        *,
        alpha: float = 1e-4,
        beta: float = 0.75,
        k: float = 2.0,
        divide_alpha: bool = False,
    ) -> None:
        super().__init__()
        if window < 1:
            raise BadConfig(f"got window={window}; taken are channels ≥ 1; the paper has 5")
        self.window, self.alpha, self.beta, self.k, self.divide_alpha = window, alpha, beta, k, divide_alpha

    def forward(self, x: Float[Tensor, "batch channels *size"]) -> Float[Tensor, "batch channels *size"]:
        """Normalise across the channels."""
        alpha = self.alpha if self.divide_alpha else self.alpha * self.window
        return F.local_response_norm(x, self.window, alpha=alpha, beta=self.beta, k=self.k)

    def extra_repr(self) -> str:
        """Show the settings."""
        return f"{self.window}, alpha={self.alpha}, beta={self.beta}, k={self.k}, divide_alpha={self.divide_alpha}"


def identity_batch_norm_(norm: nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d) -> None:
    """Set γ = √(σ² + ε) and β = μ, in place, with which batch normalisation gives back what it takes.

    The two are why it can only help: whatever the network could compute without it, it can compute with it. It holds
    in evaluation mode, whose μ and σ² are the running ones; in training, on batches of that mean and variance.

    Args:
        norm: With running statistics, γ and β.

    Raises:
        BadConfig: If it has not got them.

    Source: Ioffe & Szegedy 2015, section 3, on γ and β.

    Example:
        >>> norm = nn.BatchNorm1d(1).eval()
        >>> _ = norm.running_mean.fill_(3), norm.running_var.fill_(4)
        >>> identity_batch_norm_(norm)
        >>> norm(torch.tensor([[7.0]])).item()
        7.0
    """
    if norm.running_mean is None or norm.running_var is None or norm.weight is None:
        raise BadConfig(
            f"got {norm}; taken is a batch normalisation with running statistics, γ and β; "
            "make it with affine=True and track_running_stats=True"
        )
    with torch.no_grad():
        norm.weight.copy_((norm.running_var + norm.eps).sqrt())
        norm.bias.copy_(norm.running_mean)
