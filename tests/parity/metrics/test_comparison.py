"""Comparing models, beside scipy and beside slow obvious versions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from saccade.metrics.comparison import share_draws, swapped
from saccade.metrics.gains import drawn_figures, figures_of
from saccade.metrics.mcnemar import p_values, power, relabelled
from saccade.metrics.per_class import macro, per_class
from saccade.metrics.seed_spread import Runs, SeedSpread


def test_mcnemars_exact_p_is_the_binomial_test() -> None:
    for first, second in itertools.product(range(0, 60, 3), range(1, 90, 7)):
        exact, mid = p_values(np.array([first]), np.array([second]))
        assert exact.item() == pytest.approx(stats.binomtest(first, first + second).pvalue, rel=1e-9)
        fewer, total = min(first, second), first + second
        tail = 2 * stats.binom.cdf(fewer, total, 0.5) - stats.binom.pmf(fewer, total, 0.5)
        assert mid.item() == pytest.approx(tail, rel=1e-9)


def test_groups_are_compared_as_by_dealing_out_in_every_way() -> None:
    generator = np.random.default_rng(0)
    for runs, others in ((1, 1), (2, 2), (1, 3), (2, 1)):
        first, second = generator.random((runs, 4)) < 0.6, generator.random((others, 4)) < 0.4
        everything = np.concatenate([first, second])
        hands = list(itertools.combinations(range(runs + others), runs))
        sums = np.array([
            sum(everything[list(hand), image].sum() for image, hand in enumerate(dealt))
            for dealt in itertools.product(hands, repeat=4)
        ])  # fmt: skip
        seen = first.sum()
        sides = [(sums < seen).mean(), (sums > seen).mean()]
        assert relabelled(first, second)[1] == pytest.approx(min(1, 2 * (min(sides) + (sums == seen).mean() / 2)))
        assert relabelled(first, second)[0] == pytest.approx(min(1, 2 * (min(sides) + (sums == seen).mean())))


def test_power_is_the_share_of_all_outcomes_that_are_rejected() -> None:
    images, disagreement, difference = 40, 0.3, 0.2
    chances = [(disagreement + difference) / 2, (disagreement - difference) / 2, 1 - disagreement]
    total = 0.0
    for more, less in itertools.product(range(41), range(41)):
        if more + less <= images and p_values(np.array([more]), np.array([less]))[1].item() <= 0.05:
            total += stats.multinomial.pmf([more, less, images - more - less], images, chances)
    assert power(images, disagreement, difference) == pytest.approx(total, rel=1e-9)


def test_seeds_alone_are_students_and_welchs_tests() -> None:
    first, second = np.array([0.81, 0.83, 0.86, 0.80]), np.array([0.84, 0.88, 0.85, 0.89])
    still = np.zeros((5, 4))
    p = SeedSpread(Runs(first, still), Runs(second, still)).p(second.mean() - first.mean())
    assert p == pytest.approx(stats.ttest_ind(second, first, equal_var=False).pvalue, rel=1e-6)


def test_the_paired_bootstrap_is_the_slow_one() -> None:
    generator = np.random.default_rng(1)
    labels = generator.integers(0, 3, 80)
    logits = [generator.normal(size=(80, 3)).astype(np.float32) for _ in range(2)]
    logits[1][np.arange(80), labels] += 1
    first, second = (drawn_figures(figures_of(one, labels), 80, resamples=300, seed=7) for one in logits)
    at = list(first.figures).index("macro_f1")
    dice, slow = np.random.default_rng(7), []
    for _ in range(300):
        rows = dice.integers(0, 80, 80, dtype=np.int32)
        values = [float(macro(per_class(labels[rows], one.argmax(axis=1)[rows], 3).f1)) for one in logits]
        slow.append(values[1] - values[0])
    assert second.draws[:, at] - first.draws[:, at] == pytest.approx(np.array(slow), abs=1e-5)


def test_shares_drawn_by_kind_spread_as_those_drawn_image_by_image() -> None:
    generator = np.random.default_rng(2)
    right = generator.random((2, 120)) < np.array([[0.9], [0.8]])
    quick = share_draws(right, resamples=4000, generator=generator)
    rows = generator.integers(0, 120, (4000, 120))
    slow = right[:, rows].mean(axis=2).T
    for shares in ((quick[:, 1] - quick[:, 0], slow[:, 1] - slow[:, 0]), (quick[:, 0], slow[:, 0])):
        assert stats.ks_2samp(*shares).pvalue > 0.01


def test_swapping_is_the_slow_one_in_every_way() -> None:
    """Six images, and so 64 ways to swap: the share that differs as much is what dealing at random estimates."""
    generator = np.random.default_rng(3)
    labels = np.array([0, 1, 2, 0, 1, 2])
    first, second = (generator.normal(size=(6, 3)).astype(np.float32) for _ in range(2))
    second[np.arange(6), labels] += 1.5
    names = list(drawn_figures(figures_of(first, labels), 6, resamples=2).figures)

    def apart(swap: np.ndarray) -> np.ndarray:
        pair = [np.where(swap[:, None], *two) for two in ((second, first), (first, second))]
        values = [figures_of(one, labels)(np.ones((1, 6)))[0][: len(names)] for one in pair]
        return np.abs(values[1] - values[0])

    ways = np.array([apart(np.array(way)) for way in itertools.product([False, True], repeat=6)])
    wanted = (ways >= apart(np.zeros(6, bool)) - 1e-6).mean(axis=0)
    both = figures_of(np.concatenate([first, second]), np.concatenate([labels, labels]))
    found = swapped(both, (1, 1), 6, resamples=6000, generator=generator)[: len(names)]
    assert found == pytest.approx(wanted, abs=0.025)
