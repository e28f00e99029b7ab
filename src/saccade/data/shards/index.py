"""Where the samples of a shard lie in it, so that any of them can be read without unpacking or reading the others.

A shard is a tar archive in which the files of one sample stand together and have one name but for what comes after the
first dot: 7.jpg, 7.cls. Its index is a JSON file: beside it when saccade wrote both, otherwise made by reading the
headers once and kept in the cache, never beside the data.

Source: ours; the layout is WebDataset's (Aizman et al., "High performance I/O for large scale deep learning", 2019).
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from saccade.data.reading import IMAGE_SUFFIXES
from saccade.data.shards.members import Member, members
from saccade.errors import BadData, printable
from saccade.weights.fetching import cache_folder

SUFFIX = ".index.json"
_VERSION = 1
_MOST_INDEX = 1 << 30
_LABELS = ("cls", "json", "txt")

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One sample of a shard.

    Args:
        key: Its name in the shard, that of its picture.
        picture: Where the picture begins, and its bytes.
        label: Where its label begins, and its bytes; (0, 0) where it has none.
        kind: What the label is: "cls", "json", "txt", or "".

    Source: ours.
    """

    key: str
    picture: Place
    label: Place = (0, 0)
    kind: str = ""


@dataclass(frozen=True)
class Index:
    """The samples of a shard.

    Args:
        size: Bytes of the shard.
        entries: Its samples, in their order.
        skipped: Members that are left out, each with the reason.

    Source: ours.
    """

    size: int
    entries: tuple[Entry, ...]
    skipped: tuple[tuple[str, str], ...] = field(default=())

    def to_json(self) -> bytes:
        """Write it down, the same bytes for the same index."""
        rows = [[one.key, *one.picture, *one.label, one.kind] for one in self.entries]
        values = {
            "version": _VERSION,
            "bytes": self.size,
            "samples": rows,
            "skipped": [list(one) for one in self.skipped],
        }
        return json.dumps(values, separators=(",", ":"), ensure_ascii=True).encode()

    @staticmethod
    def from_json(data: bytes, size: int) -> Index | None:
        """Read what `to_json` wrote; None when it is broken, or for a shard of another size."""
        try:
            values = json.loads(data)
            if values["version"] != _VERSION or values["bytes"] != size:
                return None
            entries = tuple(_entry(row, size) for row in values["samples"])
            return Index(size, entries, tuple((str(name), str(why)) for name, why in values["skipped"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            return None


def index_of(shard: Path) -> Index:
    """Find or make the index of a shard.

    Args:
        shard: The archive.

    Returns:
        Its index.

    Raises:
        BadData: If it cannot be read, or is no whole archive.

    Source: ours.
    """
    try:
        about = shard.stat()
        name = f"{shard.absolute()}\n{about.st_size} {about.st_mtime_ns}".encode("utf-8", "surrogateescape")
        cached = cache_folder() / "shards" / f"{hashlib.sha256(name).hexdigest()}{SUFFIX}"
        for place in (shard.with_name(shard.name + SUFFIX), cached):
            found = _read(place, about.st_size)
            if found is not None:
                return found
        with shard.open("rb") as file:
            made = _made(members(file, about.st_size), about.st_size)
    except OSError as error:
        raise BadData(
            f"got {printable(str(shard))}, which cannot be read ({(error.strerror or str(error)).lower()}); taken are "
            "archives that you may read; check the path and its rights"
        ) from error
    except BadData as error:
        raise BadData(f"{printable(str(shard))}: {error}") from error
    with contextlib.suppress(OSError):  # a cache that cannot be written is no reason to stop
        cached.parent.mkdir(parents=True, exist_ok=True)
        part = cached.with_name(f".{cached.name}.{os.getpid()}.tmp")
        part.write_bytes(made.to_json())
        part.replace(cached)
    return made


def _read(place: Path, size: int) -> Index | None:
    try:
        if place.stat().st_size > _MOST_INDEX:
            return None
        return Index.from_json(place.read_bytes(), size)
    except OSError:
        return None


def _entry(row: Any, size: int) -> Entry:
    key, picture, length, label, label_length, kind = row
    entry = Entry(str(key), (int(picture), int(length)), (int(label), int(label_length)), str(kind))
    for start, count in (entry.picture, entry.label):
        if start < 0 or count < 0 or start + count > size:
            raise ValueError("a place beyond the shard")
    if kind not in (*_LABELS, ""):
        raise ValueError("a label of an unknown kind")
    return entry


def _made(found: Iterable[Member], size: int) -> Index:
    entries: list[Entry] = []
    skipped: list[tuple[str, str]] = []
    for _, files in itertools.groupby(_usable(found, skipped), key=lambda member: _split(member.name)[0]):
        entry = _sample({_split(member.name)[1]: member for member in files}, skipped)
        if entry is not None:
            entries.append(entry)
    return Index(size, tuple(entries), tuple(skipped))


def _usable(found: Iterable[Member], skipped: list[tuple[str, str]]) -> Iterator[Member]:
    for member in found:
        if member.problem:
            skipped.append((member.name, member.problem))
        elif not member.name.rpartition("/")[2].startswith("."):
            yield member


def _sample(files: Mapping[str, Member], skipped: list[tuple[str, str]]) -> Entry | None:
    """Put the files of one name together; None where there is no picture among them."""
    pictures = [end for end in files if f".{end.rpartition('.')[2]}" in IMAGE_SUFFIXES]
    if not pictures:
        first = next(iter(files.values()))
        if not _is_about_all(first.name):
            skipped.append((first.name, "no picture of that name; taken are samples with a picture"))
        return None
    picture = files[pictures[0]]
    kind = next((kind for kind in _LABELS if kind in files), "")
    label = (files[kind].start, files[kind].size) if kind else (0, 0)
    return Entry(picture.name, (picture.start, picture.size), label, kind)


def _is_about_all(name: str) -> bool:
    return name.rpartition("/")[2].lower() in ("license", "license.txt", "readme.md", "readme.txt", "source.txt")


def _split(name: str) -> tuple[str, str]:
    """A member's name up to the first dot of its last part, and what comes after that."""
    folder, slash, last = name.rpartition("/")
    stem, _, end = last.partition(".")
    return folder + slash + stem, end.lower()
