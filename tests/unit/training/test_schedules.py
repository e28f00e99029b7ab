"""Learning-rate schedules, by hand."""

from __future__ import annotations

import math

import pytest

from saccade.training.schedules import rate_at, rate_factor
from saccade.training.settings import TrainingSettings


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


def test_a_triangle_rises_from_a_fifth_to_its_peak_and_falls_to_seven_hundredths():
    told = [rate_factor("triangle", step, total=100, warmup=0) for step in range(101)]
    assert (told[0], told[23], told[100]) == (0.2, 1.0, pytest.approx(0.07))
    assert max(told) == told[23]
    assert told[61] == pytest.approx((1 + 0.07) / 2, abs=0.01)


def test_a_rate_that_is_held_falls_in_a_straight_line_after_half_of_the_run():
    told = [rate_factor("hold", step, total=8, warmup=0) for step in range(9)]
    assert told == [1.0, 1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0]


def test_a_triangle_of_few_steps_only_falls():
    assert [rate_factor("triangle", step, total=2, warmup=0) for step in range(2)] == [1.0, pytest.approx(0.535)]


def test_a_range_grows_by_the_same_factor_at_each_step_up_to_the_peak():
    told = [rate_factor("range", step, total=8, warmup=3) for step in range(8)]
    assert told == pytest.approx([10.0 ** (step - 7) for step in range(8)])


def test_milestones_and_exponential_fall_by_epochs():
    settings = TrainingSettings(epochs=9, learning_rate=0.5, warmup_epochs=0.0, schedule="milestones", rate_decay=0.1,
                                milestones=(2, 5))  # fmt: skip
    told = [rate_at(settings, epoch * 4, 4) for epoch in (0, 1, 2, 4, 5, 8)]
    assert told == pytest.approx([0.5, 0.5, 0.05, 0.05, 0.005, 0.005])
    settings = TrainingSettings(epochs=9, learning_rate=0.5, warmup_epochs=0.0, schedule="exponential", rate_decay=0.5,
                                decay_epochs=2.5)  # fmt: skip
    assert [rate_at(settings, step, 4) for step in (0, 9, 10, 20)] == pytest.approx([0.5, 0.5, 0.25, 0.125])


def test_warm_up_lasts_its_epochs_and_at_most_half_of_the_run():
    settings = TrainingSettings(epochs=4, learning_rate=1.0, warmup_epochs=1.0, schedule="constant")
    assert [rate_at(settings, step, 2) for step in range(3)] == [0.5, 1.0, 1.0]
    short = TrainingSettings(epochs=1, learning_rate=1.0, warmup_epochs=9.0, schedule="constant")
    assert [rate_at(short, step, 4) for step in range(4)] == [0.5, 1.0, 1.0, 1.0]
