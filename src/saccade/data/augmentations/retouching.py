"""Changes of pixels that depend on their neighbours or their place: blur, noise, compression, cutout.

Source: ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Shaped

from saccade.data.augmenting.kinds import Retouching, check
from saccade.data.augmenting.retouched import blurred, compressed, noisy
from saccade.data.randomness import Draws

__all__ = ["Blur", "Compression", "Cutout", "Noise"]

_Image = Shaped[np.ndarray, "height width channels"]


@dataclass(frozen=True)
class Blur(Retouching):
    """The picture is out of focus: a Gaussian blur.

    Args:
        radius: The deviation of the Gaussian is drawn from 0.1 to this, in pixels of the result; from 0.1 to 100.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: ours.

    Example:
        >>> Blur(rate=1.0).pixels(np.full((3, 3, 1), 7, np.uint8), Draws(0))[..., 0].tolist()[0]
        [7, 7, 7]
    """

    radius: float = 2.0
    rate: float = 0.2

    def __post_init__(self) -> None:
        check("radius", self.radius, 0.1, 100)
        check("rate", self.rate, 0, 1)

    def pixels(self, image: _Image, random: Draws) -> _Image:
        """Draw how much."""
        if random.uniform() >= self.rate:
            return image
        return blurred(image, random.uniform(0.1, self.radius))


@dataclass(frozen=True)
class Noise(Retouching):
    """Each value of each pixel changes a little, as in a picture taken in the dark.

    Args:
        deviation: Drawn from 0 up to this, from 0 to 1; levels are from 0 to 1.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: ours.

    Example:
        >>> Noise(0.0, rate=1.0).pixels(np.full((1, 2, 1), 7, np.uint8), Draws(0)).tolist()
        [[[7], [7]]]
    """

    deviation: float = 0.05
    rate: float = 0.2

    def __post_init__(self) -> None:
        check("deviation", self.deviation, 0, 1)
        check("rate", self.rate, 0, 1)

    def pixels(self, image: _Image, random: Draws) -> _Image:
        """Draw how much, and the noise."""
        if random.uniform() >= self.rate:
            return image
        name = random.bits()
        return noisy(image, random.uniform(0, self.deviation), name)


@dataclass(frozen=True)
class Compression(Retouching):
    """The picture has been through a JPEG file. Other than 8 bits, or one or three channels, stay as they are.

    Args:
        quality: The least, from 1 to 100; drawn from there to 100.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: ours; libjpeg's scale of quality.

    Example:
        >>> Compression(100, rate=1.0).pixels(np.full((8, 8, 1), 7, np.uint8), Draws(0)).max().item()
        7
    """

    quality: int = 40
    rate: float = 0.2

    def __post_init__(self) -> None:
        check("quality", self.quality, 1, 100)
        check("rate", self.rate, 0, 1)

    def pixels(self, image: _Image, random: Draws) -> _Image:
        """Draw a quality."""
        if random.uniform() >= self.rate or image.dtype != np.uint8 or image.shape[2] not in (1, 3):
            return image
        return compressed(image, self.quality + random.below(101 - self.quality))


@dataclass(frozen=True)
class Cutout(Retouching):
    """A rectangle becomes black, so that no single part of a thing decides; boxes and masks stay.

    Args:
        least: The smallest share of the picture's area, above 0.
        most: The largest share, at most 1.
        stretch: Its sides may differ by up to this factor, 1 or more.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: DeVries & Taylor, "Improved regularization of convolutional neural networks with cutout", 2017 (arXiv
        1708.04552); areas and proportions of Zhong et al., "Random erasing data augmentation", 2017 (arXiv 1708.04896).

    Example:
        >>> int((Cutout(0.25, 0.25, 1.0, rate=1.0).pixels(np.ones((8, 8, 1), np.uint8), Draws(0)) == 0).sum())
        16
    """

    least: float = 0.02
    most: float = 0.2
    stretch: float = 2.0
    rate: float = 0.25

    def __post_init__(self) -> None:
        check("least", self.least, 1e-4, 1)
        check("most", self.most, self.least, 1)
        check("stretch", self.stretch, 1, 16)
        check("rate", self.rate, 0, 1)

    def pixels(self, image: _Image, random: Draws) -> _Image:
        """Draw a rectangle inside the picture."""
        if random.uniform() >= self.rate:
            return image
        height, width = image.shape[:2]
        area, bound = height * width * random.uniform(self.least, self.most), math.log(self.stretch)
        wide = math.exp(random.uniform(-bound, bound))
        down, across = min(height, round(math.sqrt(area / wide))), min(width, round(math.sqrt(area * wide)))
        top, left = random.below(height - down + 1), random.below(width - across + 1)
        cut = image.copy()
        cut[top : top + down, left : left + across] = 0
        return cut
