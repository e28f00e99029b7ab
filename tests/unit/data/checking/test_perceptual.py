import numpy as np
import pytest
from PIL import Image

from faulty_data import photograph
from saccade.data.checking.perceptual import distances, likeness, perceptual_hashes, small_luma, thumbnails_of


def smalls(*images):
    return np.stack([small_luma(image) for image in images])


def resized(image, scale):
    height, width = round(image.shape[0] * scale), round(image.shape[1] * scale)
    return np.array(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))


@pytest.mark.parametrize("scale", [0.5, 0.7, 2.0])
def test_a_scaled_picture_keeps_its_hash_but_for_a_few_bits(scale):
    image = photograph(3, (200, 300))
    hashes = perceptual_hashes(smalls(image, resized(image, scale)))
    assert distances(hashes[:1], hashes[1:])[0] <= 4


def test_unrelated_pictures_differ_in_about_half_of_their_bits():
    hashes = perceptual_hashes(smalls(*(photograph(number) for number in range(20))))
    pairs = [(i, j) for i in range(20) for j in range(i)]
    apart = distances(hashes[[i for i, _ in pairs]], hashes[[j for _, j in pairs]])
    assert 28 < apart.mean() < 36
    assert apart.min() > 12


def test_half_of_the_bits_are_set():
    hashes = perceptual_hashes(smalls(photograph(1)))
    assert distances(hashes, np.zeros(1, np.uint64)).tolist() == [32]


def test_every_type_and_number_of_channels_is_taken():
    grey = np.full((40, 30, 1), 128, np.uint8)
    for image in (
        grey,
        np.repeat(grey, 3, 2),
        np.repeat(grey, 4, 2),
        grey.astype(np.uint16) * 256,
        grey.astype(np.float32) / 255,
        np.full((1, 1, 2), 128, np.uint8),
        np.full((500, 600, 5), 128 / 255, np.float32),
    ):
        assert set(small_luma(image).ravel().tolist()) == {128}


def test_thumbnails_are_means_of_two_by_two():
    small = np.zeros((1, 32, 32), np.uint8)
    small[0, 0, :2] = 100, 60
    assert thumbnails_of(small)[0, 0, :2].tolist() == [40, 0]


def test_likeness_is_one_for_another_light_and_nought_for_a_flat_picture():
    one = thumbnails_of(smalls(photograph(2)))
    darker, flat = (one // 2).astype(np.uint8), np.full_like(one, 9)
    assert likeness(one, darker)[0] > 0.999
    assert likeness(one, flat).tolist() == [0.0]
    assert likeness(one, 255 - one)[0] == pytest.approx(-1, abs=1e-3)


def test_bits_are_counted():
    first, second = np.array([0, 2**64 - 1, 5], np.uint64), np.array([0, 0, 6], np.uint64)
    assert distances(first, second).tolist() == [0, 64, 2]
