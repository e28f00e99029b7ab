import os

import pytest

import format_examples
from pictures import hashes
from saccade.data.opening import open_data
from saccade.errors import BadData

PEOPLE = [f"{first}_{last}" for first in ("Ada", "Bob", "Cleo") for last in ("Ash", "Birch", "Cedar")]


@pytest.fixture
def root(tmp_path):
    return format_examples.lfw(tmp_path / "faces")


def shown(dataset, split):
    """Each pair of a split by the keys of its pictures."""
    source = dataset.splits[split]
    return [(source.key(pair.first), source.key(pair.second), pair.same) for pair in dataset.pairs[split]]


def test_pairs_are_those_of_the_lists_in_their_order(root):
    dataset = open_data(root)
    assert (dataset.task, dataset.labels) == ("verification", tuple(PEOPLE))
    assert shown(dataset, "test")[0] == (
        "lfw/Cleo_Ash/Cleo_Ash_0001.jpg", "lfw/Cleo_Ash/Cleo_Ash_0002.jpg", True,
    )  # fmt: skip
    assert [same for _, _, same in shown(dataset, "test")] == [True, True, False, False]
    assert shown(dataset, "val")[2][:2] == ("lfw/Bob_Ash/Bob_Ash_0003.jpg", "lfw/Bob_Birch/Bob_Birch_0002.jpg")


def test_targets_are_people_and_pairs_agree_with_them(root):
    dataset = open_data(root)
    for split, pairs in dataset.pairs.items():
        source = dataset.splits[split]
        for pair in pairs:
            assert (source.target(pair.first) == source.target(pair.second)) == pair.same


def test_whoever_learns_is_not_judged(root):
    for name in ("pairsDevTrain.txt", "pairsDevTest.txt"):
        (root / name).unlink()
    dataset = open_data(root)
    people = {split: {source.target(row) for row in range(len(source))} for split, source in dataset.splits.items()}
    assert people == {"train": set(range(6)), "test": {6, 7, 8}}
    assert set(dataset.pairs) == {"test"}


def test_lists_of_people_say_who_learns(root):
    (root / "pairsDevTrain.txt").unlink()
    (root / "peopleDevTrain.txt").write_text("2\nAda_Ash\t3\nBob_Cedar\t3\nGone_Gone\t1\n")
    source = open_data(root).splits["train"]
    assert {source.target(row) for row in range(len(source))} == {0, 5}


def test_people_may_lie_beside_the_lists(root):
    for folder in (root / "lfw").iterdir():
        folder.rename(root / folder.name)
    (root / "lfw").rmdir()
    assert open_data(root).splits["test"].key(0) == "Cleo_Ash/Cleo_Ash_0001.jpg"


def test_wrong_lines_are_told_and_left_out(root):
    text = (
        "10\t300\nCleo_Ash\t1\t2\nCleo_Ash\t1\t9\nNo_One\t1\tCleo_Ash\t2\nCleo_Ash\tx\t2\na b c d e\nCleo_Ash\t-1\t2\n"
    )
    (root / "pairs.txt").write_text(text)
    dataset = open_data(root)
    assert [(finding.code, finding.file, finding.line) for finding in dataset.findings] == [
        ("missing-image", "pairs.txt", 3), ("missing-image", "pairs.txt", 4), ("not-a-number", "pairs.txt", 5),
        ("wrong-columns", "pairs.txt", 6), ("not-a-number", "pairs.txt", 7),
    ]  # fmt: skip
    assert len(dataset.pairs["test"]) == 1


def test_nothing_is_written(root):
    before = hashes(root)
    open_data(root).splits["train"].read(0)
    assert hashes(root) == before


@pytest.mark.bad_input
def test_lists_that_name_nothing_are_refused(root):
    for name in ("pairs.txt", "pairsDevTrain.txt", "pairsDevTest.txt"):
        (root / name).write_text("10\nNo_One\t1\t2\n")
    with pytest.raises(BadData, match="without a pair whose pictures are there"):
        open_data(root)


@pytest.mark.skipif("SACCADE_DATA" not in os.environ, reason="needs SACCADE_DATA")
def test_faces_without_a_list_stay_class_folders():
    dataset = open_data(os.path.join(os.environ["SACCADE_DATA"], "orl_faces"))  # noqa: PTH118
    assert (dataset.task, len(dataset.labels)) == ("classification", 40)
