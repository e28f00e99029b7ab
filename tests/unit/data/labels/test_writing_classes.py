import numpy as np
import pytest

from labelled_sets import data_set, things
from pictures import write_class_folders
from saccade.data.arrays import Arrays
from saccade.data.format import contents
from saccade.data.labels.writing_classes import write_class_folders as write_folders
from saccade.data.labels.writing_classes import write_manifest
from saccade.data.opening import open_data
from saccade.errors import BadData, BadLabel
from saccade.types.sample import DataSet

WHOLE = (1.0, 0.0, 0.0)


def classified(labels, targets, task="classification"):
    images = tuple(np.full((4, 5, 3), row, np.uint8) for row in range(len(targets)))
    return DataSet("x", labels, {"train": Arrays(images, tuple(targets), "x", np.arange(len(targets)))}, task)


@pytest.mark.parametrize("write", [write_folders, write_manifest])
def test_splits_classes_and_bytes_are_kept(tmp_path, write):
    write_class_folders(
        tmp_path / "in", {f"{split}/{name}": 3 for split in ("train", "val", "test") for name in ("a b", "ü")}
    )
    before = open_data(tmp_path / "in")
    told = write(before, tmp_path / "out")
    place = tmp_path / "out" / ("labels.csv" if write is write_manifest else "")
    after = open_data(place)
    assert dict(told) == contents(after) == {"images": 18, "labels": 18}
    assert (after.counts(), after.labels) == (before.counts(), before.labels)
    for split in before.splits:
        pairs = [
            sorted((one.read(row).image.sum(), one.target(row)) for row in range(6))
            for one in (before.splits[split], after.splits[split])
        ]
        assert pairs[0] == pairs[1]


def test_hostile_class_names_become_safe_folders(tmp_path):
    write_folders(classified(("../up", "a/b", ".git", "con", "ok"), [0, 1, 2, 3, 4]), tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out" / "train").iterdir()) == ["_up", "a_b", "con", "git", "ok"]
    assert not (tmp_path / "up").exists()


def test_several_classes_are_columns(tmp_path):
    write_manifest(classified(("a;b", "c", "d"), [(0, 2), (), (1,), (0, 1)], "multi_label"), tmp_path / "out")
    lines = (tmp_path / "out" / "labels.csv").read_text().splitlines()
    assert lines[0] == "path,a;b,c,d,split"
    assert lines[1].endswith(",1,0,1,train")
    again = open_data(tmp_path / "out" / "labels.csv", shares=WHOLE)
    assert (again.task, again.labels) == ("multi_label", ("a;b", "c", "d"))
    assert [again.splits["train"].target(row) for row in range(4)] == [(0, 2), (), (1,), (0, 1)]


@pytest.mark.bad_input
def test_what_has_no_place_is_refused(tmp_path):
    with pytest.raises(BadData, match="choose coco, voc or yolo"):
        write_folders(data_set([things(1)]), tmp_path / "a")
    with pytest.raises(BadData, match="choose manifest"):
        write_folders(classified(("a", "b"), [(0,), (1, 0)], "multi_label"), tmp_path / "b")
    with pytest.raises(BadLabel, match="got the class name 'a;b'"):
        write_manifest(classified(("a;b", "c"), [0, 1]), tmp_path / "c")
    with pytest.raises(BadLabel, match="got the class name 'label'"):
        write_manifest(classified(("label", "c"), [(0,), (1, 0)], "multi_label"), tmp_path / "d")
