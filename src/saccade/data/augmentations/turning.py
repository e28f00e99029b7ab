"""Moves by a matrix about the middle of the picture: rotation, shear, scale, translation and perspective.

What comes from beyond the picture is black.

Source: ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from saccade.data.augmenting.kinds import Move, check
from saccade.data.randomness import Draws
from saccade.errors import BadConfig

__all__ = ["Perspective", "Rotation", "Scale", "Shear", "Translation"]


@dataclass(frozen=True)
class Rotation(Move):
    """A turn about the middle, to either side.

    Args:
        degrees: By up to so many, from 0 to 180.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: ours.

    Example:
        >>> np.allclose(Rotation(0.0).matrix((4, 6), Draws(0)), np.eye(3))
        True
    """

    degrees: float = 15.0
    rate: float = 1.0

    def __post_init__(self) -> None:
        check("degrees", self.degrees, 0, 180)
        check("rate", self.rate, 0, 1)

    def matrix(self, size: tuple[int, int], random: Draws) -> Float[np.ndarray, "3 3"] | None:
        """Draw an angle."""
        if random.uniform() >= self.rate:
            return None
        angle = math.radians(random.uniform(-self.degrees, self.degrees))
        cosine, sine = math.cos(angle), math.sin(angle)
        return _about_middle(size, ((cosine, -sine), (sine, cosine)))


@dataclass(frozen=True)
class Shear(Move):
    """A slant: upright lines lean to one side, level lines rise or fall.

    Args:
        across: Upright lines lean by up to so many degrees, from 0 to 60.
        down: Level lines rise or fall by up to so many degrees, from 0 to 60.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: ours.

    Example:
        >>> np.allclose(Shear(0.0).matrix((4, 6), Draws(0)), np.eye(3))
        True
    """

    across: float = 10.0
    down: float = 0.0
    rate: float = 1.0

    def __post_init__(self) -> None:
        check("across", self.across, 0, 60)
        check("down", self.down, 0, 60)
        check("rate", self.rate, 0, 1)

    def matrix(self, size: tuple[int, int], random: Draws) -> Float[np.ndarray, "3 3"] | None:
        """Draw two angles; the slant across comes before that down."""
        if random.uniform() >= self.rate:
            return None
        lean, rise = (math.tan(math.radians(random.uniform(-most, most))) for most in (self.across, self.down))
        return _about_middle(size, ((1.0, lean), (rise, 1.0 + lean * rise)))


@dataclass(frozen=True)
class Scale(Move):
    """The picture grows or shrinks about its middle, and keeps its proportions.

    Args:
        least: The smallest factor, above 0; below 1 it shrinks, and black is around it.
        most: The largest factor.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range, or the least is more than the most.

    Source: ours; the factor is drawn evenly on a logarithmic scale, so that twice is as likely as half.

    Example:
        >>> Scale(2.0, 2.0).matrix((4, 6), Draws(0)).round(6).tolist()
        [[2.0, 0.0, -3.0], [0.0, 2.0, -2.0], [0.0, 0.0, 1.0]]
    """

    least: float = 0.8
    most: float = 1.25
    rate: float = 1.0

    def __post_init__(self) -> None:
        check("least", self.least, 0.01, 100)
        check("most", self.most, 0.01, 100)
        check("rate", self.rate, 0, 1)
        if self.least > self.most:
            raise BadConfig(
                f"got least={self.least} and most={self.most}; taken is a least that is not more than the most; "
                "exchange them"
            )

    @property
    def zoom(self) -> float:
        """The largest factor, where it enlarges."""
        return max(1.0, self.most)

    def matrix(self, size: tuple[int, int], random: Draws) -> Float[np.ndarray, "3 3"] | None:
        """Draw a factor."""
        if random.uniform() >= self.rate:
            return None
        factor = math.exp(random.uniform(math.log(self.least), math.log(self.most)))
        return _about_middle(size, ((factor, 0.0), (0.0, factor)))


@dataclass(frozen=True)
class Translation(Move):
    """The picture moves by any fraction of a pixel.

    Args:
        across: By up to this share of the width, from 0 to 1.
        down: By up to this share of the height, from 0 to 1.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: ours; `PaddedCrop` moves by whole pixels, which is cheaper and changes no value.

    Example:
        >>> np.allclose(Translation(0.0, 0.0).matrix((4, 6), Draws(0)), np.eye(3))
        True
    """

    across: float = 0.1
    down: float = 0.1
    rate: float = 1.0

    def __post_init__(self) -> None:
        check("across", self.across, 0, 1)
        check("down", self.down, 0, 1)
        check("rate", self.rate, 0, 1)

    def matrix(self, size: tuple[int, int], random: Draws) -> Float[np.ndarray, "3 3"] | None:
        """Draw how far."""
        if random.uniform() >= self.rate:
            return None
        right = size[1] * random.uniform(-self.across, self.across)
        down = size[0] * random.uniform(-self.down, self.down)
        return np.array([[1.0, 0.0, right], [0.0, 1.0, down], [0.0, 0.0, 1.0]])


@dataclass(frozen=True)
class Perspective(Move):
    """The picture is seen from the side: each corner moves by itself, straight lines stay straight.

    Args:
        strength: Each corner moves by up to this share of the width and of the height, from 0 to 0.4.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: ours; the matrix from four pairs of points solves eight linear equations (Hartley & Zisserman, "Multiple
        view geometry", 2nd ed., 2004, section 4.1).

    Example:
        >>> np.allclose(Perspective(0.0).matrix((4, 6), Draws(0)), np.eye(3))
        True
    """

    strength: float = 0.1
    rate: float = 1.0

    def __post_init__(self) -> None:
        check("strength", self.strength, 0, 0.4)  # from 0.5 on two corners can meet
        check("rate", self.rate, 0, 1)

    def matrix(self, size: tuple[int, int], random: Draws) -> Float[np.ndarray, "3 3"] | None:
        """Draw where the four corners go."""
        if random.uniform() >= self.rate:
            return None
        height, width = size
        rows, values = [], []
        for x, y in ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)):
            u, v = (at + random.uniform(-self.strength, self.strength) for at in (x, y))
            rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
            values += [u, v]
        unit = np.append(np.linalg.solve(np.array(rows, np.float64), np.array(values)), 1.0).reshape(3, 3)
        across = np.array([width, height, 1.0])
        return unit * across[:, None] / across


def _about_middle(size: tuple[int, int], linear: tuple[tuple[float, float], ...]) -> Float[np.ndarray, "3 3"]:
    """Keep the middle of a picture where it is."""
    (a, b), (c, d) = linear
    x, y = size[1] / 2, size[0] / 2
    return np.array([[a, b, x - a * x - b * y], [c, d, y - c * x - d * y], [0.0, 0.0, 1.0]])
