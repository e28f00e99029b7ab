"""How good a network is at naming several classes for each image: figures while training, and a close look after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional as F

from saccade.errors import BadData
from saccade.metrics.average_precision import mean_average_precision
from saccade.metrics.bootstrap import bootstrap
from saccade.metrics.calibration import ReliabilityCurve, reliability_curve
from saccade.metrics.inputs import check_sets, keys_of, targets_of
from saccade.metrics.judgement import ClassRow, Figure, Verdict, as_html, as_text, plain_figure
from saccade.metrics.label_sets import present
from saccade.metrics.tagger_figures import TaggerFigures
from saccade.types.batch import Batch
from saccade.types.classes import check_options, names_of

_LISTED_MISTAKES, _LISTED_SUREST = 100, 50


@dataclass(frozen=True, eq=False, repr=False)
class MultiLabelJudgement:
    """How good a network is at naming several classes, with the uncertainty of each figure, and every answer it gave.

    Args:
        labels: The names of the classes.
        keys: Where each image comes from.
        targets: Whether each image has each class.
        probabilities: Of each class of each image, each on its own.
        threshold: From which probability on a class was taken as present.
        figures: By name, as (value, low, high).
        per_class: A row for each class; figures of a class that no image has are NaN, and averages leave it out.
        reliability: Probability against truth over all classes of all images, in 15 bins of equal width.
        mistakes: Every image whose set of labels is wrong, the one that costs most first.
        surest: The fifty images wholly right that cost least.
        resamples: On how many draws of the images the intervals rest.

    Source: ours.
    """

    labels: tuple[str, ...]
    keys: tuple[str, ...]
    targets: Bool[np.ndarray, "images classes"]
    probabilities: Float[np.ndarray, "images classes"]
    threshold: float
    figures: dict[str, Figure]
    per_class: tuple[ClassRow, ...]
    reliability: ReliabilityCurve
    mistakes: tuple[Verdict, ...]
    surest: tuple[Verdict, ...]
    resamples: int

    @property
    def absent(self) -> tuple[str, ...]:
        """The classes that no image judged has; averages leave them out."""
        return tuple(row.label for row in self.per_class if not row.support)

    def numbers(self) -> dict[str, Figure]:
        """Give each figure as (value, low, high), the interval at 95 %."""
        return dict(self.figures)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold: all but the single answers; the first hundred mistakes."""
        return {
            "images": len(self.keys),
            "resamples": self.resamples,
            "threshold": self.threshold,
            "numbers": {name: plain_figure(figure) for name, figure in self.figures.items()},
            "absent_classes": list(self.absent),
            "per_class": [row.to_dict() for row in self.per_class],
            "calibration": self.reliability.to_dict(),
            "wrong": len(self.mistakes),
            "mistakes": [verdict.to_dict() for verdict in self.mistakes[:_LISTED_MISTAKES]],
        }

    def __str__(self) -> str:
        return as_text(self.figures, len(self.keys))

    def __repr__(self) -> str:
        figure = self.figures["mean_average_precision"][0]
        return f"<MultiLabelJudgement of {len(self.keys)} images, mean average precision {figure:.4f}>"

    def _repr_html_(self) -> str:
        return as_html(self.figures, self.per_class, self.mistakes, len(self.keys))


