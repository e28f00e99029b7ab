"""Pictures in files below one folder, as a source; the files are only ever read."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from saccade.data.randomness import ranks
from saccade.data.reading import is_image_name, read_image
from saccade.errors import BadData, printable
from saccade.types.sample import Sample

_EDGE = 64 * 1024
_HASHED_FILES = 10_000
_LITTER = frozenset({"__macosx", "__pycache__", "lost+found", "@eadir", "$recycle.bin", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True, eq=False)
class Files:
    """Pictures in files below one folder.

    Args:
        root: The folder.
        paths: Of the pictures, relative to it, with "/" between folders.
        targets: What is known of each.

    Source: ours.

    Example:
        >>> Files("photos", ("cats/1.jpg",), (0,)).key(0)
        'cats/1.jpg'
    """

    root: str
    paths: tuple[str, ...]
    targets: tuple[Any, ...]

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.paths)

    def read(self, index: int) -> Sample:
        """Decode one file; raises BadImage when it is no picture."""
        return Sample(read_image(Path(self.root, self.paths[index])), self.targets[index], self.key(index))

    def key(self, index: int) -> str:
        """Name one sample: its relative path, with bytes that are no text written as escapes."""
        return as_text(self.paths[index])

    def target(self, index: int) -> Any:
        """Give one sample's target."""
        return self.targets[index]

    def pick(self, rows: Sequence[int]) -> Files:
        """Keep some samples, in the order given."""
        chosen, targets = tuple(self.paths[row] for row in rows), tuple(self.targets[row] for row in rows)
        return replace(self, paths=chosen, targets=targets)

    def fingerprint(self) -> str:
        """Hash names, targets, sizes and contents; the same wherever the folder lies.

        Of a file over 128 kB the first and last 64 kB are read. Of more than 10,000 files, the names, targets and sizes
        of all and the contents of 10,000, chosen by their names.
        """
        rows = range(len(self.paths))
        hashed = set(ranks(self.paths, 0).argsort(kind="stable")[:_HASHED_FILES].tolist())
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            digests = list(pool.map(lambda row: _digest(Path(self.root, self.paths[row]), row in hashed), rows))
        lines = sorted((self.paths[row], repr(self.targets[row]), digests[row]) for row in rows)
        return hashlib.sha256(repr(lines).encode()).hexdigest()


def list_pictures(folder: Path, ignored: Counter[str]) -> list[str]:
    """List the pictures in a folder and in all folders below it, sorted.

    Hidden files and folders, what operating systems leave behind, and files that are no pictures are left out and
    counted. Links are followed, each folder once.

    Args:
        folder: Where to look.
        ignored: Counts what was left out, by suffix; added to.

    Returns:
        Paths relative to the folder, with "/" between folders.

    Raises:
        BadData: If a folder may not be read.

    Source: ours.
    """
    found: list[str] = []
    waiting, seen = [(str(folder), "")], _ancestors(folder)
    while waiting:
        place, prefix = waiting.pop()
        for entry in _entries(place):
            if _is_hidden(entry.name):
                ignored["hidden"] += 1
            elif entry.is_dir():
                identity = _identity(Path(entry.path))
                if identity not in seen:
                    seen.add(identity)
                    waiting.append((entry.path, f"{prefix}{entry.name}/"))
            elif is_image_name(entry.name) and (entry.is_file() or entry.is_symlink()):
                found.append(prefix + entry.name)
            else:
                ignored[PurePath(entry.name).suffix.lower() or "no suffix"] += 1
    return sorted(found)


def sub_folders(folder: Path) -> list[Path]:
    """List the folders in a folder that are not hidden or litter, sorted by name.

    Args:
        folder: Where to look.

    Returns:
        Their paths.

    Raises:
        BadData: If the folder may not be read.

    Source: ours.
    """
    return sorted(Path(entry.path) for entry in _entries(str(folder)) if entry.is_dir() and not _is_hidden(entry.name))


def has_picture(folder: Path) -> bool:
    """Say whether a folder, or a folder below it, holds a picture; stops at the first.

    Args:
        folder: Where to look.

    Returns:
        Whether there is one.

    Source: ours.
    """
    entries = [entry for entry in _entries(str(folder)) if not _is_hidden(entry.name)]
    if any(is_image_name(entry.name) and not entry.is_dir() for entry in entries):
        return True
    return any(entry.is_dir() and not entry.is_symlink() and has_picture(Path(entry.path)) for entry in entries)


def as_text(name: str) -> str:
    r"""Make a file's name fit for JSON and UTF-8: bytes that are no text become escapes such as \udcff.

    Args:
        name: As the operating system gave it.

    Returns:
        The same where it was text.

    Source: ours.

    Example:
        >>> as_text("h\u00e9.jpg"), as_text("\udcff.jpg")
        ('hé.jpg', '\\udcff.jpg')
    """
    return name.encode("utf-8", "backslashreplace").decode()


def _digest(path: Path, contents: bool) -> str:
    """Size and hash of a file; "" when it is not there or not a file."""
    try:
        about = path.stat()
        if not contents or not stat.S_ISREG(about.st_mode):
            return str(about.st_size)
        with path.open("rb", buffering=0) as file:
            digest = hashlib.sha256(file.read(2 * _EDGE if about.st_size <= 2 * _EDGE else _EDGE))
            if about.st_size > 2 * _EDGE:
                file.seek(-_EDGE, os.SEEK_END)
                digest.update(file.read(_EDGE))
    except OSError:
        return ""
    return f"{about.st_size} {digest.hexdigest()}"


def _entries(place: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            yield from entries
    except OSError as error:
        raise BadData(
            f"got folder {printable(place)}, which cannot be read ({error.strerror}); taken are folders that you may "
            "read; change its rights or leave it out"
        ) from error


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in _LITTER


def _ancestors(folder: Path) -> set[tuple[int, int]]:
    return {_identity(place) for place in (folder, *folder.absolute().parents)}


def _identity(path: Path) -> tuple[int, int]:
    try:
        about = path.stat()
    except OSError:  # gone meanwhile; listing it will say so
        return 0, 0
    return about.st_dev, about.st_ino


def ignored_of(counts: Mapping[str, int]) -> dict[str, Any]:
    """Give counts of files left out in the form that a data set's origin holds.

    Args:
        counts: By suffix.

    Returns:
        {} when nothing was left out.

    Source: ours.

    Example:
        >>> ignored_of({".txt": 2})
        {'ignored': {'.txt': 2}}
    """
    return {"ignored": dict(sorted(counts.items()))} if counts else {}
