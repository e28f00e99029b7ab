"""PCA colour: colours change along the directions in which those of the training pictures differ most.

Source: Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural networks", 2012,
    section 4.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Shaped

from saccade.data.augmenting.kinds import Colours, Recolouring, check
from saccade.data.randomness import Draws
from saccade.errors import BadConfig, BadData

__all__ = ["PCAColour"]

_LEVELS = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65_535}
_MOST_PIXELS = 10_000
_Row = tuple[float, float, float]


@dataclass(frozen=True)
class PCAColour(Recolouring):
    """The same colour is added to every pixel: Σ αᵢ λᵢ pᵢ, each α drawn from a normal distribution.

    Args:
        deviation: Of α, from 0 to 10; the paper has 0.1.
        values: The eigenvalues λ of the covariance of red, green and blue in [0, 1], largest first.
        vectors: The eigenvector p of each.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range, or there are not three of each.

    Source: Krizhevsky et al., 2012, section 4.1. The values that are set are of ImageNet, as they are used everywhere;
        `principal_colours` finds those of other pictures.

    Example:
        >>> PCAColour(0.0).colours(Draws(0))[:, 3].any().item()
        False
    """

    deviation: float = 0.1
    values: _Row = (0.2175, 0.0188, 0.0045)
    vectors: tuple[_Row, _Row, _Row] = (
        (-0.5675, -0.5808, -0.5836), (0.7192, -0.0045, -0.6948), (0.4009, -0.8140, 0.4203),
    )  # fmt: skip
    rate: float = 1.0

    def __post_init__(self) -> None:
        check("deviation", self.deviation, 0, 10)
        check("rate", self.rate, 0, 1)
        if np.shape(self.values) != (3,) or np.shape(self.vectors) != (3, 3):
            raise BadConfig(
                f"got {np.shape(self.values)} eigenvalues and {np.shape(self.vectors)} vectors; taken are 3 and 3 × 3; "
                "use what principal_colours gives"
            )

    def colours(self, random: Draws) -> Colours | None:
        """Draw α three times."""
        if random.uniform() >= self.rate:
            return None
        shares = [self.deviation * random.normal() * value for value in self.values]
        matrix = np.eye(3, 4)
        matrix[:, 3] = np.array(shares) @ np.array(self.vectors)
        return matrix


def principal_colours(
    pictures: Iterable[Shaped[np.ndarray, "height width 3"]], *, deviation: float = 0.1, rate: float = 1.0
) -> PCAColour:
    """Find the directions in which colours differ most, of all pixels of all pictures together.

    Args:
        pictures: uint8, uint16, or floats in [0, 1]; each counts alike, and of each about 10,000 pixels are looked at.
        deviation: Of α, as in the paper.
        rate: How often, from 0 to 1.

    Returns:
        The augmentation for such pictures.

    Raises:
        BadData: If there are no pictures.

    Source: Krizhevsky et al., 2012, section 4.1.

    Example:
        >>> red = np.zeros((2, 2, 3), np.uint8)
        >>> red[0, :, 0] = 255
        >>> [abs(part) for part in principal_colours([red]).vectors[0]]
        [1.0, 0.0, 0.0]
    """
    count, total, squares = 0, np.zeros(3), np.zeros((3, 3))
    for picture in pictures:
        step = max(1, int(np.sqrt(picture.shape[0] * picture.shape[1] / _MOST_PIXELS)))
        pixels = picture[::step, ::step].reshape(-1, 3).astype(np.float64) / _LEVELS.get(picture.dtype, 1)
        count, total = count + 1, total + pixels.mean(0)
        squares += pixels.T @ pixels / len(pixels)
    if not count:
        raise BadData("got no pictures; taken is at least one; give some of the training pictures")
    mean = total / count
    values, vectors = np.linalg.eigh(squares / count - np.outer(mean, mean))
    rows = [(float(red), float(green), float(blue)) for red, green, blue in vectors.T[::-1]]
    first, second, third = (max(0.0, float(value)) for value in values[::-1])
    return PCAColour(deviation, (first, second, third), (rows[0], rows[1], rows[2]), rate)
