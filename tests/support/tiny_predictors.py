"""Models whose answers a hand can work out: what they say follows from the mean colour, or is always the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from saccade.api.predictor import Predictor
from saccade.exports.model_file import ModelDescription
from saccade.layers.normalised import Normalised
from saccade.types.preprocessing import Preprocessing

RGB = ("red", "green", "blue")


class Colour(nn.Module):
    """Its logits are the mean of each channel, times a strength."""

    def __init__(self, strength: float = 1.0, order: Sequence[int] = (0, 1, 2)) -> None:
        super().__init__()
        self.strength, self.order = strength, list(order)

    def forward(self, images: Tensor) -> Tensor:
        return self.strength * images.mean((2, 3))[:, self.order]


class Always(nn.Module):
    """Its probabilities are the same for every image."""

    def __init__(self, *probabilities: float) -> None:
        super().__init__()
        self.register_buffer("logits", torch.tensor(probabilities).log())

    def forward(self, images: Tensor) -> Tensor:
        return self.logits.expand(len(images), -1)


class Corner(nn.Module):
    """Its logits are the channels of the pixel at the top left: what it says depends on where things are."""

    def forward(self, images: Tensor) -> Tensor:
        return images[:, :, 0, 0]


class Fixed(nn.Module):
    """Takes images of one size only, as a network that ends in a flattened layer does."""

    def __init__(self, pixels: int) -> None:
        super().__init__()
        self.last = nn.Linear(3 * pixels, 3)

    def forward(self, images: Tensor) -> Tensor:
        return self.last(images.flatten(1))


def predictor(
    network: nn.Module,
    labels: tuple[str, ...] = RGB,
    *,
    size: tuple[int, int] = (4, 4),
    scaled: tuple[int, int] | None = None,
    task: str = "classification",
    origin: dict[str, Any] | None = None,
) -> Predictor:
    """Make a model ready to predict, on the CPU."""
    taken = Preprocessing(size, 3, (0.0,) * 3, (1.0,) * 3, scaled=scaled)
    described = ModelDescription("", {}, task, labels, taken, origin=origin or {})
    return Predictor(Normalised(network, taken.mean, taken.std), described, device="cpu")
