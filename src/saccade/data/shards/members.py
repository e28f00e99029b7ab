"""The members of a tar archive: their names, and where their bytes begin. Nothing is ever unpacked.

Headers are read by saccade's own code, with bounds; links, devices and names that lead outside are told, not followed.

Source: IEEE Std 1003.1 (POSIX), pax interchange format; GNU tar's long names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase

from saccade.errors import BadData

BLOCK = 512
MOST_MEMBER = 1 << 30
_MOST_NAME, _MOST_DIGITS = 1 << 16, 18
_REGULAR, _PAX, _LONG_NAME, _NO_MEMBER = (b"0", b"\0", b"7"), b"x", b"L", (b"g", b"K", b"V")
_KINDS = {b"1": "a link", b"2": "a link", b"3": "a device", b"4": "a device", b"5": "a folder", b"6": "a pipe"}
_RECORD = re.compile(rb"(\d{1,9}) ([^=]{1,64})=")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive.

    Args:
        name: As it is written there.
        start: Where its bytes begin in the archive.
        size: How many they are.
        problem: Why it is not to be read; "" when nothing speaks against it.

    Source: ours.
    """

    name: str
    start: int
    size: int
    problem: str = ""


def members(file: BufferedIOBase, length: int) -> Iterator[Member]:
    """Read the headers of an archive, from one to the next.

    Args:
        file: The archive, opened for reading in binary; its position is moved about.
        length: Its bytes.

    Yields:
        Its members, in their order, but for folders.

    Raises:
        BadData: If it is no archive, is cut short, or its headers are wrong.

    Source: POSIX, pax interchange format.
    """
    position, long_name, told = 0, "", dict[bytes, bytes]()
    while position + BLOCK <= length:
        file.seek(position)
        head = file.read(BLOCK)
        if not head.strip(b"\0"):
            return
        size = _checked(head, position)
        kind, start = head[156:157], position + BLOCK
        if kind in (_PAX, _LONG_NAME):
            body = _short_body(file, size, start)
            if kind == _PAX:
                told = _records(body, start)
            else:
                long_name = body.split(b"\0", 1)[0].decode("utf-8", "replace")
        elif kind not in _NO_MEMBER:
            size = int(told.get(b"size", size))
            name = told[b"path"].decode("utf-8", "replace") if b"path" in told else long_name or _name(head)
            if start + size > length:
                raise BadData(f"got an archive that ends within {name[:100]!r}; taken are whole ones; copy it again")
            if kind != b"5":
                yield Member(name, start, size, _problem(name, kind, size))
            long_name, told = "", {}
        position = start + -(-size // BLOCK) * BLOCK


def _problem(name: str, kind: bytes, size: int) -> str:
    if kind not in _REGULAR:
        return f"{_KINDS.get(kind, 'of an unknown kind')}; taken are plain files"
    if size > MOST_MEMBER:
        return f"{size:,} bytes; taken are at most {MOST_MEMBER:,}"
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or "\0" in name or ":" in parts[0]:
        return "a name that leads outside; taken are names below the archive"
    return ""


def _checked(head: bytes, position: int) -> int:
    """The size that a header says, if its sum is right."""
    told, given = _number(head[148:156]), sum(head[:148]) + 8 * 32 + sum(head[156:])
    size = _number(head[124:136])
    if told != given or size < 0:
        raise BadData(f"got a wrong header at byte {position:,}; taken are tar archives that are whole; copy it again")
    return size


def _number(field: bytes) -> int:
    """Octal digits, or, of more than those can say, the bytes of a number; −1 where it is neither."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    try:
        return int(digits or b"0", 8)
    except ValueError:
        return -1


def _name(head: bytes) -> str:
    name = head[:100].split(b"\0", 1)[0]
    prefix = head[345:500].split(b"\0", 1)[0] if head[257:263] == b"ustar\0" else b""
    return (prefix + b"/" + name if prefix else name).decode("utf-8", "replace")


def _short_body(file: BufferedIOBase, size: int, position: int) -> bytes:
    if size > _MOST_NAME:
        raise BadData(f"got a name of {size:,} bytes at byte {position:,}; taken are at most {_MOST_NAME:,}; repack it")
    return file.read(size)


def _records(body: bytes, position: int) -> dict[bytes, bytes]:
    """The records of an extended header: each says its own length first."""
    found, at = dict[bytes, bytes](), 0
    while at < len(body):
        record = _RECORD.match(body, at)
        end = at + int(record[1]) if record else 0
        if not record or not record.end() < end <= len(body):
            raise BadData(f"got a wrong extended header at byte {position:,}; taken are whole archives; repack it")
        found[record[2]] = body[record.end() : end - 1]
        at = end
    told = found.get(b"size", b"0")
    if not told.isdigit() or len(told) > _MOST_DIGITS:
        raise BadData(f"got a wrong size in the extended header at byte {position:,}; taken are numbers; repack it")
    return found
