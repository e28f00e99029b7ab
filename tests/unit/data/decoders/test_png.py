"""PNG of every depth and kind."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from saccade.data.reading import read_image
from saccade.errors import BadImage

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
RAMP = np.arange(256, dtype=np.uint16) * 257


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(array, colour, bits, *chunks):
    """A PNG by hand, since Pillow writes no 16-bit colour."""
    height, width = array.shape[:2]
    rows = array.astype(">u2" if bits == 16 else "u1")
    packed = zlib.compress(b"".join(b"\0" + rows[row].tobytes() for row in range(height)))
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    parts = (chunk(b"IHDR", header), *chunks, chunk(b"IDAT", packed), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def noise(channels, bits=16):
    shape = (5, 7, channels) if channels else (5, 7)
    return np.random.default_rng(channels).integers(0, 1 << bits, shape).astype(np.uint16)


def on_white(colour, opacity, white):
    return np.rint((colour * opacity.astype(float) + white * (white - opacity.astype(float))) / white)


def test_a_16_bit_ramp_keeps_its_256_levels():
    image = read_image(png(RAMP[None], GREY, 16))
    assert image.dtype == np.uint16
    np.testing.assert_array_equal(image[0, :, 0], RAMP)


def test_16_bit_grey_and_colour_keep_every_bit():
    for channels, colour in ((1, GREY), (3, RGB)):
        pixels = noise(channels)
        np.testing.assert_array_equal(read_image(png(pixels, colour, 16)), pixels)


@pytest.mark.parametrize(("channels", "colour"), [(2, GREY_ALPHA), (4, RGBA)])
@pytest.mark.parametrize("bits", [8, 16])
def test_opacity_is_put_on_white(channels, colour, bits):
    pixels = noise(channels, bits)
    image = read_image(png(pixels, colour, bits))
    assert image.dtype == (np.uint16 if bits == 16 else np.uint8)
    expected = on_white(pixels[..., :-1], pixels[..., -1:], (1 << bits) - 1)
    np.testing.assert_array_equal(image, expected)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_colour_that_means_transparent_becomes_white(bits):
    pixels = noise(3, 8)
    key = chunk(b"tRNS", struct.pack(">HHH", *(int(level) for level in pixels[2, 3])))
    image = read_image(png(pixels, RGB, bits, key))
    assert (image[2, 3] == (1 << bits) - 1).all()
    np.testing.assert_array_equal(image[0], pixels[0])
    grey = noise(0, 8)
    image = read_image(png(grey, GREY, bits, chunk(b"tRNS", struct.pack(">H", int(grey[1, 1])))))
    assert image[1, 1, 0] == (1 << bits) - 1
    assert image.shape == (5, 7, 1)


def test_a_palette_becomes_colour_and_its_transparency_white():
    palette = chunk(b"PLTE", bytes((10, 20, 30, 40, 50, 60, 70, 80, 90)))
    indices = np.array([[0, 1, 2]])
    image = read_image(png(indices, PALETTE, 8, palette))
    np.testing.assert_array_equal(image[0], [(10, 20, 30), (40, 50, 60), (70, 80, 90)])
    image = read_image(png(indices, PALETTE, 8, palette, chunk(b"tRNS", bytes((255, 0, 51)))))
    np.testing.assert_array_equal(image[0], [(10, 20, 30), (255, 255, 255), (218, 220, 222)])


def test_a_bit_becomes_0_or_255():
    file = io.BytesIO()
    Image.fromarray(np.array([[True, False, True]])).save(file, "PNG")
    image = read_image(file.getvalue())
    assert image.dtype == np.uint8
    assert image.tolist() == [[[255], [0], [255]]]


def test_an_interlaced_file_is_read():
    # one pixel, so that only the first of the seven passes holds anything
    data = bytearray(png(np.array([[[1, 2, 3]]]), RGB, 8))
    data[28] = 1
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    assert read_image(bytes(data)).tolist() == [[[1, 2, 3]]]


def test_a_file_that_lacks_only_its_end_is_read():
    data = png(noise(3, 8), RGB, 8)
    for missing in (1, 4, 8, 12):
        np.testing.assert_array_equal(read_image(data[:-missing]), read_image(data))


@pytest.mark.bad_input
@pytest.mark.parametrize("bits", [8, 16])
def test_a_file_cut_anywhere_is_refused(bits, capfd):
    data = png(noise(3, bits), RGB, bits)
    for end in range(len(data) - 12):
        with pytest.raises(BadImage):
            read_image(data[:end])
    assert capfd.readouterr() == ("", "")


@pytest.mark.bad_input
@pytest.mark.parametrize("bits", [8, 16])
def test_damaged_pixels_are_refused(bits):
    data = bytearray(png(noise(3, bits), RGB, bits))
    data[60] ^= 1
    with pytest.raises(BadImage, match="damaged"):
        read_image(bytes(data))


@pytest.mark.bad_input
@pytest.mark.parametrize("bits", [8, 16])
def test_a_file_cut_between_its_chunks_is_refused(bits):
    random = np.random.default_rng(0).integers(0, 256, 40 * (1 + 198 * bits // 8), dtype=np.uint8)
    rows = random.reshape(40, -1)
    rows[:, 0] = 0
    packed = zlib.compress(rows.tobytes())
    parts = [chunk(b"IDAT", packed[start : start + 1000]) for start in range(0, len(packed), 1000)]
    width = (rows.shape[1] - 1) // (3 * bits // 8)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, 40, bits, RGB, 0, 0, 0))
    assert read_image(start + b"".join(parts)).shape == (40, width, 3)
    for count in range(1, len(parts)):
        with pytest.raises(BadImage):
            read_image(start + b"".join(parts[:count]))
