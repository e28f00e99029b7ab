"""The figures of a classifier and how they would move with other images.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from saccade.metrics.accuracy import ranks
from saccade.metrics.bootstrap import Draws, GroupSums
from saccade.metrics.calibration import bin_of, brier_scores
from saccade.metrics.judgement import ClassRow, Figure, class_rows, named_figures
from saccade.metrics.per_class import class_figures, macro, weighted


class ClassifierFigures:
    """Every figure of a classifier, worked out for many draws of its images at once.

    Args:
        log_probabilities: Of each class of each image.
        labels: The true class of each image.

    Source: ours; see `bootstrap`.
    """

    _AVERAGES = ("calibration_error", "macro_precision", "macro_recall", "macro_f1", "weighted_f1")

    def __init__(
        self, log_probabilities: Float[np.ndarray, "images classes"], labels: Int[np.ndarray, " images"]
    ) -> None:
        values = per_image(log_probabilities, labels)
        predicted, confidence = log_probabilities.argmax(axis=1), np.exp(log_probabilities.max(axis=1))
        self._means, self._matrix = list(values), np.stack(list(values.values()), axis=1)
        self._correct = (predicted == labels).astype(np.float32)
        self._gaps = confidence - self._correct
        self._by_bin = GroupSums(bin_of(confidence, np.linspace(0, 1, 16)), 15)
        classes = log_probabilities.shape[1]
        self._by_label, self._by_prediction = GroupSums(labels, classes), GroupSums(predicted, classes)
        self._images = len(labels)

    def __call__(self, counts: Draws) -> Float[np.ndarray, "draws figures"]:
        """Work out all figures of each draw, in the order that `whole` and `rows` take apart."""
        table = class_figures(
            self._by_label(counts * self._correct), self._by_prediction(counts), self._by_label(counts)
        )
        averages = [
            np.abs(self._by_bin(counts * self._gaps)).sum(axis=1) / self._images,
            macro(table.precision),
            macro(table.recall),
            macro(table.f1),
            weighted(table.f1, table.support),
        ]
        means = counts @ self._matrix / self._images
        return np.column_stack([means, *averages, table.precision, table.recall, table.f1])

    def whole(
        self, values: Float[np.ndarray, " figures"], draws: Float[np.ndarray, "draws figures"]
    ) -> dict[str, Figure]:
        """Name the figures of all classes together, with their intervals.

        Args:
            values: The figures of the images as they are.
            draws: The figures of each draw.

        Returns:
            (value, low, high) by name.

        Source: ours.
        """
        names = [*self._means, *self._AVERAGES]
        return named_figures(names, values, draws, images=self._images, scores=("loss", "brier", "calibration_error"))

    def rows(
        self, names: Sequence[str], values: Float[np.ndarray, " figures"], draws: Float[np.ndarray, "draws figures"]
    ) -> tuple[ClassRow, ...]:
        """Name the figures of each class, with their intervals.

        Args:
            names: Of the classes.
            values: The figures of the images as they are.
            draws: The figures of each draw.

        Returns:
            A row for each class.

        Source: ours.
        """
        start, one = len(self._means) + len(self._AVERAGES), np.ones((1, self._images))
        support, predicted = (sums(one)[0].astype(int) for sums in (self._by_label, self._by_prediction))
        columns = ("precision", "recall", "f1")
        return class_rows(names, columns, values[start:], draws[:, start:], support=support, predicted=predicted)


def per_image(
    log_probabilities: Float[np.ndarray, "images classes"], labels: Int[np.ndarray, " images"]
) -> dict[str, Float[np.ndarray, " images"]]:
    """Work out the figures that are means over images.

    Args:
        log_probabilities: Of each class of each image.
        labels: The true class of each image.

    Returns:
        "accuracy", "top_5" with more than five classes, "loss" and "brier": a value for each image.

    Source: ours.

    Example:
        >>> sorted(per_image(np.log(np.array([[0.25, 0.75]])), np.array([1])))
        ['accuracy', 'brier', 'loss']
    """
    places = ranks(log_probabilities, labels)
    values = {"accuracy": places < 1}
    if log_probabilities.shape[1] > 5:
        values["top_5"] = places < 5
    losses = -np.take_along_axis(log_probabilities, labels[:, None], axis=1)[:, 0]
    scored = {"loss": losses, "brier": brier_scores(np.exp(log_probabilities), labels)}
    return {name: value.astype(np.float64) for name, value in {**values, **scored}.items()}
