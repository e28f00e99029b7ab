"""Comparing does not cry wolf, finds what is there, and does not depend on who comes first."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from saccade.metrics.comparison import figure_effect, holm, share_effect, swapped
from saccade.metrics.gains import drawn_figures, figures_of
from saccade.metrics.mcnemar import p_values, power, relabelled
from saccade.metrics.seed_spread import Runs

TRIALS, MOST_ALARMS = 2000, 130  # 5 % of 2,000 are 100; 130 are three standard errors more


def effect_of(images: int, first: int, second: int) -> float:
    """The p of two networks of which so many images are right only by the one, and only by the other."""
    kind = np.repeat([0, 1, 2], [first, second, images - first - second])
    return share_effect((kind != 1)[None], (kind != 0)[None], resamples=1000, generator=np.random.default_rng(0)).p


def shown(images: int, counts: np.ndarray) -> int:
    """In how many trials a difference is shown; p is never below McNemar's, so most need no closer look."""
    looked_at = counts[p_values(counts[:, 0], counts[:, 1])[1] <= 0.05]
    pairs, times = np.unique(looked_at, axis=0, return_counts=True)
    return sum(
        int(count) for (a, b), count in zip(pairs, times, strict=True) if effect_of(images, int(a), int(b)) <= 0.05
    )


def divided(
    images: int, accuracy: float, agreement: float, difference: float = 0.0, trials: int = TRIALS
) -> np.ndarray:
    """Images that only the one, and only the other network has right, in many trials.

    The agreement is the correlation of being right; the difference is how much better the second is.
    """
    apart = accuracy * (1 - accuracy) * (1 - agreement)
    chances = [apart, apart + difference, 1 - 2 * apart - difference]
    return np.random.default_rng([images, int(100 * accuracy)]).multinomial(images, chances, trials)[:, :2]


@pytest.mark.parametrize("images", [50, 200, 1000])
@pytest.mark.parametrize("accuracy", [0.5, 0.8, 0.95, 0.99])
def test_equal_models_are_seldom_called_different(images: int, accuracy: float) -> None:
    for agreement in (0.0, 0.6, 0.95):
        assert shown(images, divided(images, accuracy, agreement)) <= MOST_ALARMS


