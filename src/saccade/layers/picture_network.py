"""What every network has whose answer to a picture is a picture: its name, its channels, the sizes that it takes.

A name in an architecture's `__all__` whose card says `"task": "translation"` or `"task": "style"` is a function of
keyword arguments, `in_channels` always; it knows no classes. Images are in [0, 1], and so are the pictures that it
makes, each of the size of its image, whatever that is.

Source: ours.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.layers.arguments import check_counts
from saccade.ops.images import check_images

TASKS = ("translation", "style")
"""The tasks that such networks serve, as their cards name them."""


class PictureNetwork(nn.Module, ABC):
    """A network that makes pictures.

    Args:
        name: What it is called in messages.
        in_channels: Channels of its images and of its pictures.
        smallest_size: (height, width) of the smallest images that it takes.
        task: What it is made for: "translation" or "style".

    Raises:
        BadConfig: If there are no channels.

    `learns_in` is the memory format in which it learns fastest on a processor.

    Source: ours.
    """

    learns_in = "channels_last"

    def __init__(self, name: str, *, in_channels: int, smallest_size: tuple[int, int], task: str) -> None:
        super().__init__()
        check_counts(name, {"in_channels": in_channels})
        self.name, self.in_channels, self.smallest_size, self.task = name, in_channels, smallest_size, task

    @abstractmethod
    def forward(self, images: Float[Tensor, "batch channels height width"]) -> dict[str, Tensor]:
        """Make pictures of images in [0, 1], by name; "images" are those themselves."""

    def check(self, images: Float[Tensor, "batch channels height width"]) -> None:
        """Refuse what the network cannot take.

        Args:
            images: What should be in [0, 1].

        Raises:
            BadShape: If the images are not of the rank, channels or size that the network takes.
        """
        check_images(images, self.name, in_channels=self.in_channels, smallest=self.smallest_size)


def padded_to(
    images: Float[Tensor, "batch channels height width"], multiple: int
) -> Float[Tensor, "batch channels rows columns"]:
    """Add rows below and columns to the right, by reflection, until both sides are whole multiples.

    Args:
        images: Any.
        multiple: Such as 4, the stride of what comes.

    Returns:
        The images, or larger ones.

    Source: ours.

    Example:
        >>> import torch
        >>> padded_to(torch.zeros(1, 3, 33, 48), 4).shape
        torch.Size([1, 3, 36, 48])
    """
    below, right = (-side % multiple for side in images.shape[2:])
    return F.pad(images, (0, right, 0, below), mode="reflect") if below or right else images
