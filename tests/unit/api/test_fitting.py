"""Training a run as its description says: the task that is made of it, and the stream of its events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from saccade.api.fitting import fit, make_task
from saccade.data.opening import open_data
from saccade.errors import BadConfig, UnknownName
from saccade.training.events import EpochDone, RunFinished, RunStarted
from saccade.training.settings import TrainingSettings

SETTINGS = TrainingSettings()


def test_a_task_has_the_labels_of_the_data_and_the_options_of_the_settings(photos):
    task = make_task("classification", open_data(photos), replace(SETTINGS, label_smoothing=0.25))
    assert task.labels == ("blue", "green", "red")
    assert vars(task)["label_smoothing"] == 0.25
    assert vars(task)["class_weights"] == ()


def test_balanced_weights_are_those_of_the_training_pictures(arrays):
    images, _ = arrays
    dataset = open_data({"train": (images[:8], [0, 0, 0, 0, 0, 0, 1, 1]), "val": (images[8:10], [0, 1])})
    task = make_task("classification", dataset, replace(SETTINGS, class_weights="balanced"))
    assert vars(task)["class_weights"] == pytest.approx((8 / 12, 2.0))


def test_a_run_that_is_done_is_left_as_it_is(quick, arrays):
    run = quick(arrays)
    before = run.last.read_bytes(), run.best.read_bytes()
    fit(run, open_data(arrays), [])
    assert (run.last.read_bytes(), run.best.read_bytes()) == before
    assert [type(event) for event in run.events() if not isinstance(event, EpochDone)][-2:] == [RunStarted, RunFinished]


def test_listeners_hear_what_is_written(quick, arrays):
    run, heard = quick(arrays), []
    run.resume(epochs=2, listeners=[heard.append])
    assert heard == run.events()[-len(heard) :]


@pytest.mark.bad_input
def test_a_task_that_does_not_suit_the_labels_is_refused(photos):
    with pytest.raises(BadConfig, match="whose labels suit 'classification'"):
        make_task("multi_label", open_data(photos), SETTINGS)
    with pytest.raises(UnknownName, match="did you mean 'classification'"):
        make_task("classificaton", open_data(photos), SETTINGS)


@pytest.mark.bad_input
def test_data_that_no_task_learns_from_are_refused_before_anything_is_made():
    with pytest.raises(BadConfig, match="got data for landmarks"):
        make_task("landmarks", replace(open_data("synthetic:count=40"), task="landmarks"), SETTINGS)


def test_strong_changes_and_mixtures_train(quick, arrays):
    run = quick(arrays, augment="strong", mixing="cutmix", worker_kind="threads", workers=2, cache="off")
    assert [event.losses["cross_entropy"] > 0 for event in run.events() if isinstance(event, EpochDone)] == [True]
