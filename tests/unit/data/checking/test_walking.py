import pytest

from saccade.data.checking.walking import walk
from saccade.data.opening import open_data

NAMES = open_data("synthetic:count=150,size=16")


def name(split, source, index):
    return split, source.key(index)


@pytest.mark.parametrize("workers", [0, 2])
def test_every_sample_comes_once_in_order(workers):
    expected = [(split, source.key(index)) for split, source in NAMES.splits.items() for index in range(len(source))]
    assert list(walk(NAMES, name, workers=workers)) == expected


def test_progress_ends_with_all():
    told = []
    list(walk(NAMES, name, progress=lambda done, total: told.append((done, total))))
    assert told[-1] == (150, 150)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_walk_given_up_ends_its_processes():
    walking = walk(NAMES, name, workers=2)
    next(walking)
    walking.close()
    assert list(walking) == []
