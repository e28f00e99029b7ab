"""Pictures kept once they are read, in memory or on disk, so that later epochs neither decode nor resize them again.

Source: ours.
"""

from __future__ import annotations

import math
import mmap
from typing import Any

import numpy as np
from jaxtyping import Int64, Shaped, UInt8

from saccade.data.arrays import Arrays
from saccade.data.loading.disk_cache import DiskCache
from saccade.data.loading.feeding import Cache
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Source

MOST_BYTES = 512 * 2**20
_REVISION = 1  # of what reading and preprocessing give; a new one when their pixels change


class Kept:
    """Room for the first pictures of a source, as preprocessing makes them; the rest are read each time.

    The memory belongs to the process and to the workers that it forks: what one has read, all have. It fills as
    pictures are read. (A picture is read once in an epoch and found in the next, and between two epochs all workers
    have answered, so none ever sees half a picture.)

    Args:
        count: Pictures in the source.
        shape: (height, width, channels) of each.

    Source: ours.

    Example:
        >>> kept = Kept(2, (1, 1, 1))
        >>> kept.put(0, np.full((1, 1, 1), 7, np.uint8)), kept.get(0).item(), kept.get(1)
        (None, 7, None)
    """

    def __init__(self, count: int, shape: tuple[int, int, int]) -> None:
        self._count, self._shape = count, shape
        each = math.prod(shape)
        room = min(count, MOST_BYTES // each)
        memory = mmap.mmap(-1, max(1, room * (each + 1)))
        self._there = np.frombuffer(memory, np.bool_, room)
        self._pixels = np.frombuffer(memory, np.uint8, room * each, room).reshape(room, *shape)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy the room without what is in it: a process started afresh shares no memory."""
        return Kept, (self._count, self._shape)

    def complete(self) -> bool:
        """Tell whether every picture of the source is kept."""
        return len(self._there) == self._count and bool(self._there.all())

    def get(self, row: int) -> UInt8[np.ndarray, "height width channels"] | None:
        """Give one picture, not to be written to; None when it is not kept."""
        if row >= len(self._there) or not self._there[row]:
            return None
        picture = self._pixels[row]
        picture.flags.writeable = False
        return picture

    def stack(self, rows: Int64[np.ndarray, " chosen"]) -> UInt8[np.ndarray, "chosen height width channels"] | None:
        """Give several pictures in memory of their own; None when one of them is not kept."""
        whole = len(self._there) == self._count
        return self._pixels[rows] if whole and self._there[rows].all() else None

    def put(self, row: int, picture: Shaped[np.ndarray, "height width channels"]) -> None:
        """Keep one picture, if there is room and it has 8 bits."""
        if row < len(self._there) and picture.dtype == np.uint8:
            self._pixels[row] = picture
            self._there[row] = True


class InMemory:
    """Arrays that lie in memory already, just as preprocessing would make them.

    Args:
        images: Of uint8 or float32.
        rows: Which of them belong to the source.

    Source: ours.
    """

    def __init__(
        self, images: Shaped[np.ndarray, "stored height width channels"], rows: Int64[np.ndarray, " rows"]
    ) -> None:
        self._images, self._rows = images, rows

    def complete(self) -> bool:
        """Tell that every picture is here."""
        return True

    def get(self, row: int) -> Shaped[np.ndarray, "height width channels"]:
        """Give one picture, not to be written to."""
        return self._images[self._rows[row]]

    def stack(self, rows: Int64[np.ndarray, " chosen"]) -> Shaped[np.ndarray, "chosen height width channels"]:
        """Give several pictures in memory of their own."""
        return self._images[self._rows[rows]]

    def put(self, row: int, picture: Shaped[np.ndarray, "height width channels"]) -> None:
        """Change nothing."""


class OnDisk:
    """Pictures of a source in a folder that later runs find again.

    A picture is known by the path, the size and the time of change of its file and by what was made of it; when one of
    these changes, it is read anew.

    Args:
        source: It must have a method `stamp(index)` that says what tells the file of one sample from any other.
        made: What is made of each picture, in words that say all of it.
        cache: Where they are.
        shape: (height, width, channels) of each; None where they differ.

    Source: ours.
    """

    def __init__(self, source: Source, made: str, cache: DiskCache, shape: tuple[int, int, int] | None = None) -> None:
        self._source: Any = source
        self.cache = cache
        self._made, self._shape = made, shape

    def complete(self) -> bool:
        """Tell that reading may still be needed: what is on disk may vanish."""
        return False

    def get(self, row: int) -> UInt8[np.ndarray, "height width channels"] | None:
        """Give one picture, not to be written to; None when it is not kept."""
        name = self._name(row)
        return self.cache.get(name, self._shape) if name else None

    def stack(self, rows: Int64[np.ndarray, " chosen"]) -> None:
        """Give nothing: pictures on disk come one by one."""

    def put(self, row: int, picture: Shaped[np.ndarray, "height width channels"]) -> None:
        """Keep one picture, if there is room and it has 8 bits."""
        name = self._name(row) if picture.dtype == np.uint8 else ""
        if name:
            self.cache.put(name, picture)

    def _name(self, row: int) -> str:
        stamp = self._source.stamp(row)
        return f"{stamp}\n{self._made}\n{_REVISION}" if stamp else ""


class Nowhere:
    """The wish to keep nothing.

    Source: ours.
    """

    def complete(self) -> bool:
        """Tell that every picture must be read."""
        return False

    def get(self, row: int) -> None:
        """Give nothing."""

    def stack(self, rows: Int64[np.ndarray, " chosen"]) -> None:
        """Give nothing."""

    def put(self, row: int, picture: Shaped[np.ndarray, "height width channels"]) -> None:
        """Change nothing."""


def kept_for(source: Source, preprocessing: Preprocessing, cache: Cache = "auto") -> Kept | InMemory | OnDisk | Nowhere:
    """Choose how the pictures of a source are kept.

    Args:
        source: Where they come from.
        preprocessing: What is made of them.
        cache: As in `Feeding`. "disk" means memory for a source without files.

    Returns:
        The arrays themselves where preprocessing would change nothing; otherwise room to fill.

    Source: ours.
    """
    shape = (*preprocessing.size, preprocessing.channels)
    if isinstance(source, Arrays):
        images = source.images
        if isinstance(images, np.ndarray) and images.shape[1:] == shape and images.dtype in (np.uint8, np.float32):
            return InMemory(images, source.rows)
    if cache == "off":
        return Nowhere()
    if cache == "disk" and hasattr(source, "stamp"):
        from saccade.weights.fetching import cache_folder

        told = preprocessing.to_dict()
        made = repr([told[name] for name in ("size", "channels", "fit", "scaled", "resampling")])
        return OnDisk(source, made, DiskCache(cache_folder() / "decoded"), shape)
    return Kept(len(source), shape)
