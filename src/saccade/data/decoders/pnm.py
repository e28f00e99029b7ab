"""PGM, PPM and PBM, the plain formats of Netpbm: a header in words, and then the numbers.

| first bytes | what |
|---|---|
| P1, P4 | bits, 1 is black: written out, packed |
| P2, P5 | grey: written out, as bytes |
| P3, P6 | colour: written out, as bytes |

Source: Netpbm, pbm(5), pgm(5), ppm(5).
"""

from __future__ import annotations

import re
from functools import partial

import numpy as np
from jaxtyping import Int64, Shaped, UInt8, UInt16

from saccade.data.decoders.pixels import Header
from saccade.errors import BadImage

_WORD = re.compile(rb"(?:[ \t\r\n\v\f]|#[^\r\n]*[\r\n])*(\d{1,9})")
_LONGEST = 1 << 16  # of a comment


def read_pnm_header(data: bytes) -> Header:
    """Read what a PBM, PGM or PPM says of its picture.

    Args:
        data: The whole file.

    Returns:
        Its header.

    Raises:
        BadImage: If a number of the header is missing or means nothing.

    Source: Netpbm, pgm(5).

    Example:
        >>> read_pnm_header(b"P2 2 1 3  0 3").decode().tolist()
        [[[0], [255]]]
    """
    form = data[1] - ord("0")
    words, at = [], 2
    for _ in range(2 if form in (1, 4) else 3):
        found = _WORD.match(data, at, at + _LONGEST)
        if not found:
            raise BadImage("got a PNM without width, height and white; taken are whole files; export it again")
        words.append(int(found[1]))
        at = found.end()
    width, height, *rest = words
    white = rest[0] if rest else 1
    if not 1 <= white <= 65_535:
        raise BadImage(f"got a PNM whose white is {white}; taken are 1 to 65,535; export it again")
    if not data[at : at + 1].isspace():
        raise BadImage("got a PNM whose header does not end in a blank; taken are whole files; export it again")
    channels = 3 if form in (3, 6) else 1
    shape = height, width, channels
    end = at + 1 + (_length(form, shape, white) if form > 3 else len(data))
    return Header(
        "PNM",
        height,
        width,
        partial(_decode, data, at + 1, form, shape, white),
        bytes_per_pixel=channels * (1 if white < 256 else 2),
        several=data[end : end + 1] == b"P",
    )


def _length(form: int, shape: tuple[int, int, int], white: int) -> int:
    """Bytes of the pixels, of a form that is not written out."""
    height, width, channels = shape
    return height * -(-width // 8) if form == 4 else height * width * channels * (1 if white < 256 else 2)


def _decode(
    data: bytes, start: int, form: int, shape: tuple[int, int, int], white: int
) -> Shaped[np.ndarray, "height width channels"]:
    height, width, channels = shape
    if form <= 3:
        numbers = _written(data[start:], height * width * channels, single=form == 1)
    else:
        length = _length(form, shape, white)
        if len(data) < start + length:
            raise BadImage(
                f"got a PNM with {len(data) - start:,} bytes of pixels instead of {length:,}; taken are whole files; "
                "copy it again"
            )
        numbers = np.frombuffer(data[start : start + length], np.uint8)
        if form == 4:
            numbers = np.unpackbits(numbers.reshape(height, -1), axis=1)[:, :width]
        elif white > 255:
            numbers = numbers.view(">u2")
    if numbers.size and numbers.max() > white:
        raise BadImage(
            f"got a PNM with a level of {numbers.max():,} above its white of {white:,}; "
            "taken are levels up to white; export it again"
        )
    return _levels(numbers.reshape(shape), white, inverted=form in (1, 4))


def _written(text: bytes, count: int, *, single: bool) -> Int64[np.ndarray, " numbers"]:
    """Numbers written out in decimal; bits need no blank between them."""
    text = re.sub(rb"#[^\r\n]*", b"", text)
    if single:
        letters = np.frombuffer(text, np.uint8)
        numbers = letters[(letters == ord("0")) | (letters == ord("1"))].astype(np.int64) - ord("0")
    elif re.fullmatch(rb"[\s\d]*", text) and not re.search(rb"\d{6}", text):
        numbers = np.fromstring(text.decode("ascii"), np.int64, sep=" ")
    else:
        raise BadImage("got a PNM with something else than numbers; taken are levels in decimal; export it again")
    if len(numbers) < count:
        raise BadImage(
            f"got a PNM of {len(numbers):,} numbers instead of {count:,}; taken are whole files; copy it again"
        )
    return numbers[:count]


def _levels(
    numbers: Shaped[np.ndarray, "height width channels"], white: int, *, inverted: bool
) -> UInt8[np.ndarray, "height width channels"] | UInt16[np.ndarray, "height width channels"]:
    """Stretch 0 to white over all levels of 8 bits, or of 16."""
    top, kind = (255, np.uint8) if white < 256 else (65_535, np.uint16)
    if inverted:
        numbers = 1 - numbers.astype(np.int64)
    if white == top:
        return numbers.astype(kind)
    return ((numbers.astype(np.int64) * top + white // 2) // white).astype(kind)
