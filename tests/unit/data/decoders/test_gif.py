"""GIF: only the first picture reaches the decoder."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from saccade.data.reading import ImageWarning, read_image
from saccade.errors import BadImage

GREYS = bytes(level for level in range(256) for _ in range(3))
COLOURS = bytes((255, 0, 0, 0, 0, 255))


def picture(indices, left=0, top=0, palette=b""):
    """One picture block, its pixels packed by Pillow."""
    file = io.BytesIO()
    image = Image.fromarray(np.asarray(indices, np.uint8))
    image.putpalette(GREYS)
    image.save(file, "GIF", optimize=False)
    data = file.getvalue()
    start = data.index(b"\x2c", 13 + 768)
    height, width = image.height, image.width
    size = len(palette) // 3
    flags = 128 | (size.bit_length() - 2) if palette else 0
    packed = data[start + 10 : -1]
    return b"\x2c" + struct.pack("<HHHHB", left, top, width, height, flags) + palette + packed


def gif(width, height, *blocks, palette=GREYS):
    flags = 128 | (len(palette) // 3).bit_length() - 2
    return b"GIF89a" + struct.pack("<HHBBB", width, height, flags, 0, 0) + palette + b"".join(blocks) + b";"


def test_a_full_ramp_of_greys_is_grey():
    assert read_image(gif(2, 1, picture([[7, 200]]))).tolist() == [[[7], [200]]]


def test_a_palette_of_its_own_goes_before_the_common_one():
    image = read_image(gif(2, 1, picture([[0, 1]], palette=COLOURS)))
    assert image.tolist() == [[[255, 0, 0], [0, 0, 255]]]


def test_the_transparent_colour_becomes_white():
    control = b"!\xf9\x04\x01\x00\x00\x01\x00"
    image = read_image(gif(2, 1, control, picture([[0, 1]], palette=COLOURS)))
    assert image.tolist() == [[[255, 0, 0], [255, 255, 255]]]


def test_comments_and_programs_are_passed_over():
    blocks = (b"!\xfe\x03abc\x02de\x00", b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00", picture([[7]]), b"!\xfe\x01x\x00")
    assert read_image(gif(1, 1, *blocks)).tolist() == [[[7]]]


def test_a_picture_larger_than_the_screen_is_whole():
    assert read_image(gif(1, 1, picture([[7, 8], [9, 10]], left=1))).shape == (2, 3, 1)


def test_a_second_picture_is_not_mixed_in():
    data = gif(2, 1, picture([[1, 2]]), picture([[3, 4]]))
    with pytest.warns(ImageWarning):
        assert read_image(data).tolist() == [[[1], [2]]]


@pytest.mark.bad_input
def test_a_file_cut_anywhere_is_refused():
    data = gif(2, 1, picture([[1, 2]]))
    for end in range(len(data) - 1):
        with pytest.raises(BadImage):
            read_image(data[:end])


@pytest.mark.bad_input
def test_a_file_without_a_picture_is_refused():
    with pytest.raises(BadImage, match="without a picture"):
        read_image(gif(2, 1))


@pytest.mark.bad_input
def test_a_picture_that_reaches_far_beyond_the_screen_is_refused():
    with pytest.raises(BadImage, match="65,536 × 65,536"):
        read_image(gif(1, 1, picture([[7]], left=65_535, top=65_535)))
