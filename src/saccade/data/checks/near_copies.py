"""Pictures that look the same: scaled, compressed again, lighter, cut by a hair, mirrored, turned by a quarter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from saccade.data.checking.check import Check, Gathered
from saccade.data.checking.near_pairs import near_matches, near_pairs
from saccade.data.checking.perceptual import likeness
from saccade.data.checking.turns import OPPOSITE, TURNS, turned, turned_hashes
from saccade.errors import printable
from saccade.types.finding import Finding

__all__ = ["near_copies"]

CARDS: dict[str, dict[str, Any]] = {"near_copies": {"codes": ["near-duplicate", "near-leak", "image-blank"]}}
LIKENESS = 0.97  # measured; see docs/checking.md
_SMALLEST, _FLATTEST, _AT_ONCE = 32, 2.0, 1 << 16


class _Near(NamedTuple):
    """Which row a picture looks like, how alike they are, and the number in `TURNS` of how it lies beside that one."""

    first: int
    alike: float
    turn: int


def near_copies() -> Check:
    """Find pictures that look the same, mirrored or turned ones too, by a perceptual hash, confirmed by a thumbnail.

    Pictures below 32 pixels are left alone: so few pixels look alike without being copies.

    Source: ours.
    """
    return Check(judge=_judge, rank=2)


def _judge(gathered: Gathered) -> Iterator[Finding]:
    yield from _blank(gathered)
    for row, near in sorted(_found(gathered).items()):
        split, key = gathered.name(near.first)
        leaks = gathered.places[row][0] != split
        lies = f" {TURNS[near.turn]}" if near.turn else ""
        told = f"got a picture that looks like {printable(key)}{lies}" + (f" in {split}" if leaks else "")
        code = "near-leak" if leaks else "near-duplicate"
        message = f"{told} ({100 * near.alike:.1f} % alike)"
        yield gathered.finding(row, code, message, others=((split, key),), severity="warning")


def near_rows(gathered: Gathered) -> dict[int, tuple[int, float]]:
    """Give for each picture that looks like another one, perhaps mirrored, that one and how alike they are.

    Args:
        gathered: What was kept of the pictures; exact copies are left out.

    Returns:
        Row: (other row, likeness from 0.97 to 1). The other row comes first in the order test, val, train, where they
        are in different splits, and else in the order of the rows. Of several, one in another split is given before
        one in the same, one that lies the same way before one that does not, and then the one most alike.

    Source: ours.
    """
    return {row: (near.first, near.alike) for row, near in _found(gathered).items()}


def _found(gathered: Gathered) -> dict[int, _Near]:
    rows, splits = _comparable(gathered)
    best = _Best(gathered.thumbnails[rows], splits)
    values, leaders = np.unique(gathered.hashes[rows], return_index=True)
    same = leaders[np.searchsorted(values, gathered.hashes[rows])]
    best.take(np.stack([same, np.arange(len(rows))], 1), 0)
    best.take(leaders[near_pairs(values)].reshape(-1, 2), 0)
    hashes = turned_hashes(best.thumbnails)
    values, leaders = np.unique(hashes[0], return_index=True)
    for pairs in near_matches(hashes[1:, leaders].ravel(), values):
        turns, ones = np.divmod(pairs[:, 0], max(len(leaders), 1))
        for turn in np.unique(turns).tolist():
            found = turns == turn
            best.take(np.stack([leaders[ones[found]], leaders[pairs[found, 1]]], 1), turn + 1)
    best.pass_on()
    return {
        int(rows[later]): _Near(int(rows[best.firsts[later]]), float(best.alike[later]), int(best.turns[later]))
        for later in np.flatnonzero(best.merits > 0).tolist()
    }


class _Best:
    """The best that was found for each of some pictures, which come in the order test, val, train."""

    def __init__(self, thumbnails: np.ndarray, splits: np.ndarray) -> None:
        self.thumbnails, self.splits = thumbnails, splits
        self.merits, self.alike = np.zeros((2, len(splits)))
        self.firsts, self.turns = np.zeros((2, len(splits)), np.int64)

    def take(self, pairs: np.ndarray, turn: int) -> None:
        """Look at pairs: the first of each, turned, may look like the second."""
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        for start in range(0, len(pairs), _AT_ONCE):
            one, other = pairs[start : start + _AT_ONCE].T
            alike = likeness(turned(self.thumbnails[one], turn), self.thumbnails[other])
            for ordered, lies in ((one < other, turn), (one > other, OPPOSITE[turn])):
                good = ordered & (alike >= LIKENESS)
                self._keep(np.minimum(one, other)[good], np.maximum(one, other)[good], alike[good], lies)

    def _keep(self, firsts: np.ndarray, laters: np.ndarray, alike: np.ndarray, turn: int) -> None:
        merits = 4.0 * (self.splits[firsts] != self.splits[laters]) + 2.0 * (turn == 0) + alike
        order = np.lexsort((-firsts, merits))  # the last one for a row stays
        order = order[merits[order] > self.merits[laters[order]]]
        self.merits[laters[order]], self.alike[laters[order]] = merits[order], alike[order]
        self.firsts[laters[order]], self.turns[laters[order]] = firsts[order], turn

    def pass_on(self) -> None:
        """Ask of a copy's copy in the same split, too, whether it looks like what the copy leaks from."""
        laters = np.flatnonzero((self.merits > 2) & (self.merits < 4))  # lying the same way, in the same split
        firsts = self.firsts[laters]
        for turn in range(len(TURNS)):
            leaks = (self.merits[firsts] > 4) & (self.turns[firsts] == turn)
            self.take(np.stack([self.firsts[firsts[leaks]], laters[leaks]], 1), turn)


def _comparable(gathered: Gathered) -> tuple[np.ndarray, np.ndarray]:
    """Rows of large pictures of several shades, without exact copies: test first, then val; and the split of each."""
    counts = {split: len(source) for split, source in gathered.dataset.splits.items()}
    splits = np.repeat(np.arange(len(counts)), list(counts.values()))
    ranks = np.array([{"test": 0, "val": 1}.get(split, 2) for split in counts], np.int64)
    spread = gathered.thumbnails.reshape(len(gathered), -1).std(1)
    chosen = (gathered.sizes[:, :2].min(1) >= _SMALLEST) & (spread > _FLATTEST)
    chosen[list(gathered.copies)] = False
    rows = np.flatnonzero(chosen)
    rows = rows[np.argsort(ranks[splits[rows]], kind="stable")]
    return rows, splits[rows]


def _blank(gathered: Gathered) -> Iterator[Finding]:
    """Name pictures of one shade, if they are large enough for that to be strange."""
    spread = np.ptp(gathered.thumbnails.reshape(len(gathered), -1), axis=1) if len(gathered) else np.zeros(0)
    blank = (spread == 0) & (gathered.sizes[:, :2].min(1) >= _SMALLEST)
    for row in np.flatnonzero(blank).tolist():
        shade = int(gathered.thumbnails[row].flat[0])
        yield gathered.finding(row, "image-blank", f"got a picture of one shade, {shade} of 255", severity="warning")
