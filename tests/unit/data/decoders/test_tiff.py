"""TIFF of any type, number of channels, layout and packing, against the arrays that were written."""

import io
import itertools
import struct
import zlib

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from saccade.data.decoders.tags import write_directory
from saccade.data.reading import ImageWarning, read_image
from saccade.errors import BadImage

HEIGHT, WIDTH = 37, 45
TYPES = ("u1", "u2", "u4", "i2", "f2", "f4", "f8")


def pixels(dtype, channels):
    random = np.random.default_rng(channels)
    if dtype[0] == "f":
        return random.random((HEIGHT, WIDTH, channels)).astype(dtype)
    return random.integers(0, 256 if dtype == "u1" else 30_000, (HEIGHT, WIDTH, channels)).astype(dtype)


def expected(array):
    if array.dtype.kind == "f":
        return array.astype(np.float32)
    return array if array.dtype == np.uint8 else array.astype(np.uint16)


def written(array, **options):
    file = io.BytesIO()
    if array.shape[2:] == (1,):
        array = array[..., 0]
    elif array.ndim == 3 and "photometric" in options:
        options = {"planarconfig": "contig", **options}
    tifffile.imwrite(file, array, **options)
    return file.getvalue()


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_every_type_and_number_of_channels_is_kept(dtype, channels):
    array = pixels(dtype, channels)
    colours = "rgb" if channels == 3 else "minisblack"
    for order, packing, tile in itertools.product("<>", (None, "zlib"), (None, (16, 32))):
        data = written(array, photometric=colours, byteorder=order, compression=packing, tile=tile)
        image = read_image(data)
        assert image.dtype == expected(array).dtype
        np.testing.assert_array_equal(image, expected(array))


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("channels", [2, 3, 5])
@pytest.mark.parametrize("big", [False, True])
def test_planes_stored_one_after_another_are_put_together(dtype, channels, big):
    array = pixels(dtype, channels)
    for packing, tile in itertools.product((None, "zlib"), (None, (16, 32))):
        data = written(
            array.transpose(2, 0, 1),
            photometric="rgb" if channels == 3 else "minisblack",
            planarconfig="separate",
            compression=packing,
            tile=tile,
            bigtiff=big,
        )
        np.testing.assert_array_equal(read_image(data), expected(array))


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_differences_to_the_left_are_undone(dtype, channels):
    array = pixels(dtype, channels)
    for order, tile in itertools.product("<>", (None, (16, 32))):
        data = written(
            array,
            photometric="rgb" if channels == 3 else "minisblack",
            compression="zlib",
            predictor=True,
            byteorder=order,
            tile=tile,
        )
        np.testing.assert_array_equal(read_image(data), expected(array))


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4", "f8"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("packing", [1, 5, 8, 32_773])
def test_what_opencv_packs_is_read(dtype, channels, packing):
    array = pixels(dtype, channels)
    predictors = (1,) if packing in (1, 32_773) else (1, 3) if dtype[0] == "f" else (1, 2)
    for predictor in predictors:
        options = [cv2.IMWRITE_TIFF_COMPRESSION, packing, cv2.IMWRITE_TIFF_PREDICTOR, predictor]
        data = cv2.imencode(".tiff", array[..., ::-1], options)[1].tobytes()
        np.testing.assert_array_equal(read_image(data), expected(array))


@pytest.mark.parametrize("mode", ["I;16", "I;16B", "I", "F"])
def test_a_ramp_keeps_its_256_levels(mode):
    levels = np.arange(256) * 257
    dtype = {"I;16": "<u2", "I;16B": ">u2", "I": "i4", "F": "f4"}[mode]
    image = Image.frombytes(mode, (256, 1), levels.astype(dtype).tobytes())
    file = io.BytesIO()
    image.save(file, "TIFF")
    result = read_image(file.getvalue())[0, :, 0]
    assert len(set(result.tolist())) == 256
    np.testing.assert_allclose(result / (1 if mode == "F" else 65_535), levels / 65_535, atol=1e-7)


