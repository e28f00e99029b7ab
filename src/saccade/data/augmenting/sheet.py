"""A sheet of pictures before and after augmentation, to see what training will see.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped
from PIL import Image, ImageDraw, ImageFont

from saccade.data.augmenting.augmenter import Augmenter
from saccade.data.augmenting.kinds import Augmentation
from saccade.data.randomness import Draws, order
from saccade.errors import BadConfig, BadData, BadImage, printable
from saccade.types.annotations import Annotations
from saccade.types.drawing import as_picture, elide
from saccade.types.overlay import draw_annotations
from saccade.types.paired_image import PairedImage
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import DataSet, Sample, Source
from saccade.types.soft_label import SoftLabel

_PAPER, _TILE, _INK, _FAINT = (255, 255, 255), (241, 242, 244), (31, 35, 40), (110, 118, 129)
_GAP, _SHOWN = 8, 10


@dataclass(frozen=True)
class Draw:
    """How a sheet of augmentations is drawn.

    Args:
        pictures: How many pictures, one in each row.
        draws: How often each is augmented.
        tile: Height and width of each in pixels.
        seed: Another seed shows other pictures, changed in other ways.
        title: A line above them all; "" for none.

    Raises:
        BadConfig: If a number is out of range.

    Source: ours.
    """

    pictures: int = 6
    draws: int = 6
    tile: int = 160
    seed: int = 0
    title: str = ""

    def __post_init__(self) -> None:
        if not (1 <= self.pictures <= 100 and 1 <= self.draws <= 20 and 32 <= self.tile <= 1024):
            raise BadConfig(
                f"got pictures={self.pictures}, draws={self.draws} and tile={self.tile}; taken are 1 to 100, 1 to 20 "
                "and 32 to 1024; change them"
            )


def augmentation_sheet(
    dataset: DataSet, augmentations: Sequence[Augmentation], *, split: str = "train", draw: Draw | None = None
) -> Image.Image:
    """Draw pictures as they are, and beside each what augmentation makes of it, with what lies upon them.

    A result is a square, as a network with the usual fit, "crop", gets it. A picture that cannot be read is passed
    over.

    Args:
        dataset: Where pictures come from.
        augmentations: As for training.
        split: Which part of the data set.
        draw: What is drawn.

    Returns:
        The drawing, RGB.

    Raises:
        BadData: If no picture of the split can be read.

    Source: ours.

    Example:
        >>> from saccade.data.augmentations.recipes import recipe
        >>> from saccade.data.opening import open_data
        >>> augmentation_sheet(open_data("digits"), recipe("standard"), draw=Draw(pictures=2)).size
        (1198, 404)
    """
    draw = draw or Draw()
    samples = _chosen(dataset.splits[split], draw)
    if not samples:
        raise BadData(
            f"got no readable picture in {printable(split)!r} of {printable(dataset.name)!r}; taken is at least one; "
            "see saccade data info with --check"
        )
    step, below = draw.tile + _GAP, 18
    above = 24 + (32 if draw.title else 0)
    width = 2 * _GAP + step * (draw.draws + 1) + _GAP - 2
    paper = Image.new("RGB", (width, above + len(samples) * (step + below) + _GAP), _PAPER)
    pen = ImageDraw.Draw(paper)
    if draw.title:
        pen.text((_GAP, 20), elide(draw.title, _font(16), width - 2 * _GAP), _INK, _font(16), anchor="lm")
    left = [_GAP + step * column + (_GAP if column else 0) for column in range(draw.draws + 1)]
    pen.text((left[0], above - 10), "as it is", _FAINT, _font(12), anchor="lm")
    pen.text((left[1], above - 10), "as training sees it", _FAINT, _font(12), anchor="lm")
    results = _augmented(samples, augmentations, draw)
    for row, (sample, changed) in enumerate(zip(samples, results, strict=True)):
        top = above + row * (step + below)
        whole = _drawn(sample.image, sample.target, dataset)
        whole.thumbnail((draw.tile, draw.tile), Image.Resampling.LANCZOS)
        pictures = [whole, *(_drawn(one.image, one.target, dataset) for one in changed)]
        for column, (picture, about) in enumerate(zip(pictures, [sample, *changed], strict=True)):
            paper.paste(_squared(picture, draw.tile), (left[column], top))
            words = elide(_said(about.target, dataset.labels), _font(11), draw.tile)
            pen.text((left[column], top + draw.tile + 9), words, _INK, _font(11), anchor="lm")
    return paper


def _chosen(source: Source, draw: Draw) -> list[Sample]:
    samples: list[Sample] = []
    for row in order(len(source), draw.seed, 1).tolist():
        try:
            sample = source.read(row)
        except BadImage:
            continue
        samples.append(_enlarged(sample, draw.tile) if max(sample.image.shape[:2]) < draw.tile // 2 else sample)
        if len(samples) == draw.pictures:
            break
    return samples


def _enlarged(sample: Sample, tile: int) -> Sample:
    """A tiny picture, each pixel a block; so that it can be seen."""
    times = tile // max(sample.image.shape[:2])
    image = sample.image.repeat(times, 0).repeat(times, 1)
    target = sample.target
    if hasattr(target, "scale"):
        target = target.scale((image.shape[0], image.shape[1]))
    return Sample(image, target, sample.key)


def _augmented(samples: Sequence[Sample], augmentations: Sequence[Augmentation], draw: Draw) -> list[list[Sample]]:
    """Each picture's draws; a column is a batch, as far as pictures are mixed with each other."""
    augmenter = Augmenter(augmentations)
    columns = []
    for number in range(draw.draws):
        placed = [
            augmenter.placed(sample, _plain(sample, draw.tile), Draws(draw.seed, 2, number, row))
            for row, sample in enumerate(samples)
        ]
        columns.append(augmenter.mixed(placed, Draws(draw.seed, 3, number)))
    return [[column[row] for column in columns] for row in range(len(samples))]


