"""What a film or a camera is called, and how films begin; light, so that words can be sorted before anything is loaded.

Source: ours; the first bytes are those of the formats' own documents.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePath

FILM_SUFFIXES = frozenset(
    (".mp4", ".m4v", ".mov", ".3gp", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".m2ts", ".wmv", ".flv", ".ogv")
)
ENOUGH = 200  # bytes, to tell a film

_CAMERA = re.compile(r"camera:(\d{1,4})")
_STARTS = (b"\x1aE\xdf\xa3", b"\0\0\1\xba", b"\0\0\1\xb3", b"FLV\1", b"OggS", b"0&\xb2u\x8ef\xcf\x11")
_ATOMS = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide")
_PACKET, _SYNC = 188, 0x47


def is_film_name(name: str | PurePath) -> bool:
    """Tell by its name whether a file may be a film; what it is, only its bytes say.

    Args:
        name: A file's name or path.

    Returns:
        Whether its suffix, in any case, is one of `FILM_SUFFIXES`.

    Source: ours.

    Example:
        >>> is_film_name("holiday.MP4"), is_film_name("holiday.jpg")
        (True, False)
    """
    return PurePath(name).suffix.lower() in FILM_SUFFIXES


def is_film_start(start: bytes) -> bool:
    r"""Tell by its first bytes whether a file is a film: MP4, QuickTime, AVI, Matroska, WebM, MPEG, WMV, FLV or Ogg.

    Args:
        start: At least `ENOUGH` bytes, unless the file is shorter.

    Returns:
        Whether it is.

    Source: the formats' own documents.

    Example:
        >>> is_film_start(b"\0\0\0\x1cftypisom"), is_film_start(b"#EXTM3U\nhttp://elsewhere")
        (True, False)
    """
    if start.startswith(_STARTS) or start[4:8] in _ATOMS or (start[:4] == b"RIFF" and start[8:12] == b"AVI "):
        return True
    return any(
        len(start) > at + _PACKET and start[at] == start[at + _PACKET] == _SYNC
        for at in (0, 4)  # on discs each packet has a time in front
    )


def camera_number(word: str) -> int | None:
    """Read the number of a camera from a word.

    Args:
        word: Such as "camera:0".

    Returns:
        The number; None for any other word, and where a file has that name.

    Source: ours.

    Example:
        >>> camera_number("camera:0"), camera_number("camera.mp4")
        (0, None)
    """
    found = _CAMERA.fullmatch(word)
    return int(found[1]) if found and not os.path.lexists(word) else None


def is_watched(word: str) -> bool:
    """Tell a film or a camera from what holds pictures.

    Args:
        word: As it was typed.

    Returns:
        Whether it is a camera such as camera:0, or has the name of a film and is no folder.

    Source: ours.

    Example:
        >>> is_watched("a.mp4"), is_watched("camera:1"), is_watched("a.jpg")
        (True, True, False)
    """
    return camera_number(word) is not None or (is_film_name(word) and not Path(word).is_dir())
