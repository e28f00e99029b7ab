import pickle

import numpy as np
import pytest
import torch

from saccade.data.arrays import Arrays, as_images, open_arrays
from saccade.data.splitting import Splitting
from saccade.errors import BadData


def some(count=20, shape=(4, 5)):
    return np.random.default_rng(0).integers(0, 256, (count, *shape), np.uint8), [index % 2 for index in range(count)]


def test_a_pair_becomes_three_splits():
    dataset = open_arrays(some(), Splitting())
    assert dataset.counts() == {"train": 16, "val": 2, "test": 2}
    assert dataset.labels == ("0", "1")
    assert dataset.task == "classification"


def test_a_sample_is_the_row_it_names():
    images, labels = some()
    source = open_arrays((images, labels), Splitting()).splits["test"]
    sample = source.read(1)
    row = int(sample.key.removeprefix("arrays[").removesuffix("]"))
    assert np.array_equal(sample.image[..., 0], images[row])
    assert sample.target == labels[row] == source.target(1)
    assert sample.key == source.key(1)


def test_splits_by_name_are_kept_and_keys_are_unique():
    images, labels = some(4)
    dataset = open_arrays({"train": (images, labels), "val": (images, labels), "test": (images, labels)}, Splitting())
    keys = [source.key(index) for source in dataset.splits.values() for index in range(len(source))]
    assert keys[4] == "val[0]"
    assert len(set(keys)) == 12


def test_the_array_is_not_copied():
    images, labels = some(shape=(4, 5, 3))
    source = open_arrays((images, labels), Splitting()).splits["train"]
    assert np.shares_memory(source.read(0).image, images)


def test_tensors_are_channels_first():
    images = torch.arange(2 * 3 * 4 * 5, dtype=torch.uint8).reshape(2, 3, 4, 5)
    assert as_images(images, "x").shape == (2, 4, 5, 3)
    assert as_images(images, "x")[1, 2, 3, 1] == images[1, 1, 2, 3]


@pytest.mark.parametrize(
    ("images", "dtype"),
    [
        (np.zeros((2, 3, 3), np.uint16), np.uint16),
        (np.zeros((2, 3, 3), np.int64), np.uint8),
        (np.full((2, 3, 3), 300), np.uint16),
        (np.full((2, 3, 3), 0.5), np.float32),
        (np.ones((2, 3, 3), bool), np.uint8),
    ],
)
def test_types_keep_their_meaning(images, dtype):
    assert as_images(images, "x").dtype == dtype


def test_true_is_white():
    assert as_images(np.ones((1, 2, 2), bool), "x").max() == 255


def test_pictures_of_different_sizes_stay_apart():
    images = as_images([np.zeros((2, 3), np.uint8), np.zeros((4, 3, 3), np.uint8)], "x")
    assert [picture.shape for picture in images] == [(2, 3, 1), (4, 3, 3)]


def test_pictures_of_one_size_become_one_array():
    assert as_images([np.zeros((2, 3), np.uint8)] * 4, "x").shape == (4, 2, 3, 1)


def test_a_fingerprint_tells_pixels_and_targets_apart():
    images, labels = some()
    source = open_arrays((images, labels), Splitting()).splits["train"]
    assert source.fingerprint() == pickle.loads(pickle.dumps(source)).fingerprint()
    row = int(source.rows[3])
    changed = images.copy()
    changed[row, 0, 0] ^= 1
    assert open_arrays((changed, labels), Splitting()).splits["train"].fingerprint() != source.fingerprint()
    turned = Arrays(source.images, tuple(1 - target for target in source.targets), "x", source.rows)
    assert turned.fingerprint() != source.fingerprint()


def test_a_fingerprint_does_not_see_other_splits():
    images, labels = some()
    splits = open_arrays((images, labels), Splitting()).splits
    before = splits["train"].fingerprint()
    images[splits["test"].rows[0]] += 1
    assert splits["train"].fingerprint() == before


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 64)), "give flat rows their height and width"),
        (np.zeros((2, 3, 32, 32)), r"channels first; .* write images.transpose\(0, 2, 3, 1\)"),
        (np.zeros((0, 8, 8)), "check the array"),
        (np.zeros(5), "check the array"),
        (np.full((2, 8, 8), 17.0), "float64 images with values from 17 to 17"),
        (np.full((2, 8, 8), np.nan), "float64 images with NaN"),
        (np.full((2, 8, 8), -1), "values from -1 to -1"),
        (np.zeros((2, 8, 8), complex), "got images of type complex128"),
    ],
)
def test_images_of_no_known_form_are_refused(images, message):
    with pytest.raises(BadData, match=message):
        as_images(images, "train")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((np.zeros((3, 4, 4)), [0, 1]), "got 3 images and 2 labels for train"),
        ({"trian": some()}, "got split 'trian'; .* did you mean 'train'"),
        ({"train": some()[0]}, "got ndarray for train; taken is a pair"),
        ({"test": some()}, "got no training images"),
    ],
)
def test_data_that_do_not_fit_together_are_refused(data, message):
    with pytest.raises(BadData, match=message):
        open_arrays(data, Splitting())
