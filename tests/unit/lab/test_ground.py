"""The images of a comparison: which are learned from, and which judge."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from saccade.data.loading.loader import Loader
from saccade.data.opening import open_data
from saccade.errors import BadConfig, BadData
from saccade.lab.ground import Both, ground_of
from saccade.types.sample import DataSet, targets_of


def dataset(train=90, test=30):
    images = np.random.default_rng(0).integers(0, 256, (train + test, 6, 6, 3), dtype=np.uint8)
    labels = np.arange(train + test) % 3
    return open_data({"train": (images[:train], labels[:train]), "test": (images[train:], labels[train:])})


def test_a_part_of_the_images_has_every_class_by_its_share():
    ground = ground_of(dataset(), size=6, images=30, judged=9)
    assert Counter(targets_of(ground.train)) == {0: 10, 1: 10, 2: 10}
    assert Counter(targets_of(ground.judged)) == Counter(targets_of(ground.test)) == {0: 3, 1: 3, 2: 3}


def test_what_judges_as_training_images_was_learned_from():
    ground = ground_of(dataset(), size=6, images=30, judged=9)
    assert set(ground.learned()) <= {ground.train.key(index) for index in range(30)}
    assert not set(ground.learned()) & {ground.test.key(index) for index in range(9)}


def test_nothing_is_left_out_where_all_is_asked_for():
    whole = ground_of(dataset(), size=6, images=0, judged=0)
    assert whole.described()["counts"] == {"train": 81, "judged": 81, "test": 30}
    assert ground_of(dataset(), size=6, images=5000, judged=5000).described() == whole.described()


def test_the_same_part_is_chosen_every_time():
    first, second = (ground_of(dataset(), size=6, images=12, judged=6).described() for _ in range(2))
    assert first == second


def test_the_mean_and_the_deviation_are_those_of_the_pictures():
    images = np.zeros((40, 4, 4, 1), np.uint8)
    images[::2] = 255
    ground = ground_of(open_data((images, np.arange(40) % 2)), size=4, images=0, judged=0)
    assert ground.preprocessing.channels == 1
    assert ground.preprocessing.mean == pytest.approx((0.5,), abs=0.05)
    assert ground.preprocessing.std == pytest.approx((0.5,), abs=0.05)


def test_two_loaders_follow_each_other_from_any_batch_on():
    ground = ground_of(dataset(), size=6, images=0, judged=9)
    loaders = [Loader(part, ground.preprocessing, torch.tensor, batch_size=4) for part in (ground.judged, ground.test)]
    both = Both(*loaders)
    whole = [batch.keys for batch in both.epoch(0)]
    assert both.steps == len(whole) == 3 + 3
    assert [[batch.keys for batch in both.epoch(0, start)] for start in range(7)] == [whole[n:] for n in range(7)]


@pytest.mark.bad_input
def test_images_of_several_labels_are_refused():
    with pytest.raises(BadConfig, match="taken are data with one class for each image"):
        ground_of(open_data("synthetic:count=60,size=8,shapes=2"), size=8, images=0, judged=0)


@pytest.mark.bad_input
def test_data_without_anything_to_judge_with_are_refused():
    given = dataset()
    with pytest.raises(BadData, match="got data with the splits train; taken are train and test"):
        ground_of(DataSet("x", given.labels, {"train": given.splits["train"]}), size=6, images=0, judged=0)
