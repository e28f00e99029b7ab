import shutil
from pathlib import Path

import pytest
import torch

from faulty_data import boxed, faulty_folders, save
from pictures import hashes
from saccade.data.checking.engine import check
from saccade.data.checking.mending import clip, mend, refuse_place, writing_format
from saccade.data.opening import open_data
from saccade.errors import BadData
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes


def keys(dataset):
    return {split: [source.key(row) for row in range(len(source))] for split, source in dataset.splits.items()}


def test_a_leak_leaves_train_and_the_test_stays_what_it_was(tmp_path):
    dataset = open_data(str(faulty_folders(tmp_path)), shares=(1, 0, 0))
    mended = mend(check(dataset))
    before, after = keys(dataset), keys(mended.dataset)
    assert after["test"] == before["test"]
    assert set(before["train"]) - set(after["train"]) == {
        "train/ant/copy.jpg", "train/ant/cut.jpg", "train/ant/leak.jpg",
    }  # fmt: skip
    assert mended.deeds == (
        "left out train/ant/cut.jpg (train): it cannot be read",
        "left out train/ant/copy.jpg (train): a copy of train/ant/0.jpg (train)",
        "left out train/ant/leak.jpg (train): a copy of test/ant/0.jpg (test), which must stay as it was",
        "kept train/bee/other.jpg (train) and train/ant/1.jpg (train), copies with different labels: decide",
    )


def test_a_copy_within_the_test_stays(tmp_path):
    faulty_folders(tmp_path)
    shutil.copy(tmp_path / "test" / "bee" / "0.jpg", tmp_path / "test" / "bee" / "1.jpg")
    dataset = open_data(str(tmp_path), shares=(1, 0, 0))
    mended = mend(check(dataset))
    assert keys(mended.dataset)["test"] == keys(dataset)["test"]
    assert any("the test stays what it was" in line for line in mended.deeds)


def test_boxes_are_clipped_and_those_without_an_area_left_out(tmp_path):
    dataset = boxed(tmp_path, [[1, 1, 9, 9], [100, 5, 140, 9], [5, 5, 5, 9], [200, 5, 210, 9], [0, 0, 128.001, 96]])
    mended = mend(check(dataset))
    target = mended.dataset.splits["train"].target(0)
    assert target.boxes.coordinates.tolist() == [[1, 1, 9, 9], [100, 5, 128, 9], [0, 0, 128, 96]]
    assert mended.deeds == (
        "clipped box 2 of a.jpg (train)",
        "left out box 3 of a.jpg (train): nothing of it is on the picture",
        "left out box 4 of a.jpg (train): nothing of it is on the picture",
    )


def test_what_is_right_is_not_touched():
    deeds: list[str] = []
    target = Annotations((10, 10), torch.tensor([1]), Boxes(torch.tensor([[1.0, 1.0, 10.001, 9.0]]), (10, 10)))
    assert clip(target, "a", deeds) is target
    assert deeds == []


@pytest.mark.bad_input
def test_data_in_memory_and_data_without_a_good_picture_are_refused(tmp_path):
    with pytest.raises(BadData, match="do not lie in files"):
        mend(check(open_data("synthetic:count=12,size=16")))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.png").write_bytes(b"nothing")
    with pytest.raises(BadData, match="no training picture"):
        mend(check(open_data(str(tmp_path), shares=(1, 0, 0))))


@pytest.mark.bad_input
def test_places_that_are_not_empty_or_inside_the_data_are_refused(tmp_path):
    save(tmp_path / "data" / "a" / "0.jpg", 1)
    for place in ("data", "data/inner", "."):
        with pytest.raises(BadData, match="taken is a folder"):
            refuse_place(tmp_path / place, str(tmp_path / "data"))
    refuse_place(tmp_path / "new", str(tmp_path / "data"))
    refuse_place(tmp_path / "new", f"class_folders:{tmp_path / 'data'}")
    refuse_place(tmp_path / "new", "digits")


def test_the_format_that_is_written_is_the_one_that_was_read(tmp_path):
    faulty_folders(tmp_path / "data")
    before = hashes(tmp_path / "data")
    dataset = open_data(str(tmp_path / "data"), shares=(1, 0, 0))
    name, format_ = writing_format(dataset)
    assert name == "class_folders"
    counts = format_.write(mend(check(dataset)).dataset, tmp_path / "out")
    assert counts["images"] == 12
    again = open_data(str(tmp_path / "out"), shares=(1, 0, 0))
    assert again.counts() == {"train": 10, "test": 2}
    assert hashes(tmp_path / "data") == before
    assert set(hashes(Path(tmp_path / "out")).values()) <= set(before.values())
