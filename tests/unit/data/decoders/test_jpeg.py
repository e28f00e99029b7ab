"""JPEG: its colours, and what is left of a file that was cut."""

import io

import numpy as np
import pytest
from PIL import Image

from saccade.data.reading import read_image
from saccade.errors import BadImage

VARIANTS = {
    "plain": {},
    "progressive": {"progressive": True},
    "restarts by block": {"restart_marker_blocks": 1},
    "restarts by row": {"restart_marker_rows": 1},
    "grey": {},
}


def photograph(height=64, width=96):
    """Smooth colours with some noise: every byte of its JPEG carries something."""
    random = np.random.default_rng(0)
    small = Image.fromarray(random.integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8))
    smooth = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC)).astype(int)
    return np.clip(smooth + random.integers(-9, 10, smooth.shape), 0, 255).astype(np.uint8)


def jpeg(array, **options):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "JPEG", quality=80, **options)
    return file.getvalue()


def variant(name):
    return jpeg(photograph()[..., 0] if name == "grey" else photograph(), **VARIANTS[name])


@pytest.mark.parametrize("name", VARIANTS)
def test_pixels_are_those_of_pillow(name):
    data = variant(name)
    np.testing.assert_array_equal(read_image(data).squeeze(), np.asarray(Image.open(io.BytesIO(data))))


@pytest.mark.parametrize("name", VARIANTS)
def test_a_file_that_lacks_only_its_end_is_read(name):
    data = variant(name)
    for missing in (1, 2):
        np.testing.assert_array_equal(read_image(data[:-missing]), read_image(data))


@pytest.mark.bad_input
@pytest.mark.parametrize("name", VARIANTS)
def test_a_file_cut_at_every_twentieth_is_refused(name):
    data = variant(name)
    for twentieth in range(20):
        with pytest.raises(BadImage):
            read_image(data[: len(data) * twentieth // 20])


@pytest.mark.bad_input
@pytest.mark.parametrize("name", VARIANTS)
def test_no_cut_at_all_gives_wrong_pixels(name):
    data = variant(name)
    whole = read_image(data)
    random = np.random.default_rng(1)
    for end in (*random.integers(0, len(data) - 60, 60), *range(len(data) - 60, len(data))):
        try:
            image = read_image(data[:end])
        except BadImage:
            assert end < len(data) - 2
        else:
            np.testing.assert_array_equal(image, whole)


@pytest.mark.bad_input
def test_a_progressive_file_without_its_last_scans_is_refused():
    data = variant("progressive")
    scans = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xda"]
    assert len(scans) > 5
    for scan in scans[1:]:
        before = data[:scan]
        tables = before.rfind(b"\xff\xc4")
        with pytest.raises(BadImage, match="pixels are missing"):
            read_image(data[:tables] if tables > scans[0] else before)


def ink(colours):
    """What CMYK holds for some RGB colours, with a quarter of black, and the RGB that it means."""
    black = np.full((*colours.shape[:2], 1), 64, np.uint8)
    inks = np.concatenate((255 - colours, black), axis=-1)
    means = np.rint((255.0 - inks[..., :3]) * (255.0 - black) / 255.0)
    return inks, means


def patches():
    colours = np.random.default_rng(2).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return colours.repeat(16, axis=0).repeat(16, axis=1)


def cmyk_jpeg(planes, transform):
    """Four planes as they shall lie in the file; Adobe's word says what they are: 0 is CMYK, 2 is YCCK."""
    file = io.BytesIO()
    Image.fromarray(255 - planes, "CMYK").save(file, "JPEG", quality=100, subsampling=0)
    data = file.getvalue()
    at = data.index(b"Adobe") + 11
    return data[:at] + bytes((transform,)) + data[at + 1 :]


@pytest.mark.filterwarnings("ignore:'mode' parameter")
def test_cmyk_becomes_rgb_within_two_levels():
    inks, means = ink(patches())
    image = read_image(cmyk_jpeg(255 - inks, 0))
    assert image.shape == means.shape
    assert np.abs(image - means).max() <= 2


@pytest.mark.filterwarnings("ignore:'mode' parameter")
def test_ycck_becomes_rgb_within_two_levels():
    inks, means = ink(patches())
    inverted = 255 - inks
    # libjpeg: YCCK holds the YCbCr of (255 - C, 255 - M, 255 - Y) as Adobe stores them, inverted once more, beside K
    luminance = np.asarray(Image.fromarray(255 - inverted[..., :3]).convert("YCbCr"))
    image = read_image(cmyk_jpeg(np.concatenate((luminance, inverted[..., 3:]), axis=-1), 2))
    assert np.abs(image - means).max() <= 2


@pytest.mark.bad_input
def test_a_bomb_of_scans_is_refused():
    data = variant("progressive")
    scan = data.rfind(b"\xff\xda")
    with pytest.raises(BadImage, match="more than 200 scans"):
        read_image(data[:-2] + data[scan:-2] * 300 + data[-2:])


@pytest.mark.bad_input
def test_what_no_decoder_here_knows_is_refused_by_name():
    data = variant("plain")
    frame = data.index(b"\xff\xc0")
    with pytest.raises(BadImage, match="12 bits; taken are 8"):
        read_image(data[: frame + 4] + b"\x0c" + data[frame + 5 :])
    with pytest.raises(BadImage, match="gives no size"):
        read_image(data[: frame + 5] + b"\0\0" + data[frame + 7 :])


def test_bytes_between_segments_and_after_the_end_are_passed_over():
    data = variant("plain")
    after_start = data[:20] + b"\0\0\xff\xff" + data[20:]
    np.testing.assert_array_equal(read_image(after_start + b"trailing" * 9), read_image(data))


@pytest.mark.parametrize("name", VARIANTS)
def test_the_luma_is_the_one_that_is_stored(name):
    data = variant(name)
    luma = read_image(data, luma=True)
    assert luma.shape == (64, 96, 1)
    weighted = read_image(data).astype(float) @ ([1.0] if name == "grey" else [0.299, 0.587, 0.114])
    assert np.abs(luma[..., 0] - weighted).mean() < 1
    for missing in (1, 2):
        np.testing.assert_array_equal(read_image(data[:-missing], luma=True), luma)


def test_four_components_have_no_luma_of_their_own():
    file = io.BytesIO()
    Image.fromarray(photograph()).convert("CMYK").save(file, "JPEG")
    np.testing.assert_array_equal(read_image(file.getvalue(), luma=True), read_image(file.getvalue()))


@pytest.mark.bad_input
@pytest.mark.parametrize("name", VARIANTS)
def test_the_luma_of_a_file_that_is_cut_is_refused(name):
    data = variant(name)
    for twentieth in range(20):
        with pytest.raises(BadImage):
            read_image(data[: len(data) * twentieth // 20], luma=True)
