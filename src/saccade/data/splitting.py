"""Cutting a data set into train, val and test: stratified, seeded, the same wherever the files lie.

Which images go where depends on the seed and on the name of each image alone, so neither the order in which a disk
lists its files nor a few new images reshuffle a split.

Source: ours.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from saccade.data.randomness import ranks
from saccade.errors import BadConfig, BadData
from saccade.types.sample import Source, class_lists

SPLITS = ("train", "val", "test")


@runtime_checkable
class Divisible(Source, Protocol):
    """A source of which a part is a source again."""

    def pick(self, rows: Sequence[int]) -> Divisible:
        """Keep some samples, in the order given."""
        ...


@dataclass(frozen=True)
class Splitting:
    """How to cut a data set that does not say so itself.

    Args:
        seed: Another seed makes another cut.
        shares: Of train, val and test; they add up to 1, and a share of 0 leaves that split out.

    Raises:
        BadConfig: If the shares are not three numbers from 0 to 1 that add up to 1.

    Source: ours.

    Example:
        >>> Splitting(shares=(0.5, 0.25, 0.25)).seed
        0
    """

    seed: int = 0
    shares: tuple[float, float, float] = (0.8, 0.1, 0.1)

    def __post_init__(self) -> None:
        if len(self.shares) != 3 or not min(self.shares) >= 0 or not abs(sum(self.shares) - 1) < 1e-6:
            raise BadConfig(
                f"got shares={tuple(self.shares)}; taken are three numbers ≥ 0 that add up to 1, for train, val and "
                "test; try (0.8, 0.1, 0.1)"
            )


def complete(given: Mapping[str, Divisible], splitting: Splitting) -> dict[str, Divisible]:
    """Make the splits that a data set does not bring itself.

    * Nothing but "train": it is cut into train, val and test by the shares.
    * "train" and "test": val is cut from train, by its own share of it; left out where no class has two images.
    * "val" is there: everything is kept as it is (without "test", judging falls back to "val").

    Args:
        given: The splits that are there; an empty one counts as not there.
        splitting: The seed and the shares.

    Returns:
        Sources by name, none of them empty.

    Raises:
        BadData: If there is nothing to learn from, or no class has the two images that a cut needs.

    Source: ours.
    """
    there = {split: given[split] for split in SPLITS if split in given and len(given[split])}
    if "train" not in there:
        raise BadData(
            f"got no training images (splits: {', '.join(there) or 'none'}); taken are data sets with some; add them, "
            "or give what is to be judged as a folder or array of its own"
        )
    if set(there) == {"train"}:
        parts = divide(there["train"], splitting.shares, splitting.seed)
        return {split: part for split, part in zip(SPLITS, parts, strict=True) if len(part)}
    share = splitting.shares[1]
    if "val" not in there and share and max(_sizes(there["train"])) > 1:
        train, val, _ = divide(there["train"], (1 - share, share, 0.0), splitting.seed)
        return {"train": train, "val": val, "test": there["test"]}
    return there


def divide(source: Divisible, shares: tuple[float, float, float], seed: int) -> list[Divisible]:
    """Cut a source in three, each class by the same shares.

    Every class keeps a training image, unless the first share is 0. Counts follow the shares to within one image for
    each class and about one in all; a share above 0 gets one image at least.

    Args:
        source: What to cut.
        shares: Of the three parts.
        seed: Another seed makes another cut.

    Returns:
        Three sources, each in the order of the whole.

    Raises:
        BadData: If a part that should have images gets none, since no class can spare one.

    Source: ours; several labels: each image counts under the rarest of its labels, after Sechidis et al., 2011.
    """
    classes = class_lists(source)
    _, which, sizes = np.unique(_strata(classes), return_inverse=True, return_counts=True)
    hashes = ranks((source.key(row) for row in range(len(source))), seed)
    part_of = np.zeros(len(source), np.int8)
    members = np.split(np.lexsort((hashes, which)), np.cumsum(sizes)[:-1])
    for rows, (_, val, test) in zip(members, _counts(sizes.tolist(), shares), strict=True):
        part_of[rows[:val]] = 1
        part_of[rows[val : val + test]] = 2
    if shares[0]:
        _keep_every_label(part_of, classes)
    return [source.pick(np.flatnonzero(part_of == part).tolist()) for part in range(3)]


def _strata(classes: Sequence[tuple[int, ...]]) -> np.ndarray:
    """One whole number for each picture: its class, or the rarest of its classes (−1 for none of them)."""
    frequency = Counter(label for several in classes for label in several)
    rarest = [min(several, key=lambda label: (frequency[label], label), default=-1) for several in classes]
    return np.asarray(rarest, dtype=np.int64)


def _sizes(source: Source) -> list[int]:
    return np.unique(_strata(class_lists(source)), return_counts=True)[1].tolist()


def _counts(sizes: Sequence[int], shares: tuple[float, float, float]) -> list[list[int]]:
    """How many of each stratum go where: a fraction that one class cannot give is carried over to the next."""
    counts, before = [], 0
    for size in sizes:
        val, test = (
            math.floor((before + size) * share + phase) - math.floor(before * share + phase)
            for share, phase in zip(shares[1:], (0.5, 0.25), strict=True)
        )
        spare = size - 1 if shares[0] else size
        val = min(val, spare)
        test = min(test, spare - val) if shares[0] else spare - val
        counts.append([size - val - test, val, test])
        before += size
    _fill(counts, shares)
    return counts


def _fill(counts: list[list[int]], shares: tuple[float, float, float]) -> None:
    """Give every part with a share one image at least, from the stratum that can best spare it."""
    for part, share in enumerate(shares):
        if share and not sum(row[part] for row in counts):
            donor = max(range(3), key=lambda other: sum(row[other] for row in counts))
            row = max(counts, key=lambda row: row[donor])
            if row[donor] < 2:
                raise BadData(
                    f"got {sum(map(sum, counts))} images of {len(counts)} classes, too few to hold some out and keep "
                    "one of each class to learn from; taken are two or three of a class at least; add images, or give "
                    "folders train, val and test, or set shares=(1, 0, 0)"
                )
            row[donor] -= 1
            row[part] += 1


def _keep_every_label(part_of: np.ndarray, classes: Sequence[tuple[int, ...]]) -> None:
    """Move a picture back to train for each class that has none there (it can happen when pictures have several)."""
    learnt = {label for part, several in zip(part_of, classes, strict=True) if part == 0 for label in several}
    for row, several in enumerate(classes):
        if not learnt.issuperset(several):
            part_of[row] = 0
            learnt.update(several)
