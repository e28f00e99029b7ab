import os
import shutil

import pytest

from pictures import write_class_folders, write_picture
from saccade.data.opening import open_data
from saccade.errors import BadData


def keys(source):
    return [source.key(index) for index in range(len(source))]


def test_folders_are_classes_in_sorted_order(tmp_path):
    dataset = open_data(write_class_folders(tmp_path, {"dogs": 10, "cats": 10, "Eels": 10}))
    assert dataset.labels == ("Eels", "cats", "dogs")
    assert dataset.counts() == {"train": 24, "val": 3, "test": 3}
    for source in dataset.splits.values():
        for index in range(len(source)):
            assert source.key(index).startswith(dataset.labels[source.target(index)] + "/")


@pytest.mark.parametrize(
    ("train", "val", "test"),
    [("train", "val", "test"), ("Training", "Validation", "Testing"), ("train", "valid", "test")],
)
def test_splits_are_kept(tmp_path, train, val, test):
    counts = {f"{train}/a": 3, f"{train}/b": 2, f"{val}/a": 1, f"{test}/b": 2}
    dataset = open_data(write_class_folders(tmp_path, counts))
    assert dataset.counts() == {"train": 5, "val": 1, "test": 2}
    assert keys(dataset.splits["test"]) == [f"{test}/b/0.png", f"{test}/b/1.png"]
    assert [dataset.splits["test"].target(index) for index in range(2)] == [1, 1]


def test_val_is_cut_from_train_beside_test(tmp_path):
    dataset = open_data(write_class_folders(tmp_path, {"train/a": 10, "train/b": 10, "test/a": 3}))
    assert dataset.counts() == {"train": 18, "val": 2, "test": 3}
    assert all(key.startswith("train/") for key in keys(dataset.splits["val"]))


def test_classes_named_like_splits_are_classes(tmp_path):
    assert open_data(write_class_folders(tmp_path, {"test": 5, "train": 5})).labels == ("test", "train")


def test_what_is_left_out_is_counted(tmp_path):
    write_class_folders(tmp_path, {"a": 5, "b": 5, ".thumbs": 2})
    write_picture(tmp_path / "cover.png")
    (tmp_path / "a" / "notes.txt").touch()
    (tmp_path / "b" / ".DS_Store").touch()
    assert open_data(tmp_path).origin["ignored"] == {".txt": 1, "hidden": 1, "images in no class": 1}


def test_pictures_beside_train_are_counted(tmp_path):
    write_class_folders(tmp_path, {"train/a": 5, "train/b": 5, "unlabelled": 4})
    dataset = open_data(tmp_path)
    assert sum(dataset.counts().values()) == 10
    assert dataset.origin["ignored"] == {"images in no class": 4}


def test_deep_folders_belong_to_their_class(tmp_path):
    write_class_folders(tmp_path, {"a/spring/may": 5, "a": 5, "b/winter": 10})
    dataset = open_data(tmp_path)
    assert dataset.labels == ("a", "b")
    assert sum(dataset.counts().values()) == 20


def test_the_split_does_not_depend_on_where_and_how_files_were_written(tmp_path):
    first = write_class_folders(tmp_path / "first", {"a": 10, "b": 10})
    second = tmp_path / "second"
    for path in sorted(first.rglob("*.png"), reverse=True):
        (second / path.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, second / path.relative_to(first))
    one, other = open_data(first, seed=3), open_data(second, seed=3)
    assert [keys(one.splits[split]) for split in one.splits] == [keys(other.splits[split]) for split in other.splits]
    assert one.splits["test"].fingerprint() == other.splits["test"].fingerprint()
    assert keys(open_data(first, seed=4).splits["train"]) != keys(one.splits["train"])


def test_a_class_whose_name_is_no_text_gets_a_label(tmp_path):
    write_class_folders(tmp_path, {"a": 5, "b": 5})
    try:
        (tmp_path / "b").rename(tmp_path / os.fsdecode(b"\xff"))
    except OSError:  # a file system that takes only text
        return
    assert open_data(tmp_path).labels == ("a", "\\udcff")


@pytest.mark.bad_input
def test_an_empty_class_is_named(tmp_path):
    write_class_folders(tmp_path, {"a": 2, "b": 2})
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "1.avi").touch()
    with pytest.raises(BadData, match=r"class folders without an image: c; .* 1 \.avi"):
        open_data(tmp_path)


@pytest.mark.bad_input
def test_one_class_is_refused_with_the_way_out(tmp_path):
    write_class_folders(tmp_path, {"photos/a": 2, "photos/b": 2})
    with pytest.raises(BadData, match=r"only \(photos, 4 images\).* or give .*photos, which has 2 folders"):
        open_data(tmp_path)
    assert open_data(tmp_path, shares=(0, 0, 1)).counts() == {"test": 4}


@pytest.mark.bad_input
def test_a_class_that_cannot_be_learnt_is_named(tmp_path):
    write_class_folders(tmp_path, {"train/a": 2, "train/b": 2, "test/c": 1})
    with pytest.raises(BadData, match=r"classes that have none in train \(c\)"):
        open_data(tmp_path)


@pytest.mark.bad_input
def test_two_folders_for_one_split_are_refused(tmp_path):
    write_class_folders(tmp_path, {"train/a": 2, "train/b": 2, "val/a": 1, "valid/b": 1})
    with pytest.raises(BadData, match="got val and valid, both for val"):
        open_data(tmp_path)


@pytest.mark.bad_input
def test_one_image_of_each_class_is_explained(tmp_path):
    write_class_folders(tmp_path, {"a": 1, "b": 1})
    with pytest.raises(BadData, match="too few to hold some out"):
        open_data(tmp_path)
