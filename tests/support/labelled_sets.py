"""Small data sets whose pictures have boxes, outlines and keypoints, in COCO's, VOC's and YOLO's form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pictures import write_picture
from saccade.data.arrays import Arrays
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.keypoints import Keypoints
from saccade.types.masks import Masks
from saccade.types.polygons import Polygons
from saccade.types.sample import DataSet

SIZE = (30, 40)  # height, width


def coco_values(count: int = 40, **changes: Any) -> dict[str, Any]:
    """A COCO file of pictures with one box each, 10 × 8 pixels at (2, 3); every second is of the second category."""
    values: dict[str, Any] = {
        "images": [{"id": 100 + n, "file_name": f"{n}.png", "height": SIZE[0], "width": SIZE[1]} for n in range(count)],
        "annotations": [
            {
                "id": n + 1,
                "image_id": 100 + n,
                "category_id": n % 2 + 1,
                "bbox": [2, 3, 10, 8],
                "area": 80,
                "iscrowd": 0,
            }
            for n in range(count)
        ],
        "categories": [{"id": 2, "name": "dog"}, {"id": 1, "name": "cat"}],
    }
    return values | changes


def write_coco_set(place: Path, values: dict[str, Any] | None = None, count: int = 40) -> Path:
    """Write it with its pictures, without a split of its own."""
    (place / "annotations").mkdir(parents=True)
    for number in range(count):
        write_picture(place / "images" / f"{number}.png", SIZE, number)
    text = json.dumps(coco_values(count) if values is None else values)
    (place / "annotations" / "instances.json").write_text(text)
    return place


def voc_xml(name: str, box: tuple[object, ...] = (3, 4, 12, 11), more: str = "", extra: str = "") -> str:
    """An XML file with one object and whatever else is given."""
    corners = "".join(f"<{c}>{v}</{c}>" for c, v in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True))
    size = f"<size><width>{SIZE[1]}</width><height>{SIZE[0]}</height><depth>3</depth></size>"
    thing = f"<object><name>{name}</name>{more}<bndbox>{corners}</bndbox></object>"
    return f"<annotation><filename>x.png</filename>{size}{thing}{extra}</annotation>"


def write_voc_set(place: Path, count: int = 40) -> Path:
    """The same boxes in VOC's form."""
    (place / "Annotations").mkdir(parents=True)
    for number in range(count):
        write_picture(place / "JPEGImages" / f"{number}.png", SIZE, number)
        (place / "Annotations" / f"{number}.xml").write_text(voc_xml(("cat", "dog")[number % 2]))
    return place


def write_yolo_set(place: Path, count: int = 40, rows: str = "") -> Path:
    """The same boxes in YOLO's form; `rows` instead of them in the first file."""
    (place / "labels").mkdir(parents=True)
    for number in range(count):
        write_picture(place / "images" / f"{number}.png", SIZE, number)
        row = f"{number % 2} {7 / 40} {7 / 30} {10 / 40} {8 / 30}\n"
        (place / "labels" / f"{number}.txt").write_text(rows if rows and not number else row)
    (place / "data.yaml").write_text("train: images\nnames: [cat, dog]\nnc: 2\n")
    return place


def things(
    count: int, seed: int = 0, size: tuple[int, int] = SIZE, *, points: int = 0, outlines: bool = False
) -> Annotations:
    """Random things within a picture: boxes of at least two pixels, and outlines or keypoints if they are asked for."""
    random = np.random.default_rng(seed)
    height, width = size
    start = random.uniform(0, 1, (count, 2)) * [width - 4, height - 4]
    sides = 2 + random.uniform(0, 1, (count, 2)) * ([width - 2, height - 2] - start - 2)
    boxes = Boxes(torch.from_numpy(np.concatenate([start, start + sides], 1)), size)
    polygons = keypoints = None
    if outlines:
        corners = np.array([[0, 0], [1, 0.25], [1, 1], [0.25, 1]])
        rings = [torch.from_numpy(start[row] + corners * sides[row]) for row in range(count)]
        polygons = Polygons(tuple((ring,) for ring in rings), size)
    if points:
        places = torch.from_numpy(random.uniform(0, 1, (count, points, 2)) * [width, height])
        seen = torch.from_numpy(random.integers(0, 3, (count, points)))
        keypoints = Keypoints(places * (seen > 0)[..., None], seen, size, ((0, 1),) if points > 1 else ())
    ids = torch.from_numpy(random.integers(0, 2, count))
    return Annotations(size, ids, boxes, polygons, keypoints=keypoints)


def data_set(targets: list[Annotations], task: str = "detection", **more: Any) -> DataSet:
    """A data set in memory, all of it for training."""
    pictures = tuple(np.full((*target.size, 3), row % 256, np.uint8) for row, target in enumerate(targets))
    source = Arrays(pictures, tuple(targets), "memory", np.arange(len(targets)))
    return DataSet("memory", ("cat", "dog"), {"train": source}, task, **more)


def with_crowd(target: Annotations) -> Annotations:
    """Make the last thing a crowd whose place is a mask alone."""
    rings = target.polygons.rings if target.polygons else ()
    pixels = (
        target.polygons.masks().pixels if target.polygons else torch.zeros(len(target), *target.size, dtype=torch.bool)
    )
    pixels[-1, 5:9, 6:20] = True
    crowd = torch.arange(len(target)) == len(target) - 1
    polygons = Polygons((*rings[:-1], ()), target.size)
    return Annotations(
        target.size, target.class_ids, target.boxes, polygons, Masks(pixels), crowd=crowd, captions=("a zoo", "animals")
    )
