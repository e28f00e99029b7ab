"""The things of pictures cut out, and places without any: what a classifier learns from before it slides over pictures.

Source: the notes, "sliding windows detection", which trains on closely cropped images; ours for the background.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from saccade.data.randomness import Draws
from saccade.errors import BadConfig, BadData, BadImage, BadLabel, MissingExtra
from saccade.ops.boxes import iou
from saccade.types.annotations import Annotations
from saccade.types.boxed import learnable
from saccade.types.sample import DataSet, Sample, Source

BACKGROUND = "background"
_PURPOSE = 0xC209
_APART = 0.3  # a place of which no thing's square overlaps more shows none
_TRIES = 30

Corners = tuple[int, int, int, int]


@dataclass(frozen=True)
class CropSettings:
    """How things are cut out.

    Args:
        background: Places without things, for each thing; a picture without things gives as many as pictures have on
            average.
        context: Added on each side, as a part of the longer side of the box.
        square: Make each crop as high as it is wide, by taking more of the picture.
        seed: Of the places.

    Raises:
        BadConfig: If a number is below 0 or not finite.

    Source: ours.
    """

    background: float = 1.0
    context: float = 0.1
    square: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        for name, value in (("background", self.background), ("context", self.context)):
            if not 0 <= value < 1e6:
                raise BadConfig(f"got {name}={value!r}; taken is a number from 0 on; change it")


@dataclass(frozen=True)
class Crop:
    """A part of a picture with its class.

    Args:
        row: The number of the picture in its source.
        corners: (x1, y1, x2, y2) in whole pixels of the picture.
        class_id: Of what it shows.

    Source: ours.
    """

    row: int
    corners: Corners
    class_id: int


class _Latest:
    """The picture that was read last; a copy for another process begins without."""

    def __init__(self) -> None:
        self.held: tuple[int, Sample] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _Latest, ()

    def read(self, source: Source, row: int) -> Sample:
        held = self.held
        if held is None or held[0] != row:
            held = self.held = (row, source.read(row))
        return held[1]


@dataclass(frozen=True, eq=False)
class Crops:
    """Parts of the pictures of another source.

    Args:
        source: The pictures.
        crops: Those of one picture stand together.
        latest: The picture that was read last.

    Source: ours.
    """

    source: Source
    crops: tuple[Crop, ...]
    latest: _Latest = field(default_factory=_Latest, repr=False)

    def __len__(self) -> int:
        """Count the crops."""
        return len(self.crops)

    def read(self, index: int) -> Sample:
        """Cut out one; the picture that was decoded last is kept, for its next crop."""
        crop = self.crops[index]
        x1, y1, x2, y2 = crop.corners
        image = self.latest.read(self.source, crop.row).image[y1:y2, x1:x2]
        return Sample(np.ascontiguousarray(image), crop.class_id, self.key(index))

    def key(self, index: int) -> str:
        """Name one: its picture, and where it lies there."""
        crop = self.crops[index]
        return f"{self.source.key(crop.row)}#{'-'.join(map(str, crop.corners))}"

    def target(self, index: int) -> int:
        """Give the class of one."""
        return self.crops[index].class_id

    def fingerprint(self) -> str:
        """Hash the pictures and the places."""
        told = repr([(crop.row, crop.corners, crop.class_id) for crop in self.crops])
        return hashlib.sha256(f"{self.source.fingerprint()} {told}".encode()).hexdigest()

    def pick(self, rows: Sequence[int]) -> Crops:
        """Keep some of them."""
        return Crops(self.source, tuple(self.crops[row] for row in rows))


def crops_of(dataset: DataSet, settings: CropSettings | None = None) -> DataSet:
    """Cut the things out of the pictures of a data set, and places without things.

    Args:
        dataset: Its pictures have boxes.
        settings: How; None for the usual.

    Returns:
        A data set for classification with one class more, "background", unless none is wanted. Crops of one picture
        are all in the split of that picture. Crowds and boxes without an area are left out, and so are pictures whose
        labels cannot be read.

    Raises:
        BadData: If its pictures have no boxes, or a class is called "background" already.

    Source: See the module.

    Example:
        >>> from saccade.data.opening import open_data
        >>> scenes = open_data("synthetic:task=detection,count=12,size=48,classes=circle+star")
        >>> crops_of(scenes).labels
        ('circle', 'star', 'background')
    """
    settings = settings or CropSettings()
    if settings.background and BACKGROUND in dataset.labels:
        raise BadData(
            f"got a class {BACKGROUND!r} among the labels; taken are data without it, since places without things are "
            "called so; rename it, or ask for background=0"
        )
    splits = {}
    for split, source in dataset.splits.items():
        found = tuple(_cut(source, settings, len(dataset.labels)))
        if found or split == "train":
            splits[split] = Crops(source, found)
    if not len(splits["train"]):
        raise BadData(
            f"got {dataset.name}, on whose pictures no boxes can be cut out; taken are data for detection; see "
            "`saccade data info`"
        )
    labels = (*dataset.labels, *((BACKGROUND,) if settings.background else ()))
    return DataSet(f"{dataset.name}-crops", labels, splits)


def _cut(source: Source, settings: CropSettings, background: int) -> Iterator[Crop]:
    """The crops of one split, picture by picture."""
    known = list(_annotated(source))
    cut = [_squares(one, settings) for _, one in known]
    sides = torch.cat([(squares[:, 2:] - squares[:, :2]).amax(1) for squares in cut] or [torch.zeros(0)])
    if not len(sides):
        return
    for (row, target), squares in zip(known, cut, strict=True):
        class_ids = target.class_ids[learnable(target)].tolist()
        for corners, class_id in zip(squares.tolist(), class_ids, strict=True):
            yield Crop(row, _whole(corners, target.size), class_id)
        wanted = settings.background * (len(squares) or len(sides) / len(known))
        draws = Draws(settings.seed, _PURPOSE, row)
        places = _places(target, squares, sides, draws)
        count = int(wanted) + (draws.uniform() < wanted % 1)
        yield from (Crop(row, corners, background) for corners, _ in zip(places, range(count), strict=False))


def _annotated(source: Source) -> Iterator[tuple[int, Annotations]]:
    for row in range(len(source)):
        try:
            target = source.target(row)
        except (BadImage, BadLabel, MissingExtra):
            continue
        if isinstance(target, Annotations) and (target.boxes is not None or not len(target)):
            yield row, target


def _squares(target: Annotations, settings: CropSettings) -> Tensor:
    """What is cut out around each thing, in pixels; it may reach beyond the picture."""
    if target.boxes is None:
        return torch.zeros(0, 4)
    boxes = target.boxes.coordinates[learnable(target)].float()
    middles, sides = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    longest = sides.amax(1, keepdim=True)
    half = ((longest if settings.square else sides) + 2 * settings.context * longest) / 2
    return torch.cat([middles - half, middles + half], 1)


def _places(target: Annotations, squares: Tensor, sides: Tensor, draws: Draws) -> Iterator[Corners]:
    """Draw places of the sizes of things, where none is; few or none where there is no room."""
    height, width = target.size
    for _ in range(_TRIES * max(1, len(squares))):
        side = min(float(sides[draws.below(len(sides))]), height, width)
        left, top = draws.uniform(0, width - side), draws.uniform(0, height - side)
        place = torch.tensor([[left, top, left + side, top + side]])
        if not len(squares) or iou(place, squares).amax() <= _APART:
            yield _whole(place[0].tolist(), target.size)


def _whole(corners: Sequence[float], size: tuple[int, int]) -> Corners:
    """Whole pixels within the picture, one at least; what reaches beyond it is moved in where there is room."""
    found = []
    for low, high, length in ((corners[0], corners[2], size[1]), (corners[1], corners[3], size[0])):
        side = min(max(round(high - low), 1), length)
        start = min(max(round(low), 0), length - side)
        found.append((start, start + side))
    return found[0][0], found[1][0], found[0][1], found[1][1]
