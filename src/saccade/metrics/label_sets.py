"""Figures that compare sets of labels: the classes an image has with those it was said to have."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from saccade.errors import BadConfig
from saccade.metrics.inputs import check_sets
from saccade.metrics.per_class import ClassFigures, class_figures, macro


def present(
    probabilities: Float[np.ndarray, "images classes"], threshold: float = 0.5
) -> Bool[np.ndarray, "images classes"]:
    """Say which classes are taken as present.

    Args:
        probabilities: Of each class, on its own.
        threshold: From which probability on.

    Returns:
        True from the threshold on.

    Raises:
        BadConfig: If the threshold is not a probability.

    Source: ours.

    Example:
        >>> present(np.array([[0.4, 0.5]])).tolist()
        [[False, True]]
    """
    if not 0 <= threshold <= 1:
        raise BadConfig(f"got threshold={threshold}; taken is a probability from 0 to 1; 0.5 is usual")
    return probabilities >= threshold


def label_figures(
    probabilities: Float[np.ndarray, "images classes"],
    targets: Bool[np.ndarray, "images classes"],
    *,
    threshold: float = 0.5,
) -> ClassFigures:
    """Work out precision, recall and F1 of each class at a threshold.

    Args:
        probabilities: Of each class, on its own.
        targets: Whether the image has the class.
        threshold: From which probability on a class is taken as present.

    Returns:
        The figures, NaN for a class that no image has; `metrics.per_class.macro` averages them.

    Raises:
        BadShape: If they are not of one shape.
        BadData: If there are no images, or a probability is not finite.
        BadConfig: If the threshold is not a probability.

    Source: as `ClassFigures`.

    Example:
        >>> label_figures(np.array([[0.9, 0.9]]), np.array([[True, False]])).f1.tolist()
        [1.0, nan]
    """
    check_sets(probabilities, targets)
    said = present(probabilities, threshold)
    return class_figures((said & targets).sum(axis=0), said.sum(axis=0), targets.sum(axis=0))


def f1_score(
    probabilities: Float[np.ndarray, "images classes"],
    targets: Bool[np.ndarray, "images classes"],
    *,
    average: str = "macro",
    threshold: float = 0.5,
) -> float:
    """Give F1 over all classes at a threshold.

    Args:
        probabilities: Of each class, on its own.
        targets: Whether the image has the class.
        average: "macro": the mean over classes that any image has; "micro": all decisions in one pot.
        threshold: From which probability on a class is taken as present.

    Returns:
        A share in [0, 1]; NaN when no image has any class (macro), 0 when besides nothing was said (micro).

    Raises:
        BadShape: If they are not of one shape.
        BadData: If there are no images, or a probability is not finite.
        BadConfig: If the average or the threshold is not one of those taken.

    Source: as `ClassFigures`.

    Example:
        >>> f1_score(np.array([[0.9, 0.9]]), np.array([[True, False]]), average="micro").__round__(4)
        0.6667
    """
    if average not in ("macro", "micro"):
        raise BadConfig(f"got average={average!r}; taken are 'macro' and 'micro'; choose one of them")
    figures = label_figures(probabilities, targets, threshold=threshold)
    if average == "macro":
        return float(macro(figures.f1))
    hits = (present(probabilities, threshold) & targets).sum()
    return float(2 * hits / max(figures.predicted.sum() + figures.support.sum(), 1))


def exact_match(
    probabilities: Float[np.ndarray, "images classes"],
    targets: Bool[np.ndarray, "images classes"],
    *,
    threshold: float = 0.5,
) -> float:
    """Give the share of images whose whole set of labels is right.

    Args:
        probabilities: Of each class, on its own.
        targets: Whether the image has the class.
        threshold: From which probability on a class is taken as present.

    Returns:
        A share in [0, 1].

    Raises:
        BadShape: If they are not of one shape.
        BadData: If there are no images, or a probability is not finite.
        BadConfig: If the threshold is not a probability.

    Source: ours.

    Example:
        >>> exact_match(np.array([[0.9, 0.9], [0.1, 0.9]]), np.array([[True, False], [False, True]]))
        0.5
    """
    check_sets(probabilities, targets)
    return float((present(probabilities, threshold) == targets).all(axis=1).mean())


def hamming_loss(
    probabilities: Float[np.ndarray, "images classes"],
    targets: Bool[np.ndarray, "images classes"],
    *,
    threshold: float = 0.5,
) -> float:
    """Give the share of decisions, one for each class of each image, that are wrong.

    Args:
        probabilities: Of each class, on its own.
        targets: Whether the image has the class.
        threshold: From which probability on a class is taken as present.

    Returns:
        A share in [0, 1], 0 the best.

    Raises:
        BadShape: If they are not of one shape.
        BadData: If there are no images, or a probability is not finite.
        BadConfig: If the threshold is not a probability.

    Source: Hamming, 1950, "Error detecting and error correcting codes".

    Example:
        >>> hamming_loss(np.array([[0.9, 0.9], [0.1, 0.9]]), np.array([[True, False], [False, True]]))
        0.25
    """
    check_sets(probabilities, targets)
    return float((present(probabilities, threshold) != targets).mean())
