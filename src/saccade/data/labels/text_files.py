"""Small text files of strangers: lines, tables and numbers, within bounds and whatever their encoding.

UTF-8 with or without a byte-order mark, UTF-16 with one, otherwise Latin-1; lines end as on any system.

Source: ours.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from pathlib import Path

from saccade.errors import BadData, BadLabel, printable

MOST_BYTES = 1 << 30
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """Read a whole file that is not too large.

    Args:
        path: The file.
        most: Refuse more bytes than that.

    Returns:
        Its content.

    Raises:
        BadData: If it cannot be read, or is larger.

    Source: ours.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadData(
            f"got {printable(str(path))}, which cannot be read ({printable(reason)}); taken are readable files; check "
            "the path and its rights"
        ) from error
    if len(content) > most:
        raise BadData(
            f"got {printable(str(path))} of more than {most:,} bytes; taken are smaller ones; cut it in parts"
        )
    return content


def read_lines(path: Path, most: int = MOST_BYTES) -> list[str]:
    """Read a text file line by line.

    Args:
        path: The file.
        most: Refuse more bytes than that.

    Returns:
        Its lines without their ends; the last is not counted where it is empty.

    Raises:
        BadData: If it cannot be read, or is larger.

    Source: ours.
    """
    lines = decoded(read_bytes(path, most)).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if not lines[-1] else lines


def decoded(content: bytes) -> str:
    """Read bytes as text, whatever the encoding; never fails.

    Args:
        content: Of a text file.

    Returns:
        The text, without a byte-order mark.

    Source: ours.

    Example:
        >>> decoded("Bär".encode("latin-1")), decoded("Bär".encode("utf-8-sig"))
        ('Bär', 'Bär')
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def read_table(file: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Read a CSV whose separator is one of , ; and tab.

    Args:
        file: Its path.

    Returns:
        The cells of the first line, and of each other line its number and its cells, as many as in the first.

    Raises:
        BadData: If it is no table, or has fewer than two lines.
        BadLabel: If a line has more or fewer cells than the first.

    Source: RFC 4180, read leniently.
    """
    text = decoded(read_bytes(file))
    first = text.split("\n", 1)[0]
    try:
        reader = csv.reader(
            io.StringIO(text, newline=""), delimiter=max(",\t;", key=first.count), skipinitialspace=True
        )
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise BadData(
            f"got {printable(str(file))}, which is no table ({error}); taken is a CSV; save it again"
        ) from error
    if len(lines) < 2:
        raise BadData(f"got {printable(str(file))} with {len(lines)} lines; taken are a header and rows; add some")
    header = [cell.strip() for cell in lines[0][1]]
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            raise BadLabel(
                f"got {printable(file.name)}:{line} with {len(cells)} cells; taken are {len(header)} as in the header; "
                'mend the line, with "quotes" around a cell that holds a separator'
            )
    return header, lines[1:]


def number_of(text: str) -> float:
    """Read a number as files write it: digits, a point, an exponent.

    Args:
        text: One word.

    Returns:
        The number; NaN where it is none, is too large, or is written as "nan" or "inf".

    Source: ours.

    Example:
        >>> number_of("-1.5e2"), number_of("1_000"), number_of("inf")
        (-150.0, nan, nan)
    """
    found = float(text) if _NUMBER.fullmatch(text) else math.nan
    return found if math.isfinite(found) else math.nan
