"""Parts of a long list of pictures: each gives one file of results, which is there whole or not at all.

Source: ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.types.bad_file import BadFile
from saccade.weights.files import write_whole

PATTERN = "part-*.jsonl"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Part:
    """Pictures that follow each other in the list.

    Args:
        number: Its place among the parts, from 0.
        keys: The names of the pictures, in order.
        job: What tells its job from any other.

    Source: ours.

    Example:
        >>> Part(3, ("a.jpg", "b.jpg"), "f00d").file
        'part-00000003-769d6256b5b1.jsonl'
    """

    number: int
    keys: tuple[str, ...]
    job: str

    @property
    def file(self) -> str:
        """The name of its file, which follows from its place, its pictures and its job."""
        return f"part-{self.number:08}-{hash_of((self.job, *self.keys))[:12]}.jsonl"


def parts_of(keys: Sequence[str], size: int, job: str) -> list[Part]:
    """Cut a list of pictures into parts.

    Args:
        keys: The names of the pictures.
        size: Pictures in a part; the last one takes what is left.
        job: What tells the job from any other.

    Returns:
        The parts, in order.

    Source: ours.

    Example:
        >>> [part.keys for part in parts_of(["a", "b", "c"], 2, "f00d")]
        [('a', 'b'), ('c',)]
    """
    starts = range(0, len(keys), size)
    return [Part(number, tuple(keys[start : start + size]), job) for number, start in enumerate(starts)]


def hash_of(words: Sequence[str]) -> str:
    """Hash a list of words; a list that differs anywhere, in order too, has another hash.

    Args:
        words: Such as names of files, of whatever bytes.

    Returns:
        64 hexadecimal digits.

    Source: ours.

    Example:
        >>> hash_of(["a", "b"]) == hash_of(["ab"])
        False
    """
    digest = hashlib.sha256()
    for word in words:
        told = word.encode("utf-8", "surrogatepass")
        digest.update(len(told).to_bytes(8, "little") + told)
    return digest.hexdigest()


def write_part(folder: Path, part: Part, rows: Sequence[dict[str, Any]]) -> None:
    """Write the results of a part, a JSON object a line, in ASCII.

    Args:
        folder: Where the results go.
        part: Whose they are.
        rows: One for each picture, in order.

    Raises:
        StorageFull: If the disk is full; no part of the file is left.

    Source: ours.
    """
    text = "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows)
    write_whole(folder / part.file, lambda file: file.write(text.encode("ascii")))


def is_whole(folder: Path, part: Part) -> bool:
    """Tell whether the results of a part are there, with a line for each picture.

    Args:
        folder: Where results go.
        part: Which one.

    Returns:
        Whether they are; a file that somebody has cut counts as none.

    Source: ours.
    """
    lines, last = 0, b""
    try:
        with (folder / part.file).open("rb") as file:
            while chunk := file.read(_CHUNK):
                lines, last = lines + chunk.count(b"\n"), chunk[-1:]
    except OSError:
        return False
    return lines == len(part.keys) and last == b"\n"


def bad_in(path: Path) -> Iterator[BadFile]:
    """Find the pictures of a part that could not be read.

    Args:
        path: A file of results.

    Returns:
        Each of them, in order.

    Source: ours.
    """
    with path.open("rb") as file:
        for line in file:
            row = json.loads(line) if b'"error"' in line else {}
            if "error" in row:
                yield BadFile(row["key"], row["error"])
