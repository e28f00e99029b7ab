import numpy as np
import pytest
from PIL import Image

from saccade.errors import BadLabel
from saccade.types.paired_image import PairedImage
from saccade.types.warp import Warp


def noise(height: int = 12, width: int = 17, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, channels), np.uint8)


def test_mirror_and_crop_are_exact():
    pixels = noise()
    paired = PairedImage(pixels)
    assert np.array_equal(paired.mirror().pixels, pixels[:, ::-1])
    assert np.array_equal(paired.crop(2, 3, (5, 6)).pixels, pixels[2:7, 3:9])
    assert paired.size == (12, 17)


def test_what_is_cut_beyond_the_picture_is_0():
    window = PairedImage(noise() | 1).crop(-1, 15, (3, 4)).pixels
    assert not window[0].any()
    assert not window[:, 2:].any()
    assert window[1:, :2].all()
    assert not PairedImage(noise()).crop(50, 50, (2, 2)).pixels.any()


@pytest.mark.parametrize("size", [(6, 8), (24, 34), (12, 5), (1, 1), (31, 17)])
def test_stretching_is_what_pillow_does(size):
    pixels = noise()
    theirs = np.asarray(Image.fromarray(pixels).resize(size[::-1], Image.Resampling.BILINEAR)).astype(int)
    assert np.abs(PairedImage(pixels).scale(size).pixels - theirs).max() <= 1


def test_stretching_to_its_own_size_changes_nothing():
    paired = PairedImage(noise())
    assert np.array_equal(paired.scale((12, 17)).pixels, paired.pixels)


def test_a_warp_that_mirrors_is_the_mirror():
    pixels = noise()
    warp = Warp(np.array([[-1.0, 0, 17], [0, 1, 0], [0, 0, 1]]), (12, 17), (12, 17))
    assert np.array_equal(PairedImage(pixels).warp(warp).pixels, pixels[:, ::-1])


def test_a_warp_by_half_a_pixel_mixes_two():
    warp = Warp(np.array([[1.0, 0, 0.5], [0, 1, 0], [0, 0, 1]]), (1, 3), (1, 3))
    found = PairedImage(np.array([[[0], [100], [200]]], np.uint8)).warp(warp).pixels[0, :, 0]
    assert found.tolist() == [0, 50, 150]


def test_a_warp_shows_0_beyond_the_picture():
    warp = Warp(np.array([[1.0, 0, 5], [0, 1, 0], [0, 0, 1]]), (12, 17), (12, 17))
    found = PairedImage(noise() | 1).warp(warp).pixels
    assert not found[:, :5].any()
    assert found[:, 5:].all()


def test_the_hash_tells_a_changed_pixel_and_shape():
    pixels = noise()
    other = pixels.copy()
    other[3, 4, 1] ^= 1
    hashes = {PairedImage(one).digest() for one in (pixels, other, pixels.reshape(17, 12, 3))}
    assert len(hashes) == 3
    assert PairedImage(pixels[:, ::-1][:, ::-1]).digest() == PairedImage(pixels).digest()


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "pixels",
    [np.zeros((2, 2), np.uint8), np.zeros((2, 2, 3)), np.zeros((0, 2, 3), np.uint8), np.zeros((2, 2, 0), np.uint8)],
)
def test_what_is_no_picture_is_refused(pixels):
    with pytest.raises(BadLabel, match="taken is"):
        PairedImage(pixels)
