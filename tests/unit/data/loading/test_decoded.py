import multiprocessing
import os
import pickle
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from saccade.data.arrays import Arrays
from saccade.data.files import Files
from saccade.data.loading import decoded
from saccade.data.loading.decoded import Decoded, decoded_for
from saccade.data.loading.disk_cache import DiskCache
from saccade.data.loading.keeping import InMemory, Kept, Nowhere, OnDisk

ROOM = 1 << 16


def picture(row, height=3, width=5, channels=3):
    return np.full((height, width, channels), row, np.uint8)


def test_pictures_of_any_size_come_back_as_they_were():
    room = Decoded(4, ROOM)
    given = [np.arange(h * w * c, dtype=np.uint8).reshape(h, w, c) for h, w, c in ((1, 1, 1), (3, 5, 3), (7, 2, 4))]
    for row, each in enumerate(given):
        room.put(row, each)
    for row, each in enumerate(given):
        np.testing.assert_array_equal(room.get(row), each)
    assert room.get(3) is None


def test_a_picture_that_runs_backwards_comes_back_upright():
    room, turned = Decoded(1, ROOM), np.arange(12, dtype=np.uint8).reshape(2, 2, 3)[::-1, ::-1]
    room.put(0, turned)
    np.testing.assert_array_equal(room.get(0), turned)


def test_what_is_kept_cannot_be_changed():
    room, given = Decoded(1, ROOM), picture(7)
    room.put(0, given)
    given[:] = 0
    assert (room.get(0) == 7).all()
    with pytest.raises(ValueError, match="read-only"):
        room.get(0)[0, 0, 0] = 1


def test_only_eight_bits_are_kept():
    room = Decoded(1, ROOM)
    room.put(0, picture(1).astype(np.uint16))
    assert room.get(0) is None


def test_what_finds_no_room_is_not_kept_and_what_is_smaller_still_may_be():
    room = Decoded(4, 64 + 64 + 128 + 64)  # where free room begins, what tells of pictures, and three times 64 bytes
    room.put(0, picture(1, 1, 128, 1))
    room.put(1, picture(2, 1, 65, 1))
    room.put(2, picture(3, 1, 64, 1))
    room.put(3, picture(4, 1, 1, 1))
    assert [room.get(row) is not None for row in range(4)] == [True, False, True, False]
    assert room.get(0).tolist() == [[[1]] * 128]
    assert room.get(2).tolist() == [[[3]] * 64]


def test_more_pictures_than_the_bound_can_list_are_none():
    room = Decoded(100, 64)
    room.put(99, picture(1))
    assert room.get(99) is None


STATM = Path("/proc/self/statm")


@pytest.mark.skipif(not STATM.exists(), reason="no /proc that tells of memory")
def test_memory_is_taken_only_as_it_fills():
    pages = [_shared_pages()]
    room = Decoded(1000, 1 << 28)
    assert [room.get(row) for row in range(0, 1000, 7)] == [None] * 143
    room.put(0, picture(1))
    pages.append(_shared_pages())
    room.put(1, picture(1, 1 << 11, 1 << 12, 1))
    pages.append(_shared_pages())
    assert pages[1] - pages[0] < 1 << 21
    assert 1 << 23 <= pages[2] - pages[1] < 1 << 24


def _shared_pages():
    return int(STATM.read_text().split()[2]) * os.sysconf("SC_PAGE_SIZE")


def test_a_copy_for_another_process_is_empty():
    room = Decoded(1, ROOM)
    room.put(0, picture(1))
    copy = pickle.loads(pickle.dumps(room))
    assert copy.get(0) is None
    copy.put(0, picture(2))
    assert (room.get(0) == 1).all()


def test_nobody_waits_for_a_process_that_died_while_it_reserved():
    room = Decoded(2, ROOM)
    room.put(0, picture(5))
    child = os.fork()
    if not child:
        room._lock.acquire()
        os._exit(0)
    os.waitpid(child, 0)
    started = time.monotonic()
    room.put(1, picture(6))
    assert time.monotonic() - started < 1
    assert room.get(1) is None
    assert (room.get(0) == 5).all()