class MultiLabelMetric:
    """Takes in logits and sets of labels, batch by batch; gives figures at any time, and a close look at the end.

    Args:
        labels: The names of the classes; without them they are called by number.
        threshold: From which probability on a class is taken as present.

    Raises:
        BadConfig: If the threshold is not a probability.

    Source: ours.
    """

    def __init__(self, labels: Sequence[str] = (), *, threshold: float = 0.5) -> None:
        check_options(labels, 0.0, (), threshold)
        self._labels, self._threshold = tuple(labels), threshold
        self._keys: list[str] = []
        self._logits: list[np.ndarray] = []
        self._targets: list[np.ndarray] = []
        self._losses: list[np.ndarray] = []

    def update(self, outputs: Float[Tensor, "batch classes"], batch: Batch) -> None:
        """Take in one batch; an empty one changes nothing.

        Args:
            outputs: Logits.
            batch: With 0 or 1 for each class of each image as its targets.

        Raises:
            BadData: If a logit is NaN or infinite, or the batch has no labels; images are named.
            BadShape: If targets and logits are not of one shape, or there are not as many names as classes.

        Source: ours.
        """
        if not len(batch):
            return
        keys, targets = keys_of(batch, len(self._keys)), targets_of(batch).float().cpu()
        logits = outputs.detach().float().cpu()
        check_sets(logits.numpy(), targets.numpy() > 0.5, keys)
        names_of(self._labels, logits.shape[1])
        losses = F.binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(1)
        self._keys += keys
        self._logits.append(logits.numpy())
        self._targets.append(targets.numpy() > 0.5)
        self._losses.append(losses.numpy())

    def compute(self) -> dict[str, float]:
        """Give the figures so far.

        Returns:
            "mean_average_precision", "macro_f1", "micro_f1", "exact_match" and "loss", the mean over classes in nats.

        Raises:
            BadData: If nothing was taken in, or no image has any class.

        Source: ours.
        """
        logits, targets, losses = self._answers()
        figures = TaggerFigures(logits, targets, losses, self._threshold)
        named = figures.named(figures.simple(np.ones((1, len(losses))))[0])
        wanted = {name: named[name] for name in ("macro_f1", "micro_f1", "exact_match", "loss")}
        return {"mean_average_precision": mean_average_precision(logits, targets), **wanted}

    def judge(self, resamples: int, seed: int) -> MultiLabelJudgement:
        """Look closely at everything taken in.

        Args:
            resamples: How often the images are drawn again for the intervals; 1000 is usual.
            seed: Of those draws.

        Returns:
            The judgement.

        Raises:
            BadData: If nothing was taken in, or no image has any class.
            BadConfig: If there are no draws.

        Source: ours; intervals by percentile bootstrap over images, at 95 %.
        """
        logits, targets, losses = self._answers()
        names = names_of(self._labels, logits.shape[1])
        figures = TaggerFigures(logits, targets, losses, self._threshold)
        values = figures(np.ones((1, len(losses))))[0]
        draws = bootstrap(figures, len(losses), resamples=resamples, generator=np.random.default_rng(seed))
        probabilities = torch.from_numpy(logits).sigmoid().numpy()
        mistakes, surest = self._verdicts(names, probabilities, targets, losses)
        return MultiLabelJudgement(
            labels=names,
            keys=tuple(self._keys),
            targets=targets,
            probabilities=probabilities,
            threshold=self._threshold,
            figures=figures.whole(values, draws),
            per_class=figures.rows(names, values, draws),
            reliability=reliability_curve(probabilities.ravel(), targets.ravel()),
            mistakes=mistakes,
            surest=surest,
            resamples=resamples,
        )

    def _answers(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if not self._keys:
            raise BadData("got no images to judge; taken is at least one; check the split, and what was set aside")
        logits, targets, losses = (np.concatenate(parts) for parts in (self._logits, self._targets, self._losses))
        if not targets.any():
            raise BadData(
                f"got {len(targets)} images, none of which has any class; taken are splits where some do; "
                "check the labels"
            )
        return logits, targets, losses

    def _verdicts(
        self, names: Sequence[str], probabilities: np.ndarray, targets: np.ndarray, losses: np.ndarray
    ) -> tuple[tuple[Verdict, ...], tuple[Verdict, ...]]:
        """Every image not wholly right, dearest first; then some right ones, cheapest first."""
        said = present(probabilities, self._threshold)
        order = np.argsort(-losses, kind="stable")
        right = (said == targets).all(axis=1)[order]

        def verdict(image: int) -> Verdict:
            wrong = said[image] != targets[image]
            sureness = np.where(said[image], probabilities[image], 1 - probabilities[image])
            confidence = sureness[wrong].max() if wrong.any() else sureness.min()
            true, predicted = (
                tuple(names[at] for at in np.flatnonzero(which[image]).tolist()) for which in (targets, said)
            )
            return Verdict(image, self._keys[image], true, predicted, float(confidence), float(losses[image]))

        surest = order[right][::-1][:_LISTED_SUREST]
        return tuple(map(verdict, order[~right].tolist())), tuple(map(verdict, surest.tolist()))
