"""Cross-stage partial blocks and spatial pyramid pooling: what light detectors are made of.

Source: Wang et al., "CSPNet: a new backbone that can enhance learning capability of CNN", arXiv 1911.11929; Wang, Liao
& Yeh, "Designing network design strategies through gradient path analysis" (ELAN), arXiv 2211.04800; He et al.,
"Spatial pyramid pooling in deep convolutional networks for visual recognition", arXiv 1406.4729.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_counts, check_odd
from saccade.layers.convolution import ConvBlock

Activation = Callable[[], nn.Module]


class CrossStage(nn.Module):
    """Half of the channels go through a chain of residual pairs of convolutions; every link of it is looked at.

    Args:
        in_channels: Of the maps that come in.
        out_channels: Of those that go out, even.
        depth: Links of the chain.
        shortcut: Whether a link adds what comes in to what goes out.
        activation: Makes the activation of each convolution.

    Raises:
        BadConfig: If a number is below 1.

    Source: Wang et al. 2019, figure 3, with the links of Wang et al. 2022, figure 5.

    Example:
        >>> CrossStage(8, 16, depth=2)(torch.zeros(1, 8, 5, 5)).shape
        torch.Size([1, 16, 5, 5])
    """

    def __init__(
        self, in_channels: int, out_channels: int, *, depth: int = 1, shortcut: bool = True,
        activation: Activation = nn.SiLU,
    ) -> None:  # fmt: skip
        super().__init__()
        check_counts("CrossStage", {"in_channels": in_channels, "out_channels": out_channels, "depth": depth})
        half = max(1, out_channels // 2)
        self.shortcut = shortcut
        self.enter = ConvBlock(in_channels, 2 * half, kernel_size=1, activation=activation)
        self.links = nn.ModuleList(
            nn.Sequential(
                ConvBlock(half, half, activation=activation), ConvBlock(half, half, activation=activation)
            )
            for _ in range(depth)
        )  # fmt: skip
        self.leave = ConvBlock((2 + depth) * half, out_channels, kernel_size=1, activation=activation)

    def forward(self, x: Float[Tensor, "batch channels rows columns"]) -> Float[Tensor, "batch _ rows columns"]:
        """Look at the half that is left alone, the other half, and each link of its chain."""
        halves = self.enter(x).chunk(2, dim=1)
        seen = [halves[0], halves[1]]
        for link in self.links:
            further = link(seen[-1])
            seen.append(seen[-1] + further if self.shortcut else further)
        return self.leave(torch.cat(seen, dim=1))


class PyramidPooling(nn.Module):
    """The largest numbers within ever wider windows, beside the maps themselves.

    Three pools of one size in a row are as one of that size, one of twice it and one of thrice it, nearly.

    Args:
        in_channels: Of the maps that come in.
        out_channels: Of those that go out.
        size: Rows and columns of a window, odd.
        activation: Makes the activation of each convolution.

    Raises:
        BadConfig: If a number is below 1, or the window even.

    Source: He et al. 2014, section 2; a chain of equal pools gives the same numbers sooner.

    Example:
        >>> PyramidPooling(8, 16)(torch.zeros(1, 8, 5, 5)).shape
        torch.Size([1, 16, 5, 5])
    """

    def __init__(self, in_channels: int, out_channels: int, *, size: int = 5, activation: Activation = nn.SiLU) -> None:
        super().__init__()
        check_counts("PyramidPooling", {"in_channels": in_channels, "out_channels": out_channels})
        check_odd("PyramidPooling", "size", size)
        half = max(1, in_channels // 2)
        self.enter = ConvBlock(in_channels, half, kernel_size=1, activation=activation)
        self.pool = nn.MaxPool2d(size, stride=1, padding=size // 2)
        self.leave = ConvBlock(4 * half, out_channels, kernel_size=1, activation=activation)

    def forward(self, x: Float[Tensor, "batch channels rows columns"]) -> Float[Tensor, "batch _ rows columns"]:
        """Pool thrice, and look at all of it."""
        seen = [self.enter(x)]
        for _ in range(3):
            seen.append(self.pool(seen[-1]))
        return self.leave(torch.cat(seen, dim=1))
