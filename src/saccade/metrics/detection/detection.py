"""How good a detector is: figures while training, and a close look after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from saccade.errors import BadConfig, BadData, BadShape
from saccade.metrics.bootstrap import bootstrap
from saccade.metrics.detection.coco import NAMES, CocoFigures, coco_figures
from saccade.metrics.detection.confusion import detection_confusion
from saccade.metrics.detection.curves import curve
from saccade.metrics.detection.figures import DetectorFigures
from saccade.metrics.detection.judged import Judged, judged
from saccade.metrics.detection.judgement import DetectionJudgement, ErrorKind, SizeRow
from saccade.metrics.detection.matches import SIZES, match_classes
from saccade.metrics.detection.mending import gains
from saccade.metrics.detection.mistakes import sort_answers, worst_mistakes
from saccade.metrics.detection.voc import voc_figures
from saccade.metrics.inputs import keys_of
from saccade.metrics.judgement import Figure
from saccade.types.annotations import Annotations
from saccade.types.batch import Batch
from saccade.types.detections import Detections


class DetectionMetric:
    """Takes in what was found and what is there, batch by batch; gives figures at any time, and a close look after.

    Args:
        labels: The names of the classes.
        decode: Turns outputs and their batch into what was found in each picture, in its own pixels. To pickle the
            metric, it must be a function of a module or a method of something that can be pickled.

    Raises:
        BadConfig: If there are no labels.

    Source: ours.
    """

    def __init__(self, labels: Sequence[str], decode: Callable[[Any, Batch], list[Detections]]) -> None:
        if not labels:
            raise BadConfig("got no labels; taken is a name for each class of the detector; give at least one")
        self._labels, self._decode = tuple(labels), decode
        self._images: list[Judged] = []

    def update(self, outputs: Any, batch: Batch) -> None:
        """Take in one batch; an empty one changes nothing.

        The truth lies on the images of the batch, and is brought back to the pixels of the pictures by the placements
        of the batch; without those it is taken as it is. Things that were cut off altogether do not count.

        Args:
            outputs: What `decode` takes.
            batch: With `Annotations` as its targets, one for each image; its images may have no pixels.

        Raises:
            BadData: If a number is NaN or infinite, or the batch has no labels; images are named.
            BadShape: If there are not as many of what was found as of labels, or other classes than the metric's.
            BadLabel: If a thing is of a class that there is not.

        Source: ours.
        """
        if not len(batch):
            return
        keys = keys_of(batch, len(self._images))
        targets = batch.targets
        if not isinstance(targets, Sequence) or not all(isinstance(one, Annotations) for one in targets):
            raise BadData(
                f"got a batch without labels ({', '.join(map(ascii, keys[:3]))}); taken are images with labels; judge "
                "on data that have them"
            )
        found = self._decode(outputs, batch)
        strange = next((one for one in found if len(one.names) != len(self._labels)), None)
        if strange is not None:
            raise BadShape(
                f"got boxes of {len(strange.names)} classes and {len(self._labels)} labels; taken are as many of one "
                "as of the other; give the metric the labels of the detector"
            )
        self._images += judged(found, [one.select(one.present()) for one in targets], batch.placements)

    def compute(self) -> dict[str, float]:
        """Give the figures so far.

        Returns:
            COCO's twelve: "map", "map50", "map75", "map_small", "map_medium", "map_large", "mar1", "mar10", "mar100",
            "mar_small", "mar_medium" and "mar_large"; NaN where there are no such things.

        Raises:
            BadData: If nothing was taken in.

        Source: as `coco_figures`.
        """
        self._check()
        return coco_figures(self._images, len(self._labels)).numbers

    def judge(self, resamples: int, seed: int) -> DetectionJudgement:
        """Look closely at everything taken in.

        Args:
            resamples: How often the images are drawn again for the intervals; 1000 is usual. Of a great many images
                and boxes fewer draws are made, so that it takes no more than some twenty seconds.
            seed: Of those draws.

        Returns:
            The judgement.

        Raises:
            BadData: If nothing was taken in.
            BadConfig: If there are no draws.

        Source: ours; intervals by bootstrap over images, at 95 %: of average precision the reflected ones (see
            `figures`), of the rest percentiles.
        """
        self._check()
        images, names = tuple(self._images), self._labels
        matches, record = match_classes(images, len(names)), coco_figures(images, len(names))
        whole = curve(matches)
        confidence, _ = whole.best
        figures = DetectorFigures(matches, len(images), confidence)
        values = _recorded(figures(np.ones((1, len(images)), np.float32))[0], record)
        resamples = figures.affordable(resamples)
        draws = bootstrap(figures, len(images), resamples=resamples, generator=np.random.default_rng(seed))
        answers, mended = sort_answers(images, matches, confidence), gains(sort_answers(images, matches), len(names))
        wrong, missed = worst_mistakes(images, answers, names)
        numbers = figures.whole(values, draws)
        return DetectionJudgement(
            labels=names,
            images=images,
            confidence=confidence,
            figures=numbers,
            per_class=figures.rows(names, values, draws),
            per_size=_sizes(numbers, np.sum([one.things for one in matches], axis=(0, 2))),
            curve=whole,
            curves=tuple(curve([one], name) for one, name in zip(matches, names, strict=True)),
            precision=record.precision[:, :, :, 0, -1],
            voc=voc_figures(images, len(names)),
            confusion=detection_confusion(images, len(names), confidence=confidence),
            errors=tuple(ErrorKind(kind, count, mended[kind]) for kind, count in answers.counts().items()),
            wrong=wrong,
            missed=missed,
            resamples=resamples,
        )

    def _check(self) -> None:
        if not self._images:
            raise BadData("got no images to judge; taken is at least one; check the split, and what was set aside")


def _recorded(values: np.ndarray, record: CocoFigures) -> np.ndarray:
    """Take COCO's figures from the library of record."""
    return np.concatenate([[record.numbers[name] for name in NAMES], values[len(NAMES) :]])


def _sizes(numbers: dict[str, Figure], things: np.ndarray) -> tuple[SizeRow, ...]:
    return tuple(
        SizeRow(size, int(things[at]), numbers[f"map_{size}"], numbers[f"mar_{size}"])
        for at, size in enumerate(SIZES)
        if at
    )
