"""Successive halving, by hand."""

from __future__ import annotations

import pytest

from saccade.training.events import CheckpointSaved, EpochDone
from saccade.training.halving import Halt, Halted, best_score, going_on, halts, ranked


def done(epoch: int, accuracy: float) -> EpochDone:
    return EpochDone(epoch, epoch, {"loss": 1.0 - accuracy}, {"accuracy": accuracy}, True, 0.1, 4, 0.0, 0.0)


@pytest.mark.parametrize(
    ("count", "epochs", "expected"),
    [(1, 5, (5,)), (2, 5, (5,)), (3, 9, (3, 9)), (9, 9, (1, 3, 9)), (27, 9, (1, 3, 9)), (8, 1, (1,))],
)
def test_runs_halt_after_a_third_of_the_epochs_each_time(count, epochs, expected):
    assert halts(count, epochs) == expected


def test_a_third_goes_on_rounded_up():
    assert going_on({name: index / 10 for index, name in enumerate("abcd")}) == ["d", "c"]
    assert going_on({"a": None, "b": None, "c": 0.1}) == ["c"]
    assert going_on({"a": None}) == []


def test_equals_stay_in_their_order_and_what_diverged_is_last():
    assert ranked({"a": None, "b": 0.5, "c": 0.5}) == ["b", "c", "a"]


def test_a_halt_comes_when_the_state_after_its_epoch_is_saved():
    halt = Halt(2)
    halt(CheckpointSaved(1, 9, "last"))
    halt(done(1, 0.5))
    with pytest.raises(Halted):
        halt(CheckpointSaved(2, 10, "last"))


def test_the_best_epoch_until_the_halt_counts():
    events = [done(0, 0.25), done(1, 0.75), done(2, 0.5), done(3, 1.0)]
    assert best_score(events, 3, ("accuracy", True)) == 0.75
    assert best_score(events, 3, ("accuracy", False)) == -0.25
    assert best_score(events, 2, ("missing", True)) == -0.25  # without validation: the training loss
    assert best_score([], 3, ("accuracy", True)) is None
