"""Several runs of a model that differ by their seed: how far a difference of means is to be believed.

Drawing three seeds again and again, as a bootstrap does with images, would show too little of their spread. Here the
squares of two half-widths are added: what other images would change for all runs alike, by the normal distribution, and
the runs' own spread, by Student's t with as few degrees of freedom as there are seeds.

Source: ours; the adding of squares is Zou and Donner's, 2008, "Construction of confidence limits about effect measures:
a general approach"; the degrees of freedom are Welch's, 1947, or those of the pooled spread, whichever is more careful.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy import special

from saccade.errors import BadData

_BISECTIONS = 40


class Runs(NamedTuple):
    """One figure of the runs of a model: one run, or several that differ by their seed.

    Args:
        values: The figure of each run on the images as they are.
        draws: The figure of each run on each draw of the images; the draws are the same for all runs compared.

    Source: ours.
    """

    values: Float[np.ndarray, " runs"]
    draws: Float[np.ndarray, "draws runs"]


class SeedSpread:
    """How far the difference between the means of two groups of runs would move with other images and other seeds.

    Nothing narrower than the images alone would give is believed, however near the seeds happen to lie.

    Args:
        first: The figure of the first model's runs.
        second: The same of the second's. One of the two may have a single run: the other's spread stands for both.

    Raises:
        BadData: If both have a single run.

    Source: as the file.

    Example:
        >>> draws = np.zeros((100, 3))  # as if images made no difference
        >>> one, other = np.array([0.1, 0.2, 0.3]), np.array([0.2, 0.3, 0.4])
        >>> spread = SeedSpread(Runs(one, draws), Runs(other, draws))
        >>> round(spread.half(0.05), 3), round(spread.p(0.1), 3)  # Student's t = 1.2247 with 4 degrees of freedom
        (0.227, 0.288)
    """

    def __init__(self, first: Runs, second: Runs) -> None:
        freedoms = np.array([len(first.values) - 1, len(second.values) - 1])
        if freedoms.sum() < 1:
            raise BadData(
                "got a single run of each model; taken are several runs of one at least; train with other seeds"
            )
        inverse = 1 / (freedoms + 1)
        spreads, chances = np.array([_parts(*first), _parts(*second)]).T
        pooled = (spreads * freedoms).sum() / freedoms.sum()
        self._seeds = [(pooled * inverse.sum(), float(freedoms.sum()))]
        own = spreads * inverse
        if freedoms.min() > 0 and own.sum() > 0:
            self._seeds.append((own.sum(), own.sum() ** 2 / (own**2 / freedoms).sum()))
        elif freedoms.min() == 0:
            chances = np.full(2, (chances * freedoms).sum() / freedoms.sum())
        self._images = float((second.draws.mean(axis=1) - first.draws.mean(axis=1)).var())
        self._alike = max(0.0, self._images - float((chances * inverse).sum()))

    def half(self, level: float) -> float:
        """Give half the width of the interval that misses as often as `level` says."""
        normal = special.ndtri(level / 2) ** 2
        seeds = max(special.stdtrit(freedom, level / 2) ** 2 * spread for spread, freedom in self._seeds)
        return math.sqrt(max(normal * self._images, normal * self._alike + seeds))

    def p(self, difference: float) -> float:
        """Say how often equal models would differ as much: the level at which the interval just reaches 0."""
        size = abs(difference)
        if not size > 0:
            return 1.0
        low, high = -60.0, -1e-12  # of the logarithm of the level
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.half(math.exp(middle)) <= size else (middle, high)
        return math.exp(high)


def _parts(values: Float[np.ndarray, " runs"], draws: Float[np.ndarray, "draws runs"]) -> tuple[float, float]:
    """How far the runs of one model spread, and how much of that other images alone would make."""
    if len(values) < 2:
        return 0.0, 0.0
    own = draws - draws.mean(axis=1, keepdims=True)
    return float(values.var(ddof=1)), float(own.var(axis=0).sum() / (len(values) - 1))
