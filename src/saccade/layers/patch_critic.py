"""A critic that says of each patch of a picture whether it is real.

The names inside are those of CycleGAN's own code, so that its state dicts fit.

Source: Isola et al., "Image-to-image translation with conditional adversarial networks", arXiv 1611.07004, section
3.2.2; Zhu et al., arXiv 1703.10593, section 7.2.
"""

from __future__ import annotations

from collections.abc import Iterator

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_counts

SMALLEST = 24
"""The least side of a picture: below it a map has a single place before it is normalised, which leaves nothing."""

_LARGEST_FACTOR = 8


class PatchCritic(nn.Module):
    """C64, C128, C256, C512 and one number for each patch of 70×70 pixels: near 1 real, near 0 made.

    Args:
        channels: Of the pictures.
        width: Channels of the first convolution; each has twice as many as the one before, up to eight times.

    Raises:
        BadConfig: If a number is below 1.

    Source: Isola et al. 2017, section 3.2.2, with instance normalisation and without a sigmoid as in Zhu et al. 2017.

    Example:
        >>> import torch
        >>> critic = PatchCritic(3)
        >>> sum(parameter.numel() for parameter in critic.parameters())
        2764737
        >>> critic(torch.zeros(2, 3, 64, 64)).shape
        torch.Size([2, 1, 6, 6])
    """

    def __init__(self, channels: int, *, width: int = 64) -> None:
        super().__init__()
        check_counts("PatchCritic", {"channels": channels, "width": width})
        self.model = nn.Sequential(*_layers(channels, width))

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch 1 rows columns"]:
        """Judge each patch."""
        return self.model(x)


def _layers(channels: int, width: int) -> Iterator[nn.Module]:
    yield nn.Conv2d(channels, width, 4, stride=2, padding=1)
    yield nn.LeakyReLU(0.2, inplace=True)
    inside = width
    while inside < _LARGEST_FACTOR * width:
        stride = 2 if 2 * inside < _LARGEST_FACTOR * width else 1
        yield nn.Conv2d(inside, 2 * inside, 4, stride=stride, padding=1)
        yield nn.InstanceNorm2d(2 * inside)
        yield nn.LeakyReLU(0.2, inplace=True)
        inside *= 2
    yield nn.Conv2d(inside, 1, 4, padding=1)
