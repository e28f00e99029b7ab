"""Made-up detectors, judged by the metric of record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from saccade.metrics.detection.detection import DetectionMetric
from saccade.metrics.detection.judged import Judged
from saccade.metrics.detection.judgement import DetectionJudgement
from saccade.types.annotations import Annotations
from saccade.types.batch import Batch
from saccade.types.boxes import Boxes
from saccade.types.detections import Detections


def judge(
    images: Sequence[Judged], names: Sequence[str] = ("cat", "dog"), *, size: tuple[int, int] = (600, 600)
) -> DetectionJudgement:
    """Judge what was found beside what is there, on pictures of one size."""
    metric, sizes = DetectionMetric(names, _as_it_is), torch.tensor([size]).expand(len(images), 2)
    found = [Detections(one.key, tuple(names), size, one.found, one.confidence, one.found_ids) for one in images]
    targets = [
        Annotations(
            size,
            torch.from_numpy(one.class_ids),
            Boxes(torch.from_numpy(one.boxes), size),
            crowd=torch.from_numpy(one.crowd),
        )
        for one in images
    ]
    keys = tuple(one.key for one in images)
    metric.update(found, Batch(torch.zeros(len(images), 3, 0, 0), sizes, targets, keys))
    return metric.judge(50, seed=0)


def _as_it_is(outputs: Any, batch: Batch) -> list[Detections]:
    return outputs
