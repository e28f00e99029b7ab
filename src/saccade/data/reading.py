"""The door for pictures: from a path, bytes, an open file, or anything in memory, to an upright array.

A file goes through four steps, and a stranger's bytes reach a decoder only in the last:

    first bytes → kind_of (an allow-list) → the format's header → bounds on size → pixels → upright

Headers are read by saccade's own code. Decoders get the pixels and what describes them, never metadata: no profile, no
XMP, no text is unpacked, whatever its size. Files are opened for reading and never written to.

Source: ours.
"""

from __future__ import annotations

import os
import stat
import struct
import warnings
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any, BinaryIO

import numpy as np
import torch
from jaxtyping import Shaped
from PIL import Image

from saccade.data.decoders import gif as reading_gif
from saccade.data.decoders import jpeg as reading_jpeg
from saccade.data.decoders import plain as reading_plain
from saccade.data.decoders import png as reading_png
from saccade.data.decoders import pnm as reading_pnm
from saccade.data.decoders import tiff as reading_tiff
from saccade.data.decoders.arrays import from_array, from_pillow, from_tensor
from saccade.data.decoders.fast import factor_for
from saccade.data.decoders.kinds import ENOUGH, kind_of
from saccade.data.decoders.pixels import Header, upright
from saccade.errors import BadImage, SaccadeError, printable

IMAGE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".gif", ".bmp", ".tif", ".tiff")
) | frozenset((".heic", ".heif", ".hif", ".avif", ".pgm", ".ppm", ".pbm", ".pnm"))

MAX_PIXELS = 178_956_970  # Pillow's own limit; 512 MiB as 8-bit RGB, and more than any camera's sensor gives
MAX_SIDE = 1 << 20  # OpenCV's own limit
_BYTES_PER_PIXEL = 8  # four channels of 16 bits; wider pixels count as several
_FILE_BYTES_PER_PIXEL, _METADATA_BYTES, _PART = 16, 1 << 26, 1 << 20

_HEADERS: dict[str, Callable[[bytes], Header]] = {
    "JPEG": reading_jpeg.read_header,
    "PNG": reading_png.read_header,
    "GIF": reading_gif.read_header,
    "TIFF": reading_tiff.read_header,
    "BMP": reading_plain.read_bmp_header,
    "PNM": reading_pnm.read_pnm_header,
    "WebP": reading_plain.read_webp_header,
    "HEIC": reading_plain.read_heic_header,
    "AVIF": reading_plain.read_avif_header,
}


class ImageWarning(UserWarning):
    """A picture was read, but there is something to know about it."""


def is_image_name(name: str | PurePath) -> bool:
    """Tell by its name whether a file may be a picture; what it is, only its bytes say.

    Args:
        name: A file's name or path. The shadows that macOS leaves ("._photo.jpg") are no pictures.

    Returns:
        Whether its suffix, in any case, is one of `IMAGE_SUFFIXES`.

    Source: ours.

    Example:
        >>> is_image_name("holiday/Räder 1.JPG"), is_image_name("notes.txt")
        (True, False)
    """
    path = PurePath(name)
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith("._")


def read_image(
    source: str | Path | bytes | BinaryIO,
    *,
    max_pixels: int = MAX_PIXELS,
    luma: bool = False,
    at_least: tuple[int, int] | None = None,
) -> Shaped[np.ndarray, "height width channels"]:
    r"""Read a picture, upright.

    JPEG, PNG, WebP, GIF, BMP, TIFF, PGM, PPM, AVIF, and HEIC with the extra "heif"; told apart by their bytes, not by
    their names. Grey gives one channel, colour, palettes and CMYK three, a TIFF as many as it has. What is transparent
    becomes white. 8 bits give uint8, 16 bits uint16, floats float32 in [0, 1] (see `levels_of` for floats beyond). Of
    several pictures or frames the first is read, with one `ImageWarning`.

    Args:
        source: A path, the bytes of a file, or a file opened for reading in binary.
        max_pixels: Refuse pictures that claim more, before they are decoded. No side may be longer than 1,048,576.
        luma: Give one channel, the luma, of a picture in a format that keeps it apart from the colours (JPEG): that
            takes a third of the time. Any other picture comes as ever.
        at_least: (height, width) of the upright picture that is enough, where it will be shrunk anyway: a JPEG then
            comes with both sides divided by the largest of 8, 4, 2 and 1 that leaves so much, rounded up, in a quarter
            of the time or less. Any other picture, a JPEG of four components, one that lacks its end, and one with a
            side below 16 come whole; none is ever enlarged. `read_at_least` says how large it was.

    Returns:
        uint8 in [0, 255], uint16 in [0, 65535] or float32 in [0, 1], in memory of its own.

    Raises:
        BadImage: If it cannot be read, is no picture, is broken, cut short, or too large; the file is named.
        MissingExtra: If it is HEIC and pillow-heif is not installed.

    Source: ours.

    Example:
        >>> read_image(b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;").shape
        (1, 1, 1)
    """
    return _read(source, max_pixels, luma, at_least)[0]


