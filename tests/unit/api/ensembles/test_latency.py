"""Latency: what sleeps longer takes longer, each model is asked as often as the others, and it ends in time."""

from __future__ import annotations

import time

import numpy as np

from saccade.api.ensembles.answering import Answering
from saccade.api.ensembles.latency import BATCH, latencies


class Sleeper(Answering):
    """Sleeps for each picture; a batch costs no more than one."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.calls = seconds, []

    def prepared(self, image):
        return (image,)

    def answers(self, items):
        self.calls.append(len(items))
        time.sleep(self.seconds)
        return []


def test_each_takes_its_time_in_milliseconds_a_picture() -> None:
    short, long = Sleeper(0.001), Sleeper(0.02)
    quick, slow = latencies([short, long], np.zeros((2, 2, 3), np.uint8))
    assert slow.alone >= 20 > quick.alone >= 1
    assert 20 / BATCH <= slow.in_batch < 20
    assert short.calls == long.calls == [1, BATCH] * 10
    assert list(slow.to_dict()) == ["alone", "in_batch"]


def test_it_stops_when_the_time_is_up_but_not_before_three_rounds() -> None:
    model = Sleeper(0.002)
    latencies([model], np.zeros((2, 2, 3), np.uint8), seconds=0)
    assert len(model.calls) == 2 * (1 + 3)
