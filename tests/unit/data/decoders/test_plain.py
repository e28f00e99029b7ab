"""BMP, WebP and AVIF; HEIC is among the trials in test_reading."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from saccade.data.reading import read_image
from saccade.errors import BadImage

COLOURS = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)


def encoded(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def test_every_kind_of_bmp_is_read():
    image = Image.fromarray(COLOURS)
    for mode in ("1", "L", "P", "RGB"):
        converted = image.convert(mode)
        expected = np.asarray(converted.convert("L" if mode in ("1", "L") else "RGB")).reshape(48, 64, -1)
        np.testing.assert_array_equal(read_image(encoded(converted, "BMP")), expected)


def test_a_bmp_that_begins_with_its_top_row_is_upright():
    header = struct.pack("<2sIHHIIiiHHIIIIII", b"BM", 62, 0, 0, 54, 40, 1, -2, 1, 24, 0, 8, 0, 0, 0, 0)
    image = read_image(header + bytes((3, 2, 1, 0, 6, 5, 4, 0)))
    assert image.tolist() == [[[1, 2, 3]], [[4, 5, 6]]]


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 100}, {"lossless": True, "exif": b"Exif\0\0"}])
def test_every_kind_of_webp_is_read(options):
    image = read_image(encoded(Image.fromarray(COLOURS), "WEBP", **options))
    difference = np.abs(image.astype(int) - COLOURS)
    assert difference.max() == 0 if "lossless" in options else difference.mean() < 8


@pytest.mark.parametrize(("kind", "options"), [("WEBP", {"lossless": True, "exact": True}), ("AVIF", {"quality": 100})])
def test_opacity_is_put_on_white(kind, options):
    clear = np.dstack((COLOURS, np.zeros((48, 64, 1), np.uint8)))
    clear[:24, :, 3] = 255
    image = read_image(encoded(Image.fromarray(clear), kind, **options))
    assert (image[24:] == 255).all()
    assert image[:24].min() < 200


def test_avif_is_read():
    image = read_image(encoded(Image.fromarray(COLOURS), "AVIF", quality=100, subsampling="4:4:4"))
    assert np.abs(image.astype(int) - COLOURS).max() <= 4


@pytest.mark.bad_input
@pytest.mark.parametrize("kind", ["BMP", "WEBP", "AVIF"])
def test_a_file_cut_at_every_twentieth_is_refused(kind):
    data = encoded(Image.fromarray(COLOURS), kind)
    for twentieth in range(20):
        with pytest.raises(BadImage):
            read_image(data[: len(data) * twentieth // 20])


@pytest.mark.bad_input
def test_a_webp_that_begins_with_something_else_is_refused():
    with pytest.raises(BadImage, match="without a picture"):
        read_image(b"RIFF\x20\0\0\0WEBPJUNK\x14\0\0\0" + bytes(30))


@pytest.mark.bad_input
def test_avif_without_a_pillow_that_knows_it_says_so(monkeypatch):
    import sys

    data = encoded(Image.fromarray(COLOURS), "AVIF")
    monkeypatch.setitem(sys.modules, "PIL.AvifImagePlugin", None)
    with pytest.raises(BadImage, match="upgrade pillow"):
        read_image(data)
