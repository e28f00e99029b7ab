"""The fire module: squeeze to few channels, expand to many by small and smaller kernels.

Source: Iandola et al., "SqueezeNet", arXiv 1602.07360.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_counts


class Fire(nn.Module):
    """A 1×1 convolution to few channels, then 1×1 and 3×3 ones side by side, joined; all with biases and ReLU.

    The channels do expand: the second module of SqueezeNet takes 96, squeezes to 16, and gives 64 + 64.

    Args:
        in_channels: Channels of the input.
        squeeze_channels: Channels between.
        expand1x1_channels: The first channels of the output.
        expand3x3_channels: The rest of them.

    Raises:
        BadConfig: If a number is below 1.

    Source: Iandola et al. 2016, section 3.2, figure 1.

    Example:
        >>> Fire(96, 16, expand1x1_channels=64, expand3x3_channels=64)(torch.zeros(1, 96, 55, 55)).shape
        torch.Size([1, 128, 55, 55])
    """

    def __init__(
        self, in_channels: int, squeeze_channels: int, *, expand1x1_channels: int, expand3x3_channels: int
    ) -> None:
        super().__init__()
        counts = {
            "in_channels": in_channels,
            "squeeze_channels": squeeze_channels,
            "expand1x1_channels": expand1x1_channels,
            "expand3x3_channels": expand3x3_channels,
        }
        check_counts("Fire", counts)
        self.squeeze = nn.Conv2d(in_channels, squeeze_channels, 1)
        self.squeeze_activation = nn.ReLU(inplace=True)
        self.expand1x1 = nn.Conv2d(squeeze_channels, expand1x1_channels, 1)
        self.expand1x1_activation = nn.ReLU(inplace=True)
        self.expand3x3 = nn.Conv2d(squeeze_channels, expand3x3_channels, 3, padding=1)
        self.expand3x3_activation = nn.ReLU(inplace=True)

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more height width"]:
        """Squeeze, expand twice, join."""
        x = self.squeeze_activation(self.squeeze(x))
        parts = [self.expand1x1_activation(self.expand1x1(x)), self.expand3x3_activation(self.expand3x3(x))]
        return torch.cat(parts, dim=1)
