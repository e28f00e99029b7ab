"""One map more behind the last one, coarser, as SSD puts several behind any network.

Source: Liu et al., "SSD: single shot multibox detector", arXiv 1512.02325, section 2.1 and figure 2.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F


class ExtraMap(nn.Sequential):
    """A 1×1 convolution to few channels, and a larger one that leaves a smaller map; a ReLU after each.

    A map that is smaller than the kernel is padded to it on all sides, so that one cell is left, whatever the size of
    the image.

    Args:
        in_channels: Channels of the map before.
        out_channels: Channels of this map.
        squeeze_channels: Channels between the two convolutions.
        kernel_size: One side of the second kernel.
        stride: Step of the second convolution.
        padding: Pixels of zeros on each side before it.

    Source: Liu et al. 2016; its convolutions start from Xavier's distribution, and from biases of 0.

    Example:
        >>> import torch
        >>> extra = ExtraMap(8, 6, squeeze_channels=4)
        >>> [tuple(extra(torch.zeros(1, 8, side, side)).shape[2:]) for side in (5, 3, 2, 1)]
        [(3, 3), (1, 1), (1, 1), (1, 1)]
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        squeeze_channels: int,
        kernel_size: int = 3,
        stride: int = 1,
        padding: int = 0,
    ) -> None:
        super().__init__(
            nn.Conv2d(in_channels, squeeze_channels, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(squeeze_channels, out_channels, kernel_size, stride=stride, padding=padding),
            nn.ReLU(inplace=True),
        )
        self._least = kernel_size - 2 * padding
        initialise_xavier(self)

    def forward(
        self,
        input: Float[Tensor, "batch channels height width"],  # noqa: A002 (the name that `nn.Sequential` has)
    ) -> Float[Tensor, "batch _ _ _"]:
        """Give the coarser map."""
        squeeze, activation, shrink, last = self
        x = activation(squeeze(input))
        down, right = (max(0, self._least - side) for side in x.shape[2:])
        if down or right:
            x = F.pad(x, (right // 2, right - right // 2, down // 2, down - down // 2))
        return last(shrink(x))


def initialise_xavier(module: nn.Module) -> None:
    """Draw the weights of every convolution from Xavier's uniform distribution; biases become 0.

    Args:
        module: Changed in place, with everything inside it.

    Source: Glorot & Bengio, 2010, "Understanding the difficulty of training deep feedforward neural networks",
        equation 16; Liu et al. 2016, section 3.

    Example:
        >>> layer = nn.Conv2d(2, 1, 1)
        >>> initialise_xavier(layer)
        >>> bool((layer.weight.abs() <= 2**0.5).all()), layer.bias.item()
        (True, 0.0)
    """
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.xavier_uniform_(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
