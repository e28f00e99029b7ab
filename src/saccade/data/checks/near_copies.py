"""Pictures that look the same: scaled, compressed again, made lighter, cut by a hair, or the next frame of a video."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from saccade.data.checking.check import Check, Gathered
from saccade.data.checking.near_pairs import near_pairs
from saccade.data.checking.perceptual import likeness
from saccade.errors import printable
from saccade.types.finding import Finding

__all__ = ["near_copies"]

CARDS: dict[str, dict[str, Any]] = {"near_copies": {"codes": ["near-duplicate", "near-leak", "image-blank"]}}
LIKENESS = 0.97  # measured; see docs/checking.md
_SMALLEST, _FLATTEST = 32, 2.0


def near_copies() -> Check:
    """Find pictures that look the same, by a perceptual hash, confirmed by a thumbnail.

    Pictures below 32 pixels are left alone: so few pixels look alike without being copies.

    Source: ours.
    """
    return Check(judge=_judge, rank=2)


def _judge(gathered: Gathered) -> Iterator[Finding]:
    yield from _blank(gathered)
    for row, (first, alike) in sorted(near_rows(gathered).items()):
        split, key = gathered.name(first)
        leaks = gathered.places[row][0] != split
        told = f"got a picture that looks like {printable(key)}" + (f" in {split}" if leaks else "")
        code = "near-leak" if leaks else "near-duplicate"
        message = f"{told} ({100 * alike:.1f} % alike)"
        yield gathered.finding(row, code, message, others=((split, key),), severity="warning")


def near_rows(gathered: Gathered) -> dict[int, tuple[int, float]]:
    """Give for each picture that looks like another one, that one and how alike they are.

    Args:
        gathered: What was kept of the pictures; exact copies are left out.

    Returns:
        Row: (other row, likeness from 0.97 to 1). The other row comes first in the order test, val, train, where they
        are in different splits, and else in the order of the rows.

    Source: ours.
    """
    chosen = _comparable(gathered)
    if not len(chosen):
        return {}
    values, which = np.unique(gathered.hashes[chosen], return_inverse=True)
    leaders = np.full(len(values), len(gathered), np.int64)
    np.minimum.at(leaders, which.ravel(), chosen)
    equal = np.stack([leaders[which.ravel()], chosen], 1)
    pairs = np.concatenate([equal[equal[:, 0] != equal[:, 1]], leaders[near_pairs(values)].reshape(-1, 2)])
    alike = _alike(gathered, pairs)
    found: dict[int, tuple[int, float]] = {}
    for (a, b), degree in zip(pairs[alike >= LIKENESS].tolist(), alike[alike >= LIKENESS].tolist(), strict=True):
        row, first = (a, b) if _rank(gathered, a) > _rank(gathered, b) else (b, a)
        if degree > found.get(row, (0, -1.0))[1]:
            found[row] = (first, degree)
    return found


def _rank(gathered: Gathered, row: int) -> tuple[int, int]:
    return {"test": 0, "val": 1}.get(gathered.places[row][0], 2), row


def _comparable(gathered: Gathered) -> np.ndarray:
    """Rows of pictures that are large enough, of more than one shade, and no exact copies."""
    spread = gathered.thumbnails.reshape(len(gathered), -1).std(1)
    chosen = (gathered.sizes[:, :2].min(1) >= _SMALLEST) & (spread > _FLATTEST)
    chosen[list(gathered.copies)] = False
    return np.flatnonzero(chosen)


def _alike(gathered: Gathered, pairs: np.ndarray) -> np.ndarray:
    parts = [pairs[start : start + 65536] for start in range(0, len(pairs), 65536)]
    alike = [likeness(gathered.thumbnails[part[:, 0]], gathered.thumbnails[part[:, 1]]) for part in parts]
    return np.concatenate([np.zeros(0, np.float32), *alike])


def _blank(gathered: Gathered) -> Iterator[Finding]:
    """Name pictures of one shade, if they are large enough for that to be strange."""
    spread = np.ptp(gathered.thumbnails.reshape(len(gathered), -1), axis=1) if len(gathered) else np.zeros(0)
    blank = (spread == 0) & (gathered.sizes[:, :2].min(1) >= _SMALLEST)
    for row in np.flatnonzero(blank).tolist():
        shade = int(gathered.thumbnails[row].flat[0])
        yield gathered.finding(row, "image-blank", f"got a picture of one shade, {shade} of 255", severity="warning")
