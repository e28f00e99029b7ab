"""Changes of colour by a matrix: brightness, contrast, saturation, hue, a colour shift, and grey.

They are composed and applied at once, and levels are cut to [0, 1] once at the end, so that a picture made too bright
by one and darker by the next has lost nothing between. A grey picture follows as far as it can: its hue and saturation
are none.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from saccade.data.augmenting.kinds import Colours, Recolouring, check
from saccade.data.randomness import Draws

__all__ = ["Brightness", "ColourShift", "Contrast", "Greyscale", "Hue", "Saturation"]

LUMA = np.array([0.299, 0.587, 0.114])
_Mean = Float[np.ndarray, " 3"]


@dataclass(frozen=True)
class Brightness(Recolouring):
    """All levels are multiplied by one factor.

    Args:
        strength: The factor is from 1 − strength to 1 + strength; from 0 to 1.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: ours.

    Example:
        >>> Brightness(0.0).colours(Draws(0)).diagonal().tolist()
        [1.0, 1.0, 1.0]
    """

    strength: float = 0.4
    rate: float = 1.0

    def __post_init__(self) -> None:
        _check(self.strength, self.rate)

    def colours(self, random: Draws) -> Colours | None:
        """Draw a factor."""
        if random.uniform() >= self.rate:
            return None
        return _matrix(np.eye(3) * random.uniform(1 - self.strength, 1 + self.strength))


@dataclass(frozen=True)
class Contrast(Recolouring):
    """Levels move away from, or towards, the mean luma of the picture.

    Args:
        strength: Distances are multiplied by 1 − strength to 1 + strength; from 0 to 1.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: ours; about the mean and not about 0.5, so that a dark picture does not turn black. Luma is of ITU-R BT.601.

    Example:
        >>> Contrast(0.0).colours(Draws(0))(np.full(3, 0.5))[:, 3].tolist()
        [0.0, 0.0, 0.0]
    """

    strength: float = 0.4
    rate: float = 1.0

    def __post_init__(self) -> None:
        _check(self.strength, self.rate)

    def colours(self, random: Draws) -> Callable[[_Mean], Colours] | None:
        """Draw a factor."""
        if random.uniform() >= self.rate:
            return None
        factor = random.uniform(1 - self.strength, 1 + self.strength)
        return lambda mean: _matrix(np.eye(3) * factor, (1 - factor) * float(LUMA @ mean))


@dataclass(frozen=True)
class Saturation(Recolouring):
    """Colours move away from, or towards, the grey of the same luma.

    Args:
        strength: Distances are multiplied by 1 − strength to 1 + strength; from 0 to 1.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: ours; luma of ITU-R BT.601.

    Example:
        >>> (Saturation().colours(Draws(0)) @ [0.3, 0.3, 0.3, 1]).round(6).tolist()
        [0.3, 0.3, 0.3]
    """

    strength: float = 0.4
    rate: float = 1.0

    def __post_init__(self) -> None:
        _check(self.strength, self.rate)

    def colours(self, random: Draws) -> Colours | None:
        """Draw a factor."""
        if random.uniform() >= self.rate:
            return None
        factor = random.uniform(1 - self.strength, 1 + self.strength)
        return _matrix(np.eye(3) * factor + (1 - factor) * LUMA)


@dataclass(frozen=True)
class Hue(Recolouring):
    """Colours turn about the grey axis: red to yellow to green to blue to red; grey stays.

    Args:
        degrees: By up to so many to either side, from 0 to 180; red is 120 degrees from green.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: ours; Rodrigues' formula with the axis (1, 1, 1) / √3.

    Example:
        >>> (Hue().colours(Draws(0)) @ [0.3, 0.3, 0.3, 1]).round(6).tolist()
        [0.3, 0.3, 0.3]
    """

    degrees: float = 18.0
    rate: float = 1.0

    def __post_init__(self) -> None:
        check("degrees", self.degrees, 0, 180)
        check("rate", self.rate, 0, 1)

    def colours(self, random: Draws) -> Colours | None:
        """Draw an angle."""
        if random.uniform() >= self.rate:
            return None
        angle = math.radians(random.uniform(-self.degrees, self.degrees))
        cosine, sine = math.cos(angle), math.sin(angle) / math.sqrt(3)
        same, level = cosine + (1 - cosine) / 3, (1 - cosine) / 3
        rows = [
            [same, level - sine, level + sine],
            [level + sine, same, level - sine],
            [level - sine, level + sine, same],
        ]
        return _matrix(np.array(rows))


@dataclass(frozen=True)
class ColourShift(Recolouring):
    """A number is added to each channel, as another lamp or another camera would.

    Args:
        deviation: Of the normal distribution that each number is drawn from, from 0 to 1; levels are from 0 to 1.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: ours.

    Example:
        >>> ColourShift(0.0).colours(Draws(0))[:, 3].any().item()
        False
    """

    deviation: float = 0.05
    rate: float = 1.0

    def __post_init__(self) -> None:
        check("deviation", self.deviation, 0, 1)
        check("rate", self.rate, 0, 1)

    def colours(self, random: Draws) -> Colours | None:
        """Draw three numbers."""
        if random.uniform() >= self.rate:
            return None
        return _matrix(np.eye(3), np.array([self.deviation * random.normal() for _ in range(3)]))


@dataclass(frozen=True)
class Greyscale(Recolouring):
    """Colours are taken away; the picture keeps its channels.

    Args:
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If the rate is out of range.

    Source: ours; luma of ITU-R BT.601.

    Example:
        >>> (Greyscale(1.0).colours(Draws(0)) @ [1, 0, 0, 1]).tolist()
        [0.299, 0.299, 0.299]
    """

    rate: float = 0.1

    def __post_init__(self) -> None:
        check("rate", self.rate, 0, 1)

    def colours(self, random: Draws) -> Colours | None:
        """Take them away, or not."""
        return None if random.uniform() >= self.rate else _matrix(np.tile(LUMA, (3, 1)))


def _check(strength: float, rate: float) -> None:
    check("strength", strength, 0, 1)
    check("rate", rate, 0, 1)


def _matrix(linear: Float[np.ndarray, "3 3"], added: float | Float[np.ndarray, " 3"] = 0.0) -> Colours:
    matrix = np.empty((3, 4))
    matrix[:, :3], matrix[:, 3] = linear, added
    return matrix
