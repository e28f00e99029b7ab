"""Where the parts of a Pascal VOC data set lie: labels, pictures, masks, and the lists of each split.

Source: the development kit of Pascal VOC; the flat layouts of labelImg, CVAT and Roboflow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from saccade.data.files import sub_folders
from saccade.data.labels.listing import Listing
from saccade.data.labels.split_names import SPLIT_NAMES
from saccade.data.labels.text_files import read_lines
from saccade.data.reading import is_image_name

_LABELS, _PICTURES = ("Annotations", "annotations"), ("JPEGImages", "images", "Images", "PNGImages", "")
_CLASS, _OBJECT = "SegmentationClass", "SegmentationObject"
_MOST_BYTES = 1 << 26


@dataclass(frozen=True)
class VocPlace:
    """One folder with labels and pictures.

    Args:
        folder: Its path.
        split: What all of it belongs to; "" where its lists say.
        segmented: Whether only the pictures with masks are asked for.

    Source: ours.
    """

    folder: Path
    split: str = ""
    segmented: bool = False

    @cached_property
    def labels(self) -> str:
        """The name of the folder of its XML; "" where that lies beside the pictures."""
        return next((name for name in _LABELS if (self.folder / name).is_dir()), "")

    @cached_property
    def pictures(self) -> dict[str, str]:
        """The pictures by their names without a suffix, relative to the folder."""
        found: dict[str, str] = {}
        for inner in _PICTURES:
            for name in sorted(Listing().names(self.folder / inner)):
                if is_image_name(name):
                    found.setdefault(PurePosixPath(name).stem, f"{inner}/{name}" if inner else name)
        return found

    @cached_property
    def texts(self) -> dict[str, str]:
        """The XML files by their names without a suffix, relative to the folder."""
        return _by_stem(self.folder, self.labels, ".xml")

    @cached_property
    def class_masks(self) -> dict[str, str]:
        """The masks of classes by their names without a suffix, relative to the folder."""
        return _by_stem(self.folder, _CLASS, ".png")

    @cached_property
    def object_masks(self) -> dict[str, str]:
        """The masks of objects by their names without a suffix, relative to the folder."""
        return _by_stem(self.folder, _OBJECT, ".png")

    def members(self) -> dict[str, list[str]]:
        """Give the names of each split's pictures, without a suffix; everything is "train" where no list says more."""
        kinds = ("Segmentation",) if self.segmented else ("Main", "Segmentation", "")
        for kind in () if self.split else kinds:
            files = {path.stem.lower(): path for path in _text_files(self.folder / "ImageSets" / kind)}
            lists = {split: _names(files[split]) for split in ("train", "val", "test") if split in files}
            if "train" not in lists and "trainval" in files:
                held = {name for names in lists.values() for name in names}
                lists["train"] = [name for name in _names(files["trainval"]) if name not in held]
            if lists:
                return lists
        everything = self.class_masks if self.segmented or not self.texts else self.texts
        return {self.split or "train": list(everything)}


def voc_places(path: Path) -> list[VocPlace]:
    """Find the folders of a data set.

    Args:
        path: VOCdevkit, VOC2012, or a folder of another layout; VOC2012/ImageSets/Segmentation means the pictures with
            masks alone.

    Returns:
        The folders; none where it has none.

    Source: ours.
    """
    if not path.is_dir():
        return []
    if path.name == "Segmentation" and path.parent.name == "ImageSets":
        place = VocPlace(path.parent.parent, segmented=True)
        return [place] if place.class_masks else []
    for folders in (
        [path],
        sub_folders(path),
        sub_folders(path / "VOCdevkit") if (path / "VOCdevkit").is_dir() else [],
    ):
        found = [VocPlace(folder) for folder in folders if _is_voc(folder)]
        if found:
            return found
    if _has_pair(path):
        return [VocPlace(path, "train")]
    named = [(SPLIT_NAMES.get(one.name.lower()), one) for one in sub_folders(path)]
    return [VocPlace(folder, split) for split, folder in named if split and _has_pair(folder)]


def _is_voc(folder: Path) -> bool:
    """Whether it has a folder of XML, or masks beside JPEGImages."""
    if any(_first(folder / name, ".xml") for name in _LABELS):
        return True
    return (folder / "JPEGImages").is_dir() and _first(folder / _CLASS, ".png")


def _has_pair(folder: Path) -> bool:
    """Whether XML lies beside pictures of the same names."""
    names = Listing().names(folder)
    stems = {PurePosixPath(name).stem for name in names if name.lower().endswith(".xml")}
    return any(is_image_name(name) and PurePosixPath(name).stem in stems for name in names)


def _first(folder: Path, suffix: str) -> bool:
    return any(name.lower().endswith(suffix) for name in Listing().names(folder))


def _by_stem(folder: Path, inner: str, suffix: str) -> dict[str, str]:
    names = sorted(Listing().names(folder / inner)) if inner or suffix == ".xml" else []
    right = [name for name in names if name.lower().endswith(suffix) and not name.startswith(".")]
    return {PurePosixPath(name).stem: f"{inner}/{name}" if inner else name for name in right}


def _text_files(folder: Path) -> Iterator[Path]:
    return (folder / name for name in sorted(Listing().names(folder)) if name.endswith(".txt"))


def _names(file: Path) -> list[str]:
    """The first word of each line."""
    words = (line.split(maxsplit=1) for line in read_lines(file, _MOST_BYTES))
    return list(dict.fromkeys(found[0] for found in words if found))
