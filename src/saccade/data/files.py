"""Pictures in files below one folder, as a source; the files are only ever read."""

from __future__ import annotations

import functools
import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, cast

import numpy as np
from jaxtyping import Int32

from saccade.data.randomness import ranks
from saccade.data.reading import is_image_name, read_at_least, read_size
from saccade.errors import BadData, printable
from saccade.types.sample import Placeable, Sample, Source, classes_of

_EDGE = 64 * 1024
_HASHED_FILES = 10_000
_LITTER = frozenset({"__macosx", "__pycache__", "lost+found", "@eadir", "$recycle.bin", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True, eq=False)
class Files:
    """Pictures in files below one folder.

    Args:
        root: The folder.
        paths: Of the pictures, relative to it, with "/" between folders.
        targets: What is known of each; `Placeable` ones are placed when they are asked for.

    Source: ours.

    Example:
        >>> Files("photos", ("cats/1.jpg",), (0,)).key(0)
        'cats/1.jpg'
    """

    root: str
    paths: tuple[str, ...]
    targets: tuple[Any, ...]
    reduces = True

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.paths)

    def read(self, index: int, at_least: tuple[int, int] | None = None) -> Sample:
        """Decode one file, or so much of it as is enough; raises BadImage when it is no picture."""
        image, size = read_at_least(Path(self.root, self.paths[index]), at_least)
        target = self.targets[index]
        if isinstance(target, Placeable) or hasattr(target, "scale"):
            self._sizes[index] = size
        return Sample(image, placed(target, self.root, size, image.shape[:2]), self.key(index))

    def key(self, index: int) -> str:
        """Name one sample: its relative path, with bytes that are no text written as escapes."""
        return as_text(self.paths[index])

    def target(self, index: int) -> Any:
        """Give one sample's target; where that needs the size of the picture, its header is read, once."""
        target = self.targets[index]
        return target.placed(self.root, self.size(index)) if isinstance(target, Placeable) else target

    def size(self, index: int) -> tuple[int, int]:
        """Say how large one picture is in full: (height, width), read from its header unless it is known."""
        if not self._sizes.item(index, 0):
            self._sizes[index] = read_size(Path(self.root, self.paths[index]))
        return self._sizes.item(index, 0), self._sizes.item(index, 1)

    def classes(self, index: int) -> tuple[int, ...]:
        """Give one sample's classes, without reading anything."""
        return classes_of(self.targets[index])

    def stamp(self, index: int) -> str:
        """Tell the file of one sample from any other, and from what it was before a change; "" when it is gone."""
        path = os.path.abspath(os.path.join(self.root, self.paths[index]))  # noqa: PTH100, PTH118 (asked very often)
        try:
            about = os.stat(path)  # noqa: PTH116
        except (OSError, ValueError):
            return ""
        return f"{path}\n{about.st_size} {about.st_mtime_ns}"

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
        lines = sorted((self.paths[row], self._label(row), digests[row]) for row in rows)
        return hashlib.sha256(repr(lines).encode()).hexdigest()

    @functools.cached_property
    def _sizes(self) -> Int32[np.ndarray, "samples 2"]:
        """The sizes that this process knows; 0 where it does not. Each process has its own."""
        return np.zeros((len(self.paths), 2), np.int32)

    def _label(self, row: int) -> str:
        target = self.targets[row]
        if isinstance(target, Placeable):
            return target.digest(self.root)
        return target.digest() if hasattr(target, "digest") else repr(target)


def read_at(source: Source, index: int, at_least: tuple[int, int] | None) -> Sample:
    """Decode one sample no further than is needed, where its source can do that.

    Args:
        source: Any source; one whose `read` takes `at_least` says so by an attribute `reduces`, and is asked for that.
        index: Which sample.
        at_least: (height, width) that is enough, as in `read_image`; None: in full.

    Returns:
        The sample. Where its picture came reduced, what lies upon it was scaled to match.

    Source: ours.

    Example:
        >>> from saccade.data.opening import open_data
        >>> read_at(open_data("digits").splits["train"], 0, (4, 4)).image.shape  # arrays come as they are
        (8, 8, 1)
    """
    read: Any = source.read
    return read(index, at_least) if getattr(source, "reduces", False) else read(index)


def target_at(source: Source, index: int, shown: tuple[int, int]) -> Any:
    """Give the target that `read_at` gave with a picture, without decoding that anew.

    Args:
        source: Any source; one that `reduces` must have a method `size(index)`, which gives (height, width) in full.
        index: Which sample.
        shown: (height, width) of the picture that `read_at` gave.

    Returns:
        The target. Where the picture came reduced, what lies upon it is scaled to match.

    Source: ours.

    Example:
        >>> from saccade.data.opening import open_data
        >>> target_at(open_data("digits").splits["train"], 0, (8, 8))
        1
    """
    target, about = source.target(index), cast("Any", source)
    if not hasattr(target, "scale") or not getattr(source, "reduces", False):
        return target
    return placed(target, "", about.size(index), shown)


def placed(target: Any, root: str, size: tuple[int, int], shown: tuple[int, ...]) -> Any:
    """Lay a target upon its picture.

    Args:
        target: What is known of the picture.
        root: The folder of the data.
        size: (height, width) that the labels refer to.
        shown: (height, width) of the pixels that were decoded.

    Returns:
        The target; `Placeable` ones placed, and what lies upon a picture that came reduced scaled to match.

    Source: ours.

    Example:
        >>> placed(3, "photos", (20, 20), (10, 10))
        3
    """
    if isinstance(target, Placeable):
        target = target.placed(root, size)
    if (shown[0], shown[1]) != size and hasattr(target, "scale"):
        return target.scale((shown[0], shown[1]))
    return target


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
