"""Answers of made-up networks, for all tests of metrics."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

Answers = tuple[np.ndarray, np.ndarray]


@pytest.fixture
def classifier() -> Callable[..., Answers]:
    """Make probabilities and labels of a network that is right a little more often than not."""

    def make(images: int, classes: int, *, seed: int = 0, skill: float = 2.0) -> Answers:
        generator = np.random.default_rng(seed)
        labels = generator.integers(0, classes, images)
        logits = generator.normal(size=(images, classes))
        logits[np.arange(images), labels] += skill
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        return probabilities, labels

    return make


@pytest.fixture
def tagger() -> Callable[..., Answers]:
    """Make probabilities and targets of a network that names several classes."""

    def make(images: int, classes: int, *, seed: int = 0, rate: float = 0.3, ties: bool = False) -> Answers:
        generator = np.random.default_rng(seed)
        targets = generator.random((images, classes)) < rate
        probabilities = 1 / (1 + np.exp(-generator.normal(size=(images, classes)) - 1.5 * (targets - 0.5)))
        return probabilities.round(1) if ties else probabilities, targets

    return make
