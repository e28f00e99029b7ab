"""Pictures kept as they were decoded, for augmentations that zoom or turn: those want more than preprocessing leaves.

    memory   where free room begins │ for each picture: where it begins, height, width, channels │ pixels …

Source: ours.
"""

from __future__ import annotations

import mmap
import multiprocessing
from typing import Any

import numpy as np
from jaxtyping import Shaped, UInt8

from saccade.data.arrays import Arrays
from saccade.data.loading import keeping
from saccade.data.loading.keeping import InMemory, Kept, Nowhere, OnDisk
from saccade.types.sample import Source

_STEP = 64  # pictures begin at multiples of it
_ENTRY = 16  # bytes that tell of a picture: four numbers


class Decoded:
    """Room in memory for pictures of any size, filled in the order in which they are read; the rest are read each time.

    The memory belongs to the process and to the workers that it forks, as that of `Kept` does, and is taken only as it
    fills. Room is reserved under a lock that nobody waits for: who finds it taken keeps this picture in a later epoch.
    Where a picture begins is written last. So a worker may be killed at any moment: no half of a picture is ever seen
    and nobody is held up; what it had reserved stays empty, and if it was just reserving, nothing more is kept.

    Args:
        count: Pictures in the source.
        most_bytes: At most so much memory is taken.

    Raises:
        OSError: If the system has no such memory, or no such locks.

    Source: ours.

    Example:
        >>> room = Decoded(2, 1 << 12)
        >>> room.put(0, np.full((1, 2, 1), 7, np.uint8)), room.get(0).tolist(), room.get(1)
        (None, [[[7], [7]]], None)
    """

    def __init__(self, count: int, most_bytes: int) -> None:
        self._count, self._most = count, most_bytes
        first = _steps(count * _ENTRY) + 1
        self._memory = np.frombuffer(mmap.mmap(-1, max(most_bytes, first * _STEP)), np.uint8)
        self._free = self._memory[:8].view(np.int64)
        self._index = self._memory[_STEP : _STEP + count * _ENTRY].view(np.int32).reshape(count, 4)
        self._free[0] = first
        ways = multiprocessing.get_all_start_methods()
        self._lock = multiprocessing.get_context("fork" if "fork" in ways else None).Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy the room without what is in it: a process started afresh shares no memory."""
        return Decoded, (self._count, self._most)

    def get(self, row: int) -> UInt8[np.ndarray, "height width channels"] | None:
        """Give one picture, which cannot be written to; None when it is not kept."""
        start = self._index.item(row, 0) * _STEP
        if not start:
            return None
        height, width, channels = self._index[row, 1:].tolist()
        picture = self._memory[start : start + height * width * channels].reshape(height, width, channels)
        picture.flags.writeable = False
        return picture

    def put(self, row: int, picture: Shaped[np.ndarray, "height width channels"]) -> None:
        """Keep one picture, if there is room and it has 8 bits."""
        if picture.dtype != np.uint8 or self._index.item(row, 0):
            return
        start = self._reserved(_steps(picture.nbytes))
        if start is None:
            return
        place = self._memory[start * _STEP : start * _STEP + picture.nbytes]
        place.reshape(picture.shape)[...] = picture
        self._index[row, 1:] = picture.shape
        self._index[row, 0] = start

    def _reserved(self, steps: int) -> int | None:
        """Where so many steps are free from now on for the caller alone; None where there is no such place."""
        if not self._lock.acquire(block=False):
            return None
        try:
            start = self._free.item()
            if (start + steps) * _STEP > len(self._memory):
                return None
            self._free[0] = start + steps
        finally:
            self._lock.release()
        return start


def decoded_for(
    source: Source, at_least: tuple[int, int], kept: Kept | InMemory | OnDisk | Nowhere
) -> Decoded | OnDisk | Nowhere:
    """Choose how pictures of a source are kept as they were decoded.

    Args:
        source: Where they come from.
        at_least: (height, width) that they are decoded for, as in `files.read_at`.
        kept: How they are kept once they are preprocessed; here it is done in the same way.

    Returns:
        Room to fill: in memory as much as `Kept` has, of which a loader fills only one of both. None where pictures lie
        in memory already, or where a source reduces them and does not tell their sizes in full.

    Source: ours.

    Example:
        >>> from saccade.data.opening import open_data
        >>> isinstance(decoded_for(open_data("digits").splits["train"], (8, 8), Nowhere()), Nowhere)
        True
    """
    untold = getattr(source, "reduces", False) and not hasattr(source, "size")
    if untold or isinstance(source, Arrays):
        return Nowhere()
    if isinstance(kept, OnDisk):
        return OnDisk(source, f"decoded for {at_least[0]} × {at_least[1]}", kept.cache)
    if not isinstance(kept, Kept):
        return Nowhere()
    try:
        return Decoded(len(source), keeping.MOST_BYTES)
    except (OSError, ImportError):  # so much memory, or a lock between processes, cannot be had here
        return Nowhere()


def _steps(size: int) -> int:
    return -(-size // _STEP)