def seeded(
    images: int, accuracy: float, runs: tuple[int, int], spread: float
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Groups of runs of equal models: images differ in difficulty, seeds in skill; only the pairs worth a close look.

    The half-width of an interval is at least 1.96 standard errors over images, and at least Student's t over seeds with
    a pooled spread; what differs less than that, or than 1.7 standard errors, cannot be shown.
    """
    generator, total = np.random.default_rng([images, *runs]), sum(runs)
    for _ in range(TRIALS // 100):
        hard = generator.standard_normal((100, 1, images), np.float32)
        own = generator.standard_normal((100, total, images), np.float32)
        skill = special.ndtri(accuracy) + spread * generator.normal(size=(100, total, 1))
        right = sqrt(0.8) * hard + sqrt(0.2) * own < skill
        moved = right[:, runs[0] :].mean(axis=1) - right[:, : runs[0]].mean(axis=1)
        means, freedom = right.mean(axis=2), total - 2
        squares = means[:, : runs[0]].var(axis=1) * runs[0] + means[:, runs[0] :].var(axis=1) * runs[1]
        seeds = special.stdtrit(freedom, 0.975) * np.sqrt(squares / freedom * (1 / runs[0] + 1 / runs[1]))
        near = np.abs(moved.mean(axis=1)) < np.maximum(1.7 * moved.std(axis=1) / sqrt(images), 0.999 * seeds)
        for one in right[~near]:
            yield one[: runs[0]], one[runs[0] :]


@pytest.mark.parametrize(("images", "runs", "spread"), [(50, (3, 3), 0.1), (1000, (3, 3), 0.0), (1000, (2, 4), 0.1)])
@pytest.mark.parametrize("accuracy", [0.6, 0.97])
def test_equal_models_are_seldom_called_different_over_several_seeds(
    images: int, runs: tuple[int, int], spread: float, accuracy: float
) -> None:
    alarms = 0
    for first, second in seeded(images, accuracy, runs, spread):
        if relabelled(first, second)[1] <= 0.05:  # p is never below this
            alarms += share_effect(first, second, resamples=300, generator=np.random.default_rng(0)).p <= 0.05
    assert alarms <= MOST_ALARMS


def other_alarms(trials: int, *, several: bool) -> dict[str, int]:
    """How often equal networks are called different, in figures that need not be shares of images."""
    alarms: dict[str, int] = {}
    for trial in range(trials):
        generator = np.random.default_rng([trial, several])
        true = generator.random((60, 3)) < 0.4 if several else generator.integers(0, 3, 60)
        if several:
            true[0] = True
        lift = 2.0 * (true if several else np.eye(3)[true])
        hard = generator.normal(size=(60, 3))
        logits = [(lift + hard + generator.normal(size=(60, 3)) - several).astype(np.float32) for _ in range(2)]
        drawn = [drawn_figures(figures_of(one, true), 60, resamples=400) for one in logits]
        dealt = None
        for at, name in enumerate(drawn[0].figures):
            runs = [Runs(one.values[at : at + 1], one.draws[:, at : at + 1]) for one in drawn]
            found = alarms.setdefault(name, 0)
            if figure_effect(*runs, test=0.0).p <= 0.05:
                if dealt is None:
                    both = figures_of(np.concatenate(logits), np.concatenate([true, true]))
                    dealt = swapped(both, (1, 1), 60, resamples=400, generator=generator)
                alarms[name] = found + (figure_effect(*runs, test=float(dealt[at])).p <= 0.05)
    return alarms


@pytest.mark.parametrize("several", [False, True])
def test_equal_models_are_seldom_called_different_in_other_figures(several: bool) -> None:
    # 5 % of 60 are 3; three standard errors more are 8
    assert max(other_alarms(60, several=several).values()) <= 8


@pytest.mark.full
@pytest.mark.parametrize("several", [False, True])
def test_equal_models_are_seldom_called_different_in_other_figures_two_thousand_times(several: bool) -> None:
    assert max(other_alarms(TRIALS, several=several).values()) <= MOST_ALARMS


def test_a_real_difference_is_found_as_often_as_theory_says() -> None:
    for images, accuracy, agreement, difference in (
        (300, 0.85, 0.5, 0.05),
        (1000, 0.9, 0.6, 0.02),
        (100, 0.7, 0.5, 0.1),
    ):
        counts = divided(images, accuracy, agreement, difference, trials=600)
        apart = 2 * accuracy * (1 - accuracy) * (1 - agreement) + difference
        theory = power(images, apart, difference)
        assert 0.3 < theory < 0.9
        # three standard errors of a share in 600 trials, and a little for the bootstrap that must agree
        assert shown(images, counts) / 600 == pytest.approx(theory, abs=0.06 + 0.02)


def test_power_is_what_trials_show() -> None:
    counts = divided(500, 0.9, 0.5, 0.04, trials=40_000)
    found = (p_values(counts[:, 0], counts[:, 1])[1] <= 0.05).mean()
    assert found == pytest.approx(power(500, 2 * 0.09 * 0.5 + 0.04, 0.04), abs=0.008)


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_does_not_depend_on_who_comes_first(first: int, second: int) -> None:
    forth, back = (p_values(np.array([a]), np.array([b])) for a, b in ((first, second), (second, first)))
    assert [one.item() for one in forth] == [one.item() for one in back]
    exact, mid = (one.item() for one in forth)
    assert 0 < mid <= exact + 1e-12
    assert exact <= 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_never_makes_a_p_smaller_and_keeps_their_order(p_values_given: list[float]) -> None:
    corrected = holm(p_values_given)
    assert all(after >= before for before, after in zip(p_values_given, corrected, strict=True))
    assert max(corrected) <= 1
    order = np.argsort(p_values_given, kind="stable")
    assert (np.diff(np.array(corrected)[order]) >= 0).all()


@settings(max_examples=30)
@given(st.integers(1, 3), st.integers(1, 3), st.integers(5, 40), st.integers(0, 2**31))
def test_the_interval_is_in_order_and_holds_its_difference(runs: int, others: int, images: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    first, second = generator.random((runs, images)) < 0.8, generator.random((others, images)) < 0.7
    effect = share_effect(first, second, resamples=200, generator=generator)
    assert effect.low <= effect.difference <= effect.high
    assert 0 < effect.p <= 1
    assert (effect.low <= 0 <= effect.high) == (effect.p > 0.05)
