"""How far apart two heaps of vectors are, as distributions.

Source: Székely & Rizzo, "Energy statistics: a class of statistics based on distances", 2013.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

Vectors = Float[np.ndarray, "_ numbers"]
Weights = Float[np.ndarray, "draws _"]


class EnergyDistance:
    """The energy distance of two heaps, for any weights of their members: 2 E|x − y| − E|x − x'| − E|y − y'|.

    It is 0 if and only if both have the same distribution, and never below. Distances are root mean squares over the
    numbers of a vector, so that it is in their unit, and does not grow with how many they are. Each member is also held
    against itself, which makes small heaps look a little farther apart than they are.

    Args:
        first: One vector a row.
        second: The same.

    Source: Székely & Rizzo 2013, equation 3, as a V-statistic.

    Example:
        >>> EnergyDistance(np.zeros((2, 3)), np.ones((5, 3)))(np.ones((1, 2)), np.ones((1, 5))).tolist()
        [2.0]
    """

    def __init__(self, first: Vectors, second: Vectors) -> None:
        self._across = _distances(first, second)
        self._first, self._second = _distances(first, first), _distances(second, second)

    def __call__(self, first: Weights, second: Weights) -> Float[np.ndarray, " draws"]:
        """Work it out for several draws at once.

        Args:
            first: How much each member of the first heap counts, a row for each draw.
            second: The same of the second.

        Returns:
            A distance for each draw; NaN where a heap is empty.

        Source: as the class.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            one, two = (weights / weights.sum(1, keepdims=True) for weights in (first, second))
            found = 2 * _mean(one, self._across, two) - _mean(one, self._first, one) - _mean(two, self._second, two)
        return np.maximum(found, 0)


def _mean(first: Weights, distances: Float[np.ndarray, "_ _"], second: Weights) -> Float[np.ndarray, " draws"]:
    return np.where(second.sum(1) > 0, ((first @ distances) * second).sum(1), np.nan)


def _distances(first: Vectors, second: Vectors) -> Float[np.ndarray, "_ _"]:
    first, second = first.astype(np.float64), second.astype(np.float64)
    squares = (first**2).sum(1)[:, None] + (second**2).sum(1) - 2 * first @ second.T
    return np.sqrt(np.maximum(squares, 0) / max(1, first.shape[1]))
