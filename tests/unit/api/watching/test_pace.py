import pytest

from saccade.api.watching.pace import Pace, headline
from saccade.training.events import EpochDone, RunStarted, StepDone


def step(number, *, epoch=0, at=0.0, loss=1.0, seconds=1.0, waited=0.0):
    return StepDone(epoch, number, {"loss": loss}, 0.1, images=10, seconds=seconds, waited=waited, time=at)


def epoch(number, *, best=True, accuracy=0.5, at=0.0):
    return EpochDone(number, 4, {"loss": 1.0}, {"accuracy": accuracy}, best, 0.1, 40, 4.0, 1.0, time=at)


def started(**changes):
    pace = Pace()
    pace.take(RunStarted(**{"epochs": 3, "steps_per_epoch": 4, "time": 0.0, **changes}))
    return pace


def test_before_the_first_step_little_is_known():
    pace = started()
    assert (pace.loss, pace.images_per_second, pace.waiting, pace.seconds_left, pace.best) == (None,) * 5
    assert pace.share == 0.0


def test_the_time_left_is_the_steps_left_at_the_mean_pace():
    pace = started()
    pace.take(step(1, at=2.0))
    assert pace.seconds_left == 22.0  # 11 steps of 2 seconds
    pace.take(step(2, at=3.0))
    assert pace.seconds_left == 15.0  # 10 steps of 1.5 seconds


def test_the_time_for_validation_counts():
    pace = started()
    for number in range(1, 5):
        pace.take(step(number, at=float(number)))
    pace.take(epoch(0, at=8.0))
    assert pace.seconds_left == 16.0  # two more epochs of 8 seconds


def test_a_run_that_goes_on_counts_from_where_it_goes_on():
    pace = started(epoch=1, step=6)
    assert (pace.epoch, pace.step, pace.share) == (1, 2, 0.5)
    pace.take(step(7, epoch=1, at=1.0))
    assert pace.step == 3
    assert pace.seconds_left == 5.0  # one done since, five to go


def test_speed_and_waiting_are_those_of_the_last_seconds():
    pace = started()
    pace.take(step(1, at=0.0, seconds=100.0, waited=100.0))
    pace.take(step(2, at=20.0, seconds=2.0, waited=0.5))
    assert pace.images_per_second == 5.0
    assert pace.waiting == 0.25


def test_the_loss_is_the_mean_of_recent_steps_with_all_its_terms():
    pace = started()
    pace.take(StepDone(0, 1, {"a": 1.0, "b": 2.0}, 0.1, 10, 1.0, 0.0, time=1.0))
    pace.take(StepDone(0, 2, {"a": 0.5, "b": 0.5}, 0.1, 10, 1.0, 0.0, time=2.0))
    assert pace.loss == 2.0


def test_the_best_epoch_is_the_last_that_was_called_best():
    pace = started()
    pace.take(epoch(0, accuracy=0.7))
    pace.take(epoch(1, best=False, accuracy=0.6))
    assert pace.best == (0, 0.7)


@pytest.mark.parametrize(
    ("validation", "losses", "wanted"),
    [
        ({"accuracy": 0.9, "ece": 0.1}, {"loss": 1.0}, ("accuracy", 0.9)),
        ({}, {"class": 1.0, "box": 2.0}, ("loss", 3.0)),
        ({}, {}, ("loss", None)),
    ],
)
def test_the_headline_is_the_first_figure_of_the_validation_or_the_loss(validation, losses, wanted):
    assert headline(EpochDone(0, 1, losses, validation, True, 0.1, 1, 1.0, 0.0)) == wanted


def test_more_steps_than_were_announced_are_no_more_than_all():
    pace = started()
    pace.take(step(9, at=1.0))
    assert pace.share == 1.0
    assert pace.seconds_left == pytest.approx(1 / 3)
