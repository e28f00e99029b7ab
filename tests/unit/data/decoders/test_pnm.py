import io

import numpy as np
import pytest
from PIL import Image

from saccade.data.reading import is_image_name, read_image
from saccade.errors import BadImage


def test_numbers_written_out_are_read_with_their_comments():
    grey = read_image(b"P2\n# three\n3 1 # wide\n4\n0 2\n4")
    np.testing.assert_array_equal(grey, [[[0], [128], [255]]])
    colour = read_image(b"P3 1 2 255 1 2 3 4 5 6")
    np.testing.assert_array_equal(colour, [[[1, 2, 3]], [[4, 5, 6]]])
    bits = read_image(b"P1 3 2 010 1 1 0")
    np.testing.assert_array_equal(bits[..., 0], [[255, 0, 255], [0, 0, 255]])


def test_sixteen_bits_stay_sixteen():
    ramp = np.arange(256, dtype=np.uint16).reshape(16, 16) * 257
    image = read_image(b"P5 16 16 65535\n" + ramp.astype(">u2").tobytes())
    assert image.dtype == np.uint16
    np.testing.assert_array_equal(image[..., 0], ramp)
    np.testing.assert_array_equal(read_image(b"P5 1 1 1023\n\x03\xff"), [[[65535]]])


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_what_another_library_wrote_is_read_the_same(mode):
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (5, 11, 3), dtype=np.uint8)).convert(mode)
    file = io.BytesIO()
    picture.save(file, "PPM")
    expected = np.asarray(picture.convert("L" if mode == "1" else mode))
    np.testing.assert_array_equal(read_image(file.getvalue()).reshape(expected.shape), expected)


def test_a_file_of_faces_is_read(saccade_data):
    path = next((saccade_data / "orl_faces").rglob("*.pgm"))
    np.testing.assert_array_equal(read_image(path)[..., 0], np.asarray(Image.open(path)))
    assert is_image_name(path)


@pytest.mark.filterwarnings("error")
def test_of_several_pictures_the_first_is_read():
    with pytest.warns(UserWarning, match="a PNM of several pictures"):
        assert read_image(b"P5 1 1 255\n\x07P5 1 1 255\n\x08").item() == 7


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"P5 4 4 255\n123", "3 bytes of pixels instead of 16"),
        (b"P5 4", "without width, height and white"),
        (b"P5 4 4 0\n", "whose white is 0"),
        (b"P5 4 4 70000\n", "whose white is 70000"),
        (b"P5 4 4 255", "does not end in a blank"),
        (b"P5 0 4 255\n", "0 × 4 pixels"),
        (b"P2 2 1 3 0 9", "a level of 9 above its white of 3"),
        (b"P2 2 1 255 0 x", "something else than numbers"),
        (b"P2 2 2 255 0 1", "2 numbers instead of 4"),
        (b"P6 99999 99999 255\n", "pixels; taken are at most"),
        (b"P7\nWIDTH 3\n", "taken are JPEG"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_reason(data, said):
    with pytest.raises(BadImage, match=said):
        read_image(data)
