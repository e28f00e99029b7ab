"""A long list in a JSON file, one item at a time: the whole of it would take many times its size in memory.

Source: RFC 8259.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from saccade.errors import BadData, printable

_PART, _MOST_ITEM = 1 << 20, 1 << 28
_DECODER = json.JSONDecoder()


def json_items(path: Path) -> Iterator[Any]:
    """Read the items of the list that a file is.

    Args:
        path: A JSON file in UTF-8 whose outermost value is a list.

    Yields:
        Its items, in order.

    Raises:
        BadData: If it cannot be read, is no list, is cut short, or has an item of more than 256 million characters.

    Source: ours.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from _items(file)
    except OSError as error:
        raise BadData(
            f"got {printable(str(path))}, which cannot be read ({error.strerror}); taken are readable files; check it"
        ) from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadData):
            raise
        raise BadData(
            f"got {printable(str(path))}, which is no list in JSON ({printable(str(error))[:120]}); taken are whole "
            "files; fetch it again"
        ) from error


def _items(file: TextIO) -> Iterator[Any]:
    text = file.read(_PART)
    at, more = _after_space(text, 0), _PART
    if text[at : at + 1] != "[":
        raise ValueError("it does not begin with [")
    at += 1
    while True:
        at = _after_space(text, at)
        if text[at : at + 1] == "]":
            return
        found = _item(text, at)
        if found:
            item, at = found
            more = _PART
            yield item
            continue
        part = file.read(more)
        if not part or len(text) - at > _MOST_ITEM:
            raise ValueError("an item is broken, or the file ends within it")
        text, at, more = text[at:] + part, 0, 2 * more


def _item(text: str, at: int) -> tuple[Any, int] | None:
    """An item and where the next begins; None where the text does not hold all of it."""
    try:
        item, end = _DECODER.raw_decode(text, at)
    except ValueError:
        return None
    end = _after_space(text, end)
    return (item, end + (text[end] == ",")) if text[end : end + 1] in (",", "]") else None


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
