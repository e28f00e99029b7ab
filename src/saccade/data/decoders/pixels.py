"""What all picture formats share: the header that is read before any pixel, and the way to an upright array.

The rules, the same for every format:

* grey stays one channel, colour and palettes become three, a bit becomes 0 or 255 (a palette that is the full ramp of
  greys is how GIF and BMP say grey, and stays one channel);
* opacity is put on white, so that what was transparent is white and never the colour that hid below it;
* eight bits stay uint8, sixteen stay uint16, floats become float32 in [0, 1];
* colour profiles and gamma are not applied: the pixels are the ones in the file.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Num, Shaped, UInt8
from PIL import Image

from saccade.data.decoders.fast import Factor
from saccade.errors import BadImage

_ROWS_AT_ONCE = 1 << 20
_LARGE, _BAND_BYTES = 1 << 22, 1 << 16


@dataclass(frozen=True)
class Header:
    """What a file says of its picture, read without decoding it.

    Args:
        kind: The name of the format.
        height: In pixels, as stored.
        width: In pixels, as stored.
        decode: Gives the pixels of the first picture, as stored.
        bytes_per_pixel: What a decoded pixel takes.
        orientation: How to turn the stored picture upright, 1 to 8 as EXIF counts.
        several: Whether the file holds more pictures than the first.
        decode_luma: Gives the luma of its pixels, where the format keeps that apart and so gives it sooner.
        reduced: Gives the same header with ways to decode that divide both sides by 2, 4 or 8, where the format can.

    Source: ours.
    """

    kind: str
    height: int
    width: int
    decode: Callable[[], Shaped[np.ndarray, "height width channels"]]
    bytes_per_pixel: int = 4
    orientation: int = 1
    several: bool = False
    decode_luma: Callable[[], Shaped[np.ndarray, "height width channels"]] | None = None
    reduced: Callable[[Factor], Header] | None = None


def pixels_of(image: Image.Image) -> Shaped[np.ndarray, "height width channels"]:
    """Turn a Pillow image of any mode into an array, by the rules of this file.

    Args:
        image: A Pillow image; it is decoded if it was not yet.

    Returns:
        Its pixels in an array of their own.

    Raises:
        BadImage: If its whole numbers exceed 16 bits, or its floats mean no picture.

    Source: ours.

    Example:
        >>> pixels_of(Image.new("LA", (2, 1), (10, 0))).tolist()
        [[[255], [255]]]
    """
    image.load()
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return levels_of(np.array(image)[..., None])
    transparent = "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBA", "RGBa")
    if transparent:
        grey = image.mode in ("L", "LA", "La", "1")
        return on_white(np.asarray(image.convert("LA" if grey else "RGBA")))
    mode = "L" if image.mode in ("1", "L") else "RGB"
    return _array_of(image if image.mode == mode else image.convert(mode))


def _array_of(image: Image.Image) -> UInt8[np.ndarray, "height width channels"]:
    """Copy the pixels of a picture of mode L or RGB.

    A large one band by band, each small enough for memory that is at hand: in one piece Pillow gives it away only by
    way of two copies in fresh memory, which takes as long as decoding it did.
    """
    channels = len(image.getbands())
    if image.width * image.height * channels < _LARGE:
        return np.array(image).reshape(image.height, image.width, channels)
    pixels = np.empty((image.height, image.width, channels), np.uint8)
    rows = max(1, _BAND_BYTES // (4 * image.width))
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        band = np.asarray(image.crop((0, top, image.width, bottom)))
        pixels[top:bottom] = band.reshape(bottom - top, image.width, channels)
    return pixels


def levels_of(array: Num[np.ndarray, "height width channels"]) -> Shaped[np.ndarray, "height width channels"]:
    """Bring numbers of any type to uint8, uint16 or float32 in [0, 1].

    uint8 and uint16 stay. Other whole numbers are levels of 16 bits. Floats up to 1 stay; whole floats up to 255 are
    levels of 8 bits, up to 65,535 levels of 16 bits, and are divided by 255 or 65,535.

    Args:
        array: The numbers as a file holds them.

    Returns:
        The same picture in one of the three types.

    Raises:
        BadImage: If the numbers are negative, not finite, or too large to be levels.

    Source: ours.

    Example:
        >>> levels_of(np.array([[[0.0], [51.0]]])).round(3).tolist()
        [[[0.0], [0.20000000298023224]]]
    """
    if array.dtype.kind == "u" and array.itemsize <= 2:
        return np.ascontiguousarray(array, array.dtype.newbyteorder("="))
    low, high = array.min(), array.max()
    whole = array.dtype.kind in "iu"
    if not np.isfinite(low) or not np.isfinite(high):
        raise BadImage("got pixels that are not finite (NaN or infinity); taken are numbers; fill the gaps first")
    top = 1 if not whole and high <= 1 else _top(array, float(high), whole)
    if low < 0 or not top:
        raise BadImage(
            f"got pixels from {low:g} to {high:g}; taken are floats in [0, 1] or whole levels up to 65,535; "
            "shift and divide them by the range of the sensor"
        )
    return array.astype(np.uint16) if whole else (array / top).astype(np.float32)


def _top(array: Num[np.ndarray, "height width channels"], high: float, whole: bool) -> int:
    """Give the level that is white, or 0 when these are no levels."""
    if high > 65_535 or not (whole or np.array_equal(array, np.rint(array))):
        return 0
    return 255 if high <= 255 else 65_535


def on_white(
    array: Num[np.ndarray, "height width both"], *, premultiplied: bool = False
) -> Num[np.ndarray, "height width channels"]:
    """Put a picture whose last channel is opacity on a white ground.

    Args:
        array: uint8, uint16 or float32 in [0, 1]; one or three channels, and opacity.
        premultiplied: Whether the colours are already multiplied by the opacity.

    Returns:
        A new array of the same type without the last channel, rounded to the nearest level.

    Source: Porter and Duff, "Compositing digital images" (1984), the operator "over".

    Example:
        >>> on_white(np.array([[[100, 255], [100, 51], [100, 0]]], np.uint8)).tolist()
        [[[100], [224], [255]]]
    """
    height, width, channels = array.shape
    result = np.empty((height, width, channels - 1), array.dtype)
    rows = max(1, _ROWS_AT_ONCE // width)
    for top in range(0, height, rows):
        part = array[top : top + rows]
        result[top : top + rows] = _over_white(part[..., :-1], part[..., -1:], premultiplied)
    return result


def _over_white(
    colour: Num[np.ndarray, "rows width channels"], opacity: Num[np.ndarray, "rows width 1"], premultiplied: bool
) -> Num[np.ndarray, "rows width channels"]:
    if colour.dtype.kind == "f":
        return np.minimum(colour * (1 if premultiplied else opacity) + (1 - opacity), 1)
    white = int(np.iinfo(colour.dtype).max)
    # white² + white / 2 still fits into twice the bits, so nothing wraps
    wide = np.dtype(f"u{2 * colour.itemsize}")
    colour, opacity = colour.astype(wide), opacity.astype(wide)
    if premultiplied:
        return np.minimum(colour, opacity) + (white - opacity)
    return (colour * opacity + white * (white - opacity) + white // 2) // white


def upright(array: Shaped[np.ndarray, "a b channels"], orientation: int) -> Shaped[np.ndarray, "c d channels"]:
    """Turn a stored picture the way it is meant to be seen.

    Args:
        array: The picture as stored.
        orientation: 1 to 8 as EXIF counts: where the first row and the first column of the stored picture belong.

    Returns:
        The picture upright; the same array when it was.

    Source: EXIF 2.32, tag 274, table 6.

    Example:
        >>> upright(np.array([[[1], [2]]]), 6).tolist()
        [[[1]], [[2]]]
    """
    if orientation == 1:
        return array
    turned = array.transpose(1, 0, 2) if orientation >= 5 else array
    down, across = {2: (1, -1), 3: (-1, -1), 4: (-1, 1), 5: (1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}[orientation]
    turned = turned[::down, ::across]
    result = np.empty(turned.shape, turned.dtype)
    for channel in range(turned.shape[2]):  # one by one: half the time of a copy of all at once
        result[..., channel] = turned[..., channel]
    return result
