"""Precision, recall and F1: for each class, and averaged.

A class that has no images in the split has no figures: all three are NaN, and averages leave it out (and say how many
were left out). A class that has images but was never predicted has precision 0, as scikit-learn's `zero_division=0`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Num

from saccade.errors import BadShape
from saccade.metrics.inputs import check_labels

Counts = Num[np.ndarray, "*rows classes"]
Figures = Float[np.ndarray, "*rows classes"]


@dataclass(frozen=True, eq=False)
class ClassFigures:
    """Figures of each class.

    Args:
        precision: Of the images taken for the class, the share that are of it.
        recall: Of the images of the class, the share taken for it.
        f1: The harmonic mean of the two.
        support: Images of the class.
        predicted: Images taken for the class.

    Source: van Rijsbergen, 1979, "Information Retrieval".
    """

    precision: Figures
    recall: Figures
    f1: Figures
    support: Counts
    predicted: Counts

    @property
    def absent(self) -> int:
        """How many classes have no image in the split."""
        return int((self.support == 0).sum())


def class_figures(hits: Counts, predicted: Counts, support: Counts) -> ClassFigures:
    """Work out the figures of each class from three counts; leading axes (resamples) are kept.

    Args:
        hits: Images of the class taken for it.
        predicted: Images taken for the class.
        support: Images of the class.

    Returns:
        The figures.

    Source: as `ClassFigures`.

    Example:
        >>> class_figures(np.array([1, 0]), np.array([2, 0]), np.array([4, 3])).precision.tolist()
        [0.5, 0.0]
    """
    nowhere = np.where(support > 0, 0.0, np.nan)
    precision, recall = hits / np.maximum(predicted, 1) + nowhere, hits / np.maximum(support, 1) + nowhere
    f1 = 2 * hits / np.maximum(predicted + support, 1) + nowhere
    return ClassFigures(precision, recall, f1, support, predicted)


def per_class(
    labels: Int[np.ndarray, " images"], predicted: Int[np.ndarray, " images"], num_classes: int
) -> ClassFigures:
    """Work out precision, recall and F1 of each class.

    Args:
        labels: The true class of each image.
        predicted: The class that the network named.
        num_classes: How many classes there are.

    Returns:
        The figures, NaN for a class without images.

    Raises:
        BadShape: If there are not as many labels as predictions.
        BadLabel: If either is no class.
        BadData: If there are no images.

    Source: as `ClassFigures`.

    Example:
        >>> per_class(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).recall.tolist()
        [0.5, 1.0]
    """
    if labels.shape != predicted.shape:
        raise BadShape(
            f"got {labels.shape} labels and {predicted.shape} predictions; taken are as many of one as of the other; "
            "give one of each for each image"
        )
    check_labels(labels, num_classes)
    check_labels(predicted, num_classes)
    counted = (np.bincount(ids, minlength=num_classes) for ids in (labels[labels == predicted], predicted, labels))
    return class_figures(*counted)


def macro(figures: Figures) -> Float[np.ndarray, "*rows"]:
    """Average over the classes that have a figure, each counting the same.

    Args:
        figures: One for each class; NaN is left out.

    Returns:
        The mean; NaN when no class has a figure.

    Source: ours.

    Example:
        >>> float(macro(np.array([0.5, np.nan, 1.0])))
        0.75
    """
    there = ~np.isnan(figures)
    count = there.sum(axis=-1)
    total = np.where(there, figures, 0).sum(axis=-1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def weighted(figures: Figures, support: Counts) -> Float[np.ndarray, "*rows"]:
    """Average over the classes, each counting as much as it has images.

    Args:
        figures: One for each class; NaN is left out.
        support: Images of each class.

    Returns:
        The weighted mean; NaN when no class has images.

    Source: ours.

    Example:
        >>> float(weighted(np.array([0.5, 1.0]), np.array([3, 1])))
        0.625
    """
    weights = np.where(np.isnan(figures), 0, support)
    total = weights.sum(axis=-1)
    mean = (np.nan_to_num(figures) * weights).sum(axis=-1) / np.where(total > 0, total, 1)
    return np.asarray(np.where(total > 0, mean, np.nan))
