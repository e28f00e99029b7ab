"""The files of a COCO data set: which hold labels, which split each belongs to, and where its pictures lie.

Source: the layouts of COCO (Lin et al., 2014), Roboflow and FiftyOne.
"""

from __future__ import annotations

import gc
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.data.files import sub_folders
from saccade.data.labels.listing import Listing
from saccade.data.labels.text_files import decoded, read_bytes
from saccade.errors import BadData, printable

MOST_BYTES = 4 << 30
_EDGE = 1 << 16
_WORDS = (b'"images"', b'"annotations"', b'"categories"')
_SPLITS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val",
           "test": "test", "testing": "test"}  # fmt: skip
_OTHERS = ("image_info", "panoptic", "stuff")
_PROBED = 50


@dataclass(frozen=True)
class CocoFile:
    """One file of labels.

    Args:
        path: Where it lies.
        split: What it belongs to: "train", "val" or "test".
        root: The folder that its pictures lie below.

    Source: ours.
    """

    path: Path
    split: str
    root: Path


@dataclass(frozen=True)
class CocoContent:
    """What is in a file of labels, as plain values that nobody has checked.

    Args:
        images: Its list of pictures.
        annotations: Its list of things.
        categories: Its list of classes.
        mojibake: Whether it is no UTF-8.

    Source: ours.
    """

    images: list[Any]
    annotations: list[Any]
    categories: list[Any]
    mojibake: bool = False


def coco_files(place: Path) -> list[CocoFile]:
    """Find the files of labels of a data set.

    Args:
        place: Its folder, or one file.

    Returns:
        The files; none where it has none.

    Source: ours.
    """
    if place.is_file():
        above = place.parent.parent if place.parent.name.lower() == "annotations" else place.parent
        return [CocoFile(place, "train", above)] if is_coco(place) else []
    if not place.is_dir():
        return []
    folders = sub_folders(place)
    found = [
        CocoFile(path, _split_of(path.stem), place)
        for folder in folders
        if folder.name.lower() == "annotations"
        for path in _labels_in(folder)
    ]
    found = found or [CocoFile(path, _split_of(path.stem), place) for path in _labels_in(place)]
    return found or [
        CocoFile(path, _split_of(folder.name), place) for folder in folders for path in _labels_in(folder, beside=True)
    ]


def is_coco(path: Path) -> bool:
    """Tell by its first and last bytes whether a file seems to hold COCO's lists.

    Args:
        path: The file.

    Returns:
        Whether at least two of the three lists are named there, and it begins as an object.

    Source: ours.
    """
    if path.suffix.lower() != ".json":
        return False
    try:
        with path.open("rb") as file:
            edges = file.read(_EDGE)
            start = edges.lstrip(b"\xef\xbb\xbf \t\r\n\xff\xfe\0")[:1]
            if file.seek(0, os.SEEK_END) > _EDGE:
                file.seek(max(_EDGE, file.tell() - _EDGE))
                edges += file.read(_EDGE)
    except OSError:
        return False
    edges = edges.replace(b"\0", b"")  # UTF-16
    return start == b"{" and sum(word in edges for word in _WORDS) >= 2


def read_coco(path: Path) -> CocoContent:
    """Read a file of labels.

    Args:
        path: The file.

    Returns:
        Its three lists; one that it lacks is empty.

    Raises:
        BadData: If it is no JSON, or not of this form.

    Source: ours.
    """
    raw = read_bytes(path, MOST_BYTES)
    mojibake = False
    try:
        text = raw.decode(json.detect_encoding(raw))
    except UnicodeDecodeError:
        text, mojibake = decoded(raw), True
    del raw
    try:
        values = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        said = printable(str(error))[:120]
        raise BadData(
            f"got {printable(str(path))}, which is no JSON ({said}); taken is COCO's form; copy or export it again"
        ) from error
    lists = [values.get(name, []) if isinstance(values, dict) else None for name in _names()]
    if not all(isinstance(one, list) for one in lists):
        raise BadData(
            f"got {printable(str(path))} of another form; taken is an object with the lists images, annotations and "
            "categories; export it as COCO"
        )
    return CocoContent(*(one or [] for one in lists), mojibake=mojibake)


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep Python from looking for garbage, which among millions of values takes longer than reading them.

    Yields:
        Nothing; afterwards the collector is as it was.

    Source: ours.

    Example:
        >>> with without_collector():
        ...     gc.isenabled()
        False
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def picture_folder(file: CocoFile, names: Sequence[str], listing: Listing) -> Path:
    """Find the folder to which the names of the pictures in a file are relative.

    Args:
        file: The file of labels.
        names: Of its pictures.
        listing: Reads folders.

    Returns:
        Of the usual places the one where most of the first fifty are.

    Raises:
        BadData: If none of them is in any of these places.

    Source: ours.
    """
    inner = [folder for top in ("images", "data", "Images") for folder in _folders(file.root / top)]
    places = [file.path.parent, *_folders(file.root), *inner]
    words = set(re.findall(r"[a-z]+\d*", file.path.stem.lower()))
    places.sort(key=lambda place: place.name.lower() not in words)  # train2017 first for instances_train2017
    scores = [sum(listing.has(place, name) for name in names[:_PROBED]) for place in places]
    best = max(range(len(places)), key=lambda number: scores[number])
    if not scores[best]:
        tried = printable(names[0]) if names else "none"
        raise BadData(
            f"got {printable(str(file.path))}, none of whose first {min(_PROBED, len(names))} pictures (such as "
            f"{tried}) is in {printable(str(file.root))}; taken are pictures beside the labels, or in folders such as "
            "train2017, images and data; move them there"
        )
    return places[best]


def _names() -> tuple[str, ...]:
    return tuple(word.decode().strip('"') for word in _WORDS)


def _folders(top: Path) -> list[Path]:
    if not top.is_dir():
        return []
    return [top, *(folder for folder in sub_folders(top) if folder.name.lower() != "annotations")]


def _labels_in(folder: Path, *, beside: bool = False) -> list[Path]:
    """The files of labels in a folder; beside pictures, only those with a name that is used there."""
    names = [name for name in os.listdir(folder) if name.lower().endswith(".json")]  # noqa: PTH208 (in large folders)
    if beside:
        names = [name for name in names if name.lower() in ("_annotations.coco.json", "labels.json")]
    found = sorted(path for path in map(folder.joinpath, names) if path.suffix and path.is_file())
    return [path for path in found if not path.stem.lower().startswith(_OTHERS) and is_coco(path)]


def _split_of(name: str) -> str:
    words = re.findall(r"[a-z]+", name.lower())
    return next((_SPLITS[word] for word in reversed(words) if word in _SPLITS), "train")
