"""Classes by name: the model's numbers for other people's data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from saccade.api.relabelling import relabelled
from saccade.data.opening import open_data
from saccade.errors import BadData
from saccade.types.sample import targets_of

IMAGES = np.zeros((6, 4, 4), np.uint8)


def opened(labels):
    return open_data({"train": (IMAGES, labels)}, shares=(1, 0, 0))


def test_nothing_is_wrapped_where_nothing_is_other():
    dataset = opened(["a", "b", "c"] * 2)
    assert relabelled(dataset, "train", ("a", "b", "c"), "classification") is dataset.splits["train"]


def test_numbers_are_looked_up_by_name():
    source = relabelled(opened(["a", "b", "c"] * 2), "train", ("c", "x", "b", "a"), "classification")
    assert list(targets_of(source)) == [3, 2, 0] * 2
    assert source.read(1).target == 2
    assert source.read(1).image.shape == (4, 4, 1)
    assert source.key(1) == "arrays[1]"
    assert len(source) == 6


def test_several_labels_are_looked_up_each():
    source = relabelled(opened([("a", "b"), (), ("c",)] * 2), "train", ("c", "b", "a"), "multi_label")
    assert list(targets_of(source)) == [(2, 1), (), (0,)] * 2


def test_single_labels_become_sets_of_one():
    source = relabelled(opened(["a", "b", "c"] * 2), "train", ("a", "b", "c"), "multi_label")
    assert list(targets_of(source)) == [(0,), (1,), (2,)] * 2


def test_a_class_without_images_may_have_any_name():
    dataset = replace(opened(["a", "b"] * 3), labels=("a", "b", "unheard of"))
    assert list(targets_of(relabelled(dataset, "train", ("b", "a"), "classification"))) == [1, 0] * 3


def test_the_content_is_known_by_the_same_fingerprint():
    dataset = opened(["a", "b"] * 3)
    wrapped = relabelled(dataset, "train", ("b", "a"), "classification")
    assert wrapped.fingerprint() == dataset.splits["train"].fingerprint()


def test_numbers_without_names_are_the_models_numbers_in_arrays_only():
    dataset = opened([2, 0, 2, 0, 2, 0])
    assert list(targets_of(relabelled(dataset, "train", ("a", "b", "c"), "classification"))) == [2, 0] * 3
    with pytest.raises(BadData, match="does not know"):
        relabelled(replace(dataset, origin={"data": "/x"}), "train", ("a", "b", "c"), "classification")


@pytest.mark.bad_input
def test_unknown_classes_are_named_with_the_nearest():
    with pytest.raises(BadData, match=r"2 classes that the model does not know \(cat, dgo\)"):
        relabelled(opened(["cat", "dgo", "owl"] * 2), "train", ("dog", "owl"), "classification")
