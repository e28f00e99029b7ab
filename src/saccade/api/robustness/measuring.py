"""Judging a model on pictures under noise, blur, JPEG and brightness, each at five strengths.

Source: after Hendrycks and Dietterich, 2019 (arXiv 1903.12261).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from saccade.api.evaluation import ToJudge, metric_on, to_judge
from saccade.api.predictor import Predictor
from saccade.api.robustness.settings import RobustnessSettings
from saccade.api.run import Run
from saccade.data.disturbing import Disturbed, every_disturbance
from saccade.data.sampled import Sampled
from saccade.errors import BadData
from saccade.metrics.judgement import Figure
from saccade.metrics.robustness import Point, Robustness
from saccade.types.sample import Source
from saccade.weights.files import json_bytes, write_whole

_RESAMPLES = 200
_WARMING, _TRIED, _FEWEST = 4, 24, 20
_DISTURBING = 1.5  # a picture that is disturbed takes so many times as long as one that is not


def robustness(
    model: str | Path | Run | Predictor,
    data: Any = None,
    *,
    split: str = "test",
    settings: RobustnessSettings | Mapping[str, Any] | None = None,
    device: str = "auto",
    batch_size: int = 64,
) -> Robustness:
    """Judge a model on pictures made worse: Gaussian noise, blur, JPEG files and brightness, at five strengths each.

    Args:
        model: A run, its folder, a model file, or a predictor.
        data: What to judge it on; None is the run's own data, as for `evaluate`.
        split: "train", "val" or "test"; without a test split the val split.
        settings: How many pictures, and the seed.
        device: "auto", "cpu", "cuda" or "mps".
        batch_size: Pictures that go through the network together.

    Returns:
        The task's headline figure of the same pictures, as they are and under each disturbance; for a run on its own
        data it is kept as `robustness-<split>.json` too. The same settings give the same figures.

    Raises:
        BadCheckpoint: If there is no model there, or it cannot be trusted.
        BadData: If there is no such split, it has classes that the model does not know, or no picture can be read.
        BadConfig: If a setting is wrong.

    Source: after Hendrycks and Dietterich, 2019 (arXiv 1903.12261).
    """
    chosen = settings if isinstance(settings, RobustnessSettings) else RobustnessSettings.from_dict(settings or {})
    return robustness_of(to_judge(model, data, split, device=device), chosen, batch_size=batch_size)


def robustness_of(judged: ToJudge, settings: RobustnessSettings, *, batch_size: int = 64) -> Robustness:
    """Judge a model that is open already; see `robustness`.

    Args:
        judged: The model and the pictures.
        settings: How many pictures, and the seed.
        batch_size: Pictures that go through the network together.

    Returns:
        The figures; kept in the run's folder where the pictures are the run's own.

    Raises:
        BadData: If no picture can be read.

    Source: ours.
    """
    source = Sampled(judged.source, most=settings.images or len(judged.source), seed=settings.seed)
    undisturbed, images = _figure(judged.predictor, source, batch_size)
    points = [
        Point(one.kind, one.strength, _figure(judged.predictor, Disturbed(source, one, settings.seed), batch_size)[0])
        for one in every_disturbance()
    ]
    name = judged.predictor.task.headline[0]
    found = Robustness(name, undisturbed, tuple(points), images, len(judged.source), settings.seed)
    if judged.run is not None:
        kept = json_bytes({"split": judged.split, **found.to_dict()}, indent=1)
        write_whole(judged.run.path / f"robustness-{judged.split}.json", lambda file: file.write(kept))
    return found


def images_within(judged: ToJudge, seconds: float) -> int:
    """Measure how many pictures can be judged under every disturbance in some time.

    Args:
        judged: The model and the pictures.
        seconds: About how long it may take.

    Returns:
        At most as many as `RobustnessSettings` takes by default; 0 where fewer than twenty would do no good.

    Source: ours.
    """
    if seconds <= 0:
        return 0
    begun = time.perf_counter()
    few = Sampled(judged.source, most=_WARMING)
    metric_on(judged.predictor, few, _WARMING)
    if time.perf_counter() - begun > seconds:
        return 0
    tried = Sampled(judged.source, most=_TRIED)
    begun = time.perf_counter()
    metric_on(judged.predictor, tried, _TRIED)
    each = (time.perf_counter() - begun) / max(1, len(tried))
    found = int(seconds / (each * _DISTURBING * (1 + len(every_disturbance()))))
    return 0 if found < min(_FEWEST, len(judged.source)) else min(found, RobustnessSettings().images)


def _figure(predictor: Predictor, source: Source, batch_size: int) -> tuple[Figure, int]:
    metric, bad = metric_on(predictor, source, batch_size)
    images = len(source) - len(bad)
    if not images:
        raise BadData("got pictures of which none can be read; taken are some that can; see saccade data check")
    return metric.judge(_RESAMPLES, seed=0).numbers()[predictor.task.headline[0]], images
