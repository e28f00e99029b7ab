"""TIFF of any number of channels and any whole-byte type: the tags are read here, libtiff only unpacks bytes.

A decoder never sees the file itself but a small one made of the first picture's strips. Where the samples are whole
bytes, it is told that they are one grey picture, several times as wide; so every type and number of channels comes out
as it was stored, and what a compressed strip could swell to is bounded. Palettes, bits, CMYK and JPEG go to Pillow as
they are.

Source: TIFF revision 6.0; Adobe Photoshop TIFF technical note 3 (2005) for floats.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from itertools import accumulate

import numpy as np
from jaxtyping import Num, Shaped, UInt8
from PIL.TiffImagePlugin import TiffImageFile

from saccade.data.decoders.pixels import Header, levels_of, on_white, pixels_of
from saccade.data.decoders.tags import ORIENTATION, Values, orientation_in, read_directory, start_of, write_directory
from saccade.errors import BadImage

_KIND, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _COLOURS, _TEXT = 254, 256, 257, 258, 259, 262, 270
_STRIPS, _SAMPLES, _ROWS, _STRIP_SIZES, _PLANAR, _PREDICTOR = 273, 277, 278, 279, 284, 317
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_SIZES, _EXTRA, _FORMAT, _RAW_CAMERA = 322, 323, 324, 325, 338, 339, 50706
_FILL_ORDER = 266
_DESCRIBING = (_FILL_ORDER, 292, 293, 320, 332, 347, 529, 530, 531, 532)  # fax, palette, inks, JPEG tables, YCbCr
_WANTED = {
    *(_KIND, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _COLOURS, _TEXT, _STRIPS, _SAMPLES, _ROWS, _STRIP_SIZES, _PLANAR),
    *(_PREDICTOR, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_SIZES, _EXTRA, _FORMAT, _RAW_CAMERA, ORIENTATION),
    *_DESCRIBING,
}
_LOSSLESS = {1, 5, 8, 32773, 32946, 34925, 50000}
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2
_MOST_SAMPLES, _MOST_TILE, _MOST_PAGES = 4096, 1 << 26, 64


@dataclass(frozen=True)
class _Picture:
    """One page: its tags, and the types that they amount to."""

    tags: dict[int, Values]
    dtype: np.dtype
    samples: int

    def one(self, tag: int, default: int) -> int:
        return (self.tags.get(tag) or (default,))[0]

    @property
    def height(self) -> int:
        return self.one(_HEIGHT, 0)

    @property
    def width(self) -> int:
        return self.one(_WIDTH, 0)

    @property
    def tiled(self) -> bool:
        return _TILES in self.tags

    @property
    def run(self) -> int:
        """How many pixels of a row lie together: a tile's width, or the picture's."""
        return self.one(_TILE_WIDTH, 0) if self.tiled else self.width

    @property
    def rows(self) -> int:
        return self.one(_TILE_HEIGHT, 0) if self.tiled else min(self.one(_ROWS, self.height), self.height)

    @property
    def planes(self) -> int:
        return self.samples if self.one(_PLANAR, 1) == 2 else 1


def read_header(data: bytes) -> Header:
    """Read what a TIFF says of its first picture.

    Args:
        data: The whole file.

    Returns:
        Its header.

    Raises:
        BadImage: If its tags are broken, or describe what is no picture for a network.

    Source: TIFF revision 6.0, sections 2 to 8.
    """
    try:
        order, big, offset = start_of(data)
        tags, following = read_directory(data, offset, order=order, big=big, wanted=_WANTED)
    except ValueError as error:
        raise BadImage(f"got a TIFF with broken tags ({error}); taken are whole files; copy it again") from error
    picture = _picture(tags, order)
    several = bool(following) and _has_more(data, following, order, big)
    if several and (unfolded := _unfolded(picture)):
        picture, several = unfolded, False
    size = picture.dtype.itemsize * picture.samples
    decode = partial(_decode, data, picture)
    return Header("TIFF", picture.height, picture.width, decode, max(4, size), orientation_in(tags), several)


def _has_more(data: bytes, offset: int, order: str, big: bool) -> bool:
    """Whether any later page is a picture of its own, not a smaller copy or a mask of another."""
    for _ in range(_MOST_PAGES):
        try:
            tags, offset = read_directory(data, offset, order=order, big=big, wanted=(_KIND,))
        except ValueError:
            return False
        if not (tags.get(_KIND) or (0,))[0] & 5:
            return True
        if not offset:
            return False
    return True


def _picture(tags: dict[int, Values], order: str) -> _Picture:
    samples = (tags.get(_SAMPLES) or (1,))[0]
    bits, formats = set(tags.get(_BITS) or (1,)), set(tags.get(_FORMAT) or (1,))
    if _RAW_CAMERA in tags or (tags.get(_COLOURS) or (1,))[0] >= 32803:
        raise BadImage("got a camera's raw file; taken are finished pictures; develop it to JPEG, PNG or TIFF first")
    if (tags.get(_KIND) or (0,))[0] & 1:
        raise BadImage("got a TIFF that begins with a thumbnail; taken is the picture itself first; export it again")
    if not 1 <= samples <= _MOST_SAMPLES or len(bits) > 1 or len(formats) > 1:
        raise BadImage(
            f"got a TIFF of {samples} channels of {sorted(bits)} bits; taken are up to {_MOST_SAMPLES} channels, all "
            "of one type; export it again"
        )
    width, kind = bits.pop(), {1: "u", 2: "i", 3: "f", 4: "u"}.get(formats.pop(), "")
    if (kind, width) not in {*(("u", bits) for bits in (1, 2, 4)), *_whole_types()}:
        raise BadImage(f"got a TIFF of {width}-bit samples; taken are 1, 2, 4, 8, 16, 32 or 64 bits; export it again")
    dtype = np.dtype(f"{order}{kind}{width // 8}") if width >= 8 else np.dtype(np.uint8)
    return _Picture(tags, dtype, samples)


def _whole_types() -> set[tuple[str, int]]:
    return {(kind, bits) for kind in "uif" for bits in (8, 16, 32, 64)} - {("f", 8)}


def _unfolded(page: _Picture) -> _Picture | None:
    """Undo what tifffile does unasked: it writes (height, width, channels) as a page of (width, channels) each row."""
    text = page.tags.get(_TEXT, b"")
    if not isinstance(text, bytes) or not text.startswith(b'{"shape": ['):
        return None
    try:
        shape = json.loads(text.rstrip(b"\0"))["shape"]
    except ValueError:
        return None
    folded = len(shape) == 3 and shape[1:] == [page.height, page.width] and page.width <= 16 < min(shape[:2])
    if not folded or page.samples != 1:
        return None
    if page.one(_COMPRESSION, 1) != 1 or len(page.tags.get(_STRIPS, ())) != 1:
        raise BadImage(
            f"got a TIFF of {shape[0]} pages, one for each row; taken is one page; write it with "
            "tifffile.imwrite(…, photometric='minisblack', planarconfig='contig')"
        )
    height, width, samples = (int(side) for side in shape)
    size = height * width * samples * page.dtype.itemsize
    sides = {_HEIGHT: (height,), _WIDTH: (width,), _ROWS: (height,), _STRIP_SIZES: (size,)}
    return replace(page, tags={**page.tags, **sides}, samples=samples)


def _decode(data: bytes, picture: _Picture) -> Shaped[np.ndarray, "height width channels"]:
    colours = picture.one(_COLOURS, _BLACK_IS_ZERO)
    whole = picture.one(_BITS, 1) >= 8 and picture.one(_FILL_ORDER, 1) == 1
    if not whole or colours > _RGB or picture.one(_COMPRESSION, 1) not in _LOSSLESS:
        return _by_pillow(data, picture)
    segments = _segments(data, picture)
    share = len(segments) // picture.planes
    planes = [_plane(segments[first : first + share], picture) for first in range(0, share * picture.planes, share)]
    pixels = levels_of(planes[0] if len(planes) == 1 else np.concatenate(planes, axis=-1))
    if colours == _WHITE_IS_ZERO:
        pixels = (np.iinfo(pixels.dtype).max if pixels.dtype.kind == "u" else np.float32(1)) - pixels
    basic = 3 if colours == _RGB else 1
    extra = picture.tags.get(_EXTRA) or ((2,) if colours == _RGB else (0,))
    if picture.samples == basic + 1 and extra[0] in (1, 2):
        return on_white(pixels, premultiplied=extra[0] == 1)
    return pixels


def _by_pillow(data: bytes, picture: _Picture) -> Shaped[np.ndarray, "height width channels"]:
    if picture.dtype.itemsize > 1 or picture.one(_COMPRESSION, 1) == 6:
        raise BadImage(
            f"got a TIFF of {picture.one(_BITS, 1)} bits, colours {picture.one(_COLOURS, 1)} and compression "
            f"{picture.one(_COMPRESSION, 1)}, which no reader here knows; taken are grey, RGB and n channels; "
            "export it with LZW or Deflate"
        )
    tags = {tag: values for tag, values in picture.tags.items() if tag in _DESCRIBING and values}
    tags |= {tag: picture.tags[tag] for tag in (_BITS, _FORMAT, _EXTRA, _PLANAR, _PREDICTOR) if tag in picture.tags}
    tags |= {_COLOURS: (picture.one(_COLOURS, 1),), _SAMPLES: (picture.samples,), _WIDTH: (picture.width,)}
    return pixels_of(TiffImageFile(BytesIO(_rebuilt(_segments(data, picture), picture, tags))))


def _segments(data: bytes, picture: _Picture) -> list[memoryview]:
    """Cut the strips or tiles out of the file."""
    offsets = picture.tags.get(_TILES if picture.tiled else _STRIPS, ())
    sizes = picture.tags.get(_TILE_SIZES if picture.tiled else _STRIP_SIZES) or (len(data) - max(offsets, default=0),)
    if min(picture.run, picture.rows) < 1 or (picture.tiled and picture.run * picture.rows > _MOST_TILE):
        raise BadImage(
            f"got a TIFF of tiles {picture.run} × {picture.rows}; taken are tiles up to 64 Mpx; export it again"
        )
    expected = -(-picture.height // picture.rows) * -(-picture.width // picture.run) * picture.planes
    ends = [offset + size for offset, size in zip(offsets, sizes, strict=False)]
    if min(len(offsets), len(sizes)) < expected or max(ends[:expected]) > len(data) or min(sizes[:expected]) < 1:
        raise BadImage("got a TIFF that is cut short; taken are whole files; copy it again")
    if sum(sizes[:expected]) > len(data):
        raise BadImage("got a TIFF whose parts overlap; taken are files where each part has its place; export it again")
    view = memoryview(data)
    return [view[offset:end] for offset, end in zip(offsets[:expected], ends, strict=False)]


def _plane(segments: list[memoryview], picture: _Picture) -> Num[np.ndarray, "height width samples"]:
    samples = picture.samples // picture.planes
    pixel = samples * picture.dtype.itemsize
    runs = -(-picture.width // picture.run)
    tags = {_BITS: (8,), _COLOURS: (_BLACK_IS_ZERO,), _SAMPLES: (1,), _WIDTH: (runs * picture.run * pixel,)}
    stored = np.array(TiffImageFile(BytesIO(_rebuilt(segments, picture, tags, pixel))))
    rows = stored.reshape(picture.height, runs, picture.run * pixel)
    values = _undone(rows, picture, samples).reshape(picture.height, runs * picture.run, samples)
    return values[:, : picture.width]


def _undone(
    rows: UInt8[np.ndarray, "height runs bytes"], picture: _Picture, samples: int
) -> Num[np.ndarray, "height runs run samples"]:
    """Undo the differences to the pixel on the left that a writer may store instead of pixels."""
    height, runs, _ = rows.shape
    predictor, size = picture.one(_PREDICTOR, 1), picture.dtype.itemsize
    if predictor == 3:
        summed = np.cumsum(rows.reshape(height, runs, picture.run * size, samples), axis=2, dtype=np.uint8)
        planes = summed.reshape(height, runs, size, picture.run * samples)
        big = np.ascontiguousarray(planes.transpose(0, 1, 3, 2)).view(f">f{size}")
        return big.reshape(height, runs, picture.run, samples)
    if predictor == 2:
        unsigned = rows.view(picture.dtype.str[0] + f"u{size}" if size > 1 else "u1")
        unsigned = unsigned.reshape(height, runs, picture.run, samples)
        summed = np.cumsum(unsigned, axis=2, dtype=unsigned.dtype.newbyteorder("="))
        return summed.view(picture.dtype.newbyteorder("="))
    return rows.view(picture.dtype).reshape(height, runs, picture.run, samples)


def _rebuilt(segments: list[memoryview], picture: _Picture, tags: Mapping[int, Values], pixel: int = 1) -> bytes:
    """Write a small file of these parts alone; `pixel` is how many grey pixels one of the picture becomes."""
    sizes = tuple(len(segment) for segment in segments)
    offsets = tuple(accumulate(sizes[:-1], initial=8))
    common: dict[int, Values] = {_HEIGHT: (picture.height,), _COMPRESSION: (picture.one(_COMPRESSION, 1),)}
    if picture.tiled:
        sides = {_TILE_WIDTH: (picture.run * pixel,), _TILE_HEIGHT: (picture.rows,)}
        common |= {**sides, _TILES: offsets, _TILE_SIZES: sizes}
    else:
        common |= {_ROWS: (picture.rows,), _STRIPS: offsets, _STRIP_SIZES: sizes}
    end = 8 + sum(sizes)
    return b"".join((struct.pack("<2sHI", b"II", 42, end), *segments, write_directory(end, {**tags, **common})))
