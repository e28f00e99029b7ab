"""Drawing on pictures: from an image array to a picture that a person can read.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Shaped, UInt8
from PIL import Image, ImageDraw, ImageFont

from saccade.errors import printable

INK, PAPER, GOOD, BAD = "#1b1f24", "#ffffff", "#1a7f37", "#b42318"
_WIDER_FONTS = ("NotoSansCJK-Regular.ttc", "wqy-zenhei.ttc", "Arial Unicode.ttf", "PingFang.ttc", "msyh.ttc")


def as_picture(image: Shaped[np.ndarray, "height width channels"]) -> Image.Image:
    """Turn an image array into a picture for the eye.

    Args:
        image: uint8 in [0, 255], uint16 in [0, 65535] or float in [0, 1]; of three or more channels the first three
            are red, green and blue, of one or two the first is grey.

    Returns:
        An RGB picture of the same size; values outside the range, NaN too, are cut to it.

    Source: ours.

    Example:
        >>> as_picture(np.full((1, 2, 1), 65535, np.uint16)).getpixel((1, 0))
        (255, 255, 255)
    """
    chosen = image[:, :, :3] if image.shape[2] >= 3 else image[:, :, [0, 0, 0]]
    return Image.fromarray(_eight_bits(chosen))


def _eight_bits(image: Shaped[np.ndarray, "height width 3"]) -> UInt8[np.ndarray, "height width 3"]:
    if image.dtype == np.uint8:
        return np.ascontiguousarray(image)
    unit = np.nan_to_num(image.astype(np.float32)) / (65535 if image.dtype == np.uint16 else 1)
    return np.round(unit.clip(0, 1) * 255).astype(np.uint8)


def enlarge(picture: Image.Image, least: int = 160) -> Image.Image:
    """Make a small picture readable: each pixel becomes a block.

    Args:
        picture: Any picture.
        least: How wide it shall be at least, in pixels.

    Returns:
        The same picture if it is wide enough, or one a whole number of times as large.

    Source: ours.

    Example:
        >>> enlarge(Image.new("RGB", (28, 14))).size
        (168, 84)
    """
    times = math.ceil(least / picture.width)
    return (
        picture
        if times <= 1
        else picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
    )


def caption(picture: Image.Image, lines: Sequence[tuple[str, str]], *, wrap: bool = False) -> Image.Image:
    """Put lines of text on a bar below a picture.

    Args:
        picture: Any picture.
        lines: Each line with its colour; one that is too long ends in "…".
        wrap: Go on in the next line instead, between words.

    Returns:
        A picture of the same width, and higher.

    Source: ours.

    Example:
        >>> caption(Image.new("RGB", (200, 100)), [("a cat", INK)]).width
        200
    """
    size = int(np.clip(picture.width // 18, 12, 28))
    step, margin = round(size * 1.35), size // 2
    if wrap:
        lines = [(part, colour) for text, colour in lines for part in _wrapped(text, size, picture.width - 2 * margin)]
    canvas = Image.new("RGB", (picture.width, picture.height + step * len(lines) + margin), PAPER)
    canvas.paste(picture, (0, 0))
    pen = ImageDraw.Draw(canvas)
    for number, (text, colour) in enumerate(lines):
        font = _font_for(text, size)
        shown = elide(text, font, picture.width - 2 * margin)
        middle = picture.height + margin // 2 + step * number + step // 2
        pen.text((margin, middle), shown, fill=colour, font=font, anchor="lm")
    return canvas


def _wrapped(text: str, size: int, width: int) -> list[str]:
    """Lines that fit, as long as words do."""
    font, found = _font_for(text, size), [""]
    for word in text.split():
        longer = f"{found[-1]} {word}".strip()
        if not found[-1] or font.getlength(printable(longer)) <= width:
            found[-1] = longer
        else:
            found.append(word)
    return found


def elide(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """Shorten a text until it fits.

    Args:
        text: One line; control characters are escaped.
        font: In which it will be drawn.
        width: How wide it may be, in pixels.

    Returns:
        The text, or its beginning and "…".

    Source: ours.
    """
    shown = printable(text[:500])
    if font.getlength(shown) <= width:
        return shown
    low, high = 0, len(shown)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if font.getlength(shown[:middle] + "…") <= width else (low, middle - 1)
    return shown[:low].rstrip() + "…"


@cache
def _plain_font() -> tuple[str, frozenset[int]]:
    """The font that comes with matplotlib, and the characters it can draw."""
    import matplotlib as mpl
    from matplotlib.ft2font import FT2Font

    path = str(Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")
    return path, frozenset(FT2Font(path).get_charmap())


def fitting_font(text: str, size: int, width: int) -> tuple[str, ImageFont.FreeTypeFont]:
    """Choose a font for a text, and shorten the text until it fits.

    Args:
        text: One line.
        size: Of the font, in pixels.
        width: How wide it may be, in pixels.

    Returns:
        The text, or its beginning and "…"; and the font.

    Source: ours.

    Example:
        >>> fitting_font("a cat", 12, 200)[0]
        'a cat'
    """
    font = _font_for(text, size)
    return elide(text, font, width), font


def _font_for(text: str, size: int) -> ImageFont.FreeTypeFont:
    """A font that can draw the text, if there is one on this machine."""
    path, characters = _plain_font()
    for candidate in () if {ord(char) for char in text} <= characters else _WIDER_FONTS:
        try:
            return ImageFont.truetype(candidate, size)
        except OSError:
            continue
    return ImageFont.truetype(path, size)
