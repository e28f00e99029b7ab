"""The rules that all formats share."""

import numpy as np
import pytest
from PIL import Image

from saccade.data.decoders.pixels import levels_of, on_white, pixels_of, upright
from saccade.errors import BadImage


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("1", 1, [255]),
        ("L", 7, [7]),
        ("LA", (100, 51), [224]),
        ("La", (20, 51), [224]),
        ("RGB", (1, 2, 3), [1, 2, 3]),
        ("RGBA", (100, 0, 255, 51), [224, 204, 255]),
        ("RGBA", (1, 2, 3, 0), [255, 255, 255]),
        ("RGBX", (1, 2, 3, 0), [1, 2, 3]),
        ("CMYK", (0, 255, 0, 0), [255, 0, 255]),
        ("YCbCr", (76, 85, 255), [254, 0, 0]),
        ("HSV", (0, 255, 255), [255, 0, 0]),
        ("I", 70, [70]),
        ("I;16", 1000, [1000]),
        ("F", 0.5, [0.5]),
    ],
)
def test_every_mode_of_pillow_becomes_one_or_three_channels(mode, colour, expected):
    array = pixels_of(Image.new(mode, (2, 1), colour))
    assert array.shape == (1, 2, len(expected))
    assert array[0, 0].tolist() == expected
    assert array.flags.writeable


def test_palettes_with_opacity_are_put_on_white():
    image = Image.new("P", (2, 1))
    image.putpalette((10, 20, 30, 40, 50, 60))
    image.putpixel((1, 0), 1)
    image.info["transparency"] = 1
    assert pixels_of(image).tolist() == [[[10, 20, 30], [255, 255, 255]]]


def test_opacity_is_rounded_to_the_nearest_level_for_every_level():
    colour, opacity = np.meshgrid(np.arange(256), np.arange(256))
    expected = np.rint(colour * opacity / 255 + 255 - opacity)
    array = np.stack((colour, opacity), axis=-1)
    np.testing.assert_array_equal(on_white(array.astype(np.uint8))[..., 0], expected)
    np.testing.assert_allclose(on_white((array / 255).astype(np.float32))[..., 0] * 255, expected, atol=0.5 + 1e-3)


def test_sixteen_bits_of_opacity_do_not_wrap():
    array = np.array([[[65_535, 65_535], [65_535, 0], [0, 65_535], [0, 0], [32_768, 32_768]]], np.uint16)
    assert on_white(array)[0, :, 0].tolist() == [65_535, 65_535, 0, 65_535, 49_151]


def test_premultiplied_colours_are_not_multiplied_again():
    array = np.array([[[20, 51], [0, 0], [9, 4]]], np.uint8)
    assert on_white(array, premultiplied=True)[0, :, 0].tolist() == [224, 255, 255]
    assert on_white(array / np.float32(255), premultiplied=True)[0, :2, 0].tolist() == pytest.approx([224 / 255, 1])


def test_a_tall_picture_is_put_on_white_in_parts():
    array = np.zeros((3, 1 << 20, 2), np.uint8)
    array[2, -1] = (9, 255)
    result = on_white(array)
    assert result.min() == 9
    assert (result == 255).sum() == 3 * (1 << 20) - 1


def test_levels_keep_their_type_and_lose_their_byte_order():
    for dtype in (np.uint8, np.dtype(">u2")):
        levels = levels_of(np.array([[[1], [2]]], dtype))
        assert levels.dtype.isnative
        assert levels.tolist() == [[[1], [2]]]


@pytest.mark.bad_input
@pytest.mark.parametrize("value", [-1.0, 1.5, 70_000.0, float("nan"), float("inf"), -5, 70_000])
def test_numbers_that_are_no_levels_are_refused(value):
    with pytest.raises(BadImage):
        levels_of(np.array([[[value]]]))


def test_each_orientation_takes_the_first_row_and_column_where_exif_says():
    """EXIF names the side that the stored first row, and the stored first column, belong to."""
    first_row = {1: "top", 2: "top", 3: "bottom", 4: "bottom", 5: "left", 6: "right", 7: "right", 8: "left"}
    first_column = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}
    stored = np.zeros((4, 6, 2), np.uint8)
    stored[0, :, 0], stored[:, 0, 1] = 1, 1
    for orientation in range(1, 9):
        turned = upright(stored, orientation)
        assert turned.shape == ((4, 6, 2) if orientation < 5 else (6, 4, 2))
        assert turned.flags.c_contiguous
        for channel, sides in ((0, first_row), (1, first_column)):
            seen = turned[..., channel]
            edges = {"top": seen[0], "bottom": seen[-1], "left": seen[:, 0], "right": seen[:, -1]}
            assert [side for side, edge in edges.items() if edge.all()] == [sides[orientation]]


@pytest.mark.parametrize("mode", ["L", "RGB", "P", "1"])
def test_a_large_picture_is_copied_band_by_band_to_the_same_pixels(mode, monkeypatch):
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (37, 29, 3), dtype=np.uint8)).convert(mode)
    whole = pixels_of(picture)
    monkeypatch.setattr("saccade.data.decoders.pixels._LARGE", 0)
    monkeypatch.setattr("saccade.data.decoders.pixels._BAND_BYTES", 5 * 4 * 29)
    banded = pixels_of(picture)
    np.testing.assert_array_equal(banded, whole)
    assert banded.flags.writeable
