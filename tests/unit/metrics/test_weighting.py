"""Weights of classes, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from saccade.errors import BadLabel
from saccade.metrics.weighting import balanced_weights


def test_a_rare_class_counts_as_much_as_a_common_one() -> None:
    targets = [0] * 90 + [1] * 10
    weights = balanced_weights(targets, 2)
    assert weights == pytest.approx((100 / 180, 100 / 20))
    assert weights[0] * 90 == pytest.approx(weights[1] * 10)


def test_it_agrees_with_scikit_learn() -> None:
    targets = np.random.default_rng(0).integers(0, 5, 300)
    expected = compute_class_weight("balanced", classes=np.arange(5), y=targets)
    assert balanced_weights(targets.tolist(), 5) == pytest.approx(expected.tolist())


def test_a_class_that_never_occurs_weighs_nothing() -> None:
    assert balanced_weights([0, 0, 2, 2], 3) == (1, 0, 1)
    assert balanced_weights([], 2) == (0, 0)


def test_for_several_labels_it_is_absences_for_each_presence() -> None:
    assert balanced_weights([(0,), (0, 1), (), (0, 0)], 3) == pytest.approx((1 / 3, 3, 0))


def test_no_weight_is_above_the_limit() -> None:
    assert balanced_weights([(0,)] + [()] * 999, 1) == (100,)
    assert balanced_weights([(0,)] + [()] * 999, 1, limit=2000) == (999,)


@pytest.mark.bad_input
def test_a_label_that_is_no_class_is_refused() -> None:
    with pytest.raises(BadLabel, match="got class 3; taken are 0 to 2"):
        balanced_weights([0, 3], 3)
    with pytest.raises(BadLabel, match="got class -1; taken are 0 to 2"):
        balanced_weights([(0, -1)], 3)