def test_what_a_process_that_died_had_reserved_stays_empty():
    room = Decoded(2, ROOM)
    child = os.fork()
    if not child:
        room._reserved(3)
        os._exit(0)
    os.waitpid(child, 0)
    room.put(1, picture(6))
    assert room.get(0) is None
    assert (room.get(1) == 6).all()


def _filled(room, rows):
    for row in rows:
        room.put(row, picture(row % 251, 1 + row % 7, 5, 3))


def _right(room, count):
    """How many are kept; each is whole."""
    kept = [(row, room.get(row)) for row in range(count)]
    for row, found in kept:
        assert found is None or (found.shape == (1 + row % 7, 5, 3) and (found == row % 251).all())
    return sum(found is not None for _, found in kept)


def test_threads_never_reserve_the_same_place():
    room = Decoded(4000, 1 << 22)
    threads = [threading.Thread(target=_filled, args=(room, range(first, 4000, 4))) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _right(room, 4000) > 400


def test_processes_never_reserve_the_same_place():
    room = Decoded(4000, 1 << 22)
    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=_filled, args=(room, range(first, 4000, 4))) for first in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert _right(room, 4000) > 400


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.06, 0.1])
def test_a_process_that_is_killed_leaves_no_half_of_a_picture(delay):
    room = Decoded(5000, 1 << 24)
    process = multiprocessing.get_context("fork").Process(target=_filled, args=(room, range(5000)))
    process.start()
    time.sleep(delay)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    before = _right(room, 5000)
    _filled(room, range(5000))
    assert _right(room, 5000) >= before


def test_pictures_are_kept_decoded_where_they_are_kept_at_all(tmp_path, monkeypatch):
    files = Files(str(tmp_path), ("a.jpg",), (0,))
    shape = (8, 8, 3)
    cache = DiskCache(tmp_path)
    assert isinstance(decoded_for(files, (8, 8), Kept(1, shape)), Decoded)
    assert isinstance(decoded_for(files, (8, 8), OnDisk(files, "", cache, shape)), OnDisk)
    assert isinstance(decoded_for(files, (8, 8), Nowhere()), Nowhere)
    images = np.zeros((1, *shape), np.uint8)
    assert isinstance(decoded_for(files, (8, 8), InMemory(images, np.arange(1))), Nowhere)
    assert isinstance(decoded_for(Arrays(images, (0,), "x", np.arange(1)), (8, 8), Kept(1, shape)), Nowhere)

    def refused(*given):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(decoded.mmap, "mmap", refused)
    assert isinstance(decoded_for(files, (8, 8), _kept_without_memory()), Nowhere)


def _kept_without_memory():
    return Kept.__new__(Kept)


class Reducing:
    """A source that reduces pictures and does not say how large they were."""

    reduces = True

    def __len__(self):
        return 1

    def read(self, index):
        raise NotImplementedError

    key = target = read

    def fingerprint(self):
        return ""


def test_reduced_pictures_are_not_kept_where_sizes_in_full_are_unknown():
    assert isinstance(decoded_for(Reducing(), (8, 8), Kept(1, (8, 8, 3))), Nowhere)


def test_on_disk_each_scale_has_a_picture_of_its_own(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"x")
    files, cache = Files(str(tmp_path), ("a.jpg",), (0,)), DiskCache(tmp_path / "cache")
    kept = OnDisk(files, "made", cache, (3, 5, 3))
    small, large = (decoded_for(files, (side, side), kept) for side in (8, 16))
    kept.put(0, picture(1))
    small.put(0, picture(2, 4, 4))
    assert large.get(0) is None
    large.put(0, picture(3, 6, 2))
    assert (kept.get(0) == 1).all()
    np.testing.assert_array_equal(small.get(0), picture(2, 4, 4))
    np.testing.assert_array_equal(large.get(0), picture(3, 6, 2))
