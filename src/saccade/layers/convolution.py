"""The block that most networks are made of: convolution, normalisation, activation.

Source: Ioffe & Szegedy, "Batch Normalization", arXiv 1502.03167.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from saccade.ops.arithmetic import same_padding


class ConvBlock(nn.Sequential):
    """A convolution that keeps the size at stride 1, batch normalisation, an activation.

    The convolution has no bias, since the normalisation would take it out again. A side of n pixels becomes
    ceil(n / stride). The odd pixel of padding that an even kernel needs is added below and to the right.

    Args:
        in_channels: Channels of the input.
        out_channels: Filters.
        kernel_size: One side of the square kernel.
        stride: Step in both directions.
        dilation: Distance between the kernel's taps.
        groups: Each filter sees in_channels / groups channels.
        activation: Makes the activation; `nn.Identity` for none.

    Raises:
        BadShape: If the kernel or the dilation is below 1.

    Source: Ioffe & Szegedy 2015.

    Example:
        >>> import torch
        >>> ConvBlock(3, 8, stride=2)(torch.zeros(1, 3, 7, 8)).shape
        torch.Size([1, 8, 4, 4])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int = 3,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
        activation: Callable[[], nn.Module] = nn.ReLU,
    ) -> None:
        super().__init__()
        before, after = same_padding(kernel_size, dilation=dilation)
        if before != after:
            self.pad = nn.ZeroPad2d((before, after, before, after))
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            kernel_size,
            stride=stride,
            padding=before if before == after else 0,
            dilation=dilation,
            groups=groups,
            bias=False,
        )
        self.norm = nn.BatchNorm2d(out_channels)
        self.activation = activation()
