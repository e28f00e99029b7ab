"""A network with its own normalisation in front, so that everyone else deals in images in [0, 1].

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.ops.images import check_images


class Normalised(nn.Module):
    """A network that takes images in [0, 1]: it subtracts a mean and divides by a deviation for each channel first.

    The mean and the deviation are no part of the state dict: they travel in the description of a model file.

    Args:
        network: Any module on images; reach it as `.network`.
        mean: One for each channel.
        std: One for each channel, above 0.

    Raises:
        BadConfig: If there are not equally many, at least one, or a deviation is not above 0.

    Source: ours.

    Example:
        >>> Normalised(nn.Identity(), mean=[0.5], std=[0.25])(torch.ones(1, 1, 1, 1)).item()
        2.0
    """

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        mean, std = tuple(map(float, mean)), tuple(map(float, std))
        if not mean or len(mean) != len(std) or not all(map(math.isfinite, mean + std)) or min(std) <= 0:
            raise BadConfig(f"got mean={mean} and std={std}; taken is one of each a channel, std above 0; correct them")
        self.network = network
        self.register_buffer("mean", torch.tensor(mean)[:, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(std)[:, None, None], persistent=False)

    def forward(self, images: Float[Tensor, "batch channels height width"], *rest: Any) -> Any:
        """Normalise the images and run the network on them.

        Args:
            images: In [0, 1].
            rest: Whatever else the network takes, such as targets while training.

        Returns:
            What the network gives.

        Raises:
            BadShape: If the images have another number of channels.

        Source: ours.
        """
        return self.network(self.normalise(images), *rest)

    def forward_features(self, images: Float[Tensor, "batch channels height width"]) -> dict[str, Tensor]:
        """Normalise the images and compute every stage of the network.

        Args:
            images: In [0, 1].

        Returns:
            The output of each stage by name.

        Raises:
            BadShape: If the images have another number of channels.

        Source: ours.
        """
        return self.network.forward_features(self.normalise(images))  # pyright: ignore[reportCallIssue]

    @property
    def auxiliary_weight(self) -> float:
        """What the losses of the network's auxiliary classifiers count; 0 if it has none."""
        return getattr(self.network, "auxiliary_weight", 0.0)

    def forward_with_auxiliaries(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> tuple[Float[Tensor, "batch classes"], list[Float[Tensor, "batch classes"]]]:
        """Normalise the images and compute the logits, and those of each auxiliary classifier of the network.

        Args:
            images: In [0, 1].

        Returns:
            The logits; the others in a list.

        Raises:
            BadShape: If the images have another number of channels.

        Source: ours.
        """
        return self.network.forward_with_auxiliaries(self.normalise(images))  # pyright: ignore[reportCallIssue]

    def normalise(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        """Subtract the mean and divide by the deviation.

        Args:
            images: In [0, 1].

        Returns:
            What the network sees.

        Raises:
            BadShape: If the images have another number of channels (they would be repeated silently).

        Source: ours.
        """
        check_images(images, "this model", in_channels=len(self.mean))
        return (images - self.mean).div_(self.std)
