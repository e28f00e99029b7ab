"""The pieces of a search for a rate, on losses that a hand can make."""

from __future__ import annotations

import math

import pytest

from saccade.training.events import RunStarted, StepDone
from saccade.training.range_test import Enough, Repeated, Watch, smoothed, steepest, tenth_of_lowest
from two_classes import Batches


def bowl(steps: int = 101) -> tuple[list[float], list[float]]:
    """A loss that is flat, falls from rate 1e-4 to 1e-2, and rises steeply after."""
    rates = [10 ** (-6 + 6 * step / (steps - 1)) for step in range(steps)]
    losses = []
    for rate in rates:
        place = math.log10(rate)
        losses.append(2.0 if place < -4 else 2.0 - 0.5 * (place + 4) if place < -2 else 1.0 + 4 * (place + 2))
    return rates, losses


def test_smoothing_forgets_and_is_right_from_the_first_step():
    assert smoothed([3.0]).tolist() == pytest.approx([3.0])
    assert smoothed([1.0, 2.0]).tolist() == pytest.approx([1.0, (0.9 * 0.1 * 1 + 0.1 * 2) / 0.19])


def test_the_suggestions_lie_on_the_slope_and_a_tenth_below_the_lowest():
    rates, losses = bowl()
    assert 1e-4 < steepest(rates, losses) < 1e-2
    lowest = rates[int(smoothed(losses).argmin())]
    assert tenth_of_lowest(rates, losses) == pytest.approx(lowest / 10)
    assert 1e-2 < lowest < 4e-2  # a smoothed loss comes a little late


def test_a_loss_that_never_falls_suggests_nothing():
    rates = [10.0**step for step in range(-6, 0)]
    assert math.isnan(steepest(rates, [1.0] * 6))
    assert math.isnan(tenth_of_lowest(rates, [1.0 + step for step in range(6)]))
    assert math.isnan(steepest(rates[:2], [2.0, 1.0]))


def step(number: int, loss: float) -> StepDone:
    return StepDone(0, number, {"cross_entropy": loss}, 0.1, 4, 0.0, 0.0)


def test_a_watch_ends_a_run_after_its_steps():
    watch = Watch(3)
    watch(RunStarted(1, 3))
    watch(step(1, 2.0))
    watch(step(2, 2.0))
    with pytest.raises(Enough):
        watch(step(3, 2.0))
    assert (watch.rates, watch.losses) == ([0.1] * 3, [2.0] * 3)


def test_a_watch_ends_a_run_whose_loss_has_left():
    watch = Watch(1000)
    for number in range(150):
        watch(step(number, 1.0))
    with pytest.raises(Enough):
        watch(step(150, 50.0))  # 0.9 + 0.1 · 50 is more than four
    assert len(watch.losses) == 151


def test_batches_are_repeated_with_other_epochs():
    five = Batches(steps=5)
    twelve = Repeated(five, 12)
    keys = [batch.keys[0] for batch in twelve.epoch(0)]
    assert [key.rpartition(".")[0] for key in keys] == [
        f"image {epoch}.{index}" for epoch, index in [divmod(number, 5) for number in range(12)]
    ]
    assert [batch.keys[0] for batch in twelve.epoch(0, 7)] == keys[7:]
