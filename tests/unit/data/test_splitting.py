import random
from collections import Counter

import numpy as np
import pytest

from saccade.data.arrays import Arrays
from saccade.data.files import Files
from saccade.data.splitting import Splitting, complete, divide
from saccade.errors import BadConfig, BadData


def numbers(targets):
    return Arrays(np.zeros((len(targets), 1, 1, 1), np.uint8), tuple(targets), "x", np.arange(len(targets)))


def targets(source):
    return [source.target(index) for index in range(len(source))]


def keys(source):
    return [source.key(index) for index in range(len(source))]


def test_each_class_is_cut_by_the_shares():
    parts = divide(numbers([0] * 100 + [1] * 50), (0.8, 0.1, 0.1), seed=0)
    assert [Counter(targets(part)) for part in parts] == [{0: 80, 1: 40}, {0: 10, 1: 5}, {0: 10, 1: 5}]


def test_no_image_is_lost_or_twice():
    parts = divide(numbers([index % 7 for index in range(123)]), (0.6, 0.3, 0.1), seed=3)
    found = [key for part in parts for key in keys(part)]
    assert sorted(found) == sorted(f"x[{index}]" for index in range(123))


def test_fractions_are_carried_from_class_to_class():
    parts = divide(numbers([index // 4 for index in range(400)]), (0.8, 0.1, 0.1), seed=0)
    assert [len(part) for part in parts] == [320, 40, 40]
    assert max(Counter(targets(parts[1])).values()) == 1


def test_another_seed_makes_another_cut():
    source = numbers([0] * 50 + [1] * 50)
    first, again, other = (keys(divide(source, (0.8, 0.1, 0.1), seed)[1]) for seed in (0, 0, 1))
    assert first == again != other


def test_the_cut_does_not_depend_on_the_order_of_files():
    paths = [f"{name}/{index}.png" for name in "ab" for index in range(20)]
    shuffled = random.Random(0).sample(paths, len(paths))
    cuts = [
        [
            set(keys(part))
            for part in divide(Files("", tuple(some), tuple(int(path[0] == "b") for path in some)), (0.8, 0.1, 0.1), 0)
        ]
        for some in (paths, shuffled)
    ]
    assert cuts[0] == cuts[1]


def test_a_new_file_hardly_moves_the_others():
    before = Files("", tuple(f"{index}.png" for index in range(200)), (0,) * 200)
    after = Files("", (*before.paths, "new.png"), (0,) * 201)
    first, second = (set(keys(divide(source, (0.8, 0.1, 0.1), 0)[2])) for source in (before, after))
    assert len(first - second) <= 2


@pytest.mark.parametrize("sizes", [[1, 2, 30], [2, 2], [3, 1, 1, 1], [5] * 40, [1] * 20 + [50]])
def test_every_class_keeps_a_training_image(sizes):
    labels = [number for number, size in enumerate(sizes) for _ in range(size)]
    train, val, test = divide(numbers(labels), (0.8, 0.1, 0.1), seed=0)
    assert set(targets(train)) == set(labels)
    assert len(val) >= 1
    assert len(test) >= 1


def test_every_label_of_several_keeps_a_training_image():
    several = [(0, 1), (0,), (0,), (1, 2), (0, 3), (3,), (0, 3), (), (4,), (0,)]
    train = divide(numbers(several), (0.4, 0.3, 0.3), seed=0)[0]
    assert {label for target in targets(train) for label in target} == {0, 1, 2, 3, 4}


def test_several_labels_are_cut_by_the_rarest():
    several = [(0, 1)] * 20 + [(0,)] * 80
    parts = divide(numbers(several), (0.8, 0.1, 0.1), seed=0)
    assert [sum(1 in target for target in targets(part)) for part in parts] == [16, 2, 2]


def test_val_is_cut_from_train_when_only_test_is_there():
    done = complete({"train": numbers([0, 1] * 50), "test": numbers([0, 1])}, Splitting())
    assert {split: len(source) for split, source in done.items()} == {"train": 90, "val": 10, "test": 2}


def test_splits_that_are_there_are_kept():
    given = {"train": numbers([0, 1] * 5), "val": numbers([0, 1])}
    assert complete(given, Splitting()) == given


def test_an_empty_split_counts_as_not_there():
    done = complete({"train": numbers([0, 1] * 50), "val": numbers([]), "test": numbers([0])}, Splitting())
    assert len(done["val"]) == 10


def test_one_image_of_each_class_to_learn_from_leaves_no_val():
    assert list(complete({"train": numbers([0, 1, 2]), "test": numbers([0])}, Splitting())) == ["train", "test"]


def test_a_share_of_0_leaves_a_split_out():
    source = numbers([0, 1] * 10)
    assert list(complete({"train": source}, Splitting(shares=(1, 0, 0)))) == ["train"]
    assert list(complete({"train": source}, Splitting(shares=(0, 0, 1)))) == ["test"]
    assert {name: len(part) for name, part in complete({"train": source}, Splitting(shares=(0, 0.5, 0.5))).items()} == {
        "val": 10,
        "test": 10,
    }


@pytest.mark.bad_input
@pytest.mark.parametrize("shares", [(0.5, 0.5, 0.5), (1.2, -0.1, -0.1), (float("nan"), 0, 1), (0.5, 0.5)])
def test_shares_that_do_not_add_up_are_refused(shares):
    with pytest.raises(BadConfig, match="three numbers ≥ 0 that add up to 1"):
        Splitting(shares=shares)


@pytest.mark.bad_input
def test_one_image_of_each_class_cannot_be_cut():
    with pytest.raises(BadData, match=r"got 3 images of 3 classes, too few .* set shares=\(1, 0, 0\)"):
        complete({"train": numbers([0, 1, 2])}, Splitting())


@pytest.mark.bad_input
def test_nothing_to_learn_from_is_refused():
    with pytest.raises(BadData, match="got no training images \\(splits: test\\)"):
        complete({"test": numbers([0, 1])}, Splitting())
