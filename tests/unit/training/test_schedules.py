"""Learning-rate schedules, by hand."""

from __future__ import annotations

import math

import pytest

from saccade.training.schedules import rate_factor


def test_warm_up_rises_in_a_straight_line_and_ends_at_one():
    assert [rate_factor("cosine", step, total=10, warmup=4) for step in range(4)] == [0.25, 0.5, 0.75, 1.0]


def test_cosine_is_half_a_period():
    assert rate_factor("cosine", 5, total=10, warmup=0) == pytest.approx(0.5)
    assert rate_factor("cosine", 10, total=10, warmup=0) == pytest.approx(0.0)
    assert rate_factor("cosine", 6, total=10, warmup=2) == pytest.approx(0.5 * (1 + math.cos(math.pi / 2)))


def test_linear_falls_evenly_to_zero():
    assert [rate_factor("linear", step, total=4, warmup=0) for step in range(5)] == [1, 0.75, 0.5, 0.25, 0]


def test_step_falls_at_half_and_three_quarters():
    assert [rate_factor("step", step, total=8, warmup=0) for step in (0, 3, 4, 5, 6, 7)] == [1, 1, 0.1, 0.1, 0.01, 0.01]


def test_constant_stays():
    assert {rate_factor("constant", step, total=5, warmup=0) for step in range(9)} == {1.0}
