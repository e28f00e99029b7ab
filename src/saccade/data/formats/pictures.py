"""Pictures alone: a folder of pictures, deep, of which nothing is known.

    photos/a.jpg   photos/2019/b.png

A folder is read so where it is asked for as pictures:photos, or where a style is learnt, which wants no labels. Folders
train, val and test at its top are its splits.

Source: ours.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from saccade.data.files import Files, has_picture, ignored_of, list_pictures
from saccade.data.format import Format
from saccade.data.labels.split_names import SPLIT_NAMES
from saccade.data.splitting import Splitting, complete
from saccade.errors import BadData, printable
from saccade.types.sample import DataSet

__all__ = ["pictures"]


def pictures() -> Format:
    """Pictures without labels, in a folder."""
    about = "a folder of images without labels, asked for as pictures:FOLDER"
    return Format(about, _open, lambda _: False, None, lambda path: path.is_dir() and has_picture(path))


def _open(place: str, splitting: Splitting) -> DataSet:
    root, ignored = Path(place), Counter[str]()
    paths = list_pictures(root, ignored)
    if len(paths) < 2:
        raise BadData(
            f"got {printable(place)} with {len(paths)} images; taken are two at least; add images, or check the path"
        )
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(SPLIT_NAMES.get(path.partition("/")[0].lower(), "") if "/" in path else "", []).append(path)
    if "train" not in found:
        found = {"train": paths}
    found["train"] += found.pop("", [])
    given = {split: Files(str(root), tuple(some), (None,) * len(some)) for split, some in found.items()}
    return DataSet(root.name or "folder", (), complete(given, splitting), "style", origin=ignored_of(ignored))
