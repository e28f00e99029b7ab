"""How good a classifier is, one class for each image: figures while training, and a close look after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from saccade.errors import BadData
from saccade.metrics.bootstrap import bootstrap
from saccade.metrics.calibration import ReliabilityCurve, reliability_curve
from saccade.metrics.classifier_figures import ClassifierFigures, per_image
from saccade.metrics.confusion import confusion_matrix, most_confused
from saccade.metrics.inputs import check_classes, keys_of, targets_of
from saccade.metrics.judgement import ClassRow, Figure, Verdict, as_html, as_text, plain_figure
from saccade.types.batch import Batch
from saccade.types.classes import names_of

_LISTED_MISTAKES, _LISTED_SUREST, _LARGEST_MATRIX = 100, 50, 100


@dataclass(frozen=True, eq=False, repr=False)
class ClassificationJudgement:
    """How good a classifier is, with the uncertainty of each figure, and every answer it gave.

    Args:
        labels: The names of the classes.
        keys: Where each image comes from.
        targets: The true class of each image.
        probabilities: Of each class of each image.
        figures: By name, as (value, low, high).
        per_class: A row for each class; figures of a class without images are NaN, and averages leave it out.
        confusion: Counts, a row for each true class, a column for each predicted one.
        reliability: Confidence against accuracy in 15 bins of equal width.
        mistakes: Every image that is wrong, the one that costs most first.
        surest: The fifty right answers that cost least.
        resamples: On how many draws of the images the intervals rest.

    Source: ours.
    """

    labels: tuple[str, ...]
    keys: tuple[str, ...]
    targets: Int[np.ndarray, " images"]
    probabilities: Float[np.ndarray, "images classes"]
    figures: dict[str, Figure]
    per_class: tuple[ClassRow, ...]
    confusion: Int[np.ndarray, "classes classes"]
    reliability: ReliabilityCurve
    mistakes: tuple[Verdict, ...]
    surest: tuple[Verdict, ...]
    resamples: int

    @property
    def predicted(self) -> Int[np.ndarray, " images"]:
        """The likeliest class of each image."""
        return self.probabilities.argmax(axis=1)

    @property
    def absent(self) -> tuple[str, ...]:
        """The classes that have no image among those judged; averages leave them out."""
        return tuple(row.label for row in self.per_class if not row.support)

    def numbers(self) -> dict[str, Figure]:
        """Give each figure as (value, low, high), the interval at 95 %."""
        return dict(self.figures)

    def images_in(self, true: int, predicted: int) -> Int[np.ndarray, " some"]:
        """Find the images behind a cell of the confusion matrix, surest answer first.

        Args:
            true: The true class.
            predicted: The class they were taken for.

        Returns:
            Their places among `keys`.

        Source: ours.
        """
        found = np.flatnonzero((self.targets == true) & (self.predicted == predicted))
        return found[np.argsort(-self.probabilities[found, predicted], kind="stable")]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold: all but the single answers; the first hundred mistakes."""
        small = len(self.labels) <= _LARGEST_MATRIX
        return {
            "images": len(self.keys),
            "resamples": self.resamples,
            "numbers": {name: plain_figure(figure) for name, figure in self.figures.items()},
            "absent_classes": list(self.absent),
            "per_class": [row.to_dict() for row in self.per_class],
            "confusion": self.confusion.tolist() if small else None,
            "most_confused": [
                {"true": self.labels[true], "predicted": self.labels[predicted], "images": count}
                for true, predicted, count in most_confused(self.confusion)
            ],
            "calibration": self.reliability.to_dict(),
            "wrong": len(self.mistakes),
            "mistakes": [verdict.to_dict() for verdict in self.mistakes[:_LISTED_MISTAKES]],
        }

    def __str__(self) -> str:
        return as_text(self.figures, len(self.keys))

    def __repr__(self) -> str:
        return f"<ClassificationJudgement of {len(self.keys)} images, accuracy {self.figures['accuracy'][0]:.4f}>"

    def _repr_html_(self) -> str:
        return as_html(self.figures, self.per_class, self.mistakes, len(self.keys))


