"""COCO's files put together: pictures by their names, things by their pictures, classes by their ids.

Source: ours, on the format of COCO (Lin et al., 2014).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from saccade.data.coco.files import CocoContent, CocoFile, picture_folder, read_coco
from saccade.data.coco.things import attributes_of, box_of, check_area, identity, keypoints_of, number, shape_of
from saccade.data.files import as_text
from saccade.data.labels.keypoint_names import swaps_of
from saccade.data.labels.label_table import LabelTable, TableBuilder
from saccade.data.labels.listing import Listing
from saccade.errors import BadData, printable
from saccade.types.finding import Finding, Severity


@dataclass(eq=False)
class Picture:
    """One picture of the files.

    Args:
        path: Relative to the root.
        split: What it belongs to.
        size: (height, width) as the file states it; None where it does not.
        entries: Its things, as the file has them.
        files: The file that says so, for each.
        captions: Sentences about it.

    Source: ours.
    """

    path: str
    split: str
    size: tuple[int, int] | None
    entries: list[dict[str, Any]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Category:
    """A class as the files have it.

    Args:
        name: Its name.
        keypoints: The names of its keypoints.
        skeleton: Pairs of keypoints, counted from 0, that a drawing joins.

    Source: ours.
    """

    name: str
    keypoints: tuple[str, ...] = ()
    skeleton: tuple[tuple[int, int], ...] = ()


class CocoReader:
    """Reads files of labels one after the other.

    Args:
        root: The folder below which the pictures lie.

    Source: ours.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pictures: dict[tuple[str, str], Picture] = {}
        self.categories: dict[int, Category] = {}
        self.findings: list[Finding] = []
        self._listing = Listing()

    def say(self, code: str, message: str, severity: Severity, *, file: str = "", key: str = "") -> None:
        """Note what is wrong."""
        self.findings.append(Finding(code, message, file, 0, as_text(key), severity))

    def read(self, file: CocoFile) -> None:
        """Take in one file; raises BadData if it is no JSON of COCO's form, or its pictures are nowhere."""
        content, name = read_coco(file.path), file.path.relative_to(self.root).as_posix()
        if content.mojibake:
            self.say(
                "not-utf8", "got text that is no UTF-8; it is read as Latin-1; save it as UTF-8", "warning", file=name
            )
        self._read_categories(content.categories, name)
        pictures = self._read_images(file, content, name)
        self._read_annotations(content.annotations, pictures, name)

    def _read_categories(self, given: Sequence[Any], file: str) -> None:
        for entry in given:
            number_ = identity(entry.get("id")) if isinstance(entry, dict) else None
            name = entry.get("name") if isinstance(entry, dict) else None
            if not isinstance(number_, int) or not isinstance(name, str):
                self.say(
                    "wrong-class", "got a category without a whole id and a name; taken are both", "error", file=file
                )
                continue
            read = Category(name, *_points(entry))
            known = self.categories.get(number_)
            if known is not None and known.name != name:
                told = f"{printable(known.name)} and {printable(name)}"
                self.say("duplicate-id", f"got category {number_} twice, {told}; the first is kept", "error", file=file)
            elif known is None or len(read.keypoints) > len(known.keypoints):
                self.categories[number_] = read

    def _read_images(self, file: CocoFile, content: CocoContent, name: str) -> dict[int | str, Picture]:
        entries = list(self._images(content.images, name))
        if not entries:
            raise BadData(f"got {printable(str(file.path))} without a picture; taken are files that list some")
        folder = picture_folder(file, [path for _, path, _ in entries], self._listing)
        prefix = "" if folder == self.root else f"{folder.relative_to(self.root).as_posix()}/"
        found: dict[int | str, Picture] = {}
        for number_, path, size in entries:
            if number_ in found:
                self.say(
                    "duplicate-id", f"got image id {number_!r} twice; the first is kept", "error", file=name, key=path
                )
            elif not self._listing.has(folder, path):
                told = f"got image {number_!r}, whose file is not in {printable(str(folder))}; it is left out"
                self.say("missing-image", told, "error", file=name, key=prefix + path)
            else:
                picture = Picture(prefix + path, file.split, size)
                found[number_] = self.pictures.setdefault((file.split, prefix + path), picture)
        return found

    def _images(self, given: Sequence[Any], file: str) -> Iterator[tuple[int | str, str, tuple[int, int] | None]]:
        """Id, path and stated size of each entry that has them."""
        for entry in given:
            number_ = identity(entry.get("id")) if isinstance(entry, dict) else None
            path = entry.get("file_name") if isinstance(entry, dict) else None
            if number_ is None or not isinstance(path, str) or not path:
                self.say(
                    "missing-image", "got an image without an id or a file_name; taken are both", "error", file=file
                )
                continue
            path = path.replace("\\", "/").removeprefix("./")
            if path.startswith("/") or ".." in path.split("/") or ":" in path.split("/")[0] or "\0" in path:
                told = f"got file_name {printable(path)}, which leads elsewhere; taken are paths below the data"
                self.say("path-outside", told, "error", file=file)
                continue
            height, width = number(entry.get("height")), number(entry.get("width"))
            stated = 0 < height < 2**31 and 0 < width < 2**31
            yield number_, path, (int(height), int(width)) if stated else None

    def _read_annotations(self, given: Sequence[Any], pictures: dict[int | str, Picture], file: str) -> None:
        seen: dict[int | str, dict[str, Any]] = {}
        before = {(picture.path, own): row for picture in pictures.values() for row, own in _ids(picture)}
        for entry in given:
            where = identity(entry.get("image_id")) if isinstance(entry, dict) else None
            picture = None if where is None else pictures.get(where)
            if picture is None:
                told = f"got an annotation for image {where!r}, which is not there; it is left out"
                self.say("missing-image", told, "error", file=file)
                continue
            if isinstance(entry.get("caption"), str) and "bbox" not in entry:
                picture.captions.append(entry["caption"])
                continue
            own = identity(entry.get("id"))
            first = entry if own is None else seen.setdefault(own, entry)
            if first is not entry and self._twice(entry, own, first, (file, picture.path)):
                continue
            row = before.get((picture.path, own)) if before and own is not None else None
            if row is not None and picture.entries[row].get("category_id") == entry.get("category_id"):
                picture.entries[row] = {**entry, **picture.entries[row]}  # the same thing, with its keypoints
                continue
            picture.entries.append(entry)
            picture.files.append(file)

    def _twice(
        self, entry: dict[str, Any], own: int | str | None, first: dict[str, Any], place: tuple[str, str]
    ) -> bool:
        """Say that an id occurs a second time; True when it is the same thing again, which is left out."""
        same = first == entry
        ends = "the second is left out" if same else "both are kept, as they differ"
        told = f"got annotation id {own!r} twice; taken is each once; {ends}"
        self.say("duplicate-id", told, "error" if same else "warning", file=place[0], key=place[1])
        return same

    def table(self) -> tuple[LabelTable, dict[tuple[str, str], int]]:
        """Turn everything that was read into a table; gives the row of each picture too, by split and path.

        The entries stay until the reader goes: what is made while they are freed would lie between them, and keep the
        system from getting the memory back.
        """
        named = max((category.keypoints for category in self.categories.values()), key=len, default=())
        builder = TableBuilder(len(named), swaps=swaps_of(named))
        ids = {number_: row for row, number_ in enumerate(sorted(self.categories))}
        drawn = any("segmentation" in entry and entry["segmentation"] for entry in self._entries())
        rows = {}
        with np.errstate(over="ignore", invalid="ignore"):  # an area of absurd places may be infinite
            for place, picture in self.pictures.items():
                for entry, file in zip(picture.entries, picture.files, strict=True):
                    self._add(builder, entry, picture, (file, len(named), ids, drawn))
                rows[place] = builder.close(picture.captions)
        return builder.table(), rows

    def _entries(self) -> Iterator[dict[str, Any]]:
        return (entry for picture in self.pictures.values() for entry in picture.entries)

    def _say_of(self, entry: dict[str, Any], file: str, key: str, code: str, message: str, severity: Severity) -> None:
        own = f"annotation {entry['id']}: " if type(entry.get("id")) is int else ""
        self.say(code, own + message, severity, file=file, key=key)

    def _add(self, builder: TableBuilder, entry: dict[str, Any], picture: Picture, about: Any) -> None:
        file, points, ids, drawn = about
        say = partial(self._say_of, entry, file, picture.path)
        class_id = ids.get(identity(entry.get("category_id")))
        if class_id is None:
            told = printable(repr(entry.get("category_id")))[:40]
            say(
                "wrong-class", f"got category {told}; taken are the {len(ids)} that are listed; it is left out", "error"
            )
            return
        shape = shape_of(entry, picture.size, say)
        if drawn and entry.get("segmentation", 0) in ([], {}, ""):
            say(
                "empty-segmentation",
                "got a thing without an outline, where others have one; its box is kept",
                "warning",
            )
        box = box_of(entry, shape, picture.size, say)
        if box is None:
            return
        attributes = attributes_of(entry)
        check_area(attributes.get("area"), box, shape, say)
        builder.add(
            class_id,
            box,
            rings=shape.rings,
            mask=shape.mask,
            keypoints=keypoints_of(entry, points, say),
            crowd=entry.get("iscrowd") in (1, True),
            attributes=attributes,
        )


def _ids(picture: Picture) -> Iterator[tuple[int, int | str]]:
    """The place and the id of each thing that a picture has already."""
    for place, entry in enumerate(picture.entries):
        own = identity(entry.get("id"))
        if own is not None:
            yield place, own


def _points(entry: dict[str, Any]) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """The names of a category's keypoints and the lines between them, which the file counts from 1."""
    given, lines = entry.get("keypoints"), entry.get("skeleton")
    names = tuple(given) if isinstance(given, list) and all(isinstance(one, str) for one in given) else ()
    if not isinstance(lines, list):
        return names, ()
    pairs = [line for line in lines if isinstance(line, list) and len(line) == 2]
    right = [pair for pair in pairs if all(type(one) is int and 0 < one <= len(names) for one in pair)]
    return names, tuple((pair[0] - 1, pair[1] - 1) for pair in right)