@pytest.mark.parametrize(("dtype", "white"), [(np.uint8, 255), (np.uint16, 65_535)])
def test_opacity_is_put_on_white(dtype, white):
    colours = np.full((2, 3, 4), white // 5, dtype)
    colours[0, :, 3], colours[1, :, 3] = white, 0
    for kind in ("unassalpha", "assocalpha"):
        image = read_image(written(colours, photometric="rgb", extrasamples=[kind]))
        assert image.dtype == dtype
        assert image[0].tolist() == [[white // 5] * 3] * 3
        assert image[1].tolist() == [[white] * 3] * 3
    grey = read_image(written(colours[..., 2:], photometric="minisblack", extrasamples=[2]))
    assert grey[:, 0].tolist() == [[white // 5], [white]]


def test_a_fourth_channel_that_is_no_opacity_is_kept():
    array = pixels("u2", 4)
    data = written(array, photometric="rgb", extrasamples=["unspecified"])
    np.testing.assert_array_equal(read_image(data), array)


def test_white_is_zero_is_turned_around():
    for dtype in ("u1", "u2"):
        array = pixels(dtype, 1)
        image = read_image(written(array[..., 0], photometric="miniswhite"))
        np.testing.assert_array_equal(image, np.iinfo(dtype).max - array)


def saved(image, **options):
    file = io.BytesIO()
    image.save(file, "TIFF", **options)
    return file.getvalue()


def test_bits_palettes_cmyk_and_jpeg_inside_are_read():
    colours = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8).repeat(16, 0).repeat(16, 1)
    image = Image.fromarray(colours)
    bits = image.convert("1")
    palette = image.quantize(24)
    cmyk = image.convert("CMYK")
    for packing in ("group4", None):
        np.testing.assert_array_equal(
            read_image(saved(bits, compression=packing))[..., 0], np.asarray(bits.convert("L"))
        )
    np.testing.assert_array_equal(read_image(saved(palette)), np.asarray(palette.convert("RGB")))
    for packing in ("tiff_lzw", None):
        np.testing.assert_array_equal(read_image(saved(cmyk, compression=packing)), colours)
    jpeg = read_image(saved(image, compression="jpeg", quality=100))
    assert np.abs(jpeg.astype(int) - colours).mean() < 3


def test_an_array_that_tifffile_folded_into_rows_is_unfolded():
    array = np.random.default_rng(0).integers(0, 65_536, (40, 30, 5), dtype=np.uint16)
    np.testing.assert_array_equal(read_image(written(array)), array)


@pytest.mark.bad_input
def test_a_folded_array_that_is_packed_says_how_to_write_it():
    with pytest.raises(BadImage, match=r"40 pages, one for each row.*planarconfig='contig'"):
        read_image(written(np.zeros((40, 30, 5), np.uint16), compression="zlib"))


def test_smaller_copies_of_the_picture_are_no_other_pictures():
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(np.zeros((64, 64), np.uint8))
        writer.write(np.zeros((32, 32), np.uint8), subfiletype=1)
    assert read_image(file.getvalue()).shape == (64, 64, 1)


def test_the_first_of_several_pages_is_read():
    data = written(np.arange(5 * 20 * 30, dtype=np.uint16).reshape(5, 20, 30))
    with pytest.warns(ImageWarning):
        image = read_image(data)
    np.testing.assert_array_equal(image[..., 0], np.arange(20 * 30).reshape(20, 30))


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("array", "what"),
    [
        (np.full((4, 4), np.nan, np.float32), "not finite"),
        (np.full((4, 4), np.inf, np.float32), "not finite"),
        (np.full((4, 4), 1.5, np.float32), r"from 1\.5 to 1\.5"),
        (np.full((4, 4), -0.5, np.float32), r"from -0\.5"),
        (np.full((4, 4), -3, np.int16), "from -3"),
        (np.full((4, 4), 70_000, np.int32), "from 70000"),
        (np.full((4, 4), 1j, np.complex64), "64-bit samples"),
    ],
)
def test_numbers_that_are_no_levels_are_refused(array, what):
    with pytest.raises(BadImage, match=what):
        read_image(written(array))


def test_whole_floats_are_levels_of_8_or_16_bits():
    for top in (255, 65_535):
        image = read_image(written(np.array([[0, 51, top]], np.float32)))
        np.testing.assert_allclose(image[0, :, 0], [0, 51 / top, 1], rtol=1e-6)


@pytest.mark.bad_input
@pytest.mark.parametrize("packing", [None, "zlib"])
def test_a_file_cut_anywhere_is_refused(packing):
    data = written(np.arange(300, dtype=np.uint16).reshape(20, 15), compression=packing, description="x" * 40)
    directory = struct.unpack_from("<I", data, 4)[0]
    ends = directory + 2 + 12 * struct.unpack_from("<H", data, directory)[0] + 4
    for end in range(max(ends, len(data) - 300)):
        with pytest.raises(BadImage):
            read_image(data[:end])


def tiff(tags, body):
    """A TIFF by hand: what the tags say, and a body at offset 8."""
    return struct.pack("<2sHI", b"II", 42, 8 + len(body)) + body + write_directory(8 + len(body), tags)


PLAIN = {256: (4,), 257: (2,), 258: (8,), 259: (1,), 262: (1,), 273: (8,), 277: (1,), 278: (2,), 279: (8,)}


def test_a_file_by_hand_is_read():
    assert read_image(tiff(PLAIN, bytes(range(8))))[..., 0].tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_a_missing_size_of_the_only_strip_is_no_harm():
    tags = {tag: values for tag, values in PLAIN.items() if tag != 279}
    assert read_image(tiff(tags, bytes(range(8)))).shape == (2, 4, 1)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({50706: (1,)}, "^got a camera's raw file"),
        ({262: (32803,)}, "raw file"),
        ({254: (1,)}, "thumbnail"),
        ({277: (5000,)}, "5000 channels"),
        ({258: (8, 16, 8), 277: (3,)}, r"\[8, 16\] bits"),
        ({258: (12,)}, "12-bit samples"),
        ({258: (16,), 262: (5,), 277: (4,)}, "export it with LZW"),
        ({259: (6,)}, "export it with LZW"),
        ({322: (1 << 20,), 323: (1 << 20,), 324: (8,), 325: (8,)}, "tiles 1048576 × 1048576"),
        ({278: (1,), 273: (8, 8), 279: (100, 100)}, "overlap"),
        ({273: (8, 9)[:1], 279: (0,)}, "cut short"),
        ({273: (1 << 30,)}, "cut short"),
        ({277: (4000,), 256: (60_000,), 257: (60_000,)}, "of 4000 bytes"),
    ],
)
def test_tags_that_describe_no_picture_are_refused(change, what):
    with pytest.raises(BadImage, match=what):
        read_image(tiff({**PLAIN, **change}, bytes(range(8))))


@pytest.mark.bad_input
def test_a_strip_that_swells_costs_no_memory():
    import tracemalloc

    bomb = zlib.compress(bytes(100 << 20), 9)
    data = tiff({**PLAIN, 259: (8,), 279: (len(bomb),), 258: (16,) * 5, 277: (5,)}, bomb)
    tracemalloc.start()
    assert read_image(data).shape == (2, 4, 5)
    assert tracemalloc.get_traced_memory()[1] < 5 << 20
    tracemalloc.stop()
