"""A data set written as Pascal VOC: Annotations, JPEGImages, ImageSets/Main, and masks where there are any.

Fractions of a pixel are kept. labelmap.txt names the classes in their order. A mask of objects is written where no two
objects share a pixel and each has some. Crowds, outlines, keypoints, captions and phrases have no place in it.

Source: the development kit of Pascal VOC; labelmap.txt as CVAT writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from saccade.data.labels.index_masks import voc_palette, write_indices
from saccade.data.labels.writing import Names, Written, annotated, boxes_of, copy_picture, make_folders, write_text
from saccade.data.voc.xml import FLAGS, VocThing, voc_text
from saccade.types.annotations import Annotations
from saccade.types.masks import Masks
from saccade.types.pixel_map import IGNORED, PixelMap
from saccade.types.sample import DataSet


def write_voc(dataset: DataSet, folder: Path) -> Mapping[str, int]:
    """Write a data set as Pascal VOC.

    Args:
        dataset: Its pictures have `Annotations`.
        folder: Where to; empty or not there yet.

    Returns:
        What was written, by kind.

    Raises:
        BadData: If pictures have other targets.

    Source: ours.
    """
    make_folders(folder, "Annotations", "JPEGImages", "ImageSets/Main")
    names, written = Names(), Written()
    members: dict[str, list[str]] = {split: [] for split in dataset.splits}
    for split, index, source, target in annotated(dataset, "voc"):
        name = copy_picture(source, index, folder / "JPEGImages", names)
        held = held_by_voc(target, len(dataset.labels))
        stem = Path(name).stem
        _write_masks(held, folder, stem)
        segmented = held.masks is not None or held.regions is not None
        text = voc_text(name, held.size, 3, _things(held, dataset), segmented)
        write_text(folder / "Annotations" / f"{stem}.xml", text)
        members[split].append(stem)
        written.add(held)
    for split, stems in members.items():
        write_text(folder / "ImageSets" / "Main" / f"{split}.txt", "".join(f"{stem}\n" for stem in stems))
    colours = [",".join(map(str, colour)) for colour in voc_palette().tolist()]
    lines = [f"{_spaced(label)}:{colours[number % 256]}::" for number, label in enumerate(dataset.labels)]
    write_text(folder / "labelmap.txt", "\n".join(["# label:color_rgb:parts:actions", *lines, ""]))
    return written.result()


def held_by_voc(target: Annotations, num_classes: int) -> Annotations:
    """Keep of a picture's labels what has a place in Pascal VOC.

    Args:
        target: The labels.
        num_classes: How many classes there are.

    Returns:
        Boxes, flags and poses of what is no crowd; masks and regions where they fit into 8 bits.

    Source: ours.
    """
    flags = {name: values for name, values in target.attributes.items() if name in (*FLAGS, "pose")}
    regions = target.regions
    if regions is not None and (num_classes > IGNORED or regions.outside != IGNORED):
        regions = None
    held = Annotations(
        target.size, target.class_ids, boxes_of(target), masks=target.masks, attributes=flags, regions=regions
    )
    kept = torch.zeros(len(target), dtype=torch.bool)
    if held.boxes is not None:  # a box of one pixel would read as a slip of the hand
        sides = held.boxes.coordinates[:, 2:] - held.boxes.coordinates[:, :2]
        kept = (sides > 0).all(1) & ~(sides == 1).all(1)
    if target.crowd is not None:
        kept = kept & ~target.crowd
    held = held.select(kept)
    return held if held.masks is None or _fit(held.masks) else replace(held, masks=None)


def _fit(masks: Masks) -> bool:
    """Whether the masks fit into one picture of numbers."""
    pixels = masks.pixels
    return 0 < len(masks) < IGNORED and bool(pixels.flatten(1).any(1).all()) and bool((pixels.sum(0) < 2).all())


def _write_masks(held: Annotations, folder: Path, stem: str) -> None:
    if held.regions is not None:
        make_folders(folder, "SegmentationClass")
        write_indices(_bytes(held.regions), folder / "SegmentationClass" / f"{stem}.png")
    if held.masks is not None:
        make_folders(folder, "SegmentationObject")
        numbers = torch.arange(1, len(held.masks) + 1)[:, None, None]
        values = (held.masks.pixels * numbers).sum(0).numpy().astype(np.uint8)
        write_indices(values, folder / "SegmentationObject" / f"{stem}.png")


def _bytes(regions: PixelMap) -> np.ndarray:
    return regions.values.numpy().astype(np.uint8)


def _things(held: Annotations, dataset: DataSet) -> list[VocThing]:
    poses = (dataset.origin or {}).get("poses", ())
    things = []
    for row in range(len(held)):
        assert held.boxes is not None
        x1, y1, x2, y2 = held.boxes.coordinates[row].double().tolist()
        said = {name: float(values[row]) for name, values in held.attributes.items()}
        pose = said.pop("pose", -1.0)
        word = poses[int(pose)] if 0 <= pose < len(poses) else ""
        flags = {name: said[name] for name in FLAGS if said.get(name, float("nan")) == said.get(name)}
        label = _spaced(dataset.labels[int(held.class_ids[row])])
        things.append(VocThing(label, (x1, y1, x2, y2), row + 1, flags, word))
    return things


def _spaced(label: str) -> str:
    """A name on one line."""
    return " ".join(label.split()) or "?"
