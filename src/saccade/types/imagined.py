"""A picture that a network made, and how."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from saccade.types.drawing import INK, as_picture, caption


@dataclass(frozen=True, eq=False, repr=False)
class Imagined:
    """A picture that a network made.

    Args:
        title: What it is of, such as "class_model of tabby".
        method: By which it was made.
        settings: Its knobs.
        pixels: In [0, 1].
        values: Of what was raised or lowered, after each step.
        notes: What a reader must know, such as the network and the layer.
        seconds: That it took.
        whole: Whether it was made to its end; False when somebody stopped it.
        frames: Pictures on the way that belong to it, such as those of a zoom.

    Source: ours.
    """

    title: str
    method: str
    settings: Mapping[str, Any]
    pixels: Float[np.ndarray, "height width channels"]
    values: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    whole: bool = True
    frames: Sequence[Float[np.ndarray, "height width channels"]] = field(default=())

    def __str__(self) -> str:
        stopped = () if self.whole else (f"stopped after {len(self.values)} steps",)
        return "; ".join([self.title, *self.notes, *stopped])

    def draw(self) -> Image.Image:
        """Give the picture alone."""
        return as_picture(self.pixels)

    def captioned(self) -> Image.Image:
        """Give the picture with a line below it that says what it is and which network made it."""
        return caption(self.draw(), [(str(self), INK)], wrap=True)

    def to_dict(self) -> dict[str, Any]:
        """Give everything but the pixels as plain values that JSON can hold."""
        return {
            "title": self.title, "method": self.method, "settings": dict(self.settings),
            "size": list(self.pixels.shape[:2]), "values": [round(value, 6) for value in self.values],
            "notes": list(self.notes), "seconds": round(self.seconds, 3), "whole": self.whole,
        }  # fmt: skip

    def described(self) -> PngInfo:
        """Give what a PNG file says of itself beside its pixels: how the picture was made."""
        words = PngInfo()
        words.add_text("Title", self.title)
        words.add_text(
            "Description", json.dumps({key: value for key, value in self.to_dict().items() if key != "values"})
        )
        return words

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.draw().save(buffer, "PNG")
        return buffer.getvalue()
