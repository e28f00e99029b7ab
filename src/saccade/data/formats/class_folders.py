"""Class folders: one folder of pictures for each class, below train, val and test or not.

    photos/cats/1.jpg                  photos/train/cats/1.jpg
    photos/cats/spring/2.png           photos/val/cats/2.jpg      (or valid, validation)
    photos/dogs/3.jpg                  photos/test/dogs/3.jpg     (or testing)

Source: the layout of ImageNet's training set, as torchvision's ImageFolder and Keras read it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from saccade import catalog
from saccade.data.files import Files, as_text, has_picture, ignored_of, list_pictures, sub_folders
from saccade.data.format import Format
from saccade.data.labels.writing_classes import write_class_folders
from saccade.data.reading import is_image_name
from saccade.data.splitting import Divisible, Splitting, complete
from saccade.errors import BadData, printable
from saccade.types.sample import DataSet

__all__ = ["class_folders"]

_SPLITS = {
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val",
    "test": "test", "testing": "test",
}  # fmt: skip


def class_folders() -> Format:
    """One folder of pictures for each class; ids in the sorted order of the names."""
    about = "a folder with one folder of images for each class"
    return Format(about, _open, _recognises, write_class_folders, _has_class_folders)


@dataclass
class _Found:
    """What a walk through the folders finds: (split, class, path relative to the root) of every picture."""

    pictures: list[tuple[str, str, str]] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    empty: list[str] = field(default_factory=list)


def _recognises(path: Path) -> bool:
    """Whether folders in it hold pictures, and no other format says what those folders mean."""
    if not _has_class_folders(path):
        return False
    names = (name for name in catalog.offers("data.formats") if name != "class_folders")
    others = (other for other in (catalog.find("data.formats", name)() for name in names) if other.arranges)
    return not any(other.recognises is not None and other.recognises(path) for other in others)


def _has_class_folders(path: Path) -> bool:
    return path.is_dir() and any(has_picture(folder) for folder in sub_folders(path))


def _open(place: str, splitting: Splitting) -> DataSet:
    root = Path(place)
    found = _Found()
    folders = _split_folders(root)
    for split, folder in folders:
        _walk(root, folder, split, found)
    _count_outside(root, [folder for _, folder in folders], found.ignored)
    if found.empty:
        raise BadData(
            f"got class folders without an image: {_listed(found.empty)}; taken are folders with one image at least"
            f"{_left_out(found.ignored)}; add images, or take those folders away"
        )
    names = sorted({name for _, name, _ in found.pictures})
    if len(names) == 1 and splitting.shares[0]:
        raise BadData(
            f"got one class folder only ({printable(names[0])}, {len(found.pictures)} images); taken are two at least; "
            f"add a folder for another class{_deeper(root / names[0])}"
        )
    ids = {name: number for number, name in enumerate(names)}
    given: dict[str, Divisible] = {}
    for split in {split for split, _, _ in found.pictures}:
        rows = [(path, ids[name]) for where, name, path in found.pictures if where == split]
        given[split] = Files(str(root), tuple(path for path, _ in rows), tuple(target for _, target in rows))
    labels = tuple(as_text(name) for name in names)
    return DataSet(root.name or "folder", labels, complete(given, splitting), origin=ignored_of(found.ignored))


def _split_folders(root: Path) -> list[tuple[str, Path]]:
    """Find the folder of each split; the root itself holds the classes when it has no train folder with classes."""
    found: dict[str, Path] = {}
    for folder in sub_folders(root):
        split = _SPLITS.get(folder.name.lower())
        if split and any(has_picture(inner) for inner in sub_folders(folder)):
            if split in found:
                raise BadData(
                    f"got {found[split].name} and {folder.name}, both for {split}; taken is one folder; join them"
                )
            found[split] = folder
    return list(found.items()) if "train" in found else [("train", root)]


def _walk(root: Path, folder: Path, split: str, found: _Found) -> None:
    """Add every picture below the class folders of one split."""
    for place in sub_folders(folder):
        prefix = place.relative_to(root).as_posix()
        pictures = list_pictures(place, found.ignored)
        found.pictures += [(split, place.name, f"{prefix}/{path}") for path in pictures]
        if not pictures:
            found.empty.append(prefix)


def _count_outside(root: Path, folders: list[Path], ignored: Counter[str]) -> None:
    """Count the pictures that lie in no class: beside the class folders, or beside train."""
    outside = sum(is_image_name(entry.name) for folder in {root, *folders} for entry in folder.iterdir())
    if root not in folders:
        outside += sum(len(list_pictures(other, Counter())) for other in sub_folders(root) if other not in folders)
    if outside:
        ignored["images in no class"] = outside


def _listed(names: list[str]) -> str:
    return ", ".join(printable(name) for name in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _left_out(ignored: Counter[str]) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in ignored.most_common(3))
    return f" (left out as no images: {kinds})" if kinds else ""


def _deeper(folder: Path) -> str:
    inner = [place for place in sub_folders(folder) if has_picture(place)]
    return f", or give {printable(str(folder))}, which has {len(inner)} folders" if len(inner) > 1 else ""
