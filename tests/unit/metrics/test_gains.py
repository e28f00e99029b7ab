"""Gains on the same images: hand-checked differences, and intervals that know what is hard for everyone."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.errors import BadShape
from saccade.metrics.accuracy import ranks
from saccade.metrics.bootstrap import drawn
from saccade.metrics.gains import drawn_figures, figures_of, gain

LABELS = np.array([0, 1, 0, 1])


def answers(*right: int) -> np.ndarray:
    """Logits of two classes that are right, or wrong, on each of four images."""
    rows = np.zeros((4, 2), np.float32)
    rows[np.arange(4), np.where(np.array(right) > 0, LABELS, 1 - LABELS)] = 2
    return rows


def figures(*right: int, resamples: int = 500):
    return drawn_figures(figures_of(answers(*right), LABELS), 4, resamples=resamples)


def test_a_gain_is_the_difference_on_these_images() -> None:
    told = gain(figures(1, 1, 1, 0), [figures(1, 0, 0, 0)])
    assert told["accuracy"][0] == 0.5
    assert told["loss"][0] == pytest.approx(-0.5 * 2)  # a right answer costs 2 nats less than a wrong one


def test_over_several_it_is_over_their_mean() -> None:
    assert gain(figures(1, 1, 1, 1), [figures(1, 0, 0, 0), figures(1, 1, 1, 0)])["accuracy"][0] == 0.5


def test_over_the_same_answers_nothing_is_gained() -> None:
    told = gain(figures(1, 0, 1, 0), [figures(1, 0, 1, 0)])
    assert set(told.values()) == {(0.0, 0.0, 0.0)}


def test_images_are_drawn_for_both_at_once() -> None:
    """The slow obvious way: draw, judge each alone, subtract."""
    ours, theirs = np.array([1.0, 1, 1, 0]), np.array([1.0, 0, 1, 1])
    counts = np.concatenate(list(drawn(4, 500, np.random.default_rng(0))))
    differences = [(row @ ours - row @ theirs) / 4 for row in counts]
    low, high = np.quantile(differences, [0.025, 0.975])
    assert gain(figures(1, 1, 1, 0), [figures(1, 0, 1, 1)])["accuracy"] == pytest.approx((0, low, high))


def test_several_classes_at_once_have_gains_too() -> None:
    targets = np.array([[True, False], [True, True], [False, True]])
    good, bad = np.where(targets, 3.0, -3.0), np.where(targets, -3.0, 3.0)
    told = gain(*(f := [drawn_figures(figures_of(one, targets), 3, resamples=50) for one in (good, bad)])[:1], f[1:])
    assert told["micro_f1"][0] == 1
    assert told["loss"][0] == pytest.approx(-3)


def test_figures_are_those_of_the_metric() -> None:
    logits = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    labels = np.arange(20) % 3
    made = drawn_figures(figures_of(logits, labels), 20, resamples=10).figures
    assert made["accuracy"][0] == pytest.approx(float((ranks(logits, labels) < 1).mean()))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert made["loss"][0] == pytest.approx(float(-np.log(shares[np.arange(20), labels]).mean()), rel=1e-5)


@pytest.mark.bad_input
def test_other_draws_are_refused() -> None:
    with pytest.raises(BadShape, match="on the same draws"):
        gain(figures(1, 1, 1, 1), [figures(1, 1, 1, 1, resamples=3)])
    with pytest.raises(BadShape, match="at least one"):
        gain(figures(1, 1, 1, 1), [])
