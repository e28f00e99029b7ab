"""Directories of tags, as TIFF lays them out; EXIF and the index of several pictures in a JPEG use the same layout.

Source: TIFF revision 6.0, section 2; BigTIFF as libtiff documents it.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping

ORIENTATION = 274
Values = tuple[int, ...] | bytes

_CODES = {1: "B", 2: "s", 3: "H", 4: "I", 7: "s", 13: "I", 16: "Q"}
_MOST_VALUES = 1 << 22


def start_of(data: bytes) -> tuple[str, bool, int]:
    r"""Read the first bytes of a TIFF or of EXIF.

    Args:
        data: The bytes from the byte-order mark on.

    Returns:
        The byte order as `struct` writes it, whether offsets take 64 bits, and where the first directory is.

    Raises:
        ValueError: If these are no such bytes, or they are cut short.

    Source: TIFF revision 6.0, section 2.

    Example:
        >>> start_of(b"II*\0\x08\0\0\0")
        ('<', False, 8)
    """
    order = {b"II": "<", b"MM": ">"}.get(data[:2], "")
    magic = _unpack(f"{order}H", data, 2)[0] if order else 0
    if magic not in (42, 43):
        raise ValueError("no byte order mark")
    big = magic == 43
    return order, big, _unpack(f"{order}Q" if big else f"{order}I", data, 8 if big else 4)[0]


def read_directory(
    data: bytes, offset: int, *, order: str, big: bool = False, wanted: Collection[int]
) -> tuple[dict[int, Values], int]:
    """Read one directory of tags.

    Args:
        data: The whole file.
        offset: Where the directory begins.
        order: "<" or ">".
        big: Whether offsets take 64 bits.
        wanted: The tags to read; the rest, however large or broken, is not looked at.

    Returns:
        The values of the wanted tags that are there (whole numbers, or bytes for text), and where the next directory
        begins (0: there is none).

    Raises:
        ValueError: If the directory or a wanted tag reaches beyond the data, or a tag has too many values.

    Source: TIFF revision 6.0, section 2.
    """
    count_code, entry, inline = ("Q", "HHQ", 8) if big else ("H", "HHI", 4)
    (count,) = _unpack(order + count_code, data, offset)
    offset += struct.calcsize(order + count_code)
    size = struct.calcsize(order + entry) + inline
    (following,) = _unpack(order + ("Q" if big else "I"), data, offset + count * size)
    found = {}
    for position in range(offset, offset + count * size, size):
        tag, code, length = _unpack(order + entry, data, position)
        if tag not in wanted or code not in _CODES:
            continue
        if length > _MOST_VALUES:
            raise ValueError(f"tag {tag} claims {length:,} values")
        layout = f"{order}{length}{_CODES[code]}"
        place = position + size - inline
        if struct.calcsize(layout) > inline:
            (place,) = _unpack(order + ("Q" if big else "I"), data, place)
        values = _unpack(layout, data, place)
        found[tag] = values[0] if _CODES[code] == "s" else values
    return found, following


def write_directory(offset: int, tags: Mapping[int, Values]) -> bytes:
    """Write one little-endian directory of tags, the last of its file.

    Args:
        offset: Where in the file it will begin.
        tags: Whole numbers below 2³², or bytes.

    Returns:
        The directory, and after it the values that do not fit into their entries.

    Source: TIFF revision 6.0, section 2.

    Example:
        >>> read_directory(write_directory(0, {256: (7,)}), 0, order="<", wanted=(256,))
        ({256: (7,)}, 0)
    """
    entries, heap = b"", b""
    heap_at = offset + 2 + 12 * len(tags) + 4
    for tag in sorted(tags):
        values = tags[tag]
        code = 7 if isinstance(values, bytes) else 3 if max(values) < 1 << 16 else 4
        body = values if isinstance(values, bytes) else struct.pack(f"<{len(values)}{_CODES[code]}", *values)
        entries += struct.pack("<HHI", tag, code, len(values))
        if len(body) <= 4:
            entries += body.ljust(4, b"\0")
        else:
            entries += struct.pack("<I", heap_at + len(heap))
            heap += body + b"\0" * (len(body) % 2)
    return struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0) + heap


def orientation_of(exif: bytes) -> int:
    r"""Find how a picture lies, in its EXIF.

    Args:
        exif: The bytes of EXIF, with or without their "Exif" in front; broken ones count as none.

    Returns:
        1 to 8; 1 (upright) when it does not say.

    Source: EXIF 2.32, tag 274.

    Example:
        >>> orientation_of(b"II*\0\x08\0\0\0" + write_directory(8, {274: (6,)}))
        6
    """
    exif = exif.removeprefix(b"Exif\0\0")
    try:
        order, big, offset = start_of(exif)
        tags, _ = read_directory(exif, offset, order=order, big=big, wanted=(ORIENTATION,))
    except ValueError:
        return 1
    return orientation_in(tags)


def orientation_in(tags: Mapping[int, Values]) -> int:
    """Give the orientation among some tags; 1 when there is none that makes sense.

    Args:
        tags: As `read_directory` gives them.

    Returns:
        1 to 8.

    Source: EXIF 2.32, tag 274.

    Example:
        >>> orientation_in({274: (9,)})
        1
    """
    value = tags.get(ORIENTATION, (1,))[:1]
    return value[0] if isinstance(value, tuple) and value and 1 <= value[0] <= 8 else 1


def _unpack(layout: str, data: bytes, place: int) -> tuple:
    if place + struct.calcsize(layout) > len(data):
        raise ValueError("the file ends before its tags do")
    return struct.unpack_from(layout, data, place)
