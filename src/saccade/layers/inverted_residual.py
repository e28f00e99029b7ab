"""Inverted residuals: the wide part is inside, the shortcut joins the narrow ends, and nothing is cut off at the end.

`InvertedResidual` is the block of MobileNet v2, `MobileBottleneck` (MBConv) that of EfficientNet: with squeeze and
excitation, SiLU and stochastic depth. Parameters have the names of the field's reference library.

Source: Sandler, Howard, Zhu, Zhmoginov & Chen, "MobileNetV2", arXiv 1801.04381; Tan & Le, "EfficientNet",
    arXiv 1905.11946.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_counts, check_odd, check_rate
from saccade.layers.convolution import conv_norm_activation
from saccade.layers.drop_path import DropPath
from saccade.layers.squeeze_excitation import SqueezeExcitation


class InvertedResidual(nn.Module):
    """Expand by 1×1, filter each channel by itself, project down without an activation; add the input if it fits.

    The shortcut is there at stride 1 with as many channels out as in. The last convolution is linear: an activation
    there would destroy what the few channels still carry.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        expansion: The inside has so many times the channels of the input; at 1 there is no expanding convolution.
        kernel_size: One side of the depthwise kernel, odd; n pixels become ceil(n / stride).
        stride: Of the depthwise convolution.
        activation: Makes the activations inside.
        norm: Makes a normalisation of so many channels.

    Raises:
        BadConfig: If a number is below 1, or the kernel even.

    Source: Sandler et al. 2018, section 3.4, table 1 and figure 4d.

    Example:
        >>> import torch
        >>> InvertedResidual(16, 24, stride=2)(torch.zeros(1, 16, 7, 8)).shape
        torch.Size([1, 24, 4, 4])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        expansion: int = 6,
        kernel_size: int = 3,
        stride: int = 1,
        activation: Callable[[], nn.Module] = nn.ReLU6,
        norm: Callable[[int], nn.Module] = nn.BatchNorm2d,
    ) -> None:
        super().__init__()
        _check("InvertedResidual", in_channels, out_channels, (expansion, stride, kernel_size))
        inside = in_channels * expansion
        make = partial(conv_norm_activation, activation=activation, norm=norm)
        self.conv = nn.Sequential(
            *([make(in_channels, inside, kernel_size=1)] if expansion != 1 else []),
            make(inside, inside, kernel_size=kernel_size, stride=stride, groups=inside),
            nn.Conv2d(inside, out_channels, 1, bias=False),
            norm(out_channels),
        )
        self.residual = stride == 1 and in_channels == out_channels

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more rows columns"]:
        """Compute x + F(x), or F(x) where the shape changes."""
        y = self.conv(x)
        return x + y if self.residual else y


class MobileBottleneck(nn.Module):
    """The inverted residual of EfficientNet, MBConv: with squeeze and excitation before the projection.

    A subclass may change `activation`, or `squeeze`: the gates are made from the block's input channels divided by it,
    and None means no gates.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        expansion: The inside has so many times the channels of the input; at 1 there is no expanding convolution.
        kernel_size: One side of the depthwise kernel, odd; n pixels become ceil(n / stride).
        stride: Of the depthwise convolution.
        norm: Makes a normalisation of so many channels.
        drop_path_rate: The share of images for which the branch is left out while training.

    Raises:
        BadConfig: If a number is below 1, the kernel even, or the rate not in [0, 1).

    Source: Tan & Le 2019, section 4; its block is that of Tan et al., "MnasNet", arXiv 1807.11626, figure 7.

    Example:
        >>> import torch
        >>> MobileBottleneck(16, 24, kernel_size=5, stride=2)(torch.zeros(1, 16, 7, 8)).shape
        torch.Size([1, 24, 4, 4])
    """

    activation: type[nn.Module] = nn.SiLU
    squeeze: int | None = 4

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        expansion: int = 6,
        kernel_size: int = 3,
        stride: int = 1,
        norm: Callable[[int], nn.Module] = nn.BatchNorm2d,
        drop_path_rate: float = 0.0,
    ) -> None:
        super().__init__()
        _check("MobileBottleneck", in_channels, out_channels, (expansion, stride, kernel_size))
        check_rate("MobileBottleneck", "drop_path_rate", drop_path_rate)
        inside, activation = in_channels * expansion, self.activation
        make = partial(conv_norm_activation, activation=activation, norm=norm)
        parts: list[nn.Module] = [make(in_channels, inside, kernel_size=1)] if expansion != 1 else []
        parts.append(make(inside, inside, kernel_size=kernel_size, stride=stride, groups=inside))
        if self.squeeze:
            hidden = max(1, in_channels // self.squeeze)
            parts.append(SqueezeExcitation(inside, hidden_channels=hidden, activation=activation))
        parts.append(make(inside, out_channels, kernel_size=1, activation=None))
        self.block = nn.Sequential(*parts)
        self.stochastic_depth = DropPath(drop_path_rate)
        self.residual = stride == 1 and in_channels == out_channels

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more rows columns"]:
        """Compute x + F(x), or F(x) where the shape changes; only a branch beside a shortcut is ever left out."""
        y = self.block(x)
        return x + self.stochastic_depth(y) if self.residual else y


def _check(block: str, in_channels: int, out_channels: int, numbers: tuple[int, int, int]) -> None:
    expansion, stride, kernel_size = numbers
    counts = {"in_channels": in_channels, "out_channels": out_channels, "expansion": expansion, "stride": stride}
    check_counts(block, counts)
    check_odd(block, "kernel_size", kernel_size)
