"""A data set written as YOLO: images/train, labels/train and so on, and a data.yaml.

Numbers are written with all their digits, so that boxes read again are within 10⁻⁹ pixels of what they were. Rows have
room for one outline: where a thing has several rings, they are joined by seams of no width. What reaches beyond the
picture is cut at its edge where YOLO could not hold it. Crowds, and things without an outline where others have one,
are left out.

Source: Ultralytics' documentation of its dataset formats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml

from saccade.data.coco.writing import category_ids
from saccade.data.labels.writing import Names, Written, annotated, boxes_of, copy_picture, make_folders, write_text
from saccade.data.yolo.rows import yolo_line
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.polygons import Polygons
from saccade.types.sample import DataSet


def write_yolo(dataset: DataSet, folder: Path) -> Mapping[str, int]:
    """Write a data set as YOLO.

    Args:
        dataset: Its pictures have `Annotations`.
        folder: Where to; empty or not there yet.

    Returns:
        What was written, by kind.

    Raises:
        BadData: If pictures have other targets.

    Source: ours.
    """
    make_folders(folder, *(f"{kind}/{split}" for kind in ("images", "labels") for split in dataset.splits))
    points = len(dataset.keypoint_names) if dataset.task == "keypoints" else 0
    names, written, flips = Names(), Written(), ()
    for split, index, source, target in annotated(dataset, "yolo"):
        name = copy_picture(source, index, folder / "images" / split, names)
        held = held_by_yolo(target, dataset.task)
        if held.keypoints is not None:
            points, flips = held.keypoints.points.shape[1], held.keypoints.swaps
        lines = [_line(held, row) for row in range(len(held))]
        write_text(folder / "labels" / split / f"{Path(name).stem}.txt", "".join(f"{line}\n" for line in lines))
        written.add(held)
    text = yaml.safe_dump(_settings(dataset, points, flips), sort_keys=False, allow_unicode=True)
    write_text(folder / "data.yaml", text)
    return written.result()


def held_by_yolo(target: Annotations, task: str) -> Annotations:
    """Keep of a picture's labels what has a place in YOLO.

    Args:
        target: The labels.
        task: "keypoints", "instance_segmentation", or another, where only boxes are written.

    Returns:
        Boxes, and outlines or keypoints, of the things that can be written.

    Source: ours.
    """
    outlines = target.polygons if task == "instance_segmentation" else None
    polygons = None if outlines is None else _joined(outlines)
    boxes = _inside(target) if polygons is None else polygons.boxes()
    kept = boxes.area() > 0
    if target.crowd is not None:
        kept &= ~target.crowd
    if polygons is not None:
        kept &= torch.tensor([bool(thing) for thing in polygons.rings], dtype=torch.bool)
    keypoints = target.keypoints if task == "keypoints" else None
    if keypoints is not None:
        corner = keypoints.points.new_tensor([target.size[1], target.size[0]])
        inside = ((keypoints.points >= 0) & (keypoints.points <= corner)).all(2)
        keypoints = replace(keypoints, visibility=keypoints.visibility * inside)
    return Annotations(target.size, target.class_ids, boxes, polygons, keypoints=keypoints).select(kept)


def _inside(target: Annotations) -> Boxes:
    """The boxes, cut at the edges where a share would leave [0, 1]."""
    drawn = boxes_of(target)
    if drawn is None:
        return Boxes(torch.zeros(len(target), 4, dtype=torch.float64), target.size)
    shares = drawn.cxcywh() / drawn.coordinates.new_tensor([target.size[1], target.size[0]]).repeat(2)
    right = ((shares >= 0) & (shares <= 1)).all(1, keepdim=True)
    return Boxes(torch.where(right, drawn.coordinates, drawn.clip().coordinates), target.size)


def _joined(polygons: Polygons) -> Polygons:
    """One ring for each thing, on the picture; none where nothing of it is left there."""
    cut = polygons.clip()
    return Polygons(tuple(thing[:1] if len(thing) < 2 else (_seamed(thing),) for thing in cut.rings), cut.size)


def _seamed(rings: Any) -> torch.Tensor:
    """Walk along each ring in turn, from the first ring's start and back to it."""
    first = rings[0]
    parts = [first]
    for ring in rings[1:]:
        parts += [first[:1], ring, ring[:1]]
    return torch.cat([*parts, first[:1]])


def _line(held: Annotations, row: int) -> str:
    assert held.boxes is not None
    corner = np.array([held.size[1], held.size[0]], np.float64)
    class_id = int(held.class_ids[row])
    if held.polygons is not None:
        return yolo_line(class_id, (held.polygons.rings[row][0].double().numpy() / corner).ravel().tolist())
    numbers = (held.boxes.cxcywh()[row].double().numpy() / np.tile(corner, 2)).tolist()
    if held.keypoints is not None:
        points, visibility = held.keypoints.points[row].double().numpy(), held.keypoints.visibility[row].numpy()
        shares = np.where(visibility[:, None] > 0, points / corner, 0)
        numbers += np.concatenate([shares, visibility[:, None]], 1).ravel().tolist()
    return yolo_line(class_id, numbers)


def _settings(dataset: DataSet, points: int, swaps: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"path": "."} | {split: f"images/{split}" for split in dataset.splits}
    values |= {"nc": len(dataset.labels), "names": dict(enumerate(dataset.labels))}
    if (dataset.origin or {}).get("category_ids"):
        values["category_ids"] = category_ids(dataset)
    if points:
        order = list(range(points))
        for one, other in swaps:
            order[one], order[other] = other, one
        values |= {"kpt_shape": [points, 3], "flip_idx": order}
        if len(dataset.keypoint_names) == points:
            values["kpt_names"] = {number: list(dataset.keypoint_names) for number in range(len(dataset.labels))}
        values["skeleton"] = [list(line) for line in dataset.skeleton]
    return values
