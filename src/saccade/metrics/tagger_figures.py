"""The figures of a network that names several classes for each image, and how they would move with other images.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from saccade.metrics.average_precision import RankedImages
from saccade.metrics.bootstrap import Draws
from saccade.metrics.calibration import bin_of
from saccade.metrics.judgement import ClassRow, Figure, class_rows, named_figures
from saccade.metrics.label_sets import present
from saccade.metrics.per_class import ClassFigures, class_figures, macro

_NAMES = (
    "mean_average_precision", "macro_f1", "micro_f1", "macro_precision", "macro_recall", "exact_match", "hamming_loss",
    "calibration_error", "loss",
)  # fmt: skip
_NO_SHARES = ("hamming_loss", "calibration_error", "loss")
_COLUMNS = ("precision", "recall", "f1", "average_precision")


class TaggerFigures:
    """Every figure of a network that names several classes, worked out for many draws of its images at once.

    Args:
        logits: Of each class of each image; they rank the images, since probabilities near 1 run together.
        targets: Whether each image has each class.
        losses: Of each image.
        threshold: From which probability on a class is taken as present.

    Source: ours; see `bootstrap`.
    """

    def __init__(
        self,
        logits: Float[np.ndarray, "images classes"],
        targets: Bool[np.ndarray, "images classes"],
        losses: Float[np.ndarray, " images"],
        threshold: float,
    ) -> None:
        self._ranked = RankedImages(logits, targets)
        probabilities = 1 / (1 + np.exp(-logits.clip(-60, 60)))
        said = present(probabilities, threshold)
        wrong = said != targets
        self._hits, self._said, self._true = (which.astype(np.float32) for which in (said & targets, said, targets))
        self._means = np.stack([~wrong.any(axis=1), wrong.mean(axis=1), losses], axis=1).astype(np.float64)
        self._gaps = self._gaps_by_bin(probabilities, targets)
        self._images, self._classes = targets.shape

    def __call__(self, counts: Draws) -> Float[np.ndarray, "draws figures"]:
        """Work out all figures of each draw, in the order that `whole` and `rows` take apart."""
        precisions = self._ranked(counts)
        table = self._table(counts)
        columns = [table.precision, table.recall, table.f1, precisions]
        return np.column_stack([macro(precisions), self.simple(counts), *columns])

    def simple(self, counts: Draws) -> Float[np.ndarray, "draws 8"]:
        """Work out the figures of all classes together that need no ranking."""
        table = self._table(counts)
        answers = np.maximum(table.predicted.sum(axis=1) + table.support.sum(axis=1), 1)
        micro = 2 * (counts @ self._hits).sum(axis=1) / answers
        exact, hamming, loss = (counts @ self._means / self._images).T
        calibration = np.abs(counts @ self._gaps).sum(axis=1) / (self._images * self._classes)
        averages = [macro(table.f1), micro, macro(table.precision), macro(table.recall)]
        return np.column_stack([*averages, exact, hamming, calibration, loss])

    def named(self, simple: Float[np.ndarray, " 8"]) -> dict[str, float]:
        """Name what `simple` gives for one draw."""
        return dict(zip(_NAMES[1:], simple.tolist(), strict=True))

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
        return named_figures(_NAMES, values, draws, images=self._images, scores=_NO_SHARES)

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
        support, predicted = (which.sum(axis=0).astype(int) for which in (self._true, self._said))
        start = len(_NAMES)
        return class_rows(names, _COLUMNS, values[start:], draws[:, start:], support=support, predicted=predicted)

    def _table(self, counts: Draws) -> ClassFigures:
        return class_figures(counts @ self._hits, counts @ self._said, counts @ self._true)

    @staticmethod
    def _gaps_by_bin(
        probabilities: Float[np.ndarray, "images classes"], targets: Bool[np.ndarray, "images classes"]
    ) -> Float[np.ndarray, "images 15"]:
        """Of each image and bin, the sum of probability minus truth over the classes that fall into the bin."""
        places = bin_of(probabilities.ravel(), np.linspace(0, 1, 16)).reshape(probabilities.shape)
        gaps = (probabilities - targets).astype(np.float64)
        cells = np.arange(len(places))[:, None] * 15 + places
        return np.bincount(cells.ravel(), gaps.ravel(), minlength=15 * len(places)).reshape(len(places), 15)
