"""Calibration: of the images a network is 80 % sure of, are 80 % right?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, Num

from saccade.errors import BadConfig, BadShape
from saccade.metrics.inputs import check_classes, check_finite


@dataclass(frozen=True, eq=False)
class ReliabilityCurve:
    """Confidence against accuracy, bin by bin.

    Args:
        edges: Where the bins end, one more than there are bins; a bin holds what is above its low edge, up to and with
            its high one (the first holds its low edge too).
        confidence: Mean confidence in each bin, NaN in an empty one.
        accuracy: Share of right answers in each bin, NaN in an empty one.
        count: How many fall into each bin.

    Source: Niculescu-Mizil and Caruana, 2005, "Predicting good probabilities with supervised learning".
    """

    edges: Float[np.ndarray, " edges"]
    confidence: Float[np.ndarray, " bins"]
    accuracy: Float[np.ndarray, " bins"]
    count: Int[np.ndarray, " bins"]

    def error(self) -> float:
        """Give the expected calibration error: the mean gap between confidence and accuracy, by count."""
        gaps = np.nan_to_num(np.abs(self.confidence - self.accuracy))
        return float((gaps * self.count).sum() / self.count.sum())

    def to_dict(self) -> dict[str, list[float | None]]:
        """Give plain values that JSON can hold; None in an empty bin."""
        columns = {name: getattr(self, name).tolist() for name in ("edges", "confidence", "accuracy", "count")}
        return {name: [None if math.isnan(value) else value for value in values] for name, values in columns.items()}


def reliability_curve(
    confidence: Float[np.ndarray, " answers"],
    correct: Bool[np.ndarray, " answers"],
    *,
    bins: int = 15,
    adaptive: bool = False,
) -> ReliabilityCurve:
    """Compare confidence with accuracy, bin by bin.

    Args:
        confidence: The probability of each answer, in [0, 1].
        correct: Whether the answer was right.
        bins: How many bins.
        adaptive: Bins of equal count instead of equal width.

    Returns:
        The curve.

    Raises:
        BadShape: If there are not as many of one as of the other.
        BadData: If there are none, or a confidence is not finite.
        BadConfig: If there are no bins.

    Source: as `ReliabilityCurve`; equal counts from Nixon et al., 2019 (arXiv 1904.01685).

    Example:
        >>> reliability_curve(np.array([0.9, 0.9, 0.3]), np.array([True, False, False]), bins=2).accuracy.tolist()
        [0.0, 0.5]
    """
    if confidence.shape != correct.shape:
        raise BadShape(
            f"got {confidence.shape} confidences and {correct.shape} answers; taken are as many of one as of the "
            "other; give one of each for each image"
        )
    check_finite(confidence)
    edges = bin_edges(confidence, bins, adaptive=adaptive)
    places = bin_of(confidence, edges)
    count = np.bincount(places, minlength=bins)
    sums = (np.bincount(places, weights=values, minlength=bins) for values in (confidence, correct))
    means = [np.where(count > 0, total / np.maximum(count, 1), np.nan) for total in sums]
    return ReliabilityCurve(edges, means[0], means[1], count)


def expected_calibration_error(
    confidence: Float[np.ndarray, " answers"],
    correct: Bool[np.ndarray, " answers"],
    *,
    bins: int = 15,
    adaptive: bool = False,
) -> float:
    """Give the mean gap between confidence and accuracy, weighed by how many answers each bin holds.

    Args:
        confidence: The probability of each answer, in [0, 1].
        correct: Whether the answer was right.
        bins: How many bins; 15 of equal width are usual.
        adaptive: Bins of equal count instead of equal width.

    Returns:
        A share in [0, 1]; it errs upwards when there are few images.

    Raises:
        BadShape: If there are not as many of one as of the other.
        BadData: If there are none, or a confidence is not finite.
        BadConfig: If there are no bins.

    Source: Naeini et al., 2015; Guo et al., 2017 (arXiv 1706.04599), equation 3.

    Example:
        >>> round(expected_calibration_error(np.array([0.9, 0.9]), np.array([True, False])), 6)
        0.4
    """
    return reliability_curve(confidence, correct, bins=bins, adaptive=adaptive).error()


def bin_edges(confidence: Float[np.ndarray, " answers"], bins: int, *, adaptive: bool) -> Float[np.ndarray, " edges"]:
    """Choose where bins end: at equal widths, or so that each holds as many answers.

    Args:
        confidence: The probability of each answer.
        bins: How many bins.
        adaptive: Equal counts.

    Returns:
        From 0 to 1, rising; equal edges, where many answers are equally sure, make empty bins.

    Raises:
        BadConfig: If there are no bins.

    Source: as `reliability_curve`.

    Example:
        >>> bin_edges(np.array([0.1, 0.2, 0.6, 0.9]), 2, adaptive=True).tolist()
        [0.0, 0.2, 1.0]
    """
    if bins < 1:
        raise BadConfig(f"got bins={bins}; taken is 1 or more; 15 is usual")
    edges = np.linspace(0, 1, bins + 1)
    if adaptive:
        last = -(-np.arange(1, bins) * len(confidence) // bins) - 1
        edges[1:-1] = np.sort(confidence)[last]
    return edges


def bin_of(
    confidence: Float[np.ndarray, " answers"], edges: Float[np.ndarray, " edges"]
) -> Int[np.ndarray, " answers"]:
    """Find the bin of each answer.

    Args:
        confidence: The probability of each answer.
        edges: Where the bins end.

    Returns:
        Numbers of bins.

    Source: as `ReliabilityCurve`.

    Example:
        >>> bin_of(np.array([0.0, 0.5, 0.6, 1.0]), np.array([0.0, 0.5, 1.0])).tolist()
        [0, 0, 1, 1]
    """
    return np.searchsorted(edges[1:-1], confidence, side="left")


def log_losses(
    probabilities: Float[np.ndarray, "images classes"], labels: Int[np.ndarray, " images"]
) -> Float[np.ndarray, " images"]:
    """Give the negative logarithm of the probability that each image's true class got.

    Args:
        probabilities: Of each class; 0 is taken as the smallest step of its type, so no loss is infinite.
        labels: The true class of each image.

    Returns:
        Nats, 0 or more; their mean is the negative log-likelihood.

    Raises:
        BadData: If there are no images, or a probability is not finite.
        BadLabel: If a label is no class.

    Source: Good, 1952, "Rational decisions".

    Example:
        >>> log_losses(np.array([[0.5, 0.5]]), np.array([1])).round(4).tolist()
        [0.6931]
    """
    check_classes(probabilities, labels)
    true = np.take_along_axis(probabilities, labels[:, None], axis=1)[:, 0]
    return -np.log(np.clip(true, np.finfo(probabilities.dtype).eps, 1))


def brier_scores(
    probabilities: Float[np.ndarray, "images classes"], labels: Int[np.ndarray, " images"]
) -> Float[np.ndarray, " images"]:
    """Give the squared distance of each image's probabilities from the truth.

    Args:
        probabilities: Of each class.
        labels: The true class of each image.

    Returns:
        Σ_c (p_c − y_c)² for each image, from 0 to 2; their mean is the Brier score.

    Raises:
        BadData: If there are no images, or a probability is not finite.
        BadLabel: If a label is no class.

    Source: Brier, 1950, "Verification of forecasts expressed in terms of probability".

    Example:
        >>> brier_scores(np.array([[0.5, 0.5]]), np.array([1])).tolist()
        [0.5]
    """
    check_classes(probabilities, labels)
    true = np.take_along_axis(probabilities, labels[:, None], axis=1)[:, 0]
    squares: Num[np.ndarray, " images"] = (probabilities**2).sum(axis=1)
    return squares - 2 * true + 1
