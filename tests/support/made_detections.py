"""Detectors made up for tests: pictures with things, and boxes found that are right more often than not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saccade.metrics.detection.judged import Judged

Box = Sequence[float]


def picture(
    things: Sequence[tuple[Box, int]] = (),
    found: Sequence[tuple[Box, int, float]] = (),
    *,
    crowd: Sequence[bool] = (),
    difficult: Sequence[bool] = (),
    key: str = "a.jpg",
) -> Judged:
    """Make one picture from things (box, class) and boxes found (box, class, confidence)."""
    boxes = np.array([box for box, _ in things], float).reshape(-1, 4)
    return Judged(
        key=key,
        boxes=boxes,
        class_ids=np.array([class_id for _, class_id in things], int),
        crowd=np.array(crowd or [False] * len(things), bool),
        difficult=np.array(difficult or [False] * len(things), bool),
        area=(boxes[:, 2:] - boxes[:, :2]).prod(axis=1),
        found=np.array([box for box, _, _ in found], float).reshape(-1, 4),
        confidence=np.array([sure for _, _, sure in found], float),
        found_ids=np.array([class_id for _, class_id, _ in found], int),
    )


def pictures(
    count: int, classes: int, *, seed: int = 0, junk: float = 10, crowds: float = 0.1, ties: bool = False
) -> list[Judged]:
    """Make pictures with things of all sizes; with ties, coordinates and confidences are rounded coarsely."""
    generator = np.random.default_rng(seed)
    return [_picture(generator, number, classes, junk, crowds, ties) for number in range(count)]


def _picture(
    generator: np.random.Generator, number: int, classes: int, junk: float, crowds: float, ties: bool
) -> Judged:
    boxes = _boxes(generator, generator.poisson(4))
    class_ids = generator.integers(0, classes, len(boxes))
    about = np.repeat(np.arange(len(boxes)), generator.integers(0, 4, len(boxes)))
    sides = np.tile(boxes[about, 2:] - boxes[about, :2], 2)
    near = boxes[about] + 0.1 * sides * generator.normal(size=(len(about), 4))
    known = np.where(generator.random(len(about)) < 0.85, class_ids[about], generator.integers(0, classes, len(about)))
    far = _boxes(generator, generator.poisson(junk))
    found = np.concatenate([near, far])
    confidence = np.concatenate([generator.beta(4, 2, len(near)), generator.beta(1, 8, len(far))])
    if ties:
        boxes, found, confidence = boxes.round(-1), found.round(-1), confidence.round(1)
    found[:, 2:] = np.maximum(found[:, :2], found[:, 2:])
    return Judged(
        key=f"{number}.jpg",
        boxes=boxes,
        class_ids=class_ids,
        crowd=generator.random(len(boxes)) < crowds,
        difficult=generator.random(len(boxes)) < crowds,
        area=(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) * generator.uniform(0.5, 1, len(boxes)),
        found=found,
        confidence=confidence,
        found_ids=np.concatenate([known, generator.integers(0, classes, len(far))]).astype(int),
    )


def _boxes(generator: np.random.Generator, count: int) -> np.ndarray:
    start, sides = generator.uniform(0, 300, (count, 2)), np.exp(generator.uniform(2, 5.3, (count, 2)))
    return np.concatenate([start, start + sides], axis=1)
