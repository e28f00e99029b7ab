"""Modules that slide: a network at every window of an image, a dense layer at every place of maps.

Source: Sermanet et al., "OverFeat", arXiv 1312.6229, section 3.5.
"""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.ops.images import check_images


class SlidingNetwork(nn.Module):
    """A network that gives logits for every window of an image.

    Args:
        network: Maps images to maps of logits.
        size: (height, width) of a window.
        in_channels: Channels of the images.

    Source: Sermanet et al. 2013, section 3.5.

    Example:
        >>> import torch
        >>> SlidingNetwork(nn.Conv2d(3, 10, 8, stride=4), (8, 8), in_channels=3)(torch.zeros(1, 3, 16, 20)).shape
        torch.Size([1, 10, 3, 4])
    """

    def __init__(self, network: nn.Module, size: tuple[int, int], *, in_channels: int) -> None:
        super().__init__()
        self.network, self.size, self.in_channels = network, size, in_channels

    def forward(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch classes rows columns"]:
        """Compute the logits of every window; the first window is at the upper left."""
        check_images(images, "this sliding network", in_channels=self.in_channels, smallest=self.size)
        return self.network(images)


class AtEveryPlace(nn.Module):
    """Runs what takes flat features at every place of maps, on a window of them flattened.

    Args:
        module: Takes (batch, features) and gives (batch, others).
        window: (height, width) of what it sees of the maps: features = channels · height · width.

    Source: ours.

    Example:
        >>> import torch
        >>> AtEveryPlace(nn.Linear(12, 5), (2, 2))(torch.zeros(1, 3, 7, 9)).shape
        torch.Size([1, 5, 6, 8])
    """

    def __init__(self, module: nn.Module, window: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        self.module, self.window = module, window

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch others rows columns"]:
        """Lay the windows in a batch, run the module, and lay what it gives back as maps."""
        places = F.unfold(x, self.window).transpose(1, 2)
        given = self.module(places.flatten(0, 1)).unflatten(0, places.shape[:2])
        return given.transpose(1, 2).unflatten(2, (x.shape[2] - self.window[0] + 1, -1))