def read_at_least(
    source: str | Path | bytes | BinaryIO, at_least: tuple[int, int] | None, *, max_pixels: int = MAX_PIXELS
) -> tuple[Shaped[np.ndarray, "height width channels"], tuple[int, int]]:
    r"""Read a picture, upright, perhaps reduced, and say how large it is in full.

    Args:
        source: As in `read_image`.
        at_least: As in `read_image`; None: in full.
        max_pixels: As in `read_image`.

    Returns:
        The pixels, and the (height, width) that labels in pixels refer to.

    Raises:
        BadImage: As `read_image` does.
        MissingExtra: If it is HEIC and pillow-heif is not installed.

    Source: ours.

    Example:
        >>> read_at_least(b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;", (9, 9))[1]
        (1, 1)
    """
    return _read(source, max_pixels, False, at_least)


def _read(
    source: Any, max_pixels: int, luma: bool, at_least: tuple[int, int] | None
) -> tuple[Shaped[np.ndarray, "height width channels"], tuple[int, int]]:
    name = _name_of(source)
    try:
        header = _header(_bytes_of(source, _FILE_BYTES_PER_PIXEL * max_pixels + _METADATA_BYTES), max_pixels)
        size = _upright_size(header)
        factor = factor_for(size, at_least)
        reduced = header.reduced if factor > 1 else None
        header = reduced(factor) if reduced else header
        decode = header.decode_luma if luma and header.decode_luma else header.decode
        pixels = upright(decode(), header.orientation)
    except BadImage as error:
        raise BadImage(error.reason, name) from error.__cause__
    except SaccadeError:
        raise
    except Exception as error:  # the one door for strangers' bytes: a decoder may raise anything
        raise BadImage(
            f"got a file that cannot be decoded ({_said(error)}); taken are whole pictures; copy or export it again",
            name,
        ) from error
    if header.several:
        warnings.warn(
            f"got a {header.kind} of several pictures or frames; taken is one; the first is read, split the file if "
            "the others matter",
            ImageWarning,
            stacklevel=3,
        )
    return pixels, size if reduced else (pixels.shape[0], pixels.shape[1])


def read_size(source: str | Path | bytes | BinaryIO, *, max_pixels: int = MAX_PIXELS) -> tuple[int, int]:
    r"""Say how large a picture is when it stands upright, from its header alone.

    Args:
        source: As in `read_image`.
        max_pixels: As in `read_image`.

    Returns:
        (height, width) in pixels, as `read_image` gives it.

    Raises:
        BadImage: If it is no picture, its header is broken, or it is too large; the file is named.

    Source: ours.

    Example:
        >>> read_size(b"GIF89a\x03\0\x01\0\0\0\0,\0\0\0\0\x03\0\x01\0\0\x02\x02D\x01\0;")
        (1, 3)
    """
    name = _name_of(source)
    try:
        header = _header(_bytes_of(source, _FILE_BYTES_PER_PIXEL * max_pixels + _METADATA_BYTES), max_pixels)
    except BadImage as error:
        raise BadImage(error.reason, name) from error.__cause__
    return _upright_size(header)


