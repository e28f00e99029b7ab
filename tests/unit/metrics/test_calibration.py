"""Calibration, by hand and against scikit-learn."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss

from saccade.errors import BadConfig, BadData, BadShape
from saccade.metrics.calibration import (
    bin_edges,
    bin_of,
    brier_scores,
    expected_calibration_error,
    log_losses,
    reliability_curve,
)

# two bins: {0.2, 0.4} with 1 of 2 right, {0.8, 0.9, 1.0} with 2 of 3 right
CONFIDENCE = np.array([0.2, 0.4, 0.8, 0.9, 1.0])
CORRECT = np.array([True, False, True, True, False])


def test_each_bin_by_hand() -> None:
    curve = reliability_curve(CONFIDENCE, CORRECT, bins=2)
    assert curve.edges.tolist() == [0, 0.5, 1]
    assert curve.count.tolist() == [2, 3]
    assert curve.confidence.tolist() == pytest.approx([0.3, 0.9])
    assert curve.accuracy.tolist() == pytest.approx([1 / 2, 2 / 3])
    assert curve.error() == pytest.approx((2 * 0.2 + 3 * (0.9 - 2 / 3)) / 5)


def test_an_empty_bin_says_nothing_and_costs_nothing() -> None:
    curve = reliability_curve(CONFIDENCE, CORRECT, bins=4)
    assert curve.count.tolist() == [1, 1, 0, 3]
    assert np.isnan(curve.accuracy[2])
    assert curve.to_dict()["accuracy"][2] is None
    assert np.isfinite(curve.error())


def test_a_bin_holds_its_upper_edge() -> None:
    assert bin_of(np.array([0.0, 0.5, 0.5000001, 1.0]), np.linspace(0, 1, 3)).tolist() == [0, 0, 1, 1]


def test_adaptive_bins_hold_as_many_answers_each() -> None:
    confidence = np.random.default_rng(0).beta(8, 1, 1000)
    curve = reliability_curve(confidence, confidence > 0.5, bins=10, adaptive=True)
    assert curve.count.tolist() == [100] * 10


def test_adaptive_bins_bear_many_equal_confidences() -> None:
    edges = bin_edges(np.ones(50), 5, adaptive=True)
    assert (np.diff(edges) >= 0).all()
    assert expected_calibration_error(np.ones(50), np.ones(50, bool), adaptive=True) == 0


def test_a_network_that_means_what_it_says_has_little_error_and_a_boaster_much() -> None:
    generator = np.random.default_rng(0)
    confidence = generator.uniform(0.2, 1, 200_000)
    honest = generator.random(200_000) < confidence
    assert expected_calibration_error(confidence, honest) < 0.01
    boaster = generator.random(200_000) < confidence - 0.2
    assert expected_calibration_error(confidence, boaster) == pytest.approx(0.2, abs=0.01)


def test_the_curve_agrees_with_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    confidence = generator.random(2000)
    correct = generator.random(2000) < confidence**2
    curve = reliability_curve(confidence, correct, bins=10)
    accuracy, mean = calibration_curve(correct, confidence, n_bins=10)
    assert curve.accuracy == pytest.approx(accuracy)
    assert curve.confidence == pytest.approx(mean)


def test_log_loss_and_brier_score_by_hand() -> None:
    probabilities, labels = np.array([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]]), np.array([0, 1])
    assert log_losses(probabilities, labels).tolist() == pytest.approx([log(2), 0])
    assert brier_scores(probabilities, labels).tolist() == pytest.approx([0.25 + 2 * 0.0625, 0])
    assert brier_scores(np.array([[0.0, 1.0]]), np.array([0])).tolist() == [2]


def test_log_loss_and_brier_score_agree_with_scikit_learn(classifier) -> None:
    probabilities, labels = classifier(500, 6)
    assert log_losses(probabilities, labels).mean() == pytest.approx(log_loss(labels, probabilities))
    expected = brier_score_loss(labels, probabilities, labels=list(range(6)), scale_by_half=False)
    assert brier_scores(probabilities, labels).mean() == pytest.approx(expected)


def test_a_probability_of_zero_costs_much_but_not_infinitely_much() -> None:
    cost = log_losses(np.array([[0.0, 1.0]], np.float32), np.array([0]))
    assert cost[0] == pytest.approx(-log(np.finfo(np.float32).eps))


@pytest.mark.bad_input
def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadData, match="got NaN or infinity for image 1"):
        expected_calibration_error(np.array([0.5, np.nan]), np.array([True, True]))
    with pytest.raises(BadData, match="got no images"):
        expected_calibration_error(CONFIDENCE[:0], CORRECT[:0])
    with pytest.raises(BadShape, match="as many of one as of the other"):
        expected_calibration_error(CONFIDENCE, CORRECT[:2])
    with pytest.raises(BadConfig, match="got bins=0"):
        expected_calibration_error(CONFIDENCE, CORRECT, bins=0)