def _plain(sample: Sample, tile: int) -> Preprocessing:
    """Grey pictures are shown in three channels too, so that one sheet can mix them with others."""
    channels = 3 if sample.image.shape[2] <= 4 else sample.image.shape[2]
    return Preprocessing((tile, tile), channels, (0.0,) * channels, (1.0,) * channels)


def _drawn(image: Shaped[np.ndarray, "height width channels"], target: Any, dataset: DataSet) -> Image.Image:
    picture = as_picture(image)
    if isinstance(target, PairedImage):
        pair = as_picture(target.pixels).resize(picture.size)
        picture.paste(pair.crop((picture.width // 2, 0, *picture.size)), (picture.width // 2, 0))
    if isinstance(target, Annotations):
        return draw_annotations(picture, target, labels=dataset.labels, skeleton=dataset.skeleton)
    return picture


def _squared(picture: Image.Image, side: int) -> Image.Image:
    tile = Image.new("RGB", (side, side), _TILE)
    tile.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return tile


def _said(target: Any, labels: Sequence[str]) -> str:
    if isinstance(target, SoftLabel):
        return ", ".join(f"{round(100 * share)} % {_name(one, labels)}" for one, share in target.shares.items())
    if isinstance(target, Annotations) and len(target):
        return f"{len(target)} thing" + "s" * (len(target) != 1)
    if isinstance(target, Annotations):
        return target.captions[0] if target.captions else ""
    if isinstance(target, int | np.integer):
        return _name(int(target), labels)
    if isinstance(target, tuple):
        return ", ".join(_name(one, labels) for one in target[:_SHOWN])
    return ""


def _name(class_id: int, labels: Sequence[str]) -> str:
    return labels[class_id] if class_id < len(labels) else str(class_id)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which comes with matplotlib and has most alphabets."""
    import matplotlib as mpl

    return ImageFont.truetype(str(Path(mpl.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")), size)
