from __future__ import annotations

from dataclasses import replace

from saccade.reporting.curves import training_section
from saccade.training.events import EpochDone, Event, RunStarted, RunStopped, StepDone


def test_curves_hold_the_values_of_the_events(events: list[Event]) -> None:
    section = training_section(events)
    assert section is not None
    loss, accuracy = section.drawings
    assert [(curve.name, list(curve.epochs), list(curve.values)) for curve in loss.curves] == [
        ("training", [1, 2, 3], [1.5, 0.9, 0.4]),
        ("validation", [1, 2, 3], [1.2, 0.8, 0.81]),
    ]
    assert list(accuracy.curves[0].values) == [0.5, 0.75, 0.7]
    assert section.best_epoch == 2
    assert section.rows[1] == ("2", "0.900", "75.0\xa0%", "0.800", "1.00e-03", "500\xa0ms")


def test_overfitting_is_seen_when_validation_rises_while_training_falls(events: list[Event]) -> None:
    section = training_section(events)
    assert section is not None
    assert section.overfitting == ""
    last = events[3]
    assert isinstance(last, EpochDone)
    section = training_section([*events[:3], replace(last, validation={"accuracy": 0.7, "loss": 0.96}), events[4]])
    assert section is not None
    assert "lowest in epoch 2 (0.800) and rose to 0.960" in section.overfitting


def test_rising_validation_loss_with_a_rising_training_loss_is_no_overfitting(events: list[Event]) -> None:
    last = events[3]
    assert isinstance(last, EpochDone)
    rising = replace(last, losses={"cross_entropy": 2.0}, validation={"accuracy": 0.7, "loss": 2.0})
    section = training_section([*events[:3], rising])
    assert section is not None
    assert section.overfitting == ""


def test_run_without_a_finished_epoch_has_no_section() -> None:
    assert training_section([RunStarted(3, 10), RunStopped(0, 4, "got signal 2")]) is None


def test_short_run_is_drawn_step_by_step_and_says_that_it_was_stopped() -> None:
    steps = [StepDone(0, step, {"ce": 2.0, "extra": 1.0}, 1e-3, 8, 0.1, 0.05) for step in range(1, 5)]
    done = EpochDone(0, 4, {"ce": 2.0, "extra": 1.0}, {}, True, 1e-3, 32, 0.4, 0.2)
    section = training_section([RunStarted(3, 4), *steps, done, RunStopped(1, 4, "got signal 15")])
    assert section is not None
    assert list(section.drawings[0].curves[0].epochs) == [0.25, 0.5, 0.75, 1.0]
    assert list(section.drawings[0].curves[0].values) == [3.0] * 4
    assert len(section.drawings) == 1
    assert section.stopped == "got signal 15"
    words = section.sentence.replace("\xa0", " ")
    assert words.startswith(
        "Training ran for 1 epoch of 3 and took 400 ms, 80 images a second, 50 % of it waiting for data."
    )
    assert "There were no validation images" in words


def test_long_run_of_few_epochs_keeps_its_drawing_small() -> None:
    steps = [StepDone(0, step, {"ce": 1.0}, 1e-3, 8, 0.1, 0.0) for step in range(1, 1001)]
    done = EpochDone(0, 1000, {"ce": 1.0}, {}, True, 1e-3, 8000, 100.0, 0.0)
    section = training_section([RunStarted(1, 1000), *steps, done])
    assert section is not None
    assert len(section.drawings[0].curves[0].values) == 200


def test_epoch_that_was_trained_again_after_a_crash_counts_once(events: list[Event]) -> None:
    section = training_section([*events[:3], RunStarted(3, 10, 1, 10), *events[2:]])
    assert section is not None
    assert [row[0] for row in section.rows] == ["1", "2", "3"]
