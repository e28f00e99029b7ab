import pickle

import numpy as np
import pytest

from saccade.data.arrays import Arrays
from saccade.data.loading import keeping
from saccade.data.loading.keeping import InMemory, Kept, kept_for
from saccade.types.preprocessing import Preprocessing


def grey(size, channels=1):
    return Preprocessing((size, size), channels, (0.0,) * channels, (1.0,) * channels)


def arrays(dtype=np.uint8):
    return Arrays(np.arange(5 * 4 * 4).reshape(5, 4, 4, 1).astype(dtype), (0,) * 5, "x", np.array([3, 1, 4]))


def test_what_is_put_can_be_got():
    kept = Kept(3, (2, 2, 1))
    picture = np.full((2, 2, 1), 7, np.uint8)
    kept.put(1, picture)
    assert np.array_equal(kept.get(1), picture)
    assert kept.get(0) is None
    assert kept.stack(np.array([1, 0])) is None
    assert kept.stack(np.array([1, 1])).tolist() == [[[[7]] * 2] * 2] * 2
    assert not kept.complete()
    kept.put(0, picture)
    kept.put(2, picture)
    assert kept.complete()


def test_what_is_kept_cannot_be_changed():
    kept = Kept(1, (2, 2, 1))
    kept.put(0, np.full((2, 2, 1), 7, np.uint8))
    with pytest.raises(ValueError, match="read-only"):
        kept.get(0)[:] = 0
    kept.stack(np.array([0]))[:] = 0  # has memory of its own
    assert (kept.get(0) == 7).all()


def test_only_eight_bits_are_kept():
    kept = Kept(1, (1, 1, 1))
    kept.put(0, np.zeros((1, 1, 1), np.float32))
    assert kept.get(0) is None


def test_room_is_limited(monkeypatch):
    monkeypatch.setattr(keeping, "MOST_BYTES", 10)
    kept = Kept(5, (2, 2, 1))
    for row in range(5):
        kept.put(row, np.full((2, 2, 1), row, np.uint8))
    assert [kept.get(row) is not None for row in range(5)] == [True, True, False, False, False]
    assert not kept.complete()
    assert kept.stack(np.array([0, 1])) is None


def test_a_copy_for_another_process_is_empty():
    kept = Kept(1, (1, 1, 1))
    kept.put(0, np.zeros((1, 1, 1), np.uint8))
    assert pickle.loads(pickle.dumps(kept)).get(0) is None


def test_arrays_that_need_nothing_are_used_as_they_are():
    source = arrays()
    kept = kept_for(source, grey(4))
    assert isinstance(kept, InMemory)
    assert kept.complete()
    assert np.array_equal(kept.get(0), source.images[3])
    assert np.array_equal(kept.stack(np.array([2, 0])), source.images[[4, 3]])


def test_arrays_that_must_change_are_not():
    assert isinstance(kept_for(arrays(), grey(8)), Kept)
    assert isinstance(kept_for(arrays(), grey(4, 3)), Kept)
    assert isinstance(kept_for(arrays(np.uint16), grey(4)), Kept)
