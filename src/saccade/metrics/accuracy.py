"""Accuracy: how often the right class is the likeliest, or among the k likeliest."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.errors import BadConfig
from saccade.metrics.inputs import check_classes


def ranks(
    probabilities: Float[np.ndarray, "images classes"], labels: Int[np.ndarray, " images"]
) -> Int[np.ndarray, " images"]:
    """Find the place of the true class among all, likeliest first.

    Args:
        probabilities: Of each class; logits do as well.
        labels: The true class of each image.

    Returns:
        0 where the true class is the likeliest. Equal probabilities stand in the order of their ids, as in `argmax`.

    Raises:
        BadData: If there are no images, or a probability is not finite.
        BadLabel: If a label is no class.

    Source: ours.

    Example:
        >>> ranks(np.array([[0.2, 0.5, 0.3], [0.5, 0.5, 0.0]]), np.array([2, 1])).tolist()
        [1, 1]
    """
    check_classes(probabilities, labels)
    true = np.take_along_axis(probabilities, labels[:, None], axis=1)
    before = np.arange(probabilities.shape[1]) < labels[:, None]
    return ((probabilities > true) | ((probabilities == true) & before)).sum(axis=1)


def hits(
    probabilities: Float[np.ndarray, "images classes"], labels: Int[np.ndarray, " images"], k: int = 1
) -> Bool[np.ndarray, " images"]:
    """Say of each image whether its true class is among the k likeliest.

    Args:
        probabilities: Of each class; logits do as well.
        labels: The true class of each image.
        k: How many classes may be named.

    Returns:
        True where it is.

    Raises:
        BadConfig: If k is below 1.
        BadData: If there are no images, or a probability is not finite.
        BadLabel: If a label is no class.

    Source: ours.

    Example:
        >>> hits(np.array([[0.2, 0.5, 0.3]]), np.array([2]), k=2).tolist()
        [True]
    """
    if k < 1:
        raise BadConfig(f"got k={k}; taken is 1 or more; 1 and 5 are usual")
    return ranks(probabilities, labels) < k


def top_k_accuracy(
    probabilities: Float[np.ndarray, "images classes"], labels: Int[np.ndarray, " images"], k: int = 1
) -> float:
    """Give the share of images whose true class is among the k likeliest.

    Args:
        probabilities: Of each class; logits do as well.
        labels: The true class of each image.
        k: How many classes may be named; 1 gives plain accuracy.

    Returns:
        A share in [0, 1].

    Raises:
        BadConfig: If k is below 1.
        BadData: If there are no images, or a probability is not finite.
        BadLabel: If a label is no class.

    Source: ours; top-5 as in ILSVRC (Russakovsky et al., 2015).

    Example:
        >>> top_k_accuracy(np.array([[0.2, 0.8], [0.6, 0.4]]), np.array([1, 1]))
        0.5
    """
    return float(hits(probabilities, labels, k).mean())
