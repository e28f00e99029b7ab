"""The one contract of every detector: candidates from images alone, the terms of its loss from images with their truth.

A name in an architecture's `__all__` whose card says `"task": "detection"` is a function of keyword arguments,
`num_classes` and `in_channels` always. The network has `name`, `num_classes`, `in_channels` and `smallest_size`.

    network(images)          → {"boxes", "scores"}: every candidate, before suppression
    network(images, truths)  → the terms of its loss by name, each a scalar

Source: ours.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor, nn

from saccade.ops.images import check_counts, check_images
from saccade.types.truth import Truth


class Detector(nn.Module, ABC):
    """A network that finds boxes.

    Args:
        name: What it is called in messages.
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels that it takes.
        smallest_size: (height, width) of the smallest images that it takes.

    Raises:
        BadConfig: If there are no classes or no channels.

    `learns_in` is the memory format in which it learns fastest on a processor.

    Source: ours.
    """

    learns_in = "channels_last"

    def __init__(
        self, name: str, *, num_classes: int, in_channels: int, smallest_size: tuple[int, int] = (1, 1)
    ) -> None:
        super().__init__()
        check_counts(name, num_classes=num_classes, in_channels=in_channels)
        self.name, self.num_classes, self.in_channels = name, num_classes, in_channels
        self.smallest_size = smallest_size

    @abstractmethod
    def candidates(self, images: Float[Tensor, "batch channels height width"]) -> dict[str, Tensor]:
        """Find every candidate.

        "boxes" are (batch, candidates, 4) or, one for each class, (batch, candidates, classes, 4), in pixels; "scores"
        are (batch, candidates, classes), in [0, 1].
        """

    @abstractmethod
    def losses(
        self, images: Float[Tensor, "batch channels height width"], truths: Sequence[Truth]
    ) -> dict[str, Float[Tensor, ""]]:
        """Give the terms of the loss, already weighted: their sum is what training lowers."""

    def forward(
        self, images: Float[Tensor, "batch channels height width"], truths: Sequence[Truth] | None = None
    ) -> dict[str, Tensor]:
        """Find candidates; or, where the truth is given, give the terms of the loss.

        Args:
            images: Floats; each pixel as the network was trained to see it.
            truths: What is to be found in each image.

        Returns:
            "boxes" and "scores"; or the terms by name.

        Raises:
            BadShape: If the images are not of the rank, channels or size that the network takes.

        Source: ours.
        """
        check_images(images, self.name, in_channels=self.in_channels, smallest=self.smallest_size)
        return self.candidates(images) if truths is None else self.losses(images, truths)
