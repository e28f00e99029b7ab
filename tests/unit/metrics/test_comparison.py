"""Differences between models: by hand, with their intervals, and only said to be shown where both ways agree."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from saccade.errors import BadConfig
from saccade.metrics.comparison import (
    detectable,
    figure_effect,
    holm,
    share_draws,
    share_effect,
    swapped,
    wilson_difference,
)
from saccade.metrics.gains import drawn_figures, figures_of
from saccade.metrics.mcnemar import smallest_difference
from saccade.metrics.seed_spread import Runs


def dice(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def answers(images: int, both: int, first: int, second: int) -> tuple[np.ndarray, np.ndarray]:
    """Which images two networks have right: so many both, only the first, only the second."""
    kind = np.repeat([0, 1, 2, 3], [both, first, second, images - both - first - second])
    return (kind < 2)[None], ((kind == 0) | (kind == 2))[None]


def test_a_clear_difference_is_shown_with_its_interval() -> None:
    effect = share_effect(*answers(1000, 800, 20, 80), generator=dice())
    assert effect.difference == pytest.approx(0.06)
    # the standard error of the difference is √(0.1 − 0.06²) / √1000
    half = 1.96 * math.sqrt((0.1 - 0.06**2) / 1000)
    assert (effect.low, effect.high) == pytest.approx((0.06 - half, 0.06 + half), abs=0.002)
    assert effect.p < 0.001
    assert effect.mcnemar is not None
    assert (effect.mcnemar.only_first, effect.mcnemar.only_second) == (20, 80)
    assert json.loads(json.dumps(effect.to_dict()))["mcnemar"]["only_second"] == 80


def test_the_other_way_round_the_sign_turns() -> None:
    one, other = answers(400, 300, 10, 30)
    forth, back = share_effect(one, other, generator=dice()), share_effect(other, one, generator=dice())
    assert back.difference == -forth.difference
    assert (back.low, back.high) == pytest.approx((-forth.high, -forth.low), abs=0.004)


def test_four_images_all_on_one_side_show_nothing_though_the_bootstrap_alone_would() -> None:
    one, other = answers(50, 40, 0, 4)
    draws = share_draws(np.concatenate([one, other]), resamples=4000, generator=dice())
    assert np.quantile(draws[:, 1] - draws[:, 0], 0.025) > 0
    effect = share_effect(one, other, generator=dice())
    assert effect.p >= 0.0625
    assert effect.low < 0 < effect.high


def test_models_with_the_same_answers_are_not_called_equal() -> None:
    effect = share_effect(*answers(100, 90, 0, 0), generator=dice())
    assert (effect.difference, effect.p) == (0.0, 1.0)
    # Wilson: none of a hundred may still be 3.7 in a hundred
    assert (effect.low, effect.high) == pytest.approx((-0.037, 0.037), abs=0.0005)
    several = share_effect(*(one.repeat(3, axis=0) for one in answers(100, 90, 0, 0)), generator=dice())
    assert (several.low, several.high) == pytest.approx((effect.low, effect.high))


def test_an_interval_holds_nothing_exactly_where_no_difference_is_shown() -> None:
    for first in range(0, 12, 2):
        for second in range(0, 24, 3):
            effect = share_effect(*answers(60, 20, first, second), resamples=500, generator=dice())
            assert (effect.low <= 0 <= effect.high) == (effect.p > 0.05), (first, second)


def test_wilsons_interval_of_a_difference_by_hand() -> None:
    # of 50 images none is apart: Wilson's upper end for 0 of 50 is 3.8415 / 53.8415
    end = 3.841459 / 53.841459
    assert wilson_difference(0, 0, 50) == pytest.approx((-end, end), rel=1e-4)
    low, high = wilson_difference(0, 4, 50)
    assert low < 0
    assert high > 0.08


def test_draws_by_kinds_of_images_are_draws_of_images() -> None:
    right = dice(1).random((3, 300)) < np.array([[0.9], [0.8], [0.5]])
    draws = share_draws(right, resamples=4000, generator=dice())
    assert draws.mean(axis=0) == pytest.approx(right.mean(axis=1), abs=0.003)
    assert np.cov(draws.T) == pytest.approx(np.cov(right.astype(float)) / 300, abs=6e-5)


def test_more_kinds_of_images_than_a_byte_holds_stay_apart() -> None:
    right = dice(2).random((20, 64)) < 0.5
    draws = share_draws(right, resamples=2000, generator=dice())
    assert draws.shape == (2000, 20)
    assert draws.mean(axis=0) == pytest.approx(right.mean(axis=1), abs=0.01)


def test_several_seeds_are_weighed_by_their_own_spread() -> None:
    generator = dice(3)
    first, second = (generator.random((3, 2000)) < 0.8 for _ in range(2))
    second[0] |= generator.random(2000) < 0.6  # one lucky run carries the mean
    lucky = share_effect(first, second, generator=dice())
    assert lucky.difference > 0.03
    assert lucky.p > 0.05
    assert lucky.mcnemar is None
    alone = share_effect(first[:1], second[:1], generator=dice())
    assert alone.p < 0.001


def test_a_figure_without_meaning_shows_nothing() -> None:
    one = Runs(np.array([math.nan]), np.full((50, 1), math.nan))
    effect = figure_effect(one, one, test=math.nan)
    assert math.isnan(effect.difference)
    assert effect.to_dict()["p"] is None
    assert holm([math.nan, 0.01]) == (1.0, 0.02)


def test_the_test_and_the_spread_must_agree() -> None:
    draws = np.linspace(0.1, 0.3, 999)[:, None]
    first, second = Runs(np.array([0.0]), np.zeros((999, 1))), Runs(np.array([0.2]), draws)
    agreed, denied = figure_effect(first, second, test=0.01), figure_effect(first, second, test=0.4)
    assert (agreed.p, agreed.low) == (0.01, pytest.approx(0.105))
    assert (denied.p, denied.low) == (0.4, 0.0)


def test_swapping_finds_a_difference_that_is_there_and_none_where_there_is_none() -> None:
    labels = dice(4).integers(0, 3, 90)
    good, bad = (dice(5).normal(size=(90, 3)).astype(np.float32) for _ in range(2))
    good[np.arange(90), labels] += 3
    names = list(drawn_figures(figures_of(good, labels), 90, resamples=2).figures)
    both = figures_of(np.concatenate([bad, good]), np.concatenate([labels, labels]))
    p = dict(zip(names, swapped(both, (1, 1), 90, resamples=400, generator=dice()), strict=False))
    assert max(p["accuracy"], p["macro_f1"], p["loss"]) <= 2 / 401
    same = figures_of(np.concatenate([good, good]), np.concatenate([labels, labels]))
    assert (swapped(same, (1, 1), 90, resamples=50, generator=dice())[: len(names)] == 1).all()


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert holm([0.5, 0.9]) == (1.0, 1.0)
    assert holm([0.02]) == (0.02,)


def test_what_could_have_been_shown() -> None:
    first, second = answers(1000, 880, 48, 52)
    runs = [Runs(one.mean(axis=1), np.zeros((1, 1))) for one in (first, second)]
    effect = share_effect(first, second, generator=dice())
    assert detectable(*runs, effect, 1000) == smallest_difference(1000, 0.1)
    assert detectable(*runs, effect, 1000, level=0.01) > detectable(*runs, effect, 1000)
    # any other figure: 1.96 + 0.84 standard errors
    draws = dice().normal(0, 0.01, (20_000, 1))
    other = figure_effect(Runs(np.array([0.5]), draws * 0), Runs(np.array([0.5]), draws), test=1.0)
    found = detectable(Runs(np.array([0.5]), draws * 0), Runs(np.array([0.5]), draws), other, 100)
    assert found == pytest.approx(2.8016 * 0.01, rel=0.02)


@pytest.mark.bad_input
def test_no_draws_are_refused() -> None:
    with pytest.raises(BadConfig, match="got resamples=0"):
        share_draws(np.ones((2, 3), bool), resamples=0, generator=dice())
    with pytest.raises(BadConfig, match="got resamples=0"):
        swapped(lambda counts: counts[:, :1], (1, 1), 3, resamples=0, generator=dice())
