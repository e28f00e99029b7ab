import threading

import numpy as np

from saccade.data.augmenting.room import room


def test_memory_is_used_again_and_grows():
    small = room((2, 3), np.uint8)
    small[:] = 7
    assert np.shares_memory(room((6,), np.uint8), small)
    large = room((50, 60, 3), np.float32)
    assert (large.shape, large.dtype) == ((50, 60, 3), np.float32)


def test_places_and_threads_have_memory_of_their_own():
    here, beside = room((8,), np.uint8), room((8,), np.uint8, 1)
    assert not np.shares_memory(here, beside)
    found = []
    thread = threading.Thread(target=lambda: found.append(room((8,), np.uint8)))
    thread.start()
    thread.join()
    assert not np.shares_memory(here, found[0])
