"""Several seeds: where images do not matter it is Student's t, where seeds do not it is the normal distribution."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.errors import BadData
from saccade.metrics.seed_spread import Runs, SeedSpread

STILL = np.zeros((10, 3))


def shaken(runs: int, alike: float, own: float, *, seed: int = 0) -> np.ndarray:
    """Draws that move all runs alike, and each on its own."""
    generator = np.random.default_rng(seed)
    return alike * generator.normal(size=(4000, 1)) + own * generator.normal(size=(4000, runs))


def test_without_any_spread_of_images_it_is_students_t() -> None:
    # t = 0.1 / √(0.01 · 2/3) = 1.2247 with 4 degrees of freedom; at 95 % t reaches 2.7764
    spread = SeedSpread(Runs(np.array([0.1, 0.2, 0.3]), STILL), Runs(np.array([0.2, 0.3, 0.4]), STILL))
    assert spread.half(0.05) == pytest.approx(2.7764 * np.sqrt(0.01 * 2 / 3), rel=1e-4)
    assert spread.p(0.1) == pytest.approx(0.2879, abs=1e-4)
    assert spread.p(-0.1) == spread.p(0.1)
    assert spread.p(0.0) == 1.0


def test_without_any_spread_of_seeds_it_is_that_of_the_images() -> None:
    draws = shaken(3, 0.02, 0.0)
    first, second = Runs(np.full(3, 0.5), np.zeros((4000, 3))), Runs(np.full(3, 0.6), draws)
    spread = SeedSpread(first, second)
    assert spread.half(0.05) == pytest.approx(1.959964 * draws[:, 0].std(), rel=1e-4)


def test_what_images_do_to_both_models_alike_cancels_out() -> None:
    common = shaken(1, 0.1, 0.0).repeat(3, axis=1)
    values = np.array([0.1, 0.2, 0.3])
    moved = SeedSpread(Runs(values, common), Runs(values + 0.1, common))
    still = SeedSpread(Runs(values, STILL), Runs(values + 0.1, STILL))
    assert moved.half(0.05) == pytest.approx(still.half(0.05))


def test_seeds_that_happen_to_lie_together_do_not_narrow_it_below_the_images() -> None:
    draws = shaken(6, 0.0, 0.05)
    spread = SeedSpread(Runs(np.full(3, 0.5), draws[:, :3]), Runs(np.full(3, 0.6), draws[:, 3:]))
    images = (draws[:, 3:].mean(axis=1) - draws[:, :3].mean(axis=1)).std()
    assert spread.half(0.05) == pytest.approx(1.959964 * images)


def test_the_p_is_the_level_whose_interval_just_reaches_nothing() -> None:
    draws = shaken(6, 0.01, 0.01)
    spread = SeedSpread(
        Runs(np.array([0.5, 0.52, 0.49]), draws[:, :3]), Runs(np.array([0.6, 0.61, 0.58]), draws[:, 3:])
    )
    assert spread.half(spread.p(0.07)) == pytest.approx(0.07, rel=1e-3)


def test_the_spread_of_one_model_stands_for_the_single_run_of_another() -> None:
    # s² = 0.01 from three runs, two degrees of freedom: t reaches 4.3027; variance 0.01 · (1/3 + 1)
    one = Runs(np.array([0.4]), np.zeros((10, 1)))
    spread = SeedSpread(one, Runs(np.array([0.1, 0.2, 0.3]), STILL))
    assert spread.half(0.05) == pytest.approx(4.3027 * np.sqrt(0.01 * 4 / 3), rel=1e-4)


def test_a_model_whose_seeds_vary_more_is_trusted_less() -> None:
    calm, wild = Runs(np.array([0.5, 0.5, 0.5]), STILL), Runs(np.array([0.4, 0.5, 0.6]), STILL)
    # Welch: two degrees of freedom, not four
    assert SeedSpread(calm, wild).half(0.05) == pytest.approx(4.3027 * np.sqrt(0.01 / 3), rel=1e-4)


@pytest.mark.bad_input
def test_two_single_runs_have_no_spread_of_seeds() -> None:
    one = Runs(np.array([0.4]), np.zeros((10, 1)))
    with pytest.raises(BadData, match="got a single run of each model"):
        SeedSpread(one, one)
