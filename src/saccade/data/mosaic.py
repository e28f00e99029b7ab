"""A mosaic: some pictures of a data set on one sheet, each with its label beneath, to see what one is about to use.

Source: ours.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped, UInt8
from PIL import Image, ImageDraw, ImageFont

from saccade.data.randomness import order
from saccade.errors import BadConfig, BadImage, printable
from saccade.types.annotations import Annotations
from saccade.types.overlay import draw_annotations, picture_beside
from saccade.types.paired_image import PairedImage
from saccade.types.sample import Source, class_lists, classes_of

_PAPER, _TILE, _INK, _FAINT = (255, 255, 255), (241, 242, 244), (31, 35, 40), (150, 156, 164)
_LINES = 2


@dataclass(frozen=True)
class Sheet:
    """How a mosaic is laid out.

    Args:
        columns: Pictures side by side.
        tile: Height and width of each in pixels.
        title: A line above them all; "" for none.

    Raises:
        BadConfig: If columns or tile is out of range.

    Source: ours.
    """

    columns: int = 10
    tile: int = 96
    title: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.columns <= 100 or not 16 <= self.tile <= 1024:
            raise BadConfig(
                f"got columns={self.columns} and tile={self.tile}; taken are 1 to 100 and 16 to 1024; change them"
            )

    @property
    def gap(self) -> int:
        """Pixels between tiles."""
        return max(6, self.tile // 10)

    @property
    def text_size(self) -> int:
        """Height of the letters of a caption, in pixels."""
        return max(9, self.tile // 8)


def mosaic(
    source: Source,
    labels: Sequence[str],
    *,
    count: int = 40,
    seed: int = 0,
    sheet: Sheet | None = None,
    skeleton: Sequence[tuple[int, int]] = (),
) -> Image.Image:
    """Draw some pictures of a source with their labels, as many of each class as possible, side by side.

    Boxes, masks, outlines, points and regions are drawn on the pictures; depth, a mesh or a paired picture beside them;
    sentences and classes are written below. A picture that cannot be read is shown as an empty tile that says so.

    Args:
        source: Where pictures come from.
        labels: The names of the classes.
        count: How many pictures.
        seed: Another seed shows other ones.
        sheet: The layout.
        skeleton: Which keypoints to join by a line.

    Returns:
        The drawing, RGB.

    Raises:
        BadConfig: If count is below 1.

    Source: ours.

    Example:
        >>> from saccade.data.opening import open_data
        >>> digits = open_data("digits")
        >>> mosaic(digits.splits["train"], digits.labels, count=20).size
        (1059, 259)
    """
    if count < 1:
        raise BadConfig(f"got count={count}; taken is 1 or more; change it")
    sheet = sheet or Sheet()
    classes = class_lists(source)
    chosen = list(itertools.islice(_spread(classes, seed), count))
    chosen.sort(key=lambda row: classes[row])
    shown = [_shown(source, row, classes[row]) for row in chosen]
    captions = [_caption(target, labels, sheet) for _, target in shown]
    columns, step = min(sheet.columns, len(chosen)), sheet.tile + sheet.gap
    above = sheet.gap + (round(2.4 * sheet.text_size) if sheet.title else 0)
    below = 4 + round(1.3 * sheet.text_size) * max(text.count("\n") + 1 for text in captions)
    size = (sheet.gap + columns * step, above + -(-len(chosen) // columns) * (step + below))
    paper = Image.new("RGB", size, _PAPER)
    pen, font = ImageDraw.Draw(paper), _font(sheet.text_size)
    large = _font(round(1.3 * sheet.text_size))
    pen.text((sheet.gap, sheet.gap), _wrapped(sheet.title, large, size[0] - 2 * sheet.gap, 1), _INK, large)
    for place, ((picture, target), text) in enumerate(zip(shown, captions, strict=True)):
        left, top = sheet.gap + place % columns * step, above + place // columns * (step + below)
        paper.paste(_tile(picture, target, sheet.tile, (labels, skeleton)), (left, top))
        middle = (left + sheet.tile / 2, top + sheet.tile + 4)
        pen.multiline_text(middle, text, _INK, font, anchor="ma", spacing=2, align="center")
    return paper


def said_of(target: Any, labels: Sequence[str]) -> str:
    """Say in words what a target says: its first sentence where it has one, else the names of its classes.

    Args:
        target: What is known of a picture.
        labels: The names of the classes.

    Returns:
        One line.

    Source: ours.

    Example:
        >>> said_of((0, 1), ("cat", "dog")), said_of(None, ())
        ('cat, dog', 'no label')
    """
    sentences = getattr(target, "captions", ()) or getattr(target, "phrases", ())
    if sentences:
        return sentences[0]
    if isinstance(target, PairedImage):
        return ""
    return ", ".join(labels[one] for one in classes_of(target) if one < len(labels)) or "no label"


def _caption(target: Any, labels: Sequence[str], sheet: Sheet) -> str:
    says = isinstance(target, Annotations) and (target.captions or target.phrases)
    return _wrapped(said_of(target, labels), _font(sheet.text_size), sheet.tile, 2 * _LINES if says else _LINES)


def _spread(classes: Sequence[tuple[int, ...]], seed: int) -> Iterator[int]:
    """Rows in turn from each class, classes and rows shuffled; with several labels, each combination is a class."""
    groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for row in order(len(classes), seed, 1).tolist():
        groups[classes[row]].append(row)
    names = sorted(groups)
    shuffled = [groups[names[number]] for number in order(len(names), seed, 2).tolist()]
    for turn in itertools.zip_longest(*shuffled):
        yield from (row for row in turn if row is not None)


def _shown(source: Source, row: int, classes: tuple[int, ...]) -> tuple[Image.Image | None, Any]:
    """A picture and its target; no picture, and the classes alone, where it cannot be read."""
    try:
        sample = source.read(row)
    except BadImage:
        return None, classes
    return Image.fromarray(as_rgb(sample.image)), sample.target


def _tile(
    picture: Image.Image | None,
    target: Any,
    side: int,
    marks: tuple[Sequence[str], Sequence[tuple[int, int]]],
) -> Image.Image:
    """One picture with its labels in the middle of a square, or two things side by side."""
    if picture is None:
        tile = Image.new("RGB", (side, side), _TILE)
        middle, font = (side / 2, side / 2), _font(side // 8)
        ImageDraw.Draw(tile).multiline_text(middle, "cannot\nbe read", _FAINT, font, anchor="mm", align="center")
        return tile
    beside = picture_beside(target)
    tile = _fitted(picture, target, side if beside is None else side // 2, marks)
    if beside is None:
        return tile
    both = Image.new("RGB", (side, side), _TILE)
    both.paste(tile, (0, (side - tile.height) // 2))
    both.paste(_fitted(beside, None, side // 2, marks), (side - side // 2, (side - tile.height) // 2))
    return both


def _fitted(
    picture: Image.Image, target: Any, side: int, marks: tuple[Sequence[str], Sequence[tuple[int, int]]]
) -> Image.Image:
    """A picture in a square; small ones enlarged in whole steps, so that each pixel can be seen."""
    tile = Image.new("RGB", (side, side), _TILE)
    longest = max(picture.size)
    small = 2 * longest <= side
    scale = side // longest if small else side / longest
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    resampling = Image.Resampling.NEAREST if small else Image.Resampling.LANCZOS
    drawn = picture.resize(size, resampling)
    if isinstance(target, Annotations):
        drawn = draw_annotations(drawn, target, labels=marks[0], skeleton=marks[1])
    tile.paste(drawn, ((side - size[0]) // 2, (side - size[1]) // 2))
    return tile


def as_rgb(image: Shaped[np.ndarray, "height width channels"]) -> UInt8[np.ndarray, "height width 3"]:
    """Bring a picture of any type and number of channels to eight bits of red, green and blue, to be looked at.

    Args:
        image: uint8, uint16, or float in [0, 1]. Of two channels the first is shown, of four or more the first three.

    Returns:
        The picture.

    Source: ours.

    Example:
        >>> as_rgb(np.full((1, 1, 1), 65535, np.uint16)).tolist()
        [[[255, 255, 255]]]
    """
    if image.dtype == np.uint16:
        image = (image >> 8).astype(np.uint8)
    elif image.dtype != np.uint8:
        image = np.round(np.clip(np.nan_to_num(image), 0, 1) * 255).astype(np.uint8)
    return np.ascontiguousarray(image[..., :3] if image.shape[2] > 2 else np.repeat(image[..., :1], 3, axis=2))


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int, lines: int) -> str:
    """Break a text where it gets too wide, between words where there are some; what is too much ends in "…"."""
    rest, done = printable(text), []
    while rest and len(done) < lines:
        fitting = len(rest)
        while fitting > 1 and font.getlength(rest[:fitting].rstrip()) > width:
            fitting -= 1
        if fitting < len(rest):
            at_word = max(rest.rfind(mark, 1, fitting) + 1 for mark in " _-/")
            fitting = at_word if at_word > fitting // 2 else fitting
        done.append(rest[:fitting].rstrip())
        rest = rest[fitting:].lstrip()
    if rest and done:
        last = done[-1]
        while last and font.getlength(last + "…") > width:
            last = last[:-1]
        done[-1] = last + "…"
    return "\n".join(done)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which comes with matplotlib and has most alphabets."""
    import matplotlib

    return ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")), size)
