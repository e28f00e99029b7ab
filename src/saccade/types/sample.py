"""One picture with what is known of it, and where such pictures come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Shaped


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture as it was decoded, with its target.

    Args:
        image: Shape (height, width, channels); uint8 in [0, 255], uint16 in [0, 65535] or float32 in [0, 1].
        target: What is known of it: an int (one class), a tuple of ints (several classes), later boxes, masks, points.
        key: Where it comes from, unique in its data set: a path relative to the data, or a name such as "digits[12]".

    Source: ours.

    Example:
        >>> Sample(np.zeros((2, 3, 1), np.uint8), target=4).image.shape
        (2, 3, 1)
    """

    image: Shaped[np.ndarray, "height width channels"]
    target: Any = None
    key: str = ""


@runtime_checkable
class Source(Protocol):
    """A sequence of samples that can be read in any order, from several processes at once (so it must pickle)."""

    def __len__(self) -> int:
        """Count the samples."""
        ...

    def read(self, index: int) -> Sample:
        """Decode one sample; raises BadImage when its file is no picture."""
        ...

    def key(self, index: int) -> str:
        """Name one sample without decoding it."""
        ...

    def target(self, index: int) -> Any:
        """Give one sample's target without decoding it."""
        ...

    def fingerprint(self) -> str:
        """Hash the content, so that a run can tell whether its data are still the same."""
        ...


@dataclass(frozen=True)
class DataSet:
    """A data set, opened: its splits and the names of its classes.

    Args:
        name: What to call it.
        labels: The names of the classes, in the order of their ids.
        splits: Sources by name: "train" always; "val" and "test" where there are any.
        task: The task that its targets suit: "classification" or "multi_label".
        origin: What opened it, enough to open it again (a path or a name, and the seed and shares of the split).

    Source: ours.
    """

    name: str
    labels: tuple[str, ...]
    splits: Mapping[str, Source]
    task: str = "classification"
    origin: Mapping[str, Any] | None = None

    def counts(self) -> dict[str, int]:
        """Count the samples of each split."""
        return {split: len(source) for split, source in self.splits.items()}


def targets_of(source: Source) -> Sequence[Any]:
    """List every target of a source without decoding a picture.

    Args:
        source: Any source.

    Returns:
        The targets, in order.

    Source: ours.
    """
    return [source.target(index) for index in range(len(source))]
