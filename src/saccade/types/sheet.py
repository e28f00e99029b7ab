"""Small pictures on one sheet: side by side with a word below each, or strewn where numbers put them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw

from saccade.types.drawing import INK, caption, fitting_font
from saccade.types.overlay import colour_of

_GAP, _SPREAD, _MARGIN = 4, 1200, 40


@dataclass(frozen=True, eq=False)
class Tile:
    """A small picture.

    Args:
        picture: In red, green and blue.
        label: What is written below it.
        group: Such as its class; of strewn pictures the colour of the border.

    Source: ours.
    """

    picture: UInt8[np.ndarray, "height width 3"]
    label: str = ""
    group: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Sheet:
    """Small pictures and what they are.

    Args:
        title: What all are of.
        tiles: The pictures.
        columns: How many stand beside each other.
        side: Pixels a side of each, as it is drawn; small ones keep their pixels sharp.
        places: Where each stands instead, both coordinates from 0 to 1; None: in rows.
        notes: What a reader must know.

    Source: ours.
    """

    title: str
    tiles: tuple[Tile, ...]
    columns: int = 8
    side: int = 64
    places: Float[np.ndarray, "tiles 2"] | None = None
    notes: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return "; ".join([self.title, *self.notes])

    def draw(self) -> Image.Image:
        """Draw all on one picture.

        Returns:
            The sheet, with its title below.
        """
        canvas = self._rows() if self.places is None else self._strewn(self.places)
        return caption(canvas, [(str(self), INK)], wrap=True)

    def to_dict(self) -> dict[str, Any]:
        """Give everything but the pictures as plain values that JSON can hold."""
        places: Sequence[Any] = [None] * len(self.tiles) if self.places is None else self.places.round(6).tolist()
        tiles = [
            {"label": one.label, "group": one.group, "place": place}
            for one, place in zip(self.tiles, places, strict=True)
        ]
        return {"title": self.title, "notes": list(self.notes), "tiles": tiles}

    def _rows(self) -> Image.Image:
        labelled = any(one.label for one in self.tiles)
        line = 14 if labelled else 0
        step, lines = self.side + _GAP, -(-len(self.tiles) // self.columns)
        across = min(self.columns, len(self.tiles))
        canvas = Image.new("RGB", (max(200, step * across + _GAP), lines * (step + line) + _GAP), "white")
        pen = ImageDraw.Draw(canvas)
        for number, one in enumerate(self.tiles):
            left, top = number % self.columns * step + _GAP, number // self.columns * (step + line) + _GAP
            canvas.paste(_sized(one.picture, self.side), (left, top))
            if one.label:
                shown, font = fitting_font(one.label, 10, self.side)
                pen.text((left, top + self.side + 1), shown, fill=INK, font=font)
        return canvas

    def _strewn(self, places: Float[np.ndarray, "tiles 2"]) -> Image.Image:
        canvas = Image.new("RGB", (_SPREAD, _SPREAD), "white")
        pen, groups = ImageDraw.Draw(canvas), list(dict.fromkeys(one.group for one in self.tiles))
        room = _SPREAD - self.side - 2 * _MARGIN
        for one, (x, y) in zip(self.tiles, places, strict=True):
            left, top = _MARGIN + round(float(x) * room), _MARGIN + round(float(y) * room)
            canvas.paste(_sized(one.picture, self.side), (left, top))
            if one.group:
                border = (left - 2, top - 2, left + self.side + 1, top + self.side + 1)
                pen.rectangle(border, outline=colour_of(groups.index(one.group)), width=2)
        left = _MARGIN
        for number, group in enumerate(groups[:12]):
            if group:
                shown, font = fitting_font(group, 14, 90)
                pen.text((left, 8), shown, fill=colour_of(number), font=font)
                left += 95
        return canvas

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.draw().save(buffer, "PNG")
        return buffer.getvalue()


def _sized(picture: UInt8[np.ndarray, "height width 3"], side: int) -> Image.Image:
    """Fit into a square, on white: sharp pixels where it is enlarged."""
    image = Image.fromarray(picture)
    share = side / max(image.size)
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    image = image.resize(size, Image.Resampling.NEAREST if share > 1 else Image.Resampling.BILINEAR)
    square = Image.new("RGB", (side, side), "white")
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square
