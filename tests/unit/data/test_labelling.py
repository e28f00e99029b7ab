import numpy as np
import pytest
import torch

from saccade.data.labelling import encode_labels
from saccade.errors import BadData, BadLabel


def coded(labels, classes=()):
    done = encode_labels({"train": labels}, classes)
    return done.labels, done.targets["train"], done.task


def test_names_are_numbered_in_sorted_order():
    assert coded(["dog", "cat", "dog"]) == (("cat", "dog"), (1, 0, 1), "classification")


def test_names_are_numbered_over_all_splits():
    done = encode_labels({"train": ["dog", "eel"], "test": ["cat"]})
    assert done.labels == ("cat", "dog", "eel")
    assert done.targets == {"train": (1, 2), "test": (0,)}


@pytest.mark.parametrize(
    "labels",
    [
        [7, 3, 7],
        np.array([7, 3, 7], np.uint8),
        np.array([[7], [3], [7]]),
        np.array([7.0, 3.0, 7.0]),
        torch.tensor([7, 3, 7]),
    ],
)
def test_numbers_without_names_are_named_by_themselves(labels):
    assert coded(labels) == (("3", "7"), (1, 0, 1), "classification")


def test_numbers_are_sorted_as_numbers():
    assert coded([10, 9, 2])[0] == ("2", "9", "10")


def test_numbers_are_ids_where_names_are_known():
    assert coded([2, 0], ("a", "b", "c")) == (("a", "b", "c"), (2, 0), "classification")


def test_tuples_are_several_labels():
    assert coded([("b", "a"), (), ["a"], {"c"}]) == (("a", "b", "c"), ((0, 1), (), (0,), (2,)), "multi_label")


def test_the_same_label_twice_counts_once():
    assert coded([("a", "a"), ("b",)])[1] == ((0,), (1,))


def test_rows_of_0_and_1_are_several_labels():
    rows = np.array([[1, 0, 1], [0, 0, 0]])
    assert coded(rows, ("a", "b", "c")) == (("a", "b", "c"), ((0, 2), ()), "multi_label")
    assert coded(torch.tensor(rows))[0] == ("0", "1", "2")


def test_rows_with_one_1_each_are_single_labels():
    assert coded(np.eye(3)[[2, 0]]) == (("0", "1", "2"), (2, 0), "classification")


def test_bytes_are_names():
    assert coded(np.array([b"b", b"a"]))[0] == ("a", "b")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        ([0, -1, 2], (), r"got label -1 for train\[1\], one of 1 such"),
        (np.array([0.0, 0.5]), (), r"got label 0.5 for train\[1\]"),
        (np.array([np.nan, 1]), (), r"got label nan for train\[0\]"),
        ([0, 3], ("a", "b"), r"got 1 labels that no class has \(3\)"),
        (["x", "a"], ("a", "b"), r"got 1 labels that no class has \(x\)"),
        ([0, 1], ("a", "a"), "class names that occur twice"),
        ([("a",), "b"], (), r"got label 'b' for train\[1\], others are tuples"),
        ([("a",), (1,)], (), "names and numbers mixed"),
        (np.zeros((2, 2, 2)), (), r"got labels of shape \(2, 2, 2\)"),
        (np.array([[0, 2], [1, 0]]), (), r"got labels of shape \(2, 2\)"),
        (np.array([1 + 2j]), (), "got labels of type complex128"),
        (np.array([[1, 1, 1], [0, 0, 1]]), ("a", "b"), "rows of 0 and 1 of different widths"),
    ],
)
def test_labels_that_mean_nothing_are_refused(labels, classes, message):
    with pytest.raises(BadLabel, match=message):
        coded(labels, classes)


@pytest.mark.bad_input
def test_single_and_several_labels_do_not_mix():
    with pytest.raises(BadData, match="got several labels for an image in train and single ones elsewhere"):
        encode_labels({"train": [("a",)], "test": ["a"]})
