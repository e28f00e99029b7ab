"""Directories of tags, whole and broken."""

import struct

import pytest

from saccade.data.decoders.tags import orientation_of, read_directory, start_of, write_directory


def exif(values, order="<"):
    """EXIF by hand, with the orientation as one SHORT."""
    mark = b"II" if order == "<" else b"MM"
    entries = b"".join(struct.pack(order + "HHIHH", tag, 3, 1, value, 0) for tag, value in values)
    return mark + struct.pack(order + "HIH", 42, 8, len(values)) + entries + struct.pack(order + "I", 0)


@pytest.mark.parametrize("order", ["<", ">"])
def test_orientation_is_found_in_either_byte_order(order):
    for orientation in range(1, 9):
        data = exif([(256, 7), (274, orientation)], order)
        assert orientation_of(data) == orientation_of(b"Exif\0\0" + data) == orientation


def test_what_makes_no_sense_is_upright():
    for value in (0, 9, 65_535):
        assert orientation_of(exif([(274, value)])) == 1
    whole = exif([(274, 6)])
    for end in range(len(whole)):
        assert orientation_of(whole[:end]) == 1
    for data in (b"", b"II", b"nonsense" * 9, b"II+\0" + b"\xff" * 40, b"MM\0*\xff\xff\xff\xff" + bytes(9)):
        assert orientation_of(data) == 1


def test_what_is_written_is_read_back():
    tags = {256: (1,), 273: tuple(range(100_000, 100_300)), 279: (7, 8, 9), 347: b"some tables", 700: b"abc"}
    data = b"x" * 10 + write_directory(10, tags)
    assert read_directory(data, 10, order="<", wanted=tags) == (tags, 0)
    assert read_directory(data, 10, order="<", wanted={256}) == ({256: (1,)}, 0)


def test_64_bit_offsets_are_read():
    body = struct.pack("<QHHQQQ", 1, 256, 16, 1, 70_000, 0)
    data = struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16) + body
    assert start_of(data) == ("<", True, 16)
    assert read_directory(data, 16, order="<", big=True, wanted={256}) == ({256: (70_000,)}, 0)


@pytest.mark.bad_input
def test_tags_that_reach_beyond_the_file_are_refused():
    data = write_directory(0, {273: tuple(range(300))})
    with pytest.raises(ValueError, match="ends before"):
        read_directory(data[:-1], 0, order="<", wanted={273})
    with pytest.raises(ValueError, match="claims 4,294,967,295 values"):
        read_directory(struct.pack("<HHHIII", 1, 273, 4, 0xFFFFFFFF, 0, 0), 0, order="<", wanted={273})
    with pytest.raises(ValueError, match="ends before"):
        read_directory(data, 1 << 60, order="<", wanted={273})