def as_image(
    thing: Any, *, max_pixels: int = MAX_PIXELS, luma: bool = False
) -> Shaped[np.ndarray, "height width channels"]:
    """Take a picture in whatever form it comes.

    Args:
        thing: A path, bytes or an open file (see `read_image`); a Pillow image; an array of (height, width) or
            (height, width, channels); a tensor of (height, width) or (channels, height, width). Numbers are uint8,
            uint16, or floats in [0, 1].
        max_pixels: As in `read_image`.
        luma: As in `read_image`; what is in memory already comes as ever.

    Returns:
        uint8 in [0, 255], uint16 in [0, 65535] or float32 in [0, 1].

    Raises:
        BadImage: If it is no picture; the message says what to change.
        MissingExtra: If it is HEIC and pillow-heif is not installed.

    Source: ours.

    Example:
        >>> as_image(np.zeros((2, 3), np.uint8)).shape
        (2, 3, 1)
    """
    if isinstance(thing, np.ndarray):
        return from_array(thing)
    if isinstance(thing, torch.Tensor):
        return from_tensor(thing)
    if not isinstance(thing, Image.Image):
        return read_image(thing, max_pixels=max_pixels, luma=luma)
    try:
        return from_pillow(thing, max_pixels=max_pixels)
    except (OSError, ValueError, SyntaxError, EOFError, LookupError, struct.error) as error:
        if isinstance(error, BadImage):
            raise
        raise BadImage(
            f"got a Pillow image that cannot be decoded ({_said(error)}); taken are whole pictures; open it again"
        ) from error


def _upright_size(header: Header) -> tuple[int, int]:
    sideways = header.orientation >= 5
    return (header.width, header.height) if sideways else (header.height, header.width)


def _header(data: bytes, max_pixels: int) -> Header:
    header = _HEADERS[kind_of(data)](data)
    width, height = header.width, header.height
    pixels = width * height * max(1, header.bytes_per_pixel / _BYTES_PER_PIXEL)
    if not pixels:
        raise BadImage(f"got {width} × {height} pixels; taken is at least one; export it again")
    if pixels > max_pixels:
        wide = f" of {header.bytes_per_pixel} bytes" if header.bytes_per_pixel > _BYTES_PER_PIXEL else ""
        raise BadImage(
            f"got {width:,} × {height:,} pixels{wide}; taken are at most {max_pixels:,} pixels of up to "
            f"{_BYTES_PER_PIXEL} bytes; make it smaller, or raise max_pixels"
        )
    if max(width, height) > MAX_SIDE:
        raise BadImage(f"got {width:,} × {height:,} pixels; taken are sides up to {MAX_SIDE:,}; cut it into pieces")
    return header


def _bytes_of(source: Any, most: int) -> bytes:
    if isinstance(source, bytes):
        return source
    if isinstance(source, str | os.PathLike):
        return _file_bytes(os.fspath(source), most)
    if not hasattr(source, "read"):
        raise BadImage(
            f"got {type(source).__name__}; taken are paths, bytes, open binary files, Pillow images, arrays and "
            "tensors; give one of them"
        )
    return _read_all(source, most)


def _file_bytes(path: Any, most: int) -> bytes:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - a name that is not UTF-8 must pass too
            raise BadImage("got a folder or a device; taken are files; give the path of a picture")
        with open(path, "rb") as file:  # noqa: PTH123
            kind_of(file.peek(ENOUGH)[:ENOUGH])  # so that a large file of another kind is not read at all
            return _read_all(file, most)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BadImage(
            f"got a file that cannot be opened ({reason}); taken are readable files; check the path"
        ) from error
    except ValueError as error:
        if isinstance(error, BadImage):
            raise
        raise BadImage("got a path with a zero byte; taken are names of files; check the path") from error


def _read_all(file: Any, most: int) -> bytes:
    parts, size = [], 0
    while part := file.read(_PART):
        if not isinstance(part, bytes):
            raise BadImage("got a file opened as text; taken are files opened in binary; open it with 'rb'")
        parts.append(part)
        size += len(part)
        if size > most:
            raise BadImage(f"got a file of more than {most:,} bytes; taken are smaller ones; raise max_pixels")
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _name_of(source: Any) -> str:
    if isinstance(source, str | os.PathLike):
        return os.fsdecode(source)
    name = getattr(source, "name", "")
    return name if isinstance(name, str) else ""


def _said(error: Exception) -> str:
    return printable(str(error).strip() or type(error).__name__).rstrip(".")[:200]
