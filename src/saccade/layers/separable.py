"""The block of MobileNet: filter each channel by itself, then mix the channels of each pixel.

Source: Howard et al., "MobileNets", arXiv 1704.04861.
"""

from __future__ import annotations

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_counts, check_odd


class DepthwiseSeparable(nn.Module):
    """A depthwise convolution and a pointwise one, each with normalisation and activation.

    Its weights are 1 / out_channels + 1 / kernel_size² of those of the dense convolution that it stands for.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: One side of the depthwise kernel, odd; n pixels become ceil(n / stride).
        stride: Of the depthwise convolution.
        activation: Makes each of the two activations.
        norm: Makes a normalisation of so many channels.

    Raises:
        BadConfig: If a number is below 1, or the kernel even.

    Source: Howard et al. 2017, section 3.1 and figure 3, right.
    Deviates: The paper speaks of ReLU; published weights were trained with ReLU6, which is the default.

    Example:
        >>> import torch
        >>> DepthwiseSeparable(32, 64, stride=2)(torch.zeros(1, 32, 7, 8)).shape
        torch.Size([1, 64, 4, 4])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int = 3,
        stride: int = 1,
        activation: Callable[[], nn.Module] = nn.ReLU6,
        norm: Callable[[int], nn.Module] = nn.BatchNorm2d,
    ) -> None:
        super().__init__()
        counts = {"in_channels": in_channels, "out_channels": out_channels, "stride": stride}
        check_counts("DepthwiseSeparable", counts)
        check_odd("DepthwiseSeparable", "kernel_size", kernel_size)
        self.conv_dw = nn.Conv2d(
            in_channels,
            in_channels,
            kernel_size,
            stride=stride,
            padding=kernel_size // 2,
            groups=in_channels,
            bias=False,
        )
        self.bn1 = norm(in_channels)
        self.act1 = activation()
        self.conv_pw = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.bn2 = norm(out_channels)
        self.act2 = activation()

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more rows columns"]:
        """Filter, then mix."""
        y = self.act1(self.bn1(self.conv_dw(x)))
        return self.act2(self.bn2(self.conv_pw(y)))
