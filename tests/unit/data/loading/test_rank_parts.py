import numpy as np
import pytest
import torch

from saccade.data.arrays import Arrays
from saccade.data.augmentations.mixing import MixUp
from saccade.data.loading.keeping import Nowhere
from saccade.data.loading.rank_parts import Part, part_of, stand_in
from saccade.errors import BadLabel
from saccade.types.preprocessing import Preprocessing

GREY = Preprocessing((4, 4), 1, (0.0,), (1.0,))


def numbers(count):
    return Arrays(np.zeros((count, 4, 4, 1), np.uint8), tuple(range(count)), "x", np.arange(count))


def part(count, rank, world, *, batch_size=4, seed=0, changes=()):
    return Part(numbers(count), GREY, changes, batch_size=batch_size, seed=seed, share=(rank, world))


def test_parts_one_after_the_other_are_everything():
    parts = [part_of(np.arange(10), rank, 4).tolist() for rank in range(4)]
    assert parts == [[0, 1, 2], [3, 4, 5], [6, 7], [8, 9]]


def test_more_processes_than_samples_leave_some_with_nothing():
    assert [part_of(np.arange(2), rank, 3).tolist() for rank in range(3)] == [[0], [1], []]


@pytest.mark.parametrize("seed", [None, 5])
@pytest.mark.parametrize(
    ("count", "size", "world"), [(19, 8, 2), (9, 4, 2), (9, 4, 3), (2, 4, 3), (1, 4, 2), (0, 4, 2)]
)
def test_parts_are_those_of_the_batches_of_one_process(count, size, world, seed):
    alone = part(count, 0, 1, batch_size=size, seed=seed)
    parts = [part(count, rank, world, batch_size=size, seed=seed) for rank in range(world)]
    assert [one.steps for one in parts] == [alone.steps] * world
    for step in range(alone.steps):
        rows = [one.rows(1, step).tolist() for one in parts]
        assert [row for own in rows for row in own] == alone.rows(1, step).tolist()
        assert max(map(len, rows)) <= parts[0].each + 1
        assert max(map(len, rows)) - min(map(len, rows)) <= 1


def test_a_picture_that_is_alone_in_a_part_stays_since_others_have_company_for_it():
    made = {}
    for world in (1, 2):
        one = Part(numbers(4), GREY, (), batch_size=4, seed=0, share=(0, world))
        one.rows = lambda epoch, step: np.array([0, 1])
        one.kept = Nowhere()
        whole = one.sample

        def torn(row, *how, whole=whole):
            if row == 1:
                raise BadLabel("got nothing; taken is something; mend it")
            return whole(row, *how)

        one.sample = torn
        made[world] = one.make(0, 0, keep=False).keys
    assert made == {1: (), 2: ("x[0]",)}


def test_each_process_mixes_in_its_own_way():
    parts = [part(8, rank, 2, batch_size=8, changes=[MixUp(1.0)]) for rank in (0, 1)]
    for one in parts:
        one.rows = lambda epoch, step: np.arange(4)
    first, second = (one.make(0, 0, keep=False).targets for one in parts)
    assert first != second
    assert first == parts[0].make(0, 0, keep=False).targets


def test_a_stand_in_has_the_targets_of_a_sample_whose_label_can_be_read():
    class Broken(Arrays):
        def target(self, index):
            if index < 2:
                raise BadLabel("got nothing; taken is something; mend it")
            return super().target(index)

    source = numbers(4)
    made = stand_in(Broken(source.images, source.targets, "x", np.arange(4)), GREY, torch.tensor)
    assert made is not None
    assert made.targets.tolist() == [2, 2]
    assert made.images.shape == (2, 1, 4, 4)
    assert not made.images.any()
    assert made.sizes.tolist() == [[4, 4]] * 2


def test_without_any_label_there_is_no_stand_in():
    assert stand_in(numbers(0), GREY, torch.tensor) is None
