"""The confusion matrix: what was taken for what."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from saccade.errors import BadShape
from saccade.metrics.inputs import check_labels


def confusion_matrix(
    labels: Int[np.ndarray, " images"], predicted: Int[np.ndarray, " images"], num_classes: int
) -> Int[np.ndarray, "true predicted"]:
    """Count how often each class was taken for each.

    Args:
        labels: The true class of each image.
        predicted: The class that the network named.
        num_classes: How many classes there are.

    Returns:
        Counts, a row for each true class, a column for each predicted one; classes that never occur have zeros.

    Raises:
        BadShape: If there are not as many labels as predictions.
        BadLabel: If either is no class.
        BadData: If there are no images.

    Source: ours.

    Example:
        >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
        [[1, 1], [0, 1]]
    """
    if labels.shape != predicted.shape:
        raise BadShape(
            f"got {labels.shape} labels and {predicted.shape} predictions; taken are as many of one as of the other; "
            "give one of each for each image"
        )
    check_labels(labels, num_classes)
    check_labels(predicted, num_classes)
    cells = np.bincount(labels.astype(np.int64) * num_classes + predicted, minlength=num_classes**2)
    return cells.reshape(num_classes, num_classes)


def shares(matrix: Int[np.ndarray, "true predicted"]) -> Float[np.ndarray, "true predicted"]:
    """Divide each row by its sum: of the images of a class, what share was taken for each.

    Args:
        matrix: Counts.

    Returns:
        Shares in [0, 1]; NaN in the row of a class that has no images.

    Source: ours.

    Example:
        >>> shares(np.array([[1, 3], [0, 2]])).tolist()
        [[0.25, 0.75], [0.0, 1.0]]
    """
    totals = matrix.sum(axis=1, keepdims=True)
    return np.where(totals > 0, matrix / np.maximum(totals, 1), np.nan)


def most_confused(matrix: Int[np.ndarray, "true predicted"], count: int = 10) -> list[tuple[int, int, int]]:
    """List the mistakes made most often.

    Args:
        matrix: Counts.
        count: At most so many.

    Returns:
        (true class, predicted class, images), most frequent first; pairs that never occur are left out.

    Source: ours.

    Example:
        >>> most_confused(np.array([[5, 2, 0], [0, 5, 1], [0, 0, 5]]))
        [(0, 1, 2), (1, 2, 1)]
    """
    true, predicted = np.nonzero(matrix)  # of ten thousand classes there are a hundred million cells, nearly all empty
    wrong = true != predicted
    true, predicted = true[wrong], predicted[wrong]
    times = matrix[true, predicted]
    order = np.argsort(-times, kind="stable")[:count]
    return list(zip(true[order].tolist(), predicted[order].tolist(), times[order].tolist(), strict=True))
