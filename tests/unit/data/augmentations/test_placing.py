from dataclasses import dataclass

import numpy as np
import pytest
import torch

from saccade.data.augmentations.placing import AlternatingMirror, Mirror, MirrorUpDown, PaddedCrop
from saccade.data.augmentations.recipes import standard
from saccade.data.augmenting.augmenter import augment
from saccade.data.randomness import Draws, Visit
from saccade.errors import BadConfig, UnknownName
from saccade.types.boxes import Boxes
from saccade.types.sample import Sample


def picture(height=4, width=6, channels=3):
    return np.arange(1, height * width * channels + 1, dtype=np.uint8).reshape(height, width, channels)


def moved(image, augmentation, word=0):
    return augment(Sample(image), [augmentation], Draws(word)).image


def test_a_mirror_changes_left_and_right():
    image = picture()
    assert np.array_equal(moved(image, Mirror(1.0)), image[:, ::-1])
    assert moved(image, Mirror(0.0)) is image


def test_a_mirror_up_and_down_changes_top_and_bottom():
    image = np.array([[[1], [2]], [[3], [4]]], np.uint8)
    assert moved(image, MirrorUpDown(1.0))[..., 0].tolist() == [[3, 4], [1, 2]]
    assert moved(image, MirrorUpDown(0.0)) is image
    both = augment(Sample(image), [Mirror(1.0), MirrorUpDown(1.0)], Draws(0)).image
    assert both[..., 0].tolist() == [[4, 3], [2, 1]]


def test_half_of_the_images_are_mirrored():
    image = picture()
    turned = sum(moved(image, Mirror(), index) is not image for index in range(2000))
    assert 900 < turned < 1100


def test_a_crop_moves_by_whole_pixels_with_zeros_around():
    image, found = picture(8, 8, 1), set()
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
    windows = {(top, left): padded[top : top + 8, left : left + 8] for top in range(3) for left in range(3)}
    for index in range(200):
        result = moved(image, PaddedCrop(0.125), index)
        found |= {place for place, window in windows.items() if np.array_equal(result, window)}
    assert found == set(windows)


def test_every_shift_is_as_likely():
    image, counts = picture(8, 8, 1), {}
    for index in range(1800):
        key = augment(Sample(image), [PaddedCrop(0.125)], Draws(1, index)).image.tobytes()
        counts[key] = counts.get(key, 0) + 1
    assert len(counts) == 9
    assert min(counts.values()) > 140


@pytest.mark.parametrize("shape", [(8, 2, 3), (1, 1, 1), (2, 9, 1), (7, 5, 4), (3, 3, 7)])
@pytest.mark.parametrize("rate", [0.125, 0.5, 1.0])
def test_a_crop_of_any_shape_keeps_it(shape, rate):
    for index in range(50):
        assert moved(picture(*shape), PaddedCrop(rate), index).shape == shape


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_whole_pixels_of_any_type_are_copied(dtype):
    image = (picture(3, 5) * 3).astype(dtype)
    result = moved(image, Mirror(1.0))
    assert result.dtype == dtype
    assert np.array_equal(result, image[:, ::-1])


def test_the_bits_are_those_of_the_first_release():
    image = picture(8, 8, 1)
    changes, weights = standard(mirror=True, crop_rate=0.25), np.arange(64)
    pictures = [augment(Sample(image), changes, Draws(0, 2, 0, row)).image.ravel().astype(int) for row in range(6)]
    assert [int(pixels @ weights) for pixels in pictures] == [59976, 52612, 46984, 55664, 53368, 71288]


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
    assert augment(Sample(picture(), target), [Mirror(1.0)], Draws(0)).target is target


@pytest.mark.bad_input
@pytest.mark.parametrize("make", [lambda: Mirror(1.5), lambda: PaddedCrop(-0.1), lambda: standard(False, float("nan"))])
def test_rates_out_of_range_are_refused(make):
    with pytest.raises(BadConfig, match="taken is a number from 0 to 1"):
        make()


def test_an_alternating_mirror_turns_every_other_epoch_and_half_of_the_images_in_each():
    image = picture()

    def turned(epoch: int, row: int) -> bool:
        return augment(Sample(image), [AlternatingMirror()], Visit(7, 2, epoch, row)).image is not image

    for epoch in range(3):
        told = [turned(epoch, row) for row in range(400)]
        assert [not one for one in told] == [turned(epoch + 1, row) for row in range(400)]
        assert 150 < sum(told) < 250


def test_without_an_epoch_half_of_the_images_are_mirrored():
    image = picture()
    assert 900 < sum(moved(image, AlternatingMirror(), index) is not image for index in range(2000)) < 1100


@pytest.mark.parametrize("mirror", [False, True])
def test_a_reflected_crop_is_a_window_of_the_reflected_picture(mirror):
    image = picture(6, 8)
    padded = np.pad(image, ((2, 2), (2, 2), (0, 0)), mode="reflect")
    windows = [padded[top : top + 6, left : left + 8] for top in range(5) for left in range(5)]
    wanted = [window[:, ::-1] for window in windows] if mirror else windows
    seen = set()
    for word in range(300):
        changes = [PaddedCrop(1 / 3, "reflect"), Mirror(float(mirror))]
        got = augment(Sample(image), changes, Draws(word)).image
        (place,) = [place for place, window in enumerate(wanted) if np.array_equal(window, got)]
        seen.add(place)
    assert seen == set(range(25))


def test_boxes_follow_a_reflected_crop_as_any_other():
    image = picture(16, 16)
    one, other = (
        augment(
            Sample(image, Boxes(torch.tensor([[4.0, 4.0, 9.0, 9.0]]), (16, 16))), [PaddedCrop(0.25, padding)], Draws(3)
        )
        for padding in ("zeros", "reflect")
    )
    assert torch.equal(one.target.coordinates, other.target.coordinates)


@pytest.mark.bad_input
def test_an_unknown_padding_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'reflect'"):
        PaddedCrop(0.125, "reflekt")
