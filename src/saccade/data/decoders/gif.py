"""GIF: the blocks are walked up to the end of the first picture, and only that picture reaches the decoder.

Source: CompuServe, Graphics Interchange Format, version 89a.
"""

from __future__ import annotations

import struct
from functools import partial
from io import BytesIO

import numpy as np
from jaxtyping import UInt8
from PIL.GifImagePlugin import GifImageFile

from saccade.data.decoders.pixels import Header, pixels_of
from saccade.errors import BadImage

_CUT = "got a GIF that is cut short; taken are whole files; copy it again"
_EXTENSION, _CONTROL, _PICTURE, _TRAILER = 0x21, 0xF9, 0x2C, 0x3B
_TRANSPARENT = 1


def read_header(data: bytes) -> Header:
    """Read what a GIF says of its first picture.

    Args:
        data: The whole file.

    Returns:
        Its header.

    Raises:
        BadImage: If it is cut short.

    Source: GIF 89a, sections 15 to 27.
    """
    try:
        return _header(data)
    except (IndexError, struct.error):
        raise BadImage(_CUT) from None


def _header(data: bytes) -> Header:
    width, height = struct.unpack_from("<HH", data, 6)
    screen_end = 13 + _table_size(data[10])
    control, picture, _ = _next_picture(data, screen_end)
    if picture < 0:
        raise BadImage("got a GIF without a picture; taken are whole files; copy it again")
    left, top, wide, high = struct.unpack_from("<HHHH", data, picture + 1)
    end = _after_blocks(data, picture + 10 + _table_size(data[picture + 9]) + 1)
    clean = b"GIF89a" + data[6:screen_end] + control + data[picture:end] + bytes((_TRAILER,))
    several = _next_picture(data, end)[1] >= 0 if end < len(data) else False
    return Header("GIF", max(height, top + high), max(width, left + wide), partial(_decode, clean), several=several)


def _decode(clean: bytes) -> UInt8[np.ndarray, "height width channels"]:
    return pixels_of(GifImageFile(BytesIO(clean)))


def _next_picture(data: bytes, position: int) -> tuple[bytes, int, int]:
    """Find the next picture: what controls it, where it starts (-1: there is none), and where the search ended."""
    control = b""
    while position < len(data) and data[position] != _TRAILER:
        if data[position] == _PICTURE:
            return control, position, position
        if data[position] != _EXTENSION:
            position += 1
            continue
        end = _after_blocks(data, position + 2)
        if data[position + 1] == _CONTROL and data[position + 2] == 4:
            # of the control only the transparent colour matters to a first picture
            flags = data[position + 3] & _TRANSPARENT
            control = bytes((_EXTENSION, _CONTROL, 4, flags, 0, 0, data[position + 6], 0))
        position = end
    return control, -1, position


def _after_blocks(data: bytes, position: int) -> int:
    while data[position]:
        position += data[position] + 1
    return position + 1


def _table_size(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 128 else 0
