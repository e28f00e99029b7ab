"""Local warps: the picture is bent like a sheet of rubber.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from saccade.data.augmenting.kinds import Bend, check
from saccade.data.randomness import Draws

__all__ = ["Elastic"]


@dataclass(frozen=True)
class Elastic(Bend):
    """The picture is bent: each knot of a coarse grid moves by itself, what lies between follows smoothly.

    Args:
        strength: Each knot moves by up to this share of the distance to the next, from 0 to 0.24, so that the picture
            never folds (at a quarter, two neighbours could meet).
        knots: Knots on each side of the grid, from 2 to 32; fewer bend it more gently.
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: Simard, Steinkraus & Platt, "Best practices for convolutional neural networks", 2003, section 2, where
        the shifts are noise made smooth by a Gaussian; here they are drawn on a coarse grid, and it lies between
        neighbouring knots linearly.

    Example:
        >>> Elastic(0.0, knots=3).field((8, 8), Draws(0)).shape
        (3, 3, 2)
    """

    strength: float = 0.15
    knots: int = 5
    rate: float = 1.0

    def __post_init__(self) -> None:
        check("strength", self.strength, 0, 0.24)
        check("knots", self.knots, 2, 32)
        check("rate", self.rate, 0, 1)

    def field(self, size: tuple[int, int], random: Draws) -> Float[np.ndarray, "rows columns 2"] | None:
        """Draw a shift for each knot."""
        if random.uniform() >= self.rate:
            return None
        drawn = [random.uniform(-self.strength, self.strength) for _ in range(2 * self.knots * self.knots)]
        step = np.array([size[1], size[0]]) / (self.knots - 1)
        return np.array(drawn).reshape(self.knots, self.knots, 2) * step
