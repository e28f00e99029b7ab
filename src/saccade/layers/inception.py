"""The inception module: kernels of several sizes side by side, behind 1×1 convolutions that make it affordable.

Source: Szegedy et al., "Going deeper with convolutions", arXiv 1409.4842.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_counts, check_odd
from saccade.layers.convolution import ConvNorm


class InceptionWidths(NamedTuple):
    """One row of the paper's table of GoogLeNet: the channels after each convolution of a module.

    Args:
        one: Of the 1×1 branch.
        reduce_three: Of the 1×1 in front of the 3×3.
        three: Of the 3×3.
        reduce_five: Of the 1×1 in front of the 5×5.
        five: Of the 5×5.
        pool: Of the 1×1 behind the pooling.

    Source: Szegedy et al. 2014, table 1.

    Example:
        >>> InceptionWidths(64, 96, 128, 16, 32, 32).out_channels
        256
    """

    one: int
    reduce_three: int
    three: int
    reduce_five: int
    five: int
    pool: int

    @property
    def out_channels(self) -> int:
        """Channels of the joined output."""
        return self.one + self.three + self.five + self.pool


class Inception(nn.Module):
    """Four branches on one input, joined: 1×1 ‖ 1×1, 3×3 ‖ 1×1, 5×5 ‖ pooling, 1×1. All keep the size.

    The pooling is the maximum of 3×3 windows at stride 1, padded so that the size stays.

    Args:
        in_channels: Channels of the input.
        widths: Channels after each convolution.
        largest: One side of the kernel in the third branch: 5 as in the paper, 3 for published weights.
        batch_norm: Normalise after each convolution, as published weights do; the paper does not.

    Raises:
        BadConfig: If a number is below 1, or the largest kernel even.

    Source: Szegedy et al. 2014, figure 2b and table 1.

    Example:
        >>> module = Inception(192, InceptionWidths(64, 96, 128, 16, 32, 32))
        >>> module(torch.zeros(1, 192, 28, 28)).shape
        torch.Size([1, 256, 28, 28])
    """

    def __init__(self, in_channels: int, widths: InceptionWidths, *, largest: int = 5, batch_norm: bool = True) -> None:
        super().__init__()
        check_counts("Inception", {"in_channels": in_channels, **widths._asdict()})
        check_odd("Inception", "largest", largest)
        one, reduce_three, three, reduce_five, five, pool = widths
        self.branch1 = ConvNorm(in_channels, one, kernel_size=1, batch_norm=batch_norm)
        self.branch2 = nn.Sequential(
            ConvNorm(in_channels, reduce_three, kernel_size=1, batch_norm=batch_norm),
            ConvNorm(reduce_three, three, kernel_size=3, padding=1, batch_norm=batch_norm),
        )
        self.branch3 = nn.Sequential(
            ConvNorm(in_channels, reduce_five, kernel_size=1, batch_norm=batch_norm),
            ConvNorm(reduce_five, five, kernel_size=largest, padding=largest // 2, batch_norm=batch_norm),
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1),
            ConvNorm(in_channels, pool, kernel_size=1, batch_norm=batch_norm),
        )
        self.out_channels = widths.out_channels

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more height width"]:
        """Run the four branches, and join their channels."""
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], dim=1)


class NaiveInception(nn.Module):
    """The same without the 1×1 convolutions in front: 1×1 ‖ 3×3 ‖ 5×5 ‖ pooling, joined.

    The pooling keeps every channel, so the output always has more channels than the input, and stacking is costly.

    Args:
        in_channels: Channels of the input.
        widths: Channels of the 1×1, the 3×3 and the 5×5.
        largest: One side of the kernel in the third branch.
        batch_norm: Normalise after each convolution.

    Raises:
        BadConfig: If a number is below 1, or the largest kernel even.

    Source: Szegedy et al. 2014, figure 2a.

    Example:
        >>> NaiveInception(192, (64, 128, 32))(torch.zeros(1, 192, 28, 28)).shape
        torch.Size([1, 416, 28, 28])
    """

    def __init__(
        self, in_channels: int, widths: tuple[int, int, int], *, largest: int = 5, batch_norm: bool = True
    ) -> None:
        super().__init__()
        one, three, five = widths
        check_counts("NaiveInception", {"in_channels": in_channels, "one": one, "three": three, "five": five})
        check_odd("NaiveInception", "largest", largest)
        self.branch1 = ConvNorm(in_channels, one, kernel_size=1, batch_norm=batch_norm)
        self.branch2 = ConvNorm(in_channels, three, kernel_size=3, padding=1, batch_norm=batch_norm)
        self.branch3 = ConvNorm(in_channels, five, kernel_size=largest, padding=largest // 2, batch_norm=batch_norm)
        self.branch4 = nn.MaxPool2d(3, stride=1, padding=1)
        self.out_channels = sum(widths) + in_channels

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more height width"]:
        """Run the four branches, and join their channels."""
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], dim=1)
