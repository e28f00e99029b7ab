"""How good a network is at finding the one object of each image: figures while training, and a close look after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from saccade.metrics.bootstrap import bootstrap, interval, wilson
from saccade.metrics.detection.detection import DetectionMetric
from saccade.metrics.detection.judged import Judged, judged, overlaps
from saccade.metrics.detection.judgement import DetectionJudgement
from saccade.metrics.judgement import Figure
from saccade.types.batch import Batch
from saccade.types.detections import Detections

_ENOUGH = 0.5  # overlap from which a box counts as found


class LocalisationMetric:
    """Takes in what was found and what is there, batch by batch; gives figures at any time, and a close look after.

    Args:
        labels: The names of the classes.
        guess: Turns outputs and their batch into the box of each picture, however unsure the network is of it.
        decode: The same, without those boxes that do not count as found. To pickle the metric, both must be functions
            of a module or methods of something that can be pickled.

    Raises:
        BadConfig: If there are no labels.

    Source: ours.
    """

    def __init__(
        self,
        labels: Sequence[str],
        guess: Callable[[Any, Batch], list[Detections]],
        decode: Callable[[Any, Batch], list[Detections]],
    ) -> None:
        self._detection, self._guess, self._decode = DetectionMetric(labels, guess), guess, decode
        self._present: list[bool] = []  # whether the network says that there is an object
        self._there: list[bool] = []
        self._right: list[bool] = []  # in everything
        self._overlap: list[float] = []  # of the guess with the object

    def update(self, outputs: Any, batch: Batch) -> None:
        """Take in one batch; an empty one changes nothing.

        Args:
            outputs: What `guess` and `decode` take.
            batch: With `Annotations` of one thing or none as its targets, one for each image; its images may have no
                pixels.

        Raises:
            BadData: If a number is NaN or infinite, or the batch has no labels; images are named.
            BadShape: If there are not as many of what was found as of labels, or other classes than the metric's.
            BadLabel: If a thing is of a class that there is not.

        Source: ours.
        """
        if not len(batch):
            return
        self._detection.update(outputs, batch)
        truth = [one.select(one.present()) for one in batch.targets]
        guessed = judged(self._guess(outputs, batch), truth, batch.placements)
        for one, found in zip(guessed, self._decode(outputs, batch), strict=True):
            present, there = len(found) > 0, len(one.class_ids) > 0
            overlap = _overlap(one) if there else 0.0
            hit = there and overlap >= _ENOUGH and one.found_ids[0] == one.class_ids[0]
            self._present.append(present)
            self._there.append(there)
            self._overlap.append(overlap)
            self._right.append(bool(present and hit) if there else not present)

    def compute(self) -> dict[str, float]:
        """Give the figures so far.

        Returns:
            "localised", the share of images right in everything: an object is found where there is one, with its class
            and an overlap of 0.5 or more, and none elsewhere; "presence_accuracy", the share where it is right whether
            there is an object; "mean_iou", the overlap of box and object, averaged over the images that have one, NaN
            where none has; and those of `DetectionMetric`.

        Raises:
            BadData: If nothing was taken in.

        Source: Russakovsky et al., 2015, arXiv 1409.0575, section 4.2, for what counts as localised.
        """
        figures = self._detection.compute()
        right, present, overlap = self._columns()
        return {
            "localised": float(right.mean()),
            "presence_accuracy": float(present.mean()),
            "mean_iou": float(np.nanmean(overlap)) if np.isfinite(overlap).any() else float("nan"),
            **figures,
        }

    def judge(self, resamples: int, seed: int) -> DetectionJudgement:
        """Look closely at everything taken in.

        Args:
            resamples: How often the images are drawn again for the intervals; 1000 is usual.
            seed: Of those draws.

        Returns:
            The judgement, of the guess of each image; "localised", "presence_accuracy" and "mean_iou" are among its
            figures.

        Raises:
            BadData: If nothing was taken in.
            BadConfig: If there are no draws.

        Source: ours; intervals at 95 %, of shares by Wilson's score.
        """
        judgement = self._detection.judge(resamples, seed)
        right, present, overlap = self._columns()
        figures: dict[str, Figure] = {
            "localised": _share(right),
            "presence_accuracy": _share(present),
            "mean_iou": _mean(overlap, resamples, seed),
        }
        return replace(judgement, figures={**figures, **judgement.figures})

    def _columns(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        there = np.array(self._there)
        return np.array(self._right), np.array(self._present) == there, np.where(there, self._overlap, np.nan)


def _overlap(one: Judged) -> float:
    return float(overlaps(one.found[:1], one.boxes[:1], one.crowd[:1])[0, 0])


def _share(values: np.ndarray) -> Figure:
    return (float(values.mean()), *wilson(float(values.sum()), len(values)))


def _mean(values: np.ndarray, resamples: int, seed: int) -> Figure:
    """The mean of what is no NaN."""
    counted = np.isfinite(values)
    if not counted.any():
        return float("nan"), float("nan"), float("nan")
    kept, value = values[counted], float(values[counted].mean())
    draws = bootstrap(
        lambda counts: counts @ kept / len(kept), len(kept), resamples=resamples, generator=np.random.default_rng(seed)
    )
    return (value, *interval(value, draws))
