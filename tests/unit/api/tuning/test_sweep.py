"""A sweep: which runs go on, that the best is the run that training makes, and going on after a kill."""

from __future__ import annotations

import json

import pytest
import torch

import saccade
from saccade.errors import BadConfig, Diverged, Interrupted
from saccade.training.events import StepDone
from saccade.weights.files import read_tensors
from two_classes import stop_after

LINE = "conv 4 3, pool 2, gap"
SETTINGS = {"threads": 1, "mirror": False, "crop_rate": 0.0, "batch_size": 24, "epochs": 3}
GRID = {"learning_rate": [1e-4, 0.05], "momentum": [0.9, 0.5]}


@pytest.fixture
def swept(arrays, tmp_path):
    def sweep(grid=GRID, *, out="sweep", listeners=(), **settings):
        return saccade.sweep(
            arrays, grid, model=LINE, settings={**SETTINGS, **settings}, out=tmp_path / out, listeners=list(listeners)
        )

    return sweep


def same(one, other) -> bool:
    first, second = (read_tensors(run.last)[0] for run in (one, other))
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_the_best_third_goes_on_and_the_rest_stays_behind(swept):
    found = swept()
    assert [one.epochs for one in found.tried] == [3, 3, 1, 1]
    assert [one.state for one in found.tried] == ["best", "finished", "left behind", "left behind"]
    assert found.values["learning_rate"] == 0.05
    assert found.epochs == 8
    assert found.best.state == "finished"
    assert json.loads(json.dumps(found.to_dict()))["values"] == found.values


def test_the_best_run_is_the_very_run_that_training_makes(swept, arrays, tmp_path):
    found = swept()
    alone = saccade.train(
        arrays, model=LINE, settings={**SETTINGS, **found.values}, out=tmp_path / "alone", listeners=[]
    )
    assert same(found.best, alone)
    assert [event.learning_rate for event in found.best.events() if isinstance(event, StepDone)] == [
        event.learning_rate for event in alone.events() if isinstance(event, StepDone)
    ]


def test_a_sweep_that_was_stopped_goes_on_to_the_same_end(swept):
    whole = swept(out="whole")
    steps = [0]

    def stop(event):
        steps[0] += isinstance(event, StepDone)
        if steps[0] == 5:
            stop_after(event.step)(event)

    with pytest.raises(Interrupted, match="in a sweep; everything is saved; ask for it again with the folder"):
        swept(out="stopped", listeners=[stop])
    seen: list[StepDone] = []
    again = swept(out="stopped", listeners=[lambda event: seen.append(event) if isinstance(event, StepDone) else None])
    assert [(one.values, one.score, one.state) for one in again.tried] == [
        (one.values, one.score, one.state) for one in whole.tried
    ]
    assert same(whole.best, again.best)
    assert len(seen) == whole.epochs * 2 - 5  # two steps an epoch: nothing is done twice


def test_a_sweep_that_is_done_costs_nothing_when_asked_for_again(swept):
    seen = []
    first = swept()
    assert swept(listeners=[seen.append]).tried == first.tried
    assert seen == []


def test_a_run_that_diverges_is_left_out_and_not_tried_again(swept):
    grid = {"learning_rate": [0.05, 1e30]}
    found = swept(grid, optimizer="sgd")
    assert [(one.state, one.score is None) for one in found.tried] == [("best", False), ("diverged", True)]
    seen = []
    assert swept(grid, optimizer="sgd", listeners=[seen.append]).tried == found.tried
    assert seen == []


def test_when_all_diverge_it_says_so(swept):
    with pytest.raises(Diverged, match="got 2 runs that all diverged"):
        swept({"learning_rate": [1e29, 1e30]}, optimizer="sgd")


@pytest.mark.bad_input
def test_everything_that_is_wrong_with_a_grid_is_listed(swept):
    with pytest.raises(BadConfig) as caught:
        swept({"learning_rates": [1e-3], "momentum": [2.0, 3.0], "epochs": [3]})
    told = str(caught.value).splitlines()
    assert any("did you mean 'learning_rate'" in line for line in told)
    assert any("momentum=3.0" in line for line in told)
    assert any("got 'epochs' to be tried" in line for line in told)
    with pytest.raises(BadConfig, match=r"got the grid \{\}"):
        swept({})
    with pytest.raises(BadConfig, match="got 100 combinations; taken are up to 64"):
        swept({"momentum": [number / 20 for number in range(10)], "seed": list(range(10))})


@pytest.mark.bad_input
def test_the_folder_of_another_sweep_is_refused(swept):
    swept({"learning_rate": [0.05]}, epochs=1)
    with pytest.raises(BadConfig, match="which holds a sweep with another grid; taken is a new folder"):
        swept({"learning_rate": [0.06]}, epochs=1)


@pytest.mark.bad_input
def test_a_module_cannot_be_swept(arrays):
    with pytest.raises(BadConfig, match="got a model of type Linear for a sweep"):
        saccade.sweep(arrays, GRID, model=torch.nn.Linear(1, 1))  # pyright: ignore[reportArgumentType]
