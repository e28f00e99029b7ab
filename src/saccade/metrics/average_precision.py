"""Average precision: how well the images of a class are ranked before the others, whatever the threshold."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from saccade.metrics.bootstrap import Draws
from saccade.metrics.inputs import check_sets
from saccade.metrics.per_class import macro


def average_precision(
    probabilities: Float[np.ndarray, "images classes"], targets: Bool[np.ndarray, "images classes"]
) -> Float[np.ndarray, " classes"]:
    """Work out the average precision of each class.

    It is Σ_n (R_n − R_{n−1}) P_n over the thresholds from high to low, R recall and P precision, without interpolation;
    images of equal probability enter together.

    Args:
        probabilities: Of each class, on its own.
        targets: Whether the image has the class.

    Returns:
        A share in [0, 1] for each class; NaN for one that no image has.

    Raises:
        BadShape: If they are not of one shape.
        BadData: If there are no images, or a probability is not finite.

    Source: as scikit-learn's `average_precision_score`.

    Example:
        >>> average_precision(np.array([[0.9], [0.8], [0.7]]), np.array([[True], [False], [True]])).round(4).tolist()
        [0.8333]
    """
    return RankedImages(probabilities, targets)(np.ones((1, len(probabilities))))[0]


def mean_average_precision(
    probabilities: Float[np.ndarray, "images classes"], targets: Bool[np.ndarray, "images classes"]
) -> float:
    """Average the average precision over the classes that any image has.

    Args:
        probabilities: Of each class, on its own.
        targets: Whether the image has the class.

    Returns:
        A share in [0, 1]; NaN when no image has any class.

    Raises:
        BadShape: If they are not of one shape.
        BadData: If there are no images, or a probability is not finite.

    Source: as `average_precision`.

    Example:
        >>> mean_average_precision(np.array([[0.9, 0.1], [0.2, 0.3]]), np.array([[True, False], [False, False]]))
        1.0
    """
    return float(macro(average_precision(probabilities, targets)))


class RankedImages:
    """The images of each class in order of probability: sorted once, then judged for many draws.

    Args:
        probabilities: Of each class, on its own.
        targets: Whether the image has the class.

    Raises:
        BadShape: If they are not of one shape.
        BadData: If there are no images, or a probability is not finite.

    Source: ours.

    Example:
        >>> ranked = RankedImages(np.array([[0.9], [0.8]]), np.array([[False], [True]]))
        >>> ranked(np.array([[1.0, 1.0], [0.0, 2.0]])).tolist()  # the second draw has the second image twice
        [[0.5], [1.0]]
    """

    def __init__(
        self, probabilities: Float[np.ndarray, "images classes"], targets: Bool[np.ndarray, "images classes"]
    ) -> None:
        check_sets(probabilities, targets)
        self._classes = [_ranked(*columns) for columns in zip(probabilities.T, targets.T, strict=True)]

    def __call__(self, counts: Draws) -> Float[np.ndarray, "draws classes"]:
        """Work out the average precision of each class in each draw; NaN where a draw has no image of the class."""
        columns = [_weighted(counts, *ranked) for ranked in self._classes]
        return np.stack(columns, axis=1)


_Ranked = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _ranked(probabilities: Float[np.ndarray, " images"], targets: Bool[np.ndarray, " images"]) -> _Ranked:
    """Cut the ranking at every threshold that a positive image has.

    Gives all images and where each piece starts, then the same for the positive ones; what comes after the last
    positive image does not matter.
    """
    order = np.argsort(-probabilities, kind="stable")
    sorted_probabilities, positive = probabilities[order], targets[order]
    last_of_tie = np.searchsorted(-sorted_probabilities, -sorted_probabilities, side="right") - 1
    ends, firsts = np.unique(last_of_tie[positive], return_index=True)
    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    return order[: ends[-1] + 1] if len(ends) else order[:0], starts, order[positive], firsts


def _weighted(
    counts: Draws, order: np.ndarray, starts: np.ndarray, positives: np.ndarray, firsts: np.ndarray
) -> Float[np.ndarray, " draws"]:
    if not len(positives):
        return np.full(len(counts), np.nan)
    found = np.add.reduceat(counts[:, positives], firsts, axis=1)
    seen = np.add.reduceat(counts[:, order], starts, axis=1).cumsum(axis=1)
    precision = found.cumsum(axis=1) / np.maximum(seen, 1)
    total = found.sum(axis=1)
    return np.where(total > 0, (found * precision).sum(axis=1) / np.maximum(total, 1), np.nan)
