import numpy as np
import pytest

from saccade.data.loading.rank_parts import part_of, steps_of


def test_parts_are_everything_once():
    parts = [part_of(np.arange(10), rank, 4).tolist() for rank in range(4)]
    assert parts == [[0, 4, 8], [1, 5, 9], [2, 6], [3, 7]]


def test_more_processes_than_samples_leave_some_with_nothing():
    assert [part_of(np.arange(2), rank, 3).tolist() for rank in range(3)] == [[0], [1], []]


@pytest.mark.parametrize(
    ("count", "size", "world", "training", "steps"),
    [
        (8, 4, 1, True, 2),
        (9, 4, 1, True, 2),  # one alone joins the batch before
        (9, 4, 1, False, 3),
        (10, 4, 1, True, 3),
        (1, 4, 1, True, 1),
        (19, 4, 2, True, 2),  # 16 and 3: someone would have one alone
        (20, 4, 2, True, 3),  # 16 and 4: two each
        (2, 4, 3, True, 1),
        (0, 4, 2, True, 0),
    ],
)
def test_every_rank_has_as_many_steps(count, size, world, training, steps):
    assert steps_of(count, size, world=world, training=training) == steps
