"""BMP, WebP, HEIC and AVIF: their sizes are read here, their pixels by Pillow, OpenCV or pillow-heif.

Source: Microsoft, Bitmap storage; Google, WebP container specification; ISO/IEC 23008-12 (HEIF).
"""

from __future__ import annotations

import struct
from functools import partial
from io import BytesIO

import numpy as np
from jaxtyping import Shaped
from PIL.BmpImagePlugin import BmpImageFile
from PIL.WebPImagePlugin import WebPImageFile

from saccade.data.decoders.fast import fast_webp
from saccade.data.decoders.pixels import Header, on_white, pixels_of
from saccade.data.decoders.tags import orientation_of
from saccade.errors import BadImage, MissingExtra

_ANIMATED, _OPACITY, _OPACITY_PACKED = 2, 16, 1 << 28


def read_bmp_header(data: bytes) -> Header:
    """Read what a BMP says of its picture.

    Args:
        data: The whole file.

    Returns:
        Its header.

    Raises:
        BadImage: If it is cut short.

    Source: Microsoft, BITMAPCOREHEADER and BITMAPINFOHEADER.
    """
    if len(data) < 26:
        raise BadImage("got a BMP that is cut short; taken are whole files; copy it again")
    short = data[14] == 12
    width, height = struct.unpack_from("<HH" if short else "<ii", data, 18)
    return Header("BMP", abs(height), abs(width), lambda: pixels_of(BmpImageFile(BytesIO(data))))


def read_webp_header(data: bytes) -> Header:
    """Read what a WebP says of its first picture.

    Args:
        data: The whole file.

    Returns:
        Its header.

    Raises:
        BadImage: If it is cut short, or begins with a chunk that is no picture.

    Source: Google, WebP container specification; RFC 6386, section 9.1.
    """
    length = int.from_bytes(data[4:8], "little") + 8
    if len(data) < max(30, length):
        raise BadImage("got a WebP that is cut short; taken are whole files; copy it again")
    kind, flags, opacity = data[12:16], 0, False
    if kind == b"VP8X":
        flags = data[20]
        opacity = bool(flags & _OPACITY)
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
    elif kind == b"VP8L":
        packed = int.from_bytes(data[21:25], "little")
        width, height = 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
        opacity = bool(packed & _OPACITY_PACKED)
    elif kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        raise BadImage("got a WebP without a picture; taken are whole files; export it again")
    animated = bool(flags & _ANIMATED)
    decode = partial(_decode_webp, data, opacity or animated)
    return Header("WebP", height, width, decode, 4, _webp_orientation(data), animated)


def _webp_orientation(data: bytes) -> int:
    position = 12
    while position + 8 <= len(data):
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        if data[position : position + 4] == b"EXIF":
            return orientation_of(data[position + 8 : position + 8 + length])
        position += 8 + length + length % 2
    return 1


def _decode_webp(data: bytes, by_pillow: bool) -> Shaped[np.ndarray, "height width channels"]:
    pixels = None if by_pillow else fast_webp(data)
    return pixels_of(WebPImageFile(BytesIO(data))) if pixels is None else pixels


def read_heic_header(data: bytes) -> Header:
    """Read what a HEIC says of its main picture.

    Args:
        data: The whole file.

    Returns:
        Its header; libheif turns the picture upright itself.

    Raises:
        MissingExtra: If pillow-heif is not installed.

    Source: ISO/IEC 23008-12.
    """
    try:
        import pillow_heif
    except ImportError:
        raise MissingExtra("reading HEIC", "heif") from None
    opened = pillow_heif.open_heif(BytesIO(data), convert_hdr_to_8bit=False)
    main = opened[opened.primary_index]
    width, height = main.size

    def decode() -> Shaped[np.ndarray, "height width channels"]:
        pixels = np.asarray(main)
        pixels = np.array(pixels.reshape(*pixels.shape[:2], -1)[:, :width])
        return on_white(pixels, premultiplied=bool(main.premultiplied_alpha)) if main.has_alpha else pixels

    return Header("HEIC", height, width, decode, 8, several=len(opened) > 1)


def read_avif_header(data: bytes) -> Header:
    """Read what an AVIF says of its main picture.

    Args:
        data: The whole file.

    Returns:
        Its header.

    Raises:
        BadImage: If this Pillow cannot read AVIF.

    Source: Alliance for Open Media, AV1 image file format.
    """
    try:
        from PIL.AvifImagePlugin import AvifImageFile
    except ImportError:
        raise BadImage("got an AVIF; this Pillow cannot read it; run: pip install --upgrade pillow") from None
    image = AvifImageFile(BytesIO(data))
    orientation = orientation_of(image.info.get("exif", b""))
    return Header("AVIF", image.height, image.width, lambda: pixels_of(image), 4, orientation, image.is_animated)
