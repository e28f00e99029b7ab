"""Runs that belong to something larger: begun, gone on with, and not tried again when they cannot work."""

from __future__ import annotations

import pytest

import saccade
from saccade.api.attempts import attempt
from saccade.errors import Interrupted
from saccade.training.events import StepDone
from saccade.training.settings import TrainingSettings
from two_classes import stop_after

LINE = "conv 4 3, pool 2, gap"
SETTINGS = TrainingSettings(threads=1, mirror=False, crop_rate=0.0, batch_size=24, epochs=2)


@pytest.fixture
def tried(arrays, tmp_path):
    dataset = saccade.open_data(arrays)

    def once(settings=SETTINGS, listeners=()):
        seen = []
        run = attempt(
            tmp_path / "run", dataset, model=LINE, settings=settings, listeners=[seen.append, *listeners]
        )  # fmt: skip
        return run, sum(isinstance(event, StepDone) for event in seen)

    return once


def test_what_was_stopped_goes_on_and_what_is_done_costs_nothing(tried):
    with pytest.raises(Interrupted):
        tried(listeners=[stop_after(1)])
    run, rest = tried()
    assert run is not None
    assert run.state == "finished"
    assert 0 < rest < sum(isinstance(event, StepDone) for event in run.events())
    assert tried()[1] == 0


def test_one_that_diverges_is_not_tried_again(tried):
    from dataclasses import replace

    wild = replace(SETTINGS, optimizer="sgd", learning_rate=1e30)
    run, steps = tried(wild)
    assert run is None
    assert steps > 0
    assert tried(wild) == (None, 0)
