"""A data set written as COCO: annotations/instances_train.json and so on, and a folder of pictures for each split.

Numbers are written with all their digits. A thing's area is the one it brought, or else that of its outline, its mask
or its box. Crowds get plain run lengths and other masks compressed ones, as in COCO. Width and height are those of the
upright picture.

Source: the format of COCO (Lin et al., 2014).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

import torch

from saccade.data.coco.things import KNOWN
from saccade.data.labels.run_lengths import RunLengths
from saccade.data.labels.writing import Names, Written, annotated, boxes_of, copy_picture, make_folders, picture_size
from saccade.types.annotations import Annotations
from saccade.types.sample import DataSet
from saccade.weights.files import storage_checked


def write_coco(dataset: DataSet, folder: Path) -> Mapping[str, int]:
    """Write a data set as COCO.

    Args:
        dataset: Its pictures have `Annotations`.
        folder: Where to; empty or not there yet.

    Returns:
        What was written, by kind. Maps of classes or depth and phrases have no place in COCO.

    Raises:
        BadData: If pictures have other targets.

    Source: ours.
    """
    make_folders(folder, "annotations", *dataset.splits)
    names, written = Names(), Written()
    kind = "person_keypoints" if dataset.task == "keypoints" else "instances"
    for split in dataset.splits:
        part = DataSet(dataset.name, dataset.labels, {split: dataset.splits[split]}, dataset.task)
        with _Split(dataset, folder / "annotations", f"{kind}_{split}.json") as out:
            for _, index, source, target in annotated(part, "coco"):
                size = picture_size(source, index)
                name = copy_picture(source, index, folder / split, names)
                out.add(name, size, target)
                written.add(_held(target))
        if out.captions:
            values = {"images": out.images, "annotations": out.captions, "categories": []}
            with storage_checked(folder):
                (folder / "annotations" / f"captions_{split}.json").write_text(_json(values), encoding="utf-8")
    return written.result()


class _Split:
    """Writes the file of one split while its pictures are read, so that only the list of pictures stays in memory."""

    def __init__(self, dataset: DataSet, folder: Path, name: str) -> None:
        self._dataset, self._path = dataset, folder / name
        self._ids = category_ids(dataset)
        self.images: list[dict[str, Any]] = []
        self.captions: list[dict[str, Any]] = []
        self._things, self._pointed = 0, set()
        self._file: TextIO

    def __enter__(self) -> _Split:
        self._file = self._path.open("w", encoding="utf-8", newline="\n")
        self._file.write('{"annotations": [')
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        with storage_checked(self._path), self._file:
            if kind is None:
                self._file.write(f'], "images": {_json(self.images)}, "categories": {_json(self._categories())}}}\n')

    def add(self, name: str, size: tuple[int, int], target: Annotations) -> None:
        number = len(self.images) + 1
        self.images.append({"id": number, "file_name": name, "height": size[0], "width": size[1]})
        for caption in target.captions:
            self.captions.append({"id": len(self.captions) + 1, "image_id": number, "caption": caption})
        with storage_checked(self._path):
            for row, entry in enumerate(_entries(target)):
                class_id = int(target.class_ids[row])
                self._pointed |= {class_id} if entry.get("num_keypoints") else set()
                own = {"id": self._things + 1, "image_id": number, "category_id": self._ids[class_id]}
                self._file.write((",\n" if self._things else "\n") + _json({**own, **entry}))
                self._things += 1

    def _categories(self) -> list[dict[str, Any]]:
        names = list(self._dataset.keypoint_names)
        lines = [[first + 1, second + 1] for first, second in self._dataset.skeleton]
        points = {"keypoints": names, "skeleton": lines} if names else {}
        pointed = self._pointed or {0}
        return [
            {"id": number, "name": label, **(points if class_id in pointed else {})}
            for class_id, (number, label) in enumerate(zip(self._ids, self._dataset.labels, strict=True))
        ]


def category_ids(dataset: DataSet) -> list[int]:
    """Give the category ids that a data set came with, or 1 to n.

    Args:
        dataset: The data set.

    Returns:
        One for each class, in order.

    Source: ours.
    """
    given = (dataset.origin or {}).get("category_ids")
    if isinstance(given, list | tuple) and len(given) == len(dataset.labels) and sorted(set(given)) == list(given):
        return list(given)
    return list(range(1, len(dataset.labels) + 1))


def _held(target: Annotations) -> Annotations:
    """What of a picture's labels has a place in COCO: a mask only where there is no outline."""
    rings = target.polygons.rings if target.polygons is not None else ((),) * len(target)
    bare = torch.tensor([not thing for thing in rings], dtype=torch.bool)
    masks = target.masks
    if masks is not None and not bool((masks.pixels.flatten(1).any(1) & bare).any()):
        masks = None
    return Annotations(
        target.size, target.class_ids, boxes_of(target), target.polygons, masks, target.keypoints, target.crowd,
        captions=target.captions,
    )  # fmt: skip


def _entries(target: Annotations) -> Iterator[dict[str, Any]]:
    """Each thing as an entry, without its ids."""
    boxes = boxes_of(target)
    for row in range(len(target)):
        crowd = target.crowd is not None and bool(target.crowd[row])
        entry: dict[str, Any] = {"iscrowd": int(crowd)}
        area = 0.0
        if boxes is not None:
            x1, y1, x2, y2 = boxes.coordinates[row].tolist()
            entry["bbox"] = [_number(x1), _number(y1), _number(x2 - x1), _number(y2 - y1)]
            area = (x2 - x1) * (y2 - y1)
        rings = target.polygons.rings[row] if target.polygons else ()
        if rings:
            entry["segmentation"] = [[_number(one) for one in ring.flatten().tolist()] for ring in rings]
            area = float(target.polygons.area()[row]) if target.polygons else area
        elif target.masks is not None and bool(target.masks.pixels[row].any()):
            mask = RunLengths.of(target.masks.pixels[row].numpy())
            counts = mask.counts().tolist() if crowd else mask.packed.decode()
            entry["segmentation"], area = {"size": list(mask.size), "counts": counts}, mask.area()
        entry.update(_points(target, row))
        yield {**entry, "area": _number(area), **_attributes(target, row)}


def _points(target: Annotations, row: int) -> dict[str, Any]:
    if target.keypoints is None:
        return {}
    points, visibility = target.keypoints.points[row].tolist(), target.keypoints.visibility[row].tolist()
    flat = [_number(x * bool(seen)) if at < 1 else _number(y * bool(seen)) if at < 2 else seen
            for (x, y), seen in zip(points, visibility, strict=True) for at in range(3)]  # fmt: skip
    return {"keypoints": flat, "num_keypoints": sum(seen > 0 for seen in visibility)}


def _attributes(target: Annotations, row: int) -> dict[str, float]:
    plain = {name: values for name, values in target.attributes.items() if values.ndim == 1 and name not in KNOWN}
    values = {name: float(one[row]) for name, one in plain.items()}
    return {name: _number(value) for name, value in values.items() if math.isfinite(value)}


def _number(value: float) -> float:
    """Whole numbers without a point, as people write them; others with all their digits."""
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def _json(values: Any) -> str:
    return json.dumps(values, allow_nan=False)
