"""Vectors on disk by name, such as the features of pictures: whole after a crash, shared by runs, bounded.

One SQLite file for each way of making vectors; what was written is there, what was being written is not. Each vector
has the sum of its bytes beside it, and is not believed without.

Source: ours, on SQLite.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from saccade.data.loading.disk_cache import CacheWarning
from saccade.errors import printable

MOST_BYTES = 4 * 2**30
_AT_ONCE = 500
_TABLE = "CREATE TABLE IF NOT EXISTS vectors (name TEXT PRIMARY KEY, vector BLOB, total INTEGER) WITHOUT ROWID"
Vector = Float32[np.ndarray, " width"]


class VectorStore:
    """Vectors by name, in a file; where the disk fails, it warns once and keeps nothing from then on.

    Args:
        folder: It is made if it is not there; None: nothing is kept.
        made_by: What the vectors depend on beside their names, as text.
        width: Numbers in each.
        most_bytes: When the files in the folder take more, the ones that were used longest ago go; a file that takes so
            much by itself grows no more.

    Source: ours.

    Example:
        >>> import tempfile
        >>> with VectorStore(Path(tempfile.mkdtemp()), "a network", 2) as store:
        ...     store.put({"a": np.array([1, 2], np.float32)})
        ...     {name: vector.tolist() for name, vector in store.get(["a", "b"]).items()}
        {'a': [1.0, 2.0]}
    """

    def __init__(self, folder: Path | None, made_by: str, width: int, most_bytes: int = MOST_BYTES) -> None:
        self._width, self._most = width, most_bytes
        self._file: sqlite3.Connection | None = None
        if folder is None:
            return
        self.path = folder / f"{hashlib.sha256(made_by.encode()).hexdigest()[:32]}.sqlite"
        with self._guarded():
            folder.mkdir(parents=True, exist_ok=True)
            _make_room(folder, self.path, most_bytes)
            self._file = _opened(self.path)

    def get(self, names: Sequence[str]) -> dict[str, Vector]:
        """Find vectors.

        Args:
            names: Any texts.

        Returns:
            Those that are kept, by name.

        Source: ours.
        """
        found: dict[str, Vector] = {}
        with self._guarded():
            for start in range(0, len(names) if self._file else 0, _AT_ONCE):
                found |= self._read(tuple(names[start : start + _AT_ONCE]))
        return found

    def put(self, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors, all or none of them.

        Args:
            vectors: By name; one that is there already is replaced.

        Source: ours.
        """
        if self._file is None:
            return
        stored = {name: np.ascontiguousarray(vector, "<f4").tobytes() for name, vector in vectors.items()}
        rows = [(name, vector, zlib.crc32(vector)) for name, vector in stored.items()]
        with self._guarded():
            if self.path.stat().st_size < self._most:
                with self._file:
                    self._file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            with contextlib.suppress(sqlite3.Error):
                self._file.close()
            self._file = None

    def __enter__(self) -> VectorStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, names: tuple[str, ...]) -> dict[str, Vector]:
        """Read some vectors, as many as SQLite takes in one question."""
        assert self._file is not None
        asked = f"SELECT name, vector, total FROM vectors WHERE name IN ({','.join('?' * len(names))})"  # noqa: S608
        return {
            name: np.frombuffer(stored, "<f4").astype(np.float32)
            for name, stored, total in self._file.execute(asked, names)
            if len(stored) == 4 * self._width and zlib.crc32(stored) == total
        }

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            self.close()
            cure = "free some space, or set SACCADE_CACHE to another folder"
            if _damaged(error):
                _remove(self.path)
                cure = "the file was removed; the next run makes it anew"
            warnings.warn(
                f"got {printable(str(error))} from {printable(str(self.path))}; taken is a disk that keeps what is "
                f"written; features are computed and not kept ({cure})",
                CacheWarning,
                stacklevel=3,
            )


def _opened(path: Path) -> sqlite3.Connection:
    """Open the file; one that is damaged is made anew, since all of it can be computed again."""
    try:
        return _connected(path)
    except sqlite3.DatabaseError as error:
        if not _damaged(error):
            raise
        _remove(path)
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(path, timeout=30)
    try:
        file.execute("PRAGMA synchronous=NORMAL")
        file.execute(_TABLE)
        file.execute("SELECT name FROM vectors LIMIT 1").fetchall()
        path.touch()  # so that it is known to be in use
    except (sqlite3.Error, OSError):
        file.close()
        raise
    return file


def _damaged(error: Exception) -> bool:
    """Whether SQLite found that a file is not what it wrote; a full disk or a lock are no such thing."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)


def _make_room(folder: Path, own: Path, most: int) -> None:
    """Remove what was used longest ago, but for the file that is about to be opened."""
    left, files = most, list[tuple[float, int, Path]]()
    for path in folder.glob("*.sqlite"):
        with contextlib.suppress(FileNotFoundError):  # somebody else may clean up too
            about = path.stat()
            files.append((about.st_mtime if path != own else float("inf"), about.st_size, path))
    for _, size, path in sorted(files, reverse=True):
        left -= size
        if left < 0 and path != own:
            _remove(path)


def _remove(path: Path) -> None:
    """Remove a file, and what SQLite may have left beside it for the case of a crash."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
