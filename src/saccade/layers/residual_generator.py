"""The generator of CycleGAN: two halvings, residual blocks, two doublings; and those blocks.

The names inside are those of the paper's own code, so that its state dicts fit.

Source: Zhu et al., "Unpaired image-to-image translation using cycle-consistent adversarial networks", arXiv 1703.10593,
section 7.2; the layout is that of Johnson et al., arXiv 1603.08155.
"""

from __future__ import annotations

from collections.abc import Iterator

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_counts
from saccade.layers.picture_network import padded_to

STRIDE = 4
"""Of the residual blocks, in pixels."""


class ReflectedResidual(nn.Module):
    """A residual block of two 3×3 convolutions behind reflection, with instance normalisation; no ReLU at its end.

    Args:
        width: Channels.

    Raises:
        BadConfig: If there are none.

    Source: Zhu et al. 2017, section 7.2; no activation behind the sum: Gross and Wilber, "Training and investigating
        residual nets", 2016.

    Example:
        >>> import torch
        >>> ReflectedResidual(8)(torch.zeros(1, 8, 5, 6)).shape
        torch.Size([1, 8, 5, 6])
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        check_counts("ReflectedResidual", {"width": width})
        self.conv_block = nn.Sequential(*_reflected(width), nn.ReLU(inplace=True), *_reflected(width))

    def forward(self, x: Float[Tensor, "batch width height columns"]) -> Float[Tensor, "batch width height columns"]:
        """Add what the two convolutions say."""
        return x + self.conv_block(x)


class ResidualGenerator(nn.Module):
    """c7s1-64, d128, d256, residual blocks of 256, u128, u64, c7s1-3: a picture in [−1, 1] becomes another.

    Where a side is no multiple of 4 the picture is reflected to the next one, and cut again at the end.

    Args:
        channels: Of the picture, and of what it becomes.
        width: Channels of the first convolution; twice and four times as many behind each halving.
        blocks: Residual blocks: 6 for pictures of 128 pixels, 9 from 256 on.

    Raises:
        BadConfig: If a number is below 1.

    Source: Zhu et al. 2017, section 7.2.

    Example:
        >>> import torch
        >>> network = ResidualGenerator(3, width=64, blocks=9)
        >>> sum(parameter.numel() for parameter in network.parameters())
        11378179
        >>> ResidualGenerator(1, width=4, blocks=1)(torch.zeros(1, 1, 9, 14)).shape
        torch.Size([1, 1, 9, 14])
    """

    def __init__(self, channels: int, *, width: int = 64, blocks: int = 9) -> None:
        super().__init__()
        check_counts("ResidualGenerator", {"channels": channels, "width": width, "blocks": blocks})
        self.model = nn.Sequential(*_layers(channels, width, blocks))

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch channels height width"]:
        """Make the other picture."""
        height, width = x.shape[2:]
        return self.model(padded_to(x, STRIDE))[:, :, :height, :width]


def draw_small(module: nn.Module, deviation: float = 0.02) -> None:
    """Draw the weights of every convolution from N(0, 0.02²); biases become 0.

    Args:
        module: Changed in place, with everything inside it.
        deviation: Of the weights.

    Source: Zhu et al. 2017, section 7.1; Radford et al., arXiv 1511.06434.

    Example:
        >>> layer = nn.Conv2d(64, 64, 3)
        >>> draw_small(layer)
        >>> abs(layer.weight.std().item() - 0.02) < 0.001
        True
    """
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(part.weight, 0.0, deviation)
            if part.bias is not None:
                nn.init.zeros_(part.bias)


def _reflected(width: int) -> Iterator[nn.Module]:
    yield nn.ReflectionPad2d(1)
    yield nn.Conv2d(width, width, 3)
    yield nn.InstanceNorm2d(width)


def _layers(channels: int, width: int, blocks: int) -> Iterator[nn.Module]:
    yield nn.ReflectionPad2d(3)
    yield nn.Conv2d(channels, width, 7)
    yield from _activated(width)
    for inside in (width, 2 * width):
        yield nn.Conv2d(inside, 2 * inside, 3, stride=2, padding=1)
        yield from _activated(2 * inside)
    for _ in range(blocks):
        yield ReflectedResidual(4 * width)
    for inside in (4 * width, 2 * width):
        yield nn.ConvTranspose2d(inside, inside // 2, 3, stride=2, padding=1, output_padding=1)
        yield from _activated(inside // 2)
    yield nn.ReflectionPad2d(3)
    yield nn.Conv2d(width, channels, 7)
    yield nn.Tanh()


def _activated(width: int) -> Iterator[nn.Module]:
    yield nn.InstanceNorm2d(width)
    yield nn.ReLU(inplace=True)
