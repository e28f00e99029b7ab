"""The block that most networks are made of: convolution, normalisation, activation.

`ConvBlock` is ours. `conv_norm_activation` and `ConvNorm` compute the same with the names that published weights of
MobileNet v2 and EfficientNet, and of GoogLeNet and Inception, have inside.

Source: Ioffe & Szegedy, "Batch Normalization", arXiv 1502.03167.
"""

from __future__ import annotations

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_counts, check_grouped, check_odd
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
        BadShape: If the kernel or the dilation is below 1, or the groups do not divide the channels.
        BadConfig: If another number is below 1.

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
        check_counts("ConvBlock", {"stride": stride})
        check_grouped("ConvBlock", in_channels, out_channels, groups)
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


def conv_norm_activation(
    in_channels: int,
    out_channels: int,
    *,
    kernel_size: int = 3,
    stride: int = 1,
    groups: int = 1,
    activation: Callable[[], nn.Module] | None = nn.ReLU,
    norm: Callable[[int], nn.Module] = nn.BatchNorm2d,
) -> nn.Sequential:
    """Make a convolution without bias, normalisation and activation, named "0", "1", "2".

    Args:
        in_channels: Channels of the input.
        out_channels: Filters.
        kernel_size: One side of the kernel, odd; n pixels become ceil(n / stride).
        stride: Step in both directions.
        groups: Each filter sees in_channels / groups channels.
        activation: Makes the activation; None for none.
        norm: Makes a normalisation of so many channels, such as `partial(nn.BatchNorm2d, eps=1e-3)`.

    Returns:
        The two or three modules in a row.

    Raises:
        BadConfig: If a number is below 1, or the kernel even.
        BadShape: If the groups do not divide the channels.

    Source: Ioffe & Szegedy 2015; the names are those of the field's reference library.

    Example:
        >>> [name for name, _ in conv_norm_activation(3, 32, stride=2).named_parameters()]
        ['0.weight', '1.weight', '1.bias']
    """
    check_counts("conv_norm_activation", {"stride": stride})
    check_odd("conv_norm_activation", "kernel_size", kernel_size)
    check_grouped("conv_norm_activation", in_channels, out_channels, groups)
    convolution = nn.Conv2d(
        in_channels, out_channels, kernel_size, stride=stride, padding=kernel_size // 2, groups=groups, bias=False
    )
    return nn.Sequential(convolution, norm(out_channels), *([activation()] if activation else []))


class ConvNorm(nn.Module):
    """A convolution, batch normalisation, ReLU, named as in GoogLeNet and Inception; or, as in 2014, without the norm.

    Without it the convolution has a bias.

    Args:
        in_channels: Channels of the input.
        out_channels: Filters.
        kernel_size: One side of the kernel, or (height, width) for a flat one.
        stride: Step in both directions.
        padding: Pixels of zeros on each side, or (above and below, left and right).
        batch_norm: Normalise between convolution and ReLU.

    Raises:
        BadConfig: If a number of channels or the stride is below 1.

    Source: Szegedy et al., "Going deeper with convolutions", arXiv 1409.4842 (without); Szegedy et al., "Rethinking
        the Inception architecture", arXiv 1512.00567 (with, and its epsilon of 0.001).

    Example:
        >>> import torch
        >>> ConvNorm(3, 64, kernel_size=7, stride=2, padding=3)(torch.zeros(1, 3, 224, 224)).shape
        torch.Size([1, 64, 112, 112])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        kernel_size: int | tuple[int, int],
        stride: int = 1,
        padding: int | tuple[int, int] = 0,
        batch_norm: bool = True,
    ) -> None:
        super().__init__()
        check_counts("ConvNorm", {"in_channels": in_channels, "out_channels": out_channels, "stride": stride})
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel_size, stride=stride, padding=padding, bias=not batch_norm
        )
        self.bn = nn.BatchNorm2d(out_channels, eps=0.001) if batch_norm else nn.Identity()
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch filters rows columns"]:
        """Convolve, normalise, cut off what is below 0."""
        return self.activation(self.bn(self.conv(x)))