class ClassificationMetric:
    """Takes in logits and labels, batch by batch; gives figures at any time, and a close look at the end.

    Args:
        labels: The names of the classes; without them they are called by number.

    Source: ours.
    """

    def __init__(self, labels: Sequence[str] = ()) -> None:
        self._labels = tuple(labels)
        self._keys: list[str] = []
        self._parts: list[tuple[np.ndarray, np.ndarray]] = []

    def update(self, outputs: Float[Tensor, "batch classes"], batch: Batch) -> None:
        """Take in one batch; an empty one changes nothing.

        Args:
            outputs: Logits.
            batch: With the labels as its targets.

        Raises:
            BadData: If a logit is NaN or infinite, or the batch has no labels; images are named.
            BadShape: If there are not as many labels as logits, or names as classes.
            BadLabel: If a label is no class.

        Source: ours.
        """
        if not len(batch):
            return
        keys = keys_of(batch, len(self._keys))
        labels = targets_of(batch).cpu().numpy()
        log_probabilities = outputs.detach().float().log_softmax(1).cpu().numpy()
        check_classes(log_probabilities, labels, keys)
        names_of(self._labels, log_probabilities.shape[1])
        self._keys += keys
        self._parts.append((log_probabilities, labels))

    def compute(self) -> dict[str, float]:
        """Give the figures so far.

        Returns:
            "accuracy", "top_5" (with more than five classes), and "loss", the mean negative log-likelihood in nats.

        Raises:
            BadData: If nothing was taken in.

        Source: ours.
        """
        values = per_image(*self._answers())
        return {name: float(values[name].mean()) for name in values if name != "brier"}

    def judge(self, resamples: int, seed: int) -> ClassificationJudgement:
        """Look closely at everything taken in.

        Args:
            resamples: How often the images are drawn again for the intervals; 1000 is usual.
            seed: Of those draws.

        Returns:
            The judgement.

        Raises:
            BadData: If nothing was taken in.
            BadConfig: If there are no draws.

        Source: ours; intervals by percentile bootstrap over images, at 95 %.
        """
        log_probabilities, labels = self._answers()
        names = names_of(self._labels, log_probabilities.shape[1])
        figures = ClassifierFigures(log_probabilities, labels)
        values = figures(np.ones((1, len(labels))))[0]
        draws = bootstrap(figures, len(labels), resamples=resamples, generator=np.random.default_rng(seed))
        predicted, probabilities = log_probabilities.argmax(axis=1), np.exp(log_probabilities)
        mistakes, surest = self._verdicts(names, log_probabilities, labels)
        return ClassificationJudgement(
            labels=names,
            keys=tuple(self._keys),
            targets=labels,
            probabilities=probabilities,
            figures=figures.whole(values, draws),
            per_class=figures.rows(names, values, draws),
            confusion=confusion_matrix(labels, predicted, len(names)),
            reliability=reliability_curve(probabilities.max(axis=1), predicted == labels),
            mistakes=mistakes,
            surest=surest,
            resamples=resamples,
        )

    def _answers(self) -> tuple[Float[np.ndarray, "images classes"], Int[np.ndarray, " images"]]:
        if not self._parts:
            raise BadData("got no images to judge; taken is at least one; check the split, and what was set aside")
        self._parts = [tuple(np.concatenate(parts) for parts in zip(*self._parts, strict=True))]  # pyright: ignore
        return self._parts[0]

    def _verdicts(
        self, names: tuple[str, ...], log_probabilities: np.ndarray, labels: np.ndarray
    ) -> tuple[tuple[Verdict, ...], tuple[Verdict, ...]]:
        """Every wrong image, dearest first; then some right ones, cheapest first."""
        predicted = log_probabilities.argmax(axis=1)
        losses = -np.take_along_axis(log_probabilities, labels[:, None], axis=1)[:, 0]
        order = np.argsort(-losses, kind="stable")
        wrong, right = order[(predicted != labels)[order]], order[(predicted == labels)[order]][::-1]

        def verdict(image: int) -> Verdict:
            said = int(predicted[image])
            confidence, loss = float(np.exp(log_probabilities[image, said])), float(losses[image])
            return Verdict(image, self._keys[image], (names[labels[image]],), (names[said],), confidence, loss)

        return tuple(map(verdict, wrong.tolist())), tuple(map(verdict, right[:_LISTED_SUREST].tolist()))
