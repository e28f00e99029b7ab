"""What every metric asks of its arguments, so that nothing is ever silently scored.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor

from saccade.errors import BadData, BadLabel, BadShape, printable
from saccade.types.batch import Batch


def check_finite(values: Float[np.ndarray, "images ..."], keys: Sequence[str] = ()) -> None:
    """Refuse NaN and infinity, naming the images that have them.

    Args:
        values: Probabilities, logits or confidences, one row for each image.
        keys: The names of the images; without them they are named by number.

    Raises:
        BadData: If there are no images, or any value is not finite.

    Source: ours.

    Example:
        >>> check_finite(np.array([0.5, 1.0]))
    """
    if not len(values):
        raise BadData("got no images to judge; taken is at least one; check the split, and what was set aside")
    wrong = np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(axis=1))
    if len(wrong):
        raise BadData(
            f"got NaN or infinity for {_named(wrong, keys)}; taken are finite numbers; look at these images, and "
            "whether the weights of the network are finite"
        )


def check_classes(
    probabilities: Float[np.ndarray, "images classes"], labels: Int[np.ndarray, " images"], keys: Sequence[str] = ()
) -> None:
    """Refuse probabilities and labels that do not belong together.

    Args:
        probabilities: Of each class.
        labels: The true class of each image.
        keys: The names of the images.

    Raises:
        BadShape: If they are not as many.
        BadLabel: If a label is no class.
        BadData: If there are no images, or a probability is not finite.

    Source: ours.

    Example:
        >>> check_classes(np.array([[0.2, 0.8]]), np.array([1]))
    """
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1]:
        raise BadShape(
            f"got values of shape {probabilities.shape} and labels of shape {labels.shape}; taken are (images, "
            "classes) and (images,); give one label for each image"
        )
    check_finite(probabilities, keys)
    check_labels(labels, probabilities.shape[1], keys)


def check_labels(labels: Int[np.ndarray, " images"], num_classes: int, keys: Sequence[str] = ()) -> None:
    """Refuse labels that are no class, naming their images.

    Args:
        labels: A class for each image.
        num_classes: How many classes there are.
        keys: The names of the images.

    Raises:
        BadLabel: If a label is below 0, or not below the number of classes.
        BadData: If there are none.

    Source: ours.

    Example:
        >>> check_labels(np.array([0, 1]), 2)
    """
    if not len(labels):
        raise BadData("got no images to judge; taken is at least one; check the split, and what was set aside")
    wrong = np.flatnonzero((labels < 0) | (labels >= num_classes))
    if len(wrong):
        raise BadLabel(
            f"got label {labels[wrong[0]]} for {_named(wrong, keys)}; taken are 0 to {num_classes - 1}; mend the "
            "labels, or take a network with more classes"
        )


def check_sets(
    probabilities: Float[np.ndarray, "images classes"],
    targets: Bool[np.ndarray, "images classes"],
    keys: Sequence[str] = (),
) -> None:
    """Refuse probabilities and sets of labels that do not belong together.

    Args:
        probabilities: Of each class, on its own.
        targets: Whether the image has the class.
        keys: The names of the images.

    Raises:
        BadShape: If they are not of one shape.
        BadData: If there are no images, or a probability is not finite.

    Source: ours.

    Example:
        >>> check_sets(np.array([[0.2, 0.8]]), np.array([[False, True]]))
    """
    if probabilities.ndim != 2 or probabilities.shape != targets.shape:
        raise BadShape(
            f"got values of shape {probabilities.shape} and targets of shape {targets.shape}; taken are two of "
            "(images, classes); give true or false for each class of each image"
        )
    check_finite(probabilities, keys)


def keys_of(batch: Batch, before: int) -> list[str]:
    """Name the images of a batch, by number where they have no names.

    Args:
        batch: Any batch.
        before: How many images came before it.

    Returns:
        A name for each.

    Source: ours.
    """
    return list(batch.keys) or [f"image {before + number}" for number in range(len(batch))]


def targets_of(batch: Batch) -> Shaped[Tensor, "batch ..."]:
    """Take the targets of a batch, which must be a tensor.

    Args:
        batch: Any batch.

    Returns:
        Its targets.

    Raises:
        BadData: If it has none.

    Source: ours.
    """
    if not isinstance(batch.targets, Tensor):
        raise BadData(
            f"got a batch without labels ({printable(', '.join(batch.keys[:3]))}); taken are images with labels; "
            "judge on data that have them"
        )
    return batch.targets


def _named(numbers: Int[np.ndarray, " wrong"], keys: Sequence[str]) -> str:
    shown = [printable(keys[int(number)]) if keys else f"image {number}" for number in numbers[:5]]
    more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
    return ", ".join(shown) + more
