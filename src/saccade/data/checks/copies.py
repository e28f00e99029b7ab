"""Pictures that are there twice: the same file, or another file with the same pixels."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt64

from saccade.data.checking.check import Check, Gathered
from saccade.errors import BadImage, BadLabel, printable
from saccade.types.finding import Finding

__all__ = ["copies"]

CARDS: dict[str, dict[str, Any]] = {"copies": {"codes": ["image-twice", "leak", "label-conflict"]}}


def copies() -> Check:
    """Find exact copies within a split and between splits, by sha256 of the files and of their pixels.

    Of several copies the first one in the order test, val, train and then of the names is the one that the others are
    copies of.

    Source: ours.
    """
    return Check(judge=_judge, rank=0)


def _judge(gathered: Gathered) -> Iterator[Finding]:
    for row, (first, same_file) in sorted(_found(gathered).items()):
        gathered.copies[row] = first
        split, key = gathered.name(first)
        told = f"got the {'same file' if same_file else 'same pixels'} as {printable(key)}"
        if gathered.places[row][0] != split:
            yield gathered.finding(row, "leak", f"{told} in {split}", others=((split, key),))
        else:
            yield gathered.finding(row, "image-twice", told, others=((split, key),), severity="warning")
        if gathered.dataset.task == "classification" and gathered.classes[row] != gathered.classes[first]:
            names = [_names(gathered, one) for one in (row, first)]
            message = f"got {names[0]}, and {names[1]} for the same picture {printable(key)}; taken is one label"
            yield gathered.finding(row, "label-conflict", message, others=((split, key),))


def _found(gathered: Gathered) -> dict[int, tuple[int, bool]]:
    """For each copy the row that it is a copy of, and whether the files are the same.

    Who agrees in size and in coarse look is compared in full: by the sha256 of the file, and where files differ by that
    of the pixels.
    """
    found: dict[int, tuple[int, bool]] = {}
    for rows in _groups(gathered.digests, _order(gathered)):
        by_file: dict[str, int] = {}
        by_pixels: dict[str, int] = {}
        for row in rows:
            content = file_digest(gathered.file(row))
            if content and content in by_file:
                found[row] = (by_file[content], True)
                continue
            pixels = _pixel_digest(gathered, row)
            if pixels in by_pixels:
                found[row] = (by_pixels[pixels], False)
            elif pixels:
                by_pixels[pixels] = row
            if content:
                by_file[content] = by_pixels.get(pixels, row)
    return found


def file_digest(file: Path | None) -> str:
    """Hash a file.

    Args:
        file: Which one; None for a picture that lies in none.

    Returns:
        The sha256 in hexadecimal; "" where there is no file to read.

    Source: FIPS 180-4.
    """
    if file is None:
        return ""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def _pixel_digest(gathered: Gathered, row: int) -> str:
    """Hash the pixels of a picture, decoded once more; "" when it is gone since it was looked at."""
    try:
        image = gathered.read(row).image
    except (BadImage, BadLabel):
        return ""
    content = hashlib.sha256(f"{image.shape}{image.dtype}".encode())
    content.update(image.tobytes())
    return content.hexdigest()


def _order(gathered: Gathered) -> np.ndarray:
    rank = {"test": 0, "val": 1}
    return np.array(sorted(range(len(gathered)), key=lambda row: rank.get(gathered.places[row][0], 2)), np.int64)


def _groups(digests: UInt64[np.ndarray, "pictures 2"], order: np.ndarray) -> list[list[int]]:
    """The rows that share a digest, each group in the order given; rows without one are in no group."""
    chosen = digests[order]
    _, which, counts = np.unique(chosen, axis=0, return_inverse=True, return_counts=True)
    groups: dict[int, list[int]] = defaultdict(list)
    for place in np.flatnonzero((counts[which.ravel()] > 1) & chosen.any(1)).tolist():
        groups[int(which.ravel()[place])].append(int(order[place]))
    return list(groups.values())


def _names(gathered: Gathered, row: int) -> str:
    return ", ".join(printable(gathered.dataset.labels[one]) for one in gathered.classes[row]) or "no label"
