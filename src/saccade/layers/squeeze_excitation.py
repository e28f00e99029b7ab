"""Squeeze and excitation: what the whole image says decides how much each channel counts.

Source: Hu, Shen, Albanie, Sun & Wu, "Squeeze-and-excitation networks", arXiv 1709.01507.
"""

from __future__ import annotations

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.layers.arguments import check_counts


class SqueezeExcitation(nn.Module):
    """Average each map to one number (squeeze), two dense layers to a gate for each (excitation), multiply.

    The average alone makes no two channels count the same: it is what the gates, each between 0 and 1, are made from.
    Any block of a residual network takes this class as its `attention`.

    Args:
        channels: Channels of the input, and of the output.
        ratio: The dense layers meet in channels / ratio numbers, rounded down.
        hidden_channels: Their number outright, instead of the ratio.
        activation: Makes the activation between the dense layers.
        gate: Makes what ends in a gate.

    Raises:
        BadConfig: If a number is below 1, or the ratio leaves nothing.

    Source: Hu et al. 2018, section 3, equations 2 to 4, ratio 16.
    Deviates: The dense layers are 1×1 convolutions with biases, as published weights have them.

    Example:
        >>> import torch
        >>> SqueezeExcitation(64)(torch.zeros(2, 64, 7, 7)).shape
        torch.Size([2, 64, 7, 7])
    """

    def __init__(
        self,
        channels: int,
        *,
        ratio: int = 16,
        hidden_channels: int | None = None,
        activation: Callable[[], nn.Module] = nn.ReLU,
        gate: Callable[[], nn.Module] = nn.Sigmoid,
    ) -> None:
        super().__init__()
        check_counts("SqueezeExcitation", {"channels": channels, "ratio": ratio})
        hidden = channels // ratio if hidden_channels is None else hidden_channels
        if hidden_channels is None and hidden < 1:
            raise BadConfig(
                f"got ratio={ratio} for {channels} channels, which leaves none; SqueezeExcitation takes a ratio of "
                f"{channels} or less; lower it, or give hidden_channels"
            )
        check_counts("SqueezeExcitation", {"hidden_channels": hidden})
        self.fc1 = nn.Conv2d(channels, hidden, 1)
        self.activation = activation()
        self.fc2 = nn.Conv2d(hidden, channels, 1)
        self.gate = gate()

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch channels height width"]:
        """Multiply each map by its gate."""
        squeezed = x.mean((2, 3), keepdim=True)
        return x * self.gate(self.fc2(self.activation(self.fc1(squeezed))))
