"""Training in several ways: the runs are ordinary runs, counted, and gone on with."""

from __future__ import annotations

import numpy as np
import pytest

import saccade
from saccade.api.run import Run
from saccade.errors import BadConfig, BadData, Interrupted
from saccade.training.events import EpochDone, StepDone
from two_classes import stop_after

LINE = "conv 4 3, pool 2, gap"
USUAL = {"threads": 1, "mirror": False, "crop_rate": 0.0, "batch_size": 24, "epochs": 2, "learning_rate": 0.05}
BOTH = {"quick": {"model": LINE, **USUAL}, "slow": {"model": LINE, **USUAL, "learning_rate": 1e-5, "epochs": 3}}


@pytest.fixture
def raced(arrays, tmp_path):
    def race(contenders=BOTH, target=0.5, *, out="race", listeners=(), **asked):
        return saccade.time_to_accuracy(
            arrays, target, contenders, out=tmp_path / out, listeners=list(listeners), **asked
        )

    return race


def test_each_mark_is_what_the_run_says(raced, tmp_path):
    found = raced(seeds=2)
    assert [len(one.attempts) for one in found.standings] == [2, 2]
    ours = found.standings[0]
    events = [event for event in Run(tmp_path / "race" / "01-1").events() if isinstance(event, EpochDone)]
    assert [mark.figure for mark in ours.attempts[1].marks] == [event.validation["accuracy"] for event in events]
    assert ours.attempts[1].marks[-1].seconds == pytest.approx(sum(event.seconds for event in events))
    assert ours.attempts[1].marks[-1].operations == sum(event.images for event in events) * ours.image.learning
    assert ours.latency.alone > 0


def test_seeds_differ_and_a_seed_is_the_run_that_training_makes(raced, arrays, tmp_path):
    found = raced({"quick": BOTH["quick"]}, seeds=2)
    first, second = found.standings[0].attempts
    assert [mark.figure for mark in first.marks] != [mark.figure for mark in second.marks]
    same_parts = saccade.open_data(arrays)
    alone = saccade.train(same_parts, model=LINE, settings={**USUAL, "seed": 1}, out=tmp_path / "alone", listeners=[])
    losses = [
        [event.losses for event in run.events() if isinstance(event, StepDone)]
        for run in (alone, Run(tmp_path / "race" / "01-1"))
    ]
    assert losses[0] == losses[1]


def test_within_gives_each_the_epochs_that_it_can_pay(raced):
    an_epoch = raced({"quick": BOTH["quick"]}).standings[0].attempts[0].marks[0].operations
    found = raced({"a": BOTH["quick"], "b": BOTH["slow"]}, within=3.5 * an_epoch, out="equal")
    assert [len(one.attempts[0].marks) for one in found.standings] == [3, 3]
    assert len(raced({"a": BOTH["quick"]}, within=1.0, out="least").standings[0].attempts[0].marks) == 1


def test_a_race_that_was_stopped_goes_on_to_the_same_figures(raced):
    whole, steps = raced(out="whole"), [0]

    def stop(event):
        steps[0] += isinstance(event, StepDone)
        if steps[0] == 9:
            stop_after(event.step)(event)

    with pytest.raises(Interrupted, match="in a race; everything is saved"):
        raced(out="stopped", listeners=[stop])
    again = raced(out="stopped")
    assert [[mark.figure for mark in one.attempts[0].marks] for one in again.standings] == [
        [mark.figure for mark in one.attempts[0].marks] for one in whole.standings
    ]


def test_a_log_stands_beside_them_where_it_was_named(raced, tmp_path):
    path = tmp_path / "rival.tsv"
    path.write_text("epoch\thours\ttop1Accuracy\n1\t0.5\t60\n")
    found = raced({"rival": path, "quick": BOTH["quick"]})
    assert [one.name for one in found.standings] == ["rival", "quick"]
    assert found.summaries()[0]["seconds"] == 1800
    assert raced({"rival": path}, out="alone").summaries()[0]["reached"] == 1


def test_one_that_diverges_reaches_nothing_and_stops_nobody(raced):
    bad = {"model": LINE, **USUAL, "optimizer": "sgd", "learning_rate": 1e30}
    found = raced({"bad": bad, "quick": BOTH["quick"]})
    assert found.summaries()[0]["reached"] == 0
    assert len(found.standings[1].attempts[0].marks) == 2
    assert raced({"bad": bad, "quick": BOTH["quick"]}).summaries()[0]["reached"] == 0  # asked again, nothing is trained


@pytest.mark.bad_input
def test_wrong_values_are_listed_together(raced):
    with pytest.raises(BadConfig) as caught:
        raced(target=float("nan"), within=-1.0, seeds=0)
    assert len(str(caught.value).split("\n")) == 3
    with pytest.raises(BadConfig, match="got no contender"):
        raced({})


@pytest.mark.bad_input
def test_the_folder_of_another_race_is_refused(raced):
    raced({"quick": BOTH["quick"]})
    with pytest.raises(BadConfig, match="which holds a race with another set of contenders"):
        raced({"quick": BOTH["slow"]})


@pytest.mark.bad_input
def test_data_without_validation_are_refused(tmp_path):
    images, labels = np.zeros((3, 8, 8, 3), np.uint8), ["a", "b", "a"]
    data = saccade.open_data((images, labels), shares=(1.0, 0.0, 0.0))
    with pytest.raises(BadData, match="which has no validation images"):
        saccade.time_to_accuracy(data, 0.5, BOTH, out=tmp_path / "race", listeners=[])
