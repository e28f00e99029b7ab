"""One picture with what is known of it, and where such pictures come from."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Shaped

from saccade.errors import BadImage, MissingExtra
from saccade.types.finding import Finding


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture as it was decoded, with its target.

    Args:
        image: Shape (height, width, channels); uint8 in [0, 255], uint16 in [0, 65535] or float32 in [0, 1].
        target: What is known of it: an int (one class), a tuple of ints (several classes), `Annotations` (boxes, masks,
            points, regions, sentences), a `PairedImage`, a `Mesh`.
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


@runtime_checkable
class Placeable(Protocol):
    """Labels that must know the size of their picture, or lie in a file of their own: read when the picture is."""

    @property
    def classes(self) -> tuple[int, ...]:
        """The different classes in it, as far as they are known without reading."""
        ...

    def placed(self, root: str, size: tuple[int, int]) -> Any:
        """Give the target of a picture of a size (height, width), below a folder; raises BadLabel if it has none."""
        ...

    def digest(self, root: str) -> str:
        """Hash what it says, so that one can tell whether labels have changed."""
        ...


class Pair(NamedTuple):
    """Two pictures of a source, and whether they show the same: the test of a face encoder.

    Args:
        first: The number of the one.
        second: The number of the other.
        same: Whether they show the same person.

    Source: the pairs of "Labeled faces in the wild" (Huang et al., 2007).
    """

    first: int
    second: int
    same: bool


@dataclass(frozen=True)
class DataSet:
    """A data set, opened: its splits and the names of its classes.

    Args:
        name: What to call it.
        labels: The names of the classes, in the order of their ids.
        splits: Sources by name: "train" always; "val" and "test" where there are any.
        task: The task that its targets suit: "classification", "multi_label", "detection" (boxes),
            "instance_segmentation" (boxes with masks or outlines), "segmentation" (a class for each pixel),
            "keypoints", "captioning", "verification" (pairs), "translation" (paired or unpaired pictures), "depth"
            or "mesh".
        origin: What opened it, enough to open it again (a path or a name, and the seed and shares of the split).
        findings: What was wrong with its labels, and was left out or mended, when it was opened.
        pairs: For each split the pairs of pictures that verification is judged by.
        keypoint_names: What each keypoint is, such as "left eye".
        skeleton: Which keypoints a drawing joins by a line.

    Source: ours.
    """

    name: str
    labels: tuple[str, ...]
    splits: Mapping[str, Source]
    task: str = "classification"
    origin: Mapping[str, Any] | None = None
    findings: tuple[Finding, ...] = ()
    pairs: Mapping[str, Sequence[Pair]] = field(default_factory=dict)
    keypoint_names: tuple[str, ...] = ()
    skeleton: tuple[tuple[int, int], ...] = ()

    def counts(self) -> dict[str, int]:
        """Count the samples of each split."""
        return {split: len(source) for split, source in self.splits.items()}


def targets_of(source: Source) -> Sequence[Any]:
    """List every target of a source without decoding a picture.

    Args:
        source: Any source.

    Returns:
        The targets, in order; none for a sample whose label asks for the size of a picture that cannot be read. Who
        reads that sample names it.

    Source: ours.
    """
    found = []
    for index in range(len(source)):
        with contextlib.suppress(BadImage, MissingExtra):
            found.append(source.target(index))
    return found


def classes_of(target: Any) -> tuple[int, ...]:
    """Say which classes a target names, whatever its form.

    Args:
        target: One class, several, or something with `classes`, such as `Annotations`.

    Returns:
        Class ids without repetition; none for a target that names no class.

    Source: ours.

    Example:
        >>> classes_of(3), classes_of((1, 2)), classes_of(None)
        ((3,), (1, 2), ())
    """
    if isinstance(target, tuple):
        return target
    if isinstance(target, int | np.integer):
        return (int(target),)
    return tuple(getattr(target, "classes", ()))


def class_lists(source: Source) -> list[tuple[int, ...]]:
    """List the classes of every sample of a source, without reading a picture or a mask where that can be helped.

    Args:
        source: Any source; one with a method `classes(index)` is asked that.

    Returns:
        Class ids of each sample, in order.

    Source: ours.
    """
    ask = getattr(source, "classes", None)
    rows = range(len(source))
    return [ask(row) for row in rows] if ask else [classes_of(source.target(row)) for row in rows]
