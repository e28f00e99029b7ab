"""The first five convolutions of VGG-19, without classes: what style is read from where no more of it is to be had.

Taught: what a network has learnt to tell things apart by can be used without the part that tells them apart.

Source: Simonyan & Zisserman, arXiv 1409.1556; as weighed anew, so that activations are 1 on average, by Li et al.,
    "Universal style transfer via feature transforms", arXiv 1705.08086.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_counts
from saccade.layers.initialisation import initialise_kaiming
from saccade.ops.images import check_images

__all__ = ["vgg19_normalised"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "vgg19_normalised": {
        "task": "features", "paper": "Universal style transfer via feature transforms",
        "year": 2017, "arxiv": "1705.08086",
        "parameters": 555_340, "macs": 5_636_219_904, "classes": 0, "channels": 3,
        "native_size": (224, 224), "smallest_size": (8, 8),
        "deviates": "edges are mirrored, where VGG puts zeros; the first layer changes the colours instead of the "
        "preprocessing; it ends with relu3_1, as far as the published file goes that is small",
    },
}
# fmt: on

_WIDTHS = (64, 64, 128, 128, 256)
_POOLED = (2, 4)


class Encoder(nn.Sequential):
    """Convolutions of 3×3 with mirrored edges, a ReLU after each, a pooling after each second one.

    The names of its parts are their numbers, as in the published file: 3, 6, 10, 13 and 17 are relu1_1, relu1_2,
    relu2_1, relu2_2 and relu3_1.

    Args:
        in_channels: Channels of the images.

    Raises:
        BadConfig: If there are no channels.

    Source: Li et al., arXiv 1705.08086, section 3.
    """

    smallest_size, num_classes = (8, 8), 0

    def __init__(self, in_channels: int = 3) -> None:
        check_counts("vgg19_normalised", {"in_channels": in_channels})
        super().__init__(nn.Conv2d(in_channels, 3, 1), *_layers())
        self.in_channels = in_channels
        initialise_kaiming(self)

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch 256 rows columns"]:
        """Compute relu3_1.

        Args:
            images: In [0, 1].

        Returns:
            Maps at a quarter of the size.

        Raises:
            BadShape: If the images are smaller than 8 × 8, or have another number of channels.

        Source: Li et al., arXiv 1705.08086.
        """
        check_images(images, "vgg19_normalised", in_channels=self.in_channels, smallest=self.smallest_size)
        return super().forward(images)


def _layers() -> Iterator[nn.Module]:
    before = 3
    for number, width in enumerate(_WIDTHS):
        if number in _POOLED:
            yield nn.MaxPool2d(2)
        yield nn.ReflectionPad2d(1)
        yield nn.Conv2d(before, width, 3)
        yield nn.ReLU(inplace=True)
        before = width


def vgg19_normalised(*, in_channels: int = 3) -> Encoder:
    """Make VGG-19 as far as relu3_1, in the form in which its activations are 1 on average.

    Args:
        in_channels: Channels of the images, which are 8 × 8 or larger.

    Returns:
        A network of 555,340 parameters at three channels, which gives maps, no classes.

    Raises:
        BadConfig: If there are no channels.

    Source: Li et al., arXiv 1705.08086.

    Example:
        >>> import torch
        >>> vgg19_normalised()(torch.zeros(1, 3, 8, 8)).shape
        torch.Size([1, 256, 2, 2])
    """
    return Encoder(in_channels)
