from collections import Counter

import numpy as np
import pytest

from saccade.data.grouping import Placing, divide_groups, groups_by, split_names
from saccade.data.splitting import Splitting
from saccade.errors import BadConfig, BadData


def test_groups_stay_together_and_shares_are_kept():
    groups = [f"g{number // 4}" for number in range(400)]
    classes = [(number % 3,) for number in range(400)]
    parts = divide_groups(groups, classes, Splitting(0))
    assert all(len(set(parts[number : number + 4].tolist())) == 1 for number in range(0, 400, 4))
    assert np.bincount(parts).tolist() == [320, 40, 40]
    for one in range(3):
        of_class = np.bincount(parts[[number for number in range(400) if classes[number] == (one,)]], minlength=3)
        assert abs(of_class - np.array([0.8, 0.1, 0.1]) * of_class.sum()).max() <= 3


def test_a_rare_class_is_cut_like_the_others_when_it_is_stratified():
    groups, classes = [str(number) for number in range(1000)], [(int(number < 50),) for number in range(1000)]
    parts = divide_groups(groups, classes, Splitting(1))
    assert np.bincount(parts[:50]).tolist() == [40, 5, 5]
    apart = [
        abs(np.bincount(divide_groups(groups, classes, Splitting(seed), stratify=False)[:50], minlength=3)[0] - 40)
        for seed in range(5)
    ]
    assert max(apart) > 0


def test_the_cut_depends_on_names_and_seed_and_not_on_the_order():
    groups = [f"g{number // 3}" for number in range(90)]
    classes = [(number % 2,) for number in range(90)]
    parts = divide_groups(groups, classes, Splitting(5))
    turned = np.random.default_rng(0).permutation(90)
    again = divide_groups([groups[row] for row in turned], [classes[row] for row in turned], Splitting(5))
    assert (again == parts[turned]).all()
    assert (divide_groups(groups, classes, Splitting(6)) != parts).any()


def test_a_share_of_nought_gets_nothing():
    parts = divide_groups([str(number) for number in range(20)], [(0,)] * 20, Splitting(0, (0.5, 0.0, 0.5)))
    assert Counter(split_names(parts)) == {"train": 10, "test": 10}


def test_placing_goes_where_most_is_lacking():
    place = Placing(Counter({-1: 10}), np.array([0.5, 0.25, 0.25]))
    assert [place.put(Counter({-1: 5})), place.put(Counter({-1: 5}))] == [0, 1]


def test_groups_come_from_patterns_folders_and_columns(tmp_path):
    keys = ["a/anna_1.jpg", "a/anna_2.jpg", "b/bert_1.jpg", "b/x.jpg"]
    assert groups_by(None, keys, "([a-z]+)_", None) == (["=anna", "=anna", "=bert", "b/x.jpg"], 1)
    assert groups_by(None, keys, "[ab]/", None) == (["=a/", "=a/", "=b/", "=b/"], 0)
    assert groups_by(None, keys, "folder", None) == (["=a", "=a", "=b", "=b"], 0)
    table = tmp_path / "t.csv"
    table.write_text("path;patient;label\n" + "\n".join(f"{key};p{row // 2};x" for row, key in enumerate(keys)))
    assert groups_by(None, keys, "patient", table) == (["=p0", "=p0", "=p1", "=p1"], 0)


@pytest.mark.bad_input
def test_what_groups_nothing_is_refused(tmp_path):
    with pytest.raises(BadConfig, match="no regular expression"):
        groups_by(None, ["a.jpg"], "(", None)
    with pytest.raises(BadData, match="fits no picture"):
        groups_by(None, ["a.jpg"], "patient", None)
    with pytest.raises(BadData, match="got 2 groups for 3 splits"):
        divide_groups(["a", "a", "b"], [(0,)] * 3, Splitting(0))
