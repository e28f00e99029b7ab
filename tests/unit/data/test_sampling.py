"""Kinds that take turns: no sample is left out, and no batch has more of one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from saccade.data.loading.feeding import Feeding
from saccade.data.loading.loader import Loader
from saccade.data.opening import open_data
from saccade.data.sampling import in_turn_count, in_turn_order
from saccade.types.preprocessing import Preprocessing

KINDS = [0] * 11 + [1] * 4
GREY = Preprocessing((4, 4), 1, (0.0,), (1.0,))


def loader(batch_size: int, rank: int = 0, world: int = 1) -> Loader:
    images = np.arange(15, dtype=np.uint8).repeat(16).reshape(15, 4, 4)
    source = open_data({"train": (images, KINDS)}, shares=(1.0, 0.0, 0.0)).splits["train"]
    return Loader(
        source, GREY, torch.tensor, batch_size=batch_size, seed=5, workers=Feeding(rank=rank, world=world, in_turn=True)
    )


def test_every_sample_comes_and_the_rarer_ones_as_often_as_need_be():
    rows = in_turn_order(KINDS, 0, 3)
    assert len(rows) == in_turn_count(KINDS) == 22
    times = np.bincount(rows)
    assert times[:11].tolist() == [1] * 11
    assert sorted(times[11:].tolist()) == [2, 3, 3, 3]


def test_they_take_turns():
    assert [KINDS[row] for row in in_turn_order(KINDS, 7)] == [0, 1] * 11


def test_another_epoch_is_another_order_and_the_same_one_the_same():
    assert in_turn_order(KINDS, 1, 2).tolist() == in_turn_order(KINDS, 1, 2).tolist()
    assert in_turn_order(KINDS, 1, 2).tolist() != in_turn_order(KINDS, 1, 3).tolist()


def test_a_rare_kind_comes_again_in_another_order():
    rare = [row for row in in_turn_order(KINDS, 0) if row >= 11]
    assert sorted(rare[:4]) == sorted(rare[4:8]) == [11, 12, 13, 14]
    assert rare[:4] != rare[4:8] or rare[:3] != rare[8:]


@pytest.mark.parametrize("batch_size", [2, 4, 8])
def test_a_batch_has_as_many_of_each(batch_size):
    batches = list(loader(batch_size).epoch(0))
    assert sum(map(len, batches)) == 22
    for one in batches:
        assert one.targets.sum() * 2 == len(one)
    assert {int(255 * image.max() + 0.5) for one in batches for image in one.images} == set(range(15))


def test_an_epoch_may_be_entered_anywhere():
    whole = [one.keys for one in loader(4).epoch(2)]
    assert [one.keys for one in loader(4).epoch(2, start=3)] == whole[3:]


def test_the_parts_of_several_processes_are_those_of_one():
    whole = [one.keys for one in loader(4).epoch(1)]
    parts = [[one.keys for one in loader(4, rank=rank, world=2).epoch(1)] for rank in (0, 1)]
    assert [one + two for one, two in zip(*parts, strict=True)] == whole
