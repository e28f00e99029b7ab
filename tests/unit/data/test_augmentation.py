from dataclasses import dataclass

import numpy as np
import pytest
import torch

from saccade.data.augmentation import Mirror, PaddedCrop, augment, standard
from saccade.data.randomness import Draws
from saccade.errors import BadConfig
from saccade.types.boxes import Boxes
from saccade.types.sample import Sample


def picture(height=4, width=6, channels=3):
    return np.arange(1, height * width * channels + 1, dtype=np.uint8).reshape(height, width, channels)


def test_a_mirror_changes_left_and_right():
    image = picture()
    assert np.array_equal(Mirror(1.0).apply(Sample(image, 3, "k"), Draws(0)).image, image[:, ::-1])
    assert Mirror(0.0).apply(Sample(image), Draws(0)).image is image


def test_half_of_the_images_are_mirrored():
    image = picture()
    turned = sum(Mirror().apply(Sample(image), Draws(0, index)).image is not image for index in range(2000))
    assert 900 < turned < 1100


def test_a_crop_moves_by_whole_pixels_with_zeros_around():
    image, found = picture(8, 8, 1), set()
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
    windows = {(top, left): padded[top : top + 8, left : left + 8] for top in range(3) for left in range(3)}
    for index in range(200):
        moved = PaddedCrop(0.125).apply(Sample(image), Draws(0, index)).image
        found |= {place for place, window in windows.items() if np.array_equal(moved, window)}
    assert found == set(windows)


def test_every_shift_is_as_likely():
    image, counts = picture(8, 8, 1), {}
    for index in range(1800):
        key = PaddedCrop(0.125).apply(Sample(image), Draws(1, index)).image.tobytes()
        counts[key] = counts.get(key, 0) + 1
    assert len(counts) == 9
    assert min(counts.values()) > 140


@pytest.mark.parametrize("shape", [(8, 2, 3), (1, 1, 1), (2, 9, 1), (7, 5, 4)])
@pytest.mark.parametrize("rate", [0.125, 0.5, 1.0])
def test_a_crop_of_any_shape_is_its_padded_window(shape, rate):
    image = picture(*shape)
    for index in range(50):
        assert PaddedCrop(rate).apply(Sample(image), Draws(index)).image.shape == shape


def test_what_is_given_stays_as_it_is():
    image = picture()
    before = image.copy()
    image.setflags(write=False)
    for index in range(20):
        augment(Sample(image), standard(mirror=True, crop_rate=0.5), Draws(index))
    assert np.array_equal(image, before)


def test_classes_and_keys_are_kept():
    for target in (3, (1, 2), None):
        sample = augment(Sample(picture(), target, "k"), standard(mirror=True, crop_rate=0.5), Draws(1))
        assert (sample.target, sample.key) == (target, "k")


def test_boxes_follow_the_picture():
    image = np.zeros((8, 16, 1), np.uint8)
    image[2:5, 3:7] = 255
    boxes = Boxes(torch.tensor([[3.0, 2.0, 7.0, 5.0]]), (8, 16))
    for index in range(100):
        sample = augment(
            Sample(image, {"boxes": boxes, "labels": (1,)}), standard(mirror=True, crop_rate=0.25), Draws(index)
        )
        x1, y1, x2, y2 = sample.target["boxes"].coordinates[0].int().tolist()
        inside = np.zeros((8, 16), bool)
        inside[y1:y2, x1:x2] = True
        assert np.array_equal(sample.image[..., 0] > 0, inside)
        assert sample.target["labels"] == (1,)


def test_targets_without_a_place_pass():
    @dataclass
    class Pair:
        same: bool

    target = Pair(same=True)
    assert Mirror(1.0).apply(Sample(picture(), target), Draws(0)).target is target


def test_settings_choose():
    assert standard(mirror=False, crop_rate=0.0) == ()
    assert standard(mirror=True, crop_rate=0.0) == (Mirror(),)
    assert standard(mirror=True, crop_rate=0.25) == (PaddedCrop(0.25), Mirror())


@pytest.mark.bad_input
@pytest.mark.parametrize("make", [lambda: Mirror(1.5), lambda: PaddedCrop(-0.1), lambda: standard(False, float("nan"))])
def test_rates_out_of_range_are_refused(make):
    with pytest.raises(BadConfig, match="taken is a number from 0 to 1"):
        make()
