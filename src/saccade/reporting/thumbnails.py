"""Small pictures inside a page: each is stored once, however often it is shown.

Source: ours.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Shaped, UInt8
from PIL import Image, features

from saccade.errors import BadImage

SIDE = 96
_TINY = 40
Part = tuple[int, int, int, int]


@dataclass(frozen=True)
class Picture:
    """A thumbnail as it stands in the page: an id to refer to, its size in pixels, its bytes as a data URI."""

    id: str
    width: int
    height: int
    uri: str

    @property
    def tiny(self) -> bool:
        """Whether it has so few pixels that a reader wants to see each of them."""
        return max(self.width, self.height) <= _TINY


class Album:
    """The thumbnails of a page.

    Args:
        thumbnail: Gives the picture of a key, (height, width, channels), or raises BadImage; None when there are none.
        limit: How many different pictures the page may hold.
        side: Of a thumbnail, in pixels, at most.
        characters: How much of the page they may take up; the one that would be too many is left out.

    Source: ours.

    Example:
        >>> album = Album(lambda key: np.zeros((8, 8, 1), np.uint8), limit=1)
        >>> album.add("a"), album.add("b"), album.add("a")
        ('p1', '', 'p1')
    """

    def __init__(
        self,
        thumbnail: Callable[[str], np.ndarray] | None,
        limit: int = 400,
        *,
        side: int = SIDE,
        characters: int = 8_000_000,
    ) -> None:
        self.limit, self.side, self.characters = limit, side, characters
        self._thumbnail = thumbnail
        self._pictures: dict[tuple[str, Part | str | None], Picture] = {}
        self._unreadable: set[str] = set()
        self._last: tuple[str, np.ndarray] | None = None

    @property
    def pictures(self) -> list[Picture]:
        """The pictures that were added, in order."""
        return list(self._pictures.values())

    @property
    def unreadable(self) -> int:
        """How many pictures could not be read."""
        return len(self._unreadable)

    def add(self, key: str, part: Part | None = None) -> str:
        """Add the picture of a key, or a part of it, once.

        Args:
            key: Where the picture comes from.
            part: (left, top, right, bottom) in pixels, of which the last two are no longer in it; None is all of it.

        Returns:
            The id to show it by, or "" when it cannot be read or the page is full.
        """
        if (key, part) not in self._pictures:
            image = None if len(self._pictures) >= self.limit else self._read(key)
            if image is None:
                return ""
            shown = image if part is None else image[part[1] : part[3], part[0] : part[2]]
            return self._held((key, part), shown)
        return self._pictures[key, part].id

    def put(self, key: str, name: str, image: Shaped[np.ndarray, "height width channels"]) -> str:
        """Add a picture that was drawn over that of a key, once.

        Args:
            key: Where the picture beneath it comes from.
            name: What was drawn, other than anything else that is drawn over it.
            image: As a thumbnail may be.

        Returns:
            The id to show it by, or "" when the page is full.
        """
        if (key, name) in self._pictures:
            return self._pictures[key, name].id
        return "" if len(self._pictures) >= self.limit else self._held((key, name), image)

    def _held(self, place: tuple[str, Part | str | None], image: np.ndarray) -> str:
        picture = _picture(f"p{len(self._pictures) + 1}", image, self.side)
        if sum(len(one.uri) for one in self.pictures) + len(picture.uri) > self.characters:
            return ""
        self._pictures[place] = picture
        return picture.id

    def size_of(self, key: str) -> tuple[int, int] | None:
        """Measure the picture of a key.

        Args:
            key: Where the picture comes from.

        Returns:
            (height, width) in pixels; None when it cannot be read.
        """
        image = self._read(key)
        return None if image is None else (image.shape[0], image.shape[1])

    def _read(self, key: str) -> np.ndarray | None:
        if self._last is not None and self._last[0] == key:
            return self._last[1]
        if self._thumbnail is None or key in self._unreadable:
            return None
        try:
            image = self._thumbnail(key)
        except BadImage:
            self._unreadable.add(key)
            return None
        self._last = key, image
        return image


def displayable(image: Shaped[np.ndarray, "height width channels"]) -> UInt8[np.ndarray, "height width shown"]:
    """Make any picture one that a browser can show: 8 bits, one channel or three.

    Args:
        image: uint8 in [0, 255], uint16 in [0, 65535], or float in [0, 1].

    Returns:
        The first three channels, or the first alone when there are fewer than three.

    Source: ours.

    Example:
        >>> displayable(np.ones((2, 2, 4), np.float32)).shape
        (2, 2, 3)
    """
    shown = image[:, :, : 3 if image.shape[2] >= 3 else 1]
    if shown.dtype == np.uint16:
        shown = shown >> 8
    elif shown.dtype != np.uint8:
        shown = np.nan_to_num(shown).clip(0, 1) * 255
    return shown.astype(np.uint8)


def _picture(name: str, image: np.ndarray, side: int) -> Picture:
    pixels = displayable(image)
    height, width = pixels.shape[:2]
    small = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    if max(height, width) > side:
        scale = side / max(height, width)
        small = small.resize((max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    if max(small.size) <= _TINY or not features.check("webp"):
        small.save(stream, "PNG", optimize=True)
        kind = "png"
    else:
        small.save(stream, "WEBP", quality=78, method=6)
        kind = "webp"
    encoded = base64.b64encode(stream.getvalue()).decode()
    return Picture(name, *small.size, f"data:image/{kind};base64,{encoded}")
