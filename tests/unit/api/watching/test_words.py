import pytest

from saccade.api.watching.pace import Pace
from saccade.api.watching.words import counted, duration, epoch_line, facts, figure
from saccade.training.events import EpochDone, RunStarted, StepDone


@pytest.fixture
def pace():
    pace = Pace()
    pace.take(RunStarted(12, 2, time=0.0))
    return pace


def step(number, at):
    return StepDone(0, number, {"loss": 0.5}, 0.1, images=100, seconds=0.5, waited=0.125, time=at)


def test_what_is_not_known_is_not_said(pace):
    assert facts(pace) == ["step 0/2"]


def test_what_is_known_is_said_the_most_wanted_first(pace):
    pace.take(step(1, 2.0))
    assert facts(pace) == ["step 1/2", "loss 0.5000", "46 s left", "200 images/s", "25 % waiting for data"]


def test_the_end_of_an_epoch_is_validation(pace):
    pace.take(step(2, 2.0))
    assert facts(pace)[0] == "validating"


def test_the_best_epoch_is_said(pace):
    pace.take(EpochDone(0, 2, {"loss": 0.25}, {"accuracy": 0.875}, True, 0.1, 200, 1.0, 0.25, time=3.0))
    assert facts(pace)[-1] == "best 0.8750 in epoch 1"


def test_an_epoch_without_validation_has_its_loss_only(pace):
    event = EpochDone(2, 6, {"class": 0.25, "box": 0.5}, {}, True, 0.1, 0, 0.0, 0.0, time=3.0)
    assert epoch_line(event, pace) == "epoch  3/12  loss 0.7500"


@pytest.mark.parametrize(
    ("seconds", "wanted"), [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1:00"), (3599.9, "1:00:00"), (90061, "25:01:01")]
)
def test_durations_are_short(seconds, wanted):
    assert duration(seconds) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (0.0, "0.0000"),
        (-0.5, "-0.5000"),
        (2e-5, "2.0e-05"),
        (1234.56, "1234.6"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
    ],
)
def test_figures_are_short(value, wanted):
    assert figure(value) == wanted


def test_one_is_not_many():
    assert [counted(number, "step") for number in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]
