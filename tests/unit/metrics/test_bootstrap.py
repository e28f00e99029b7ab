"""Intervals: repeatable, honest (they hold the truth as often as they say), and quick."""

from __future__ import annotations

import time
from math import sqrt

import numpy as np
import pytest

from saccade.errors import BadConfig, BadData
from saccade.metrics.bootstrap import GroupSums, bootstrap, drawn, interval, wilson


def accuracy_draws(correct: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    values, generator = correct.astype(float), np.random.default_rng(seed)
    return bootstrap(
        lambda counts: counts @ values / len(values), len(values), resamples=resamples, generator=generator
    )


def test_each_draw_holds_as_many_images_as_there_are() -> None:
    blocks = list(drawn(1000, 2500, np.random.default_rng(0)))
    assert sum(len(block) for block in blocks) == 2500
    assert all((block.sum(axis=1) == 1000).all() for block in blocks)
    assert np.concatenate(blocks).mean(axis=0) == pytest.approx(np.ones(1000), abs=0.15)


def test_the_same_seed_gives_the_same_bits() -> None:
    correct = np.arange(50) % 3 > 0
    assert (accuracy_draws(correct, 100, seed=1) == accuracy_draws(correct, 100, seed=1)).all()
    assert (accuracy_draws(correct, 100, seed=1) != accuracy_draws(correct, 100, seed=2)).any()


def test_the_spread_is_that_of_a_mean() -> None:
    # the standard error of a share p of n images is √(p(1 − p)/n)
    draws = accuracy_draws(np.arange(400) < 320, 4000, seed=0)
    assert draws.mean() == pytest.approx(0.8, abs=0.002)
    assert draws.std() == pytest.approx(sqrt(0.8 * 0.2 / 400), rel=0.05)


def test_the_interval_of_an_accuracy_is_close_to_wilsons() -> None:
    low, high = interval(0.8, accuracy_draws(np.arange(400) < 320, 4000, seed=0))
    assert (low, high) == pytest.approx(wilson(320, 400), abs=0.006)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Three hundred test sets of a network whose true accuracy is 0.8: about 95 % of their intervals hold it."""
    generator, held = np.random.default_rng(3), {"bootstrap": 0, "wilson": 0}
    for trial in range(300):
        correct = generator.random(250) < 0.8
        low, high = interval(float(correct.mean()), accuracy_draws(correct, 400, seed=trial))
        held["bootstrap"] += low <= 0.8 <= high
        low, high = wilson(int(correct.sum()), 250)
        held["wilson"] += low <= 0.8 <= high
    # three standard errors of a share of 0.95 in 300 trials are 0.038
    assert 0.912 <= held["bootstrap"] / 300 <= 0.988
    assert 0.912 <= held["wilson"] / 300 <= 0.988


def test_an_interval_always_holds_its_figure() -> None:
    assert interval(0.0, np.array([0.2, 0.3])) == (0.0, pytest.approx(0.2975))


def test_draws_without_meaning_are_left_out() -> None:
    assert interval(1.0, np.array([np.nan, 1.0, np.nan])) == (1.0, 1.0)
    assert np.isnan(interval(1.0, np.array([np.nan]))).all()
    assert np.isnan(interval(float("nan"), np.array([1.0]))).all()


def test_wilson_by_hand_and_at_the_edges() -> None:
    # 8 of 10 at z = 2: centre (0.8 + 4/20)/1.4, half 2/1.4 · √(0.16/10 + 4/400)
    low, high = wilson(8, 10, level_z=2)
    assert (low, high) == pytest.approx((1 / 1.4 - 2 / 1.4 * sqrt(0.026), 1 / 1.4 + 2 / 1.4 * sqrt(0.026)))
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == 1
    assert wilson(0, 0) == (0, 1)


def test_sums_over_groups_bear_empty_groups() -> None:
    sums = GroupSums(np.array([3, 1, 1, 3]), 5)
    assert sums(np.array([[1.0, 2.0, 4.0, 8.0], [1.0, 1.0, 1.0, 1.0]])).tolist() == [[0, 6, 0, 9, 0], [0, 2, 0, 2, 0]]


def test_a_thousand_draws_of_ten_thousand_images_take_less_than_a_second() -> None:
    correct, seconds = np.arange(10_000) % 7 > 0, []
    for seed in range(3):
        start = time.perf_counter()
        accuracy_draws(correct, 1000, seed)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 1


@pytest.mark.bad_input
def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadData, match="got no images to draw from"):
        list(drawn(0, 10, np.random.default_rng(0)))
    with pytest.raises(BadConfig, match="got resamples=0"):
        list(drawn(10, 0, np.random.default_rng(0)))
    with pytest.raises(BadConfig, match="got level=1"):
        interval(0.5, np.array([0.5]), level=1)
