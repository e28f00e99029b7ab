"""Masks as files: the number of a class in every pixel, or a colour for each class.

    numbers: a PNG of grey levels or of a palette, 1 to 16 bits; the number in the file is the class, 255 is no class
    colours: a PNG, BMP, GIF or TIFF, with a table that says which colour means which class

A mask is never read the way a photograph is: a palette's numbers would be lost, and few bits would become many.

Source: W3C, Portable Network Graphics, third edition, sections 4 and 11; 255 as in Pascal VOC.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64, Shaped, UInt8
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from saccade.data.labels.text_files import read_bytes
from saccade.data.reading import read_image, read_size
from saccade.errors import BadImage, BadLabel, printable
from saccade.types.annotations import Annotations
from saccade.types.pixel_map import IGNORED, PixelMap
from saccade.weights.files import storage_checked

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEPT = (b"IHDR", b"PLTE", b"IDAT")
_MOST_BYTES = 1 << 28
_COLOURED = (2, 6)  # PNG's colour types with red, green and blue in each pixel
_END = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))


@dataclass(frozen=True, eq=False)
class MaskFile:
    """A mask in a file of its own, read when its picture is.

    Args:
        path: The file, relative to the root of the data.
        num_classes: How many classes there are; a higher number means nothing.
        colours: The (red, green, blue) of each class, where the mask is in colours.

    Source: ours.
    """

    path: str
    num_classes: int
    colours: tuple[tuple[int, int, int], ...] = ()

    @property
    def classes(self) -> tuple[int, ...]:
        """None, since which are there is only known by reading it."""
        return ()

    def placed(self, root: str, size: tuple[int, int]) -> Annotations:
        """Read the mask of a picture.

        Args:
            root: The folder of the data.
            size: (height, width) of the picture.

        Returns:
            Its regions.

        Raises:
            BadLabel: If it is no mask, has another size, or has a number or colour that is no class.

        Source: ours.
        """
        path, name = Path(root, self.path), printable(self.path)
        try:
            values = read_colours(path, self.colours) if self.colours else read_indices(path)
        except BadImage as error:
            raise BadLabel(f"{name}: {error.reason}") from error
        if values.shape != size:
            raise BadLabel(
                f"got {name} of {values.shape[0]} × {values.shape[1]} pixels for a picture of {size[0]} × {size[1]} "
                "(height × width); taken is one size for both; make the mask again from the same picture"
            )
        wrong = np.unique(values[(values >= self.num_classes) & (values != IGNORED)])
        if len(wrong):
            shown = ", ".join(map(str, wrong[:5].tolist()))
            raise BadLabel(
                f"got {name} with {shown}, which {'is' if len(wrong) == 1 else 'are'} no class; taken are 0 to "
                f"{self.num_classes - 1}, and 255 for no class; mend the mask, or name every class in classes.txt"
            )
        return Annotations(size, regions=PixelMap(torch.from_numpy(values.astype(np.uint8))))

    def digest(self, root: str) -> str:
        """Hash the file; the same whatever it is called."""
        try:
            return hashlib.sha256(Path(root, self.path).read_bytes() + repr(self.colours).encode()).hexdigest()
        except OSError:
            return ""


def mask_header(path: Path) -> tuple[tuple[int, int], bool]:
    """Say how large a mask is, and whether it is in colours, from its header.

    Args:
        path: The file.

    Returns:
        (height, width), and True for a PNG with red, green and blue in each pixel.

    Raises:
        BadImage: If it is no picture.

    Source: W3C PNG, third edition, section 11.2.1.
    """
    try:
        with path.open("rb") as file:
            first = file.read(26)
    except OSError as error:
        raise BadImage(
            f"got a mask that cannot be opened ({error.strerror}); taken are readable files; check it", str(path)
        ) from error
    if first.startswith(_SIGNATURE) and len(first) == 26 and first[12:16] == b"IHDR":
        width, height, _, colour = struct.unpack_from(">IIBB", first, 16)
        return (height, width), colour in _COLOURED
    return read_size(path), False


def read_indices(path: Path) -> Shaped[np.ndarray, "height width"]:
    """Read the number in every pixel of a mask.

    Args:
        path: A PNG of grey levels or of a palette; another picture where it is grey; or one whose red, green and blue
            are the same everywhere.

    Returns:
        uint8 or uint16, as the file has them.

    Raises:
        BadImage: If it is no picture.
        BadLabel: If it is in colours.

    Source: ours.
    """
    content = read_bytes(path, _MOST_BYTES)
    size = read_size(content)  # refuses what claims too many pixels
    values = _png_values(content) if content.startswith(_SIGNATURE) else read_image(content)
    if values.ndim == 3:
        if (values[..., :1] != values[..., : 3 if values.shape[2] > 2 else 1]).any():  # opacity does not count
            raise BadLabel(
                f"got {printable(path.name)} in colours; taken are class numbers, 0 for the first and 255 for none; "
                "write a table of colours beside the folders, class_dict.csv with the columns name,r,g,b"
            )
        values = values[..., 0]
    if values.dtype.kind == "f" or values.shape != size:
        raise BadLabel(f"got {printable(path.name)} without whole numbers; taken are class numbers; export it again")
    return np.ascontiguousarray(values)


def read_colours(path: Path, colours: tuple[tuple[int, int, int], ...]) -> Shaped[np.ndarray, "height width"]:
    """Read a mask in colours, and give the class of each.

    Args:
        path: Any picture without loss.
        colours: (red, green, blue) of each class.

    Returns:
        The class of each pixel, uint8.

    Raises:
        BadImage: If it is no picture.
        BadLabel: If it has a colour that no class has.

    Source: ours.
    """
    pixels = read_image(path)
    if pixels.dtype != np.uint8 or pixels.shape[2] not in (1, 3):
        raise BadLabel(f"got {printable(path.name)} with other than 8 bits a colour; taken are 8; export it again")
    packed = packed_colours(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))
    table = packed_colours(np.asarray(colours, np.uint8))
    order = np.argsort(table)
    found = order[np.searchsorted(table, packed, sorter=order).clip(max=len(table) - 1)]
    strangers = table[found] != packed
    if strangers.any():
        row, column = np.argwhere(strangers)[0]
        shown = tuple(np.broadcast_to(pixels[row, column], 3).tolist())
        raise BadLabel(
            f"got {printable(path.name)} with the colour {shown} at row {row}, column {column}, in {strangers.sum():,} "
            "pixels no colour of the table; taken are the colours of the table; add it there, or save the mask without "
            "loss and without smooth edges"
        )
    return found.astype(np.uint8)


def packed_colours(colours: Shaped[np.ndarray, "*places 3"]) -> Int64[np.ndarray, "*places"]:
    """Pack red, green and blue into one number.

    Args:
        colours: 8 bits each.

    Returns:
        red × 65,536 + green × 256 + blue.

    Source: ours.

    Example:
        >>> packed_colours(np.array([[1, 2, 3]])).tolist()
        [66051]
    """
    return colours.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])


def write_indices(values: UInt8[np.ndarray, "height width"], path: Path) -> None:
    """Write a mask as a PNG with a palette, the one of Pascal VOC, so that it can be looked at.

    Args:
        values: The class of each pixel; 255 for none.
        path: The file.

    Source: ours; the palette: the bits of a number, spread over red, green and blue from the highest down.
    """
    image = Image.frombytes("P", (values.shape[1], values.shape[0]), np.ascontiguousarray(values).tobytes())
    image.putpalette(voc_palette().tobytes())
    with storage_checked(path):
        image.save(path, format="PNG", optimize=False)


def voc_palette() -> UInt8[np.ndarray, "colours 3"]:
    """Give 256 colours that tell neighbouring numbers apart.

    Returns:
        (red, green, blue) of each number.

    Source: the development kit of Pascal VOC.

    Example:
        >>> voc_palette()[[0, 1, 2, 255]].tolist()
        [[0, 0, 0], [128, 0, 0], [0, 128, 0], [224, 224, 192]]
    """
    numbers, colours = np.arange(256), np.zeros((256, 3), np.int64)
    for bit in range(8):
        for channel in range(3):
            colours[:, channel] |= (numbers >> (3 * bit + channel) & 1 if 3 * bit + channel < 8 else 0) << (7 - bit)
    return colours.astype(np.uint8)


def _png_values(content: bytes) -> Shaped[np.ndarray, "height width *channels"]:
    """The numbers as a PNG holds them: of a palette the index, of few bits no more than they are."""
    kept = [_SIGNATURE, *_chunks(content), _END]
    try:
        image = PngImageFile(BytesIO(b"".join(kept)))
        image.load()
        values = np.array(image)
    except (OSError, ValueError, SyntaxError, EOFError, LookupError, struct.error, zlib.error) as error:
        raise BadImage(
            f"got a mask that cannot be decoded ({printable(str(error))[:100]}); taken are whole files; copy it again"
        ) from error
    bits, colour = kept[1][16], kept[1][17]
    if colour == 0 and bits in (2, 4):
        return values // np.uint8(255 // (2**bits - 1))
    if values.dtype == bool:
        return values.astype(np.uint8)
    if colour == 0 and bits == 16:
        return values.astype(np.uint16)
    return values


def _chunks(content: bytes) -> Iterator[bytes]:
    """What of a PNG describes pixels; its text, profiles and transparency stay packed."""
    at, first = len(_SIGNATURE), True
    while at + 12 <= len(content):
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        chunk = content[at : at + 12 + length]
        if first and (kind != b"IHDR" or len(chunk) != 25):
            break
        if kind in _KEPT and len(chunk) == 12 + length:
            yield chunk
        at, first = at + 12 + length, False
    if first:
        raise BadImage("got a mask without a header; taken are whole PNG files; copy it again")
