"""What a format is: a value with two functions. Each file in `formats` makes one for each name in its `__all__`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.data.splitting import Splitting
from saccade.types.annotations import Annotations
from saccade.types.sample import DataSet


@dataclass(frozen=True)
class Format:
    """One form in which data sets come.

    Args:
        about: What it looks like, in a few words that complete "taken are …".
        open: Opens it. Its text is a path for a format that lies on disk; for one that is made on demand it is what
            the user wrote after the name and a colon ("" if nothing).
        recognises: Says whether a path has this form, quickly and without decoding a picture; None for a format that
            is made on demand and only known by its name.
        write: Writes a data set into a folder that is empty or not there yet, and counts what it wrote by kind
            ("images", "boxes" …), to be compared with `contents` of what was given; None where it cannot be written.
            It copies the files of pictures as they are where it can.
        takes: Says whether a path can be read so when it is named outright ("paired_folders:photos"), where that is
            more than what is recognised by looking; None where it is the same.
        arranges: Whether it gives folders of pictures a meaning of its own; they are then no folders of classes.

    Source: ours.

    Example:
        >>> from saccade import catalog
        >>> catalog.find("data.formats", "digits")().made
        True
    """

    about: str
    open: Callable[[str, Splitting], DataSet]
    recognises: Callable[[Path], bool] | None = None
    write: Callable[[DataSet, Path], Mapping[str, int]] | None = None
    takes: Callable[[Path], bool] | None = None
    arranges: bool = False

    @property
    def made(self) -> bool:
        """Whether it is made on demand rather than read from a path."""
        return self.recognises is None


def contents(dataset: DataSet) -> dict[str, int]:
    """Count what a data set holds, over all of its splits, so that one can prove that nothing was lost on the way.

    Args:
        dataset: Its targets are all read.

    Returns:
        Numbers by kind: "images", and of what there is any, "labels", "things", "boxes", "polygons", "masks", "crowds",
        "keypoints" (visible ones), "regions" (pictures with a map), "phrases", "captions".

    Source: ours.

    Example:
        >>> from saccade.data.opening import open_data
        >>> contents(open_data("synthetic:count=40"))
        {'images': 40, 'labels': 40}
    """
    found: Counter[str] = Counter()
    for source in dataset.splits.values():
        for index in range(len(source)):
            found.update(_counted(source.target(index)))
    return {name: count for name, count in found.items() if count or name == "images"}


def _counted(target: Any) -> dict[str, int]:
    if isinstance(target, int):
        return {"images": 1, "labels": 1}
    if isinstance(target, tuple):
        return {"images": 1, "labels": len(target)}
    if not isinstance(target, Annotations):
        return {"images": 1}
    parts = {name: getattr(target, name) for name in ("boxes", "polygons", "masks")}
    return {
        "images": 1,
        "things": len(target),
        **{name: len(part) for name, part in parts.items() if part is not None},
        "crowds": 0 if target.crowd is None else int(target.crowd.sum()),
        "keypoints": 0 if target.keypoints is None else int((target.keypoints.visibility > 0).sum()),
        "regions": int(target.regions is not None),
        "phrases": len(target.phrases),
        "captions": len(target.captions),
    }
