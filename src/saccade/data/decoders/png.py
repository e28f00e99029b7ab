"""PNG: the chunks are walked and their sums checked here; only those that describe pixels reach the decoder.

So compressed text, profiles and animation are never unpacked. 8 bits and less are decoded by Pillow, which would cut
16-bit colour to 8: that is decoded by OpenCV.

Source: W3C, Portable Network Graphics, third edition.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO

import numpy as np
from jaxtyping import Shaped, UInt16
from PIL.PngImagePlugin import PngImageFile

from saccade.data.decoders.pixels import Header, on_white, pixels_of
from saccade.data.decoders.tags import orientation_of
from saccade.errors import BadImage

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = (b"IHDR", b"PLTE", b"IDAT")
_END = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
_GREY, _GREY_ALPHA = 0, 4


@dataclass(frozen=True)
class _Layout:
    bits: int
    colour: int
    transparent: bytes


def read_header(data: bytes) -> Header:
    """Read what a PNG says of its picture.

    Args:
        data: The whole file.

    Returns:
        Its header.

    Raises:
        BadImage: If it is cut short or broken.

    Source: W3C PNG, third edition, sections 5 and 11.
    """
    first, orientation, frames, transparent = b"", 1, 1, b""
    kept: list[bytes | memoryview] = [_SIGNATURE]
    for kind, body, chunk in _chunks(data):
        if kind == b"IHDR":
            first = first or bytes(body)
        elif kind == b"eXIf":
            orientation = orientation_of(bytes(body))
        elif kind == b"acTL":
            frames = int.from_bytes(body[:4], "big")
        elif kind == b"tRNS":
            transparent = bytes(body)
        if kind in _KEPT or (kind == b"tRNS" and first[8:9] != b"\x10"):
            kept.append(chunk)
    if len(first) != 13 or not any(chunk[4:8] == b"IDAT" for chunk in kept):
        raise BadImage("got a PNG without a header or pixels; taken are whole files; copy or export it again")
    width, height, bits, colour = struct.unpack_from(">IIBB", first)
    decode = partial(_decode, b"".join((*kept, _END)), _Layout(bits, colour, transparent))
    return Header("PNG", height, width, decode, 8 if bits == 16 else 4, orientation, frames > 1)


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, memoryview]]:
    """Walk the chunks: kind, body, and the whole; those for pixels must have their right sum."""
    view, position = memoryview(data), len(_SIGNATURE)
    while position < len(data):
        length, kind = int.from_bytes(view[position : position + 4], "big"), bytes(view[position + 4 : position + 8])
        chunk = view[position : position + 12 + length]
        if not length and b"IEND".startswith(kind):  # a torn end is an end
            return
        if len(chunk) < 12 + length:
            raise BadImage("got a PNG that is cut short; taken are whole files; copy it again")
        if kind in _KEPT and zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            raise BadImage("got a PNG whose pixels are damaged (a wrong sum); taken are whole files; copy it again")
        yield kind, chunk[8:-4], chunk
        position += 12 + length


def _decode(clean: bytes, layout: _Layout) -> Shaped[np.ndarray, "height width channels"]:
    if layout.bits < 16:
        return pixels_of(PngImageFile(BytesIO(clean)))
    pixels = pixels_of(PngImageFile(BytesIO(clean))) if layout.colour == _GREY else _wide(clean, layout.colour)
    if len(layout.transparent) in (2, 6) and layout.colour in (0, 2):
        pixels[(pixels == np.frombuffer(layout.transparent, ">u2")).all(axis=-1)] = 65_535
    return pixels


def _wide(clean: bytes, colour: int) -> UInt16[np.ndarray, "height width channels"]:
    import cv2

    pixels = cv2.imdecode(np.frombuffer(clean, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16 or pixels.ndim != 3:
        raise BadImage("got a 16-bit PNG that cannot be decoded; taken are whole files; export it again")
    if colour == _GREY_ALPHA:
        return on_white(pixels[..., [0, 3]])
    pixels = pixels[..., [2, 1, 0, 3][: pixels.shape[2]]]
    return on_white(pixels) if pixels.shape[2] == 4 else pixels
