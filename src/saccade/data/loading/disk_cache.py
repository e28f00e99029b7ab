"""Pictures on disk: arrays of 8 bits under names, each in a file of its own, shared by all processes and runs.

    decoded/3f/3f9a…   "SACC", sum of the pixels, height, width, channels, pixels

A file appears whole (it is written beside its place and renamed) and is believed only if its length and its sum are
right; so a process that is killed, or a machine that loses power, spoils nothing. When the room is taken, no more is
kept; what nobody used for a week makes room when the cache is next opened.

Source: ours.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import mmap
import os
import struct
import time
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from saccade.errors import printable

MOST_BYTES = 20 * 2**30
_HEAD = struct.Struct("<4sIIII")
_MAGIC = b"SACC"
_WEEK, _DAY, _MINUTE = 604_800.0, 86_400.0, 60.0
_COUNTERS = 256


class CacheWarning(UserWarning):
    """Pictures are no longer kept; everything goes on without that."""


class DiskCache:
    """Arrays of 8 bits under names, in a folder.

    Args:
        folder: It is made if it is not there.
        most_bytes: At most so many are taken; what this object and the processes forked with it add is counted, and
            what was there when it was made.

    Source: ours.

    Example:
        >>> import tempfile
        >>> cache = DiskCache(Path(tempfile.mkdtemp()))
        >>> cache.put("a", np.full((1, 1, 3), 7, np.uint8))
        >>> cache.get("a", (1, 1, 3)).tolist(), cache.get("b", (1, 1, 3))
        ([[[7, 7, 7]]], None)
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self._most = folder, most_bytes
        # shared with processes that are forked: whether it is off, what was there, and what each process has added
        self._shared = np.frombuffer(mmap.mmap(-1, 8 * (_COUNTERS + 2)), np.int64)
        self._shared[1] = _cleared(folder, most_bytes)

    def __reduce__(self) -> tuple[Any, ...]:
        """Open the same folder anew in a process that shares no memory."""
        return DiskCache, (self.folder, self._most)

    @property
    def taken(self) -> int:
        """Bytes that the files take."""
        return int(self._shared[1:].sum())

    def get(
        self, name: str, shape: tuple[int, int, int] | None = None
    ) -> UInt8[np.ndarray, "height width channels"] | None:
        """Give an array, not to be written to.

        Args:
            name: Any text.
            shape: That it must have; None: any.

        Returns:
            The array; None when it is not kept, or its file is damaged.

        Source: ours.
        """
        path = self._path(name)
        try:
            with path.open("rb", buffering=0) as file:
                about = os.fstat(file.fileno())
                told, sum_of_all = _head_of(file.read(_HEAD.size), about.st_size)
                pixels = file.read(math.prod(told))
            if time.time() - about.st_mtime > _DAY:
                path.touch()  # so that it is known to be in use
        except OSError:
            return None
        whole = len(pixels) == math.prod(told) > 0 and zlib.crc32(pixels) == sum_of_all
        if not whole or shape not in (None, told):
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        return np.frombuffer(pixels, np.uint8).reshape(told)

    def put(self, name: str, pixels: UInt8[np.ndarray, "height width channels"]) -> None:
        """Keep an array, if there is room. A disk that will not take it ends the keeping, with one warning.

        Args:
            name: Any text; an array of that name is replaced.
            pixels: The array.

        Source: ours.
        """
        size = _HEAD.size + pixels.nbytes
        if self._shared[0] or self.taken + size > self._most:
            return
        path, body = self._path(name), np.ascontiguousarray(pixels).tobytes()
        part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(_HEAD.pack(_MAGIC, zlib.crc32(body), *pixels.shape) + body)
            part.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            self._give_up(error)
        else:
            self._shared[2 + os.getpid() % _COUNTERS] += size

    def _give_up(self, error: OSError) -> None:
        if self._shared[0]:
            return
        self._shared[0] = 1
        warnings.warn(
            f"got no room for pictures in {printable(str(self.folder))} ({(error.strerror or str(error)).lower()}); "
            "taken is a folder that can be written; the run goes on without keeping more, set SACCADE_CACHE to "
            "another place",
            CacheWarning,
            stacklevel=3,
        )

    def _path(self, name: str) -> Path:
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        return self.folder / digest[:2] / digest


def _head_of(head: bytes, size: int) -> tuple[tuple[int, int, int], int]:
    """The shape and the sum that a file of a size says it holds; no pixels where that cannot be."""
    if len(head) == _HEAD.size:
        magic, sum_of_all, *shape = _HEAD.unpack(head)
        if magic == _MAGIC and _HEAD.size + math.prod(shape) == size:
            return (shape[0], shape[1], shape[2]), sum_of_all
    return (0, 0, 0), 0


def _cleared(folder: Path, most: int) -> int:
    """Remove what is half-written and, where three quarters are taken, what was long unused; count what is left."""
    now, files = time.time(), list(_files(folder))
    left = sum(size for _, size, _ in files)
    for path, size, used in sorted(files, key=lambda file: file[2]):
        torn = path.name.endswith(".tmp") and now - used > _MINUTE
        unused = left > 0.75 * most and now - used > _WEEK
        if torn or unused:
            with contextlib.suppress(OSError):
                path.unlink()
                left -= size
    return left


def _files(folder: Path) -> Iterator[tuple[Path, int, float]]:
    try:
        places = [entry.path for entry in os.scandir(folder) if len(entry.name) == 2 and entry.is_dir()]
    except OSError:  # not there yet, or not to be read: then nothing is kept
        return
    for place in places:
        with contextlib.suppress(OSError):
            for entry in os.scandir(place):
                about = entry.stat()
                yield Path(entry.path), about.st_size, about.st_mtime
