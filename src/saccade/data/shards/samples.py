"""Pictures in tar archives, as a source: each is read where it lies, in any order, and nothing is ever unpacked."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64

from saccade.data.files import placed
from saccade.data.labels.annotation_json import from_dict, read_json
from saccade.data.reading import read_at_least, read_size
from saccade.errors import BadImage, BadLabel, printable
from saccade.types.annotations import Annotations
from saccade.types.sample import Placeable, Sample, classes_of

_EDGE = 64 * 1024
_MOST_LABEL = 1 << 28


@dataclass(frozen=True)
class Caption:
    """Sentences about a picture whose size is not known yet.

    Args:
        words: The sentences.

    Source: ours.
    """

    words: tuple[str, ...]

    @property
    def classes(self) -> tuple[int, ...]:
        """None."""
        return ()

    def placed(self, root: str, size: tuple[int, int]) -> Annotations:
        """Give the sentences as annotations of a picture of a size."""
        del root
        return Annotations(size, captions=self.words)

    def digest(self, root: str) -> str:
        """Hash the sentences."""
        del root
        return hashlib.sha256(repr(self.words).encode("utf-8", "surrogateescape")).hexdigest()


@dataclass(frozen=True, eq=False)
class Shards:
    """Pictures in tar archives in one folder.

    Args:
        root: The folder.
        names: Of the archives.
        keys: The name of each picture in its archive.
        places: For each picture the number of its archive, where it begins and its bytes; and where its label begins
            and its bytes.
        targets: What is known of each; None where its label is annotations, which are read when they are asked for.

    Source: ours.
    """

    root: str
    names: tuple[str, ...]
    keys: tuple[str, ...]
    places: Int64[np.ndarray, "samples 5"]
    targets: tuple[Any, ...]
    reduces = True

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.keys)

    def read(self, index: int, at_least: tuple[int, int] | None = None) -> Sample:
        """Decode one picture, or so much of it as is enough.

        Args:
            index: Which.
            at_least: (height, width) that is enough, as in `read_image`; None: in full.

        Returns:
            The sample.

        Raises:
            BadImage: If it is no picture, or its archive cannot be read.
            BadLabel: If its label means nothing.

        Source: ours.
        """
        try:
            image, size = read_at_least(self._bytes(index), at_least)
        except BadImage as error:
            raise BadImage(error.reason, self.key(index)) from error.__cause__
        target = placed(self._label(index), self.root, size, image.shape[:2])
        return Sample(image, target, self.key(index))

    def key(self, index: int) -> str:
        """Name one sample: its archive, and its name in there."""
        return f"{self.names[self.places.item(index, 0)]}/{self.keys[index]}"

    def target(self, index: int) -> Any:
        """Give one sample's target."""
        label = self._label(index)
        return label.placed(self.root, read_size(self._bytes(index))) if isinstance(label, Placeable) else label

    def classes(self, index: int) -> tuple[int, ...]:
        """Give one sample's classes."""
        return classes_of(self._label(index))

    def pick(self, rows: Sequence[int]) -> Shards:
        """Keep some samples, in the order given."""
        chosen = np.asarray(rows, np.int64)
        return replace(
            self,
            keys=tuple(self.keys[row] for row in rows),
            places=self.places[chosen],
            targets=tuple(self.targets[row] for row in rows),
        )

    def size(self, index: int) -> tuple[int, int]:
        """Say how large one picture is in full: (height, width), read from its header."""
        return read_size(self._bytes(index))

    def stamp(self, index: int) -> str:
        """Tell one sample from any other, and from what it was before its archive changed; "" when that is gone."""
        path = os.path.abspath(self._path(index))  # noqa: PTH100 (asked very often)
        try:
            about = os.stat(path)  # noqa: PTH116
        except OSError:
            return ""
        return f"{path}\n{about.st_size} {about.st_mtime_ns} {self.places.item(index, 1)}"

    def fingerprint(self) -> str:
        """Hash names, places and labels, and of each archive the size and its first and last 64 kB."""
        digest = hashlib.sha256(repr((self.keys, self.targets)).encode("utf-8", "surrogateescape"))
        digest.update(np.ascontiguousarray(self.places, "<i8").tobytes())
        for number in sorted(set(self.places[:, 0].tolist())):
            path = Path(self.root, self.names[number])
            try:
                with path.open("rb") as file:
                    size = os.fstat(file.fileno()).st_size
                    digest.update(f"{self.names[number]} {size}".encode("utf-8", "surrogateescape"))
                    digest.update(file.read(_EDGE))
                    file.seek(max(0, size - _EDGE))
                    digest.update(file.read(_EDGE))
            except OSError:
                digest.update(b"gone")
        return digest.hexdigest()

    def _label(self, index: int) -> Any:
        target = self.targets[index]
        if target is not None:
            return target
        start, size = self.places[index, 3:].tolist()
        if size > _MOST_LABEL:
            raise BadLabel(
                f"got a label of {size:,} bytes for {printable(self.key(index))}; taken are fewer; repack it"
            )
        try:
            return from_dict(read_json(read_part(Path(self._path(index)), start, size))["annotations"])
        except (KeyError, TypeError, OSError) as error:
            raise BadLabel(
                f"got no annotations for {printable(self.key(index))}; taken is what saccade wrote; write it anew"
            ) from error

    def _bytes(self, index: int) -> bytes:
        start, size = self.places[index, 1:3].tolist()
        try:
            return read_part(Path(self._path(index)), start, size)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise BadImage(
                f"got an archive that cannot be read ({reason}); taken are readable files; check the path",
                self.key(index),
            ) from error

    def _path(self, index: int) -> str:
        return os.path.join(self.root, self.names[self.places.item(index, 0)])  # noqa: PTH118


def read_part(path: Path, start: int, size: int) -> bytes:
    """Read some bytes out of a file.

    Args:
        path: The file.
        start: Where they begin.
        size: How many.

    Returns:
        The bytes; fewer where the file ends before.

    Source: ours.
    """
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        return file.read(size)
