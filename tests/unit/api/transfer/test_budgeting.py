"""What a time allows: the plan for speeds that are given, and times that are none."""

from __future__ import annotations

import time

import numpy as np
import pytest

from saccade.api.transfer import budgeting
from saccade.api.transfer.budgeting import refuse_budget, within_budget
from saccade.data.opening import open_data
from saccade.errors import BadConfig
from saccade.training.settings import TrainingSettings

IMAGE = np.zeros((40, 40, 3), np.uint8)


@pytest.fixture
def twenty(monkeypatch):
    """Plan for 16 training images of 20, of which each takes 10 ms to look at, and as long to read as is said."""

    def planned(seconds, *, reading=0.001, **settings):
        monkeypatch.setattr(budgeting, "_read", lambda source: (reading, [40] * 16, IMAGE))
        monkeypatch.setattr(budgeting, "_seeing", lambda *_: 0.01)
        dataset = open_data((np.stack([IMAGE] * 20), np.arange(20) % 2), seed=0)
        chosen = TrainingSettings(budget="1h", **settings)
        return within_budget("resnet14_half", dataset, chosen, seconds)

    return planned


def test_an_hour_for_twenty_images_is_not_filled_and_the_saving_of_each_epoch_counts(twenty):
    model, settings, told = twenty(3600.0)
    assert (model, settings.transfer, settings.epochs) == ("resnet14_half", "all", 30)
    # 20 reads and looks; 30 times 16 steps of 35 ms, 2 looks and 0.2 s
    assert told[-1] == "expected: 24 s for training, 4 s for evaluation and report"


def test_loading_what_fits_a_layer_counts(twenty):
    _, settings, told = twenty(60.0, transfer="features")
    assert (settings.transfer, settings.views) == ("features", 4)
    assert told[-1].startswith("expected: 3 s for training")  # 20 looks, 48 more, and 2 s


def test_where_a_second_view_has_no_time_each_picture_is_looked_at_once(twenty):
    _, settings, told = twenty(16.0, reading=0.2, transfer="features")
    assert settings.views == 1
    assert any(line.endswith("looks at each picture once") for line in told)


def test_making_a_picture_small_is_part_of_reading_it(monkeypatch):
    monkeypatch.setattr(budgeting, "preprocess", lambda *_: time.sleep(0.02))
    dataset = open_data((np.stack([IMAGE] * 20), np.arange(20) % 2), seed=0)
    reading, sides, _ = budgeting._read(dataset.splits["train"])
    assert 0.02 <= reading < 1
    assert sides == [40] * 16


@pytest.mark.bad_input
def test_too_little_time_says_how_much_would_do(twenty):
    with pytest.raises(BadConfig, match=r"got budget='1h' for 20 images; taken is \d+s or more on this machine"):
        twenty(3.0)


@pytest.mark.bad_input
@pytest.mark.parametrize("budget", ["0s", "0", "-3", "1d", "1e3s", "s", "60 seconds", "inf", "nan", "1,5m"])
def test_what_is_no_time_is_refused(budget):
    with pytest.raises(BadConfig, match="taken is a time such as 60s, 10m or 1h"):
        refuse_budget(None, TrainingSettings(budget=budget))
