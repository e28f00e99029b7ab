"""Fisher's linear discriminant, on numbers a hand can check."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.training.discriminant import fit_discriminant

LINE = np.array([[0.0], [0.2], [1.0], [1.2]])
CLASSES = np.array([0, 0, 1, 1])


def test_two_clouds_on_a_line():
    """Means 0.1 and 1.1, variance 0.02: (1.1 − 0.1) / 0.02 = 50 from one to the other, and equal at 0.6."""
    weight, bias = fit_discriminant(LINE, CLASSES)
    assert weight[:, 0] == pytest.approx([-25, 25])
    assert bias == pytest.approx([15, -15])


def test_a_common_class_wins_between_unless_they_are_balanced():
    features, labels = np.concatenate([LINE, LINE[:2]]), np.array([0, 0, 1, 1, 0, 0])
    between = np.array([0.6])
    told = {}
    for balanced in (False, True):
        weight, bias = fit_discriminant(features, labels, balanced=balanced)
        first, second = weight @ between + bias
        told[balanced] = first - second
    assert told[False] == pytest.approx(np.log(2), abs=1e-6)
    assert told[True] == pytest.approx(0, abs=1e-6)


def test_one_image_in_each_class_is_enough():
    features = np.eye(5)
    weight, bias = fit_discriminant(features, np.arange(5))
    assert (features @ weight.T + bias).argmax(1).tolist() == [0, 1, 2, 3, 4]


def test_logits_add_up_to_nothing():
    generator = np.random.default_rng(0)
    weight, bias = fit_discriminant(generator.standard_normal((30, 4)), np.arange(30) % 3)
    assert (generator.standard_normal((7, 4)) @ weight.T + bias).sum(1) == pytest.approx(0, abs=1e-9)
