"""Facts of a small run: three classes, nine test images, two of them wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
import torch

from saccade.metrics.classification import ClassificationJudgement, ClassificationMetric
from saccade.reporting.facts import CardFacts
from saccade.reporting.speed import Speed, Timing
from saccade.training.events import EpochDone, Event, RunFinished, RunStarted
from saccade.types.batch import Batch

LABELS = ("cat", "dog", "owl")
TARGETS = (0, 0, 0, 0, 1, 1, 1, 2, 2)
PREDICTED = (0, 0, 1, 0, 1, 1, 1, 2, 0)
Judge = Callable[..., ClassificationJudgement]


@pytest.fixture
def judge() -> Judge:
    """Judges made-up answers: each image gets logit 3 for the class it is taken for."""

    def judge(
        labels: Sequence[str] = LABELS, targets: Sequence[int] = TARGETS, predicted: Sequence[int] = PREDICTED
    ) -> ClassificationJudgement:
        metric = ClassificationMetric(labels)
        logits = torch.zeros(len(targets), len(labels))
        for image, said in enumerate(predicted):
            logits[image, said] = 3 + 0.01 * image
        keys = tuple(f"photos/{labels[true]}/{image}.png" for image, true in enumerate(targets))
        sizes = torch.full((len(targets), 2), 4)
        images = torch.zeros(len(targets), 1, 4, 4)
        metric.update(logits, Batch(images, sizes, torch.tensor(targets), keys))
        return metric.judge(200, 0)

    return judge


@pytest.fixture
def events() -> list[Event]:
    """Three epochs: the training loss 1.5, 0.9, 0.4, the second epoch best."""
    losses, validation = (1.5, 0.9, 0.4), ((0.5, 1.2), (0.75, 0.8), (0.7, 0.81))
    epochs = [
        EpochDone(
            epoch, 10 * (epoch + 1), {"cross_entropy": loss}, {"accuracy": accuracy, "loss": validated},
            epoch < 2, 1e-3, 90, 0.5, 0.0,
        )
        for epoch, (loss, (accuracy, validated)) in enumerate(zip(losses, validation, strict=True))
    ]  # fmt: skip
    return [RunStarted(3, 10), *epochs, RunFinished(3, 1, 2.0)]


@pytest.fixture
def facts(judge: Judge, events: list[Event]) -> CardFacts:
    """Everything that a card can tell, but for the layers."""
    description = {
        "created": "2026-01-02T03:04:05+00:00",
        "command": "saccade train photos --model lenet5",
        "model": {"architecture": "lenet5", "arguments": {"num_classes": 3, "in_channels": 1}},
        "preprocessing": {"size": [4, 4], "channels": 1, "mean": [0.5], "std": [0.25], "fit": "crop"},
        "task": "classification",
        "data": {
            "name": "photos",
            "labels": list(LABELS),
            "counts": {"train": 90, "val": 9, "test": 9},
            "fingerprints": {"train": "aa" * 32, "val": "bb" * 32, "test": "cc" * 32},
            "origin": {"path": "photos", "seed": 0},
        },
        "settings": {"epochs": 3, "seed": 0},
        "execution": {"device": "cpu", "threads": 2},
        "versions": {"python": "3.11.4", "torch": "2.6.0"},
        "machine": {"processor": "a fast one"},
    }
    timing = Timing(1, 0.002, 0.0019, 0.0021, 50), Timing(32, 0.016, 0.015, 0.017, 20)
    return CardFacts(
        title="lenet5 on photos",
        when=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        description=description,
        events=events,
        judgement=judge(),
        thumbnail=lambda _: np.full((4, 4, 1), 128, np.uint8),
        speed=Speed("a fast one, 2 threads", (4, 4), 1, *timing),
        commands=[("train it again, to the same bits", "saccade train --repeat runs/photos-lenet5-1")],
        set_aside=[("photos/cat/broken.png", "it ends after 12 bytes")],
    )
