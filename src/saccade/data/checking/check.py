"""What a check is: a value with two functions. Each file in `checks` makes one for the name in its `__all__`.

Each picture is decoded once, in one of several processes. `look` sees it there and gives what is wrong with it alone;
what must be compared between pictures is kept as a few numbers of each (`Trace`), and `judge` sees those of all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, Shaped, UInt8, UInt64

from saccade.data.decoders import jpeg as reading_jpeg
from saccade.data.decoders.kinds import kind_of
from saccade.data.files import Files
from saccade.errors import BadImage
from saccade.types.finding import Finding, Severity
from saccade.types.sample import DataSet, Sample, Source, class_lists

Box = tuple[float, float, float, float]
_MOST_BYTES = 1 << 28


@dataclass(frozen=True)
class Sighting(Finding):
    """A finding that one can point at: it knows its split, the pictures it is like, and where in the picture it is.

    Args:
        split: Of the sample it is about.
        others: (split, key) of the pictures that it is about beside its own.
        boxes: What to draw around, as (x1, y1, x2, y2) in pixels.

    Source: ours.

    Example:
        >>> Sighting("image-twice", "got the same file as a.jpg", key="b.jpg", others=(("train", "a.jpg"),)).severity
        'error'
    """

    split: str = ""
    others: tuple[tuple[str, str], ...] = ()
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, eq=False)
class Look:
    """One picture as the checks see it, decoded.

    Args:
        split: Which split it is in.
        source: Of that split.
        index: Its number there.
        image: Its pixels; None where it cannot be read.
        target: What is known of it; None where that cannot be read.
        problem: Why picture or label cannot be read: a code and a reason; empty where both can.
        warned: What there was to know when it was read.

    Source: ours.
    """

    split: str
    source: Source
    index: int
    image: Shaped[np.ndarray, "height width channels"] | None
    target: Any = None
    problem: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its name."""
        return self.source.key(self.index)

    @property
    def file(self) -> Path | None:
        """The file that it lies in; None where it lies in none."""
        return file_of(self.source, self.index)

    @property
    def label(self) -> Any:
        """The target as a source of files holds it, before it was placed on the picture; None for other sources."""
        return self.source.targets[self.index] if isinstance(self.source, Files) else None

    @cached_property
    def orientation(self) -> int:
        """How a JPEG says that it is to be turned, 1 to 8 as EXIF counts; 1 is upright."""
        file = self.file
        if file is None:
            return 1
        try:
            with file.open("rb") as stream:
                content = stream.read(_MOST_BYTES)
            return reading_jpeg.read_header(content).orientation if kind_of(content) == "JPEG" else 1
        except (OSError, BadImage):
            return 1

    def finding(
        self, code: str, message: str, *, severity: Severity = "error", boxes: tuple[Box, ...] = ()
    ) -> Sighting:
        """Make a finding about this picture.

        Args:
            code: What kind of thing.
            message: What it is, lower case.
            severity: "error", "warning" or "note".
            boxes: What to draw around.

        Returns:
            The finding.
        """
        return Sighting(code, message, key=self.key, severity=severity, split=self.split, boxes=boxes)


@dataclass(frozen=True, eq=False)
class Gathered:
    """What was kept of every picture of a data set, in rows: split after split, in the order of each.

    Args:
        dataset: The data set.
        sizes: Height, width and channels of each picture; 0 where it cannot be read.
        digests: The first 128 bits of the sha256 of the size of each picture and of its luma at 32 × 32: who agrees in
            them may be a copy, and is compared in full; 0 where it cannot be read.
        hashes: The perceptual hash of each picture (see `perceptual_hashes`).
        thumbnails: The luma of each picture, 16 × 16.

    Source: ours.
    """

    dataset: DataSet
    sizes: Int[np.ndarray, "pictures 3"]
    digests: UInt64[np.ndarray, "pictures 2"]
    hashes: UInt64[np.ndarray, " pictures"]
    thumbnails: UInt8[np.ndarray, "pictures 16 16"]

    def __len__(self) -> int:
        """Count the pictures."""
        return len(self.hashes)

    @property
    def readable(self) -> Bool[np.ndarray, " pictures"]:
        """Which pictures can be read."""
        return self.sizes[:, 0] > 0

    @cached_property
    def places(self) -> list[tuple[str, int]]:
        """The split of each row, and its number there."""
        return [(split, index) for split, source in self.dataset.splits.items() for index in range(len(source))]

    @cached_property
    def classes(self) -> list[tuple[int, ...]]:
        """The classes of each row."""
        return [several for source in self.dataset.splits.values() for several in class_lists(source)]

    def name(self, row: int) -> tuple[str, str]:
        """Give split and key of a row."""
        split, index = self.places[row]
        return split, self.dataset.splits[split].key(index)

    def file(self, row: int) -> Path | None:
        """Give the file of a row; None where its picture lies in none."""
        split, index = self.places[row]
        return file_of(self.dataset.splits[split], index)

    def read(self, row: int) -> Sample:
        """Decode the picture of a row once more; raises BadImage when that no longer goes."""
        split, index = self.places[row]
        return self.dataset.splits[split].read(index)

    def finding(
        self,
        row: int,
        code: str,
        message: str,
        *,
        severity: Severity = "error",
        others: tuple[tuple[str, str], ...] = (),
    ) -> Sighting:
        """Make a finding about the picture of a row.

        Args:
            row: Which one.
            code: What kind of thing.
            message: What it is, lower case.
            severity: "error", "warning" or "note".
            others: (split, key) of the pictures that it is about, too.

        Returns:
            The finding.
        """
        split, key = self.name(row)
        return Sighting(code, message, key=key, severity=severity, split=split, others=others)

    @cached_property
    def copies(self) -> dict[int, int]:
        """For each row that is an exact copy of another one, that one; filled by the check of copies."""
        return {}


@dataclass(frozen=True)
class Check:
    """One thing that a data set is checked for.

    Args:
        look: Gives what is wrong with one picture alone; called in a worker process.
        judge: Gives what only shows when all pictures are seen together.
        rank: Checks with a smaller number judge first.

    Source: ours.
    """

    look: Callable[[Look], Iterable[Finding]] | None = None
    judge: Callable[[Gathered], Iterable[Finding]] | None = None
    rank: int = field(default=1)


def file_of(source: Any, index: int) -> Path | None:
    """Say in which file a sample lies.

    Args:
        source: Any source.
        index: Which of its samples.

    Returns:
        The file; None for a source that is not made of one file for each picture.

    Source: ours.

    Example:
        >>> file_of(Files("photos", ("a.jpg",), (0,)), 0).as_posix()
        'photos/a.jpg'
    """
    return Path(source.root, source.paths[index]) if isinstance(source, Files) else None
