"""JPEG: the segments are walked here, and only those that describe pixels reach the decoder.

A file whose end is missing is read when that changes nothing: it is decoded with several different endings, and taken
only if all give the same pixels. A whole file of one or three components is decoded
the fast way where there is one, any other by Pillow.

Source: ITU-T T.81 (the JPEG standard), annex B; CIPA DC-007 for several pictures in one file.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from io import BytesIO
from itertools import product
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL.JpegImagePlugin import JpegImageFile

from saccade.data.decoders.fast import Factor, fast_jpeg
from saccade.data.decoders.pixels import Header, pixels_of
from saccade.data.decoders.tags import orientation_of, read_directory, start_of
from saccade.errors import BadImage

_END = b"\xff\xd9"
_SCAN = 0xDA
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_BARE = {0x01, *range(0xD0, 0xD8)}
_DROPPED = {*range(0xE1, 0xEE), 0xEF, 0xFE}  # metadata and comments; 0xE0 is JFIF, 0xEE Adobe's word on the colours
_NEXT = re.compile(rb"\xff([^\0\xff])", re.DOTALL)
_AFTER_PIXELS = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_NUMBER_OF_PICTURES = 0xB001
_SEQUENTIAL = {0xC0, 0xC1, 0xC9}
_MOST_SCANS = 200
_Read = Callable[..., UInt8[np.ndarray, "height width channels"]]


def read_header(data: bytes) -> Header:
    """Read what a JPEG says of its picture.

    Args:
        data: The whole file.

    Returns:
        Its header.

    Raises:
        BadImage: If it is cut before its pixels, or says nothing a decoder could use.

    Source: ITU-T T.81, annex B.
    """
    kept, frame, coding, first, orientation, several = [b"\xff\xd8"], b"", 0, b"", 1, False
    for marker, start, body, following in _segments(data):
        if marker == _SCAN:
            clean, first = b"".join((*kept, memoryview(data)[start:])), body
            break
        if marker in _FRAMES:
            frame, coding = body, marker
        elif marker == 0xE1 and body.startswith(b"Exif\0\0") and orientation == 1:
            orientation = orientation_of(body)
        elif marker == 0xE2 and body.startswith(b"MPF\0"):
            several = _pictures(body[4:]) > 1
        if marker not in _DROPPED:
            kept.append(data[start:following])
    else:
        raise BadImage("got a JPEG without pixels; taken are whole files; copy it again")
    height, width, components = _size(frame)
    alone = coding in _SEQUENTIAL and first[:1] == frame[5:6]  # decoders end where this scan does
    make = partial(
        Header, "JPEG", height, width, bytes_per_pixel=1 if components == 1 else 4, orientation=orientation,
        several=several,
    )  # fmt: skip
    read = partial(_read, size=(height, width), components=components)
    ways = partial(_at_scale, make, read, (clean, alone, components == 1))
    return replace(ways(1), reduced=ways)


def _at_scale(
    make: Callable[..., Header], read: Callable[..., Any], content: tuple[bytes, bool, bool], factor: Factor
) -> Header:
    """Say how the pixels, and the luma, are decoded when both sides are divided by a factor."""
    clean, alone, grey = content
    pixels, luma = (partial(_decode, clean, partial(read, factor=factor, grey=which), alone) for which in (grey, True))
    return make(decode=pixels, decode_luma=luma)


def _size(frame: bytes) -> tuple[int, int, int]:
    if len(frame) < 6 or frame[5] not in (1, 3, 4) or not struct.unpack_from(">H", frame, 1)[0]:
        raise BadImage("got a JPEG that gives no size; taken are files of 1, 3 or 4 components; export it again")
    if frame[0] != 8:
        raise BadImage(f"got a JPEG of {frame[0]} bits; taken are 8; export it as a 16-bit PNG or TIFF")
    height, width = struct.unpack_from(">HH", frame, 1)
    return height, width, frame[5]


def _segments(data: bytes) -> Iterator[tuple[int, int, bytes, int]]:
    """Walk the segments: marker, where it starts, its body, and where it ends; pixels between them are passed over."""
    position = 2
    while True:
        found = _NEXT.search(data, position)
        if not found or found[1] == b"\xd9":
            return
        start, marker = found.end() - 2, found[1][0]
        if marker in _BARE:
            position = start + 2
            continue
        length = int.from_bytes(data[start + 2 : start + 4], "big")
        position = start + 2 + length
        if length < 2 or position > len(data):
            raise BadImage("got a JPEG that is cut short; taken are whole files; copy it again")
        yield marker, start, data[start + 4 : position], position
        if marker == _SCAN:
            found = _AFTER_PIXELS.search(data, position)
            position = found.start() if found else len(data)


def _pictures(index: bytes) -> int:
    """Count the pictures that the index of a multi-picture file names."""
    try:
        order, big, offset = start_of(index)
        tags, _ = read_directory(index, offset, order=order, big=big, wanted=(_NUMBER_OF_PICTURES,))
    except ValueError:
        return 1
    return int((tags.get(_NUMBER_OF_PICTURES) or (1,))[0])


def _decode(clean: bytes, pixels_in: _Read, alone: bool) -> UInt8[np.ndarray, "height width channels"]:
    if not alone and clean.count(b"\xff\xda") > _MOST_SCANS:
        raise BadImage(f"got a JPEG of more than {_MOST_SCANS} scans; taken are fewer; export it again")
    if clean.rfind(_END) >= 0:
        return pixels_in(clean)
    clean = clean.rstrip(b"\xff")  # half of the end, or of a byte
    pixels_in = partial(pixels_in, whole=False)
    pixels = pixels_in(clean + _END)
    if not _carries_everything(clean) or any(
        not np.array_equal(pixels, pixels_in(clean + ending)) for ending in _noisy_endings(clean)
    ):
        raise BadImage("got a JPEG that is cut short, pixels are missing; taken are whole files; copy it again")
    return pixels


def _read(
    clean: bytes, *, size: tuple[int, int], components: int, factor: Factor, grey: bool, whole: bool = True
) -> UInt8[np.ndarray, "height width channels"]:
    """Decode a file: one that may be cut, or has four components, by Pillow and in full size."""
    if not whole or components == 4:
        return _by_pillow(clean, grey, 1)
    pixels = fast_jpeg(clean, size, grey=grey, factor=factor)
    return _by_pillow(clean, grey, factor) if pixels is None else pixels


def _by_pillow(clean: bytes, grey: bool, factor: Factor) -> UInt8[np.ndarray, "height width channels"]:
    """Decode a file the safe way; the luma is the one that is stored, but of four components all are read."""
    image = JpegImageFile(BytesIO(clean))
    size = (max(1, image.width // factor), max(1, image.height // factor)) if factor > 1 else None
    if grey or size:
        image.draft("L" if grey else image.mode, size)
    return pixels_of(image)


def _noisy_endings(clean: bytes) -> Iterator[bytes]:
    """Give endings that would draw something, each something else, wherever pixels are missing."""
    restarts = re.findall(rb"\xff([\xd0-\xd7])", clean)
    last = restarts[-1][0] if restarts else 0xD7
    following = [bytes((0xFF, 0xD0 + (last - 0xD0 + step) % 8)) for step in (1, 2)]
    for noise in (b"\x5a\xc3\x96" * 40, b"\xa5\x3c\x69" * 40, b"\xfe" * 120):
        yield b"".join((noise, *(marker + noise for marker in following), _END))


def _carries_everything(clean: bytes) -> bool:
    """Whether the scans, all together, bring every coefficient of every component to its last bit."""
    frame = next(body for marker, _, body, _ in _segments(clean) if marker in _FRAMES)
    missing = set(product(frame[6::3], range(64)))
    for marker, _, body, _ in _segments(clean):
        if marker == _SCAN:
            end = 1 + 2 * body[0]
            first, last, bits = body[end : end + 3]
            if bits & 15 == 0:
                missing -= set(product(body[1:end:2], range(first, last + 1)))
    return not missing
