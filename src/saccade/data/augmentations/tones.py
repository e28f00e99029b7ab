"""Changes of each channel's levels by a table of 256: gamma, fewer levels, solarisation, stretched contrast.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from saccade.data.augmenting.kinds import Levels, Table, Toning, check
from saccade.data.randomness import Draws

__all__ = ["Autocontrast", "Gamma", "Posterise", "Solarise"]

_LEVELS = np.arange(256)


@dataclass(frozen=True)
class Gamma(Toning):
    """Levels are raised to a power: middle ones become darker or brighter, black and white stay.

    Args:
        strength: The power is from 1 / (1 + strength) to 1 + strength, evenly on a logarithmic scale; from 0 to 4.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: ours.

    Example:
        >>> Gamma().table(Draws(0))[[0, 255]].tolist()
        [0, 255]
    """

    strength: float = 0.25
    rate: float = 1.0

    def __post_init__(self) -> None:
        check("strength", self.strength, 0, 4)
        check("rate", self.rate, 0, 1)

    def table(self, random: Draws) -> Table | None:
        """Draw a power."""
        if random.uniform() >= self.rate:
            return None
        bound = math.log1p(self.strength)
        power = math.exp(random.uniform(-bound, bound))
        return np.rint(255 * (_LEVELS / 255) ** power).astype(np.uint8)


@dataclass(frozen=True)
class Posterise(Toning):
    """Only a few levels are left: the lower bits of each are dropped.

    Args:
        bits: At least so many of the eight are kept, from 1 to 8.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: Cubuk et al., "AutoAugment", 2019 (arXiv 1805.09501), table 6.

    Example:
        >>> Posterise(8, rate=1.0).table(Draws(0))[[3, 200]].tolist()
        [3, 200]
    """

    bits: int = 4
    rate: float = 0.1

    def __post_init__(self) -> None:
        check("bits", self.bits, 1, 8)
        check("rate", self.rate, 0, 1)

    def table(self, random: Draws) -> Table | None:
        """Draw how many bits are kept."""
        if random.uniform() >= self.rate:
            return None
        dropped = 8 - (self.bits + random.below(9 - self.bits))
        return (_LEVELS >> dropped << dropped).astype(np.uint8)


@dataclass(frozen=True)
class Solarise(Toning):
    """Levels from a threshold on are inverted.

    Args:
        threshold: The least that it is, from 0 to 1; it is drawn from there to 1.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: Cubuk et al., "AutoAugment", 2019 (arXiv 1805.09501), table 6.

    Example:
        >>> Solarise(1.0, rate=1.0).table(Draws(0))[[254, 255]].tolist()
        [254, 0]
    """

    threshold: float = 0.5
    rate: float = 0.1

    def __post_init__(self) -> None:
        check("threshold", self.threshold, 0, 1)
        check("rate", self.rate, 0, 1)

    def table(self, random: Draws) -> Table | None:
        """Draw a threshold."""
        if random.uniform() >= self.rate:
            return None
        least = 255 * random.uniform(self.threshold, 1)
        return np.where(least > _LEVELS, _LEVELS, 255 - _LEVELS).astype(np.uint8)


@dataclass(frozen=True)
class Autocontrast(Toning):
    """Each channel is stretched so that its lowest level becomes black and its highest white.

    Args:
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If the rate is out of range.

    Source: Cubuk et al., "AutoAugment", 2019 (arXiv 1805.09501), table 6.

    Example:
        >>> Autocontrast(1.0).table(Draws(0))(np.array([[[100], [150]]], np.uint8))[[100, 110, 150], 0].tolist()
        [0, 51, 255]
    """

    rate: float = 0.1

    def __post_init__(self) -> None:
        check("rate", self.rate, 0, 1)

    def table(self, random: Draws) -> Callable[[Levels], Table] | None:
        """Stretch, or not."""
        return None if random.uniform() >= self.rate else _stretched


def _stretched(image: Levels) -> Table:
    """Find the lowest and the highest level of each channel; one of a single level stays."""
    bounds = np.array([cv2.minMaxLoc(plane)[:2] for plane in cv2.split(image)])
    low, high = bounds.T
    stretched = np.rint((_LEVELS[:, None] - low) * (255 / np.maximum(high - low, 1))).clip(0, 255)
    return np.where(high > low, stretched, _LEVELS[:, None]).astype(np.uint8)
