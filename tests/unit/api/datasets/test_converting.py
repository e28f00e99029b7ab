from dataclasses import replace

import numpy as np
import pytest

from labelled_sets import coco_values, data_set, things, with_crowd, write_coco_set, write_voc_set, write_yolo_set
from pictures import hashes, write_class_folders
from saccade.api.datasets.converting import convert, writable_formats
from saccade.data.opening import open_data
from saccade.errors import BadConfig, BadData, BadLabel, UnknownName

WAYS = {"coco": write_coco_set, "voc": write_voc_set, "yolo": write_yolo_set}


@pytest.mark.parametrize("source", WAYS)
@pytest.mark.parametrize("wanted", WAYS)
def test_boxes_go_from_any_form_to_any_other(tmp_path, source, wanted):
    place = WAYS[source](tmp_path / "in")
    before = hashes(place)
    done = convert(place, wanted, tmp_path / "out")
    assert done.after == done.before == {"images": 40, "things": 40, "boxes": 40}
    assert done.left_out == {}
    again = open_data(done.path, shares=(1, 0, 0))
    for row in range(40):
        assert np.allclose(again.splits["train"].target(row).boxes.coordinates, [[2, 3, 12, 11]], atol=1e-9)
    assert hashes(place) == before
    pictures = {
        name.rsplit("/", 1)[1]: digest for name, digest in hashes(tmp_path / "out").items() if name.endswith(".png")
    }
    assert pictures == {name.rsplit("/", 1)[1]: digest for name, digest in before.items() if name.endswith(".png")}


def test_there_and_back_boxes_and_category_ids_are_the_same(tmp_path):
    rng = np.random.default_rng(0)
    targets = [things(int(rng.integers(0, 6)), seed) for seed in range(12)]
    data = replace(data_set(targets), origin={"category_ids": [7, 90]})
    convert(data, "coco", tmp_path / "a")
    convert(tmp_path / "a", "yolo", tmp_path / "b")
    done = convert(tmp_path / "b", "coco", tmp_path / "c")
    assert done.left_out == {}
    first, last = (open_data(tmp_path / name, shares=(1, 0, 0)) for name in "ac")
    assert (last.labels, last.origin["category_ids"]) == (("cat", "dog"), [7, 90])
    names = {last.splits["train"].key(row): row for row in range(12)}
    for row in range(12):
        one = first.splits["train"].target(row)
        other = last.splits["train"].target(names[first.splits["train"].key(row)])
        assert one.class_ids.tolist() == other.class_ids.tolist()
        assert len(one) == 0 or (one.boxes.coordinates - other.boxes.coordinates).abs().max() < 1e-6


def test_what_has_no_place_is_counted_and_named(tmp_path):
    data = data_set([with_crowd(things(3, outlines=True))], "instance_segmentation")
    done = convert(data, "yolo", tmp_path / "out")
    assert done.left_out == {
        "things": 1, "crowds": 1, "boxes": 1, "masks": 1, "captions": 2,
    }  # fmt: skip
    assert done.lines() == [
        "1 crowd has no place in yolo, left out",
        "1 mask has no place in yolo, left out",
        "2 captions have no place in yolo, left out",
    ]
    assert convert(data, "coco", tmp_path / "coco").left_out == {}


def test_an_area_is_named_only_where_nothing_gives_it_again(tmp_path):
    values = coco_values(2)
    assert convert(write_coco_set(tmp_path / "a", values, 2), "yolo", tmp_path / "b").left_out == {}
    values["annotations"][0] |= {"area": 41.5, "score": 0.5}
    done = convert(write_coco_set(tmp_path / "c", values, 2), "yolo", tmp_path / "d")
    assert done.left_out == {"attribute area": 1, "attribute score": 1}
    assert done.lines()[1] == "attribute 'score' of 1 thing has no place in yolo, left out"


def test_splits_stay_and_names_that_clash_are_told_apart(tmp_path):
    write_class_folders(tmp_path / "in", {f"{split}/{name}": 2 for split in ("train", "val", "test") for name in "ab"})
    done = convert(tmp_path / "in", "manifest", tmp_path / "out")
    assert open_data(done.path).counts() == {"train": 4, "val": 4, "test": 4}
    assert done.path.endswith("labels.csv")
    names = [name.rsplit("/", 1)[-1] for name in hashes(tmp_path / "out")]
    assert len(set(names)) == len(names) == 13


def test_a_picture_that_cannot_be_read_is_left_out_and_named(tmp_path):
    write_yolo_set(tmp_path / "in", 4)
    (tmp_path / "in" / "images" / "2.png").write_bytes(b"no picture")
    done = convert(tmp_path / "in", "coco", tmp_path / "out")
    assert [one.key for one in done.bad] == ["images/2.png"]
    assert done.after["images"] == 3
    assert done.lines()[-1].startswith("cannot read images/2.png, left out: ")


def test_a_picture_in_memory_is_written_without_loss(tmp_path):
    done = convert(data_set([things(2, 1), things(1, 2)]), "voc", tmp_path / "out")
    again = open_data(done.path, shares=(1, 0, 0))
    assert (again.splits["train"].read(1).image == 1).all()


def test_what_can_be_written():
    assert {"class_folders", "coco", "manifest", "voc", "yolo"} <= set(writable_formats())
    assert "digits" not in writable_formats()


@pytest.mark.bad_input
def test_strict_refuses_and_leaves_nothing_behind(tmp_path):
    with pytest.raises(BadData, match="1 crowd has no place in yolo"):
        convert(
            data_set([with_crowd(things(2, outlines=True))], "instance_segmentation"),
            "yolo",
            tmp_path / "out",
            strict=True,
        )
    write_yolo_set(tmp_path / "in", 2, rows="0 1 2\n")
    with pytest.raises(BadLabel, match="wrong-columns"):
        convert(tmp_path / "in", "coco", tmp_path / "out", strict=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


@pytest.mark.bad_input
def test_the_place_must_be_empty_and_outside_the_data(tmp_path):
    place = write_yolo_set(tmp_path / "in", 2)
    before = hashes(place)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    with pytest.raises(BadConfig, match="not empty"):
        convert(place, "coco", tmp_path / "full")
    for inside in (place / "new", place, place / "images" / ".." / "new"):
        with pytest.raises(BadConfig, match=r"inside the folder of the data|not empty"):
            convert(place, "coco", inside)
    with pytest.raises(BadConfig, match="inside the folder of the data"):
        convert(place / "data.yaml", "coco", place / "new")
    assert hashes(place) == before
    (tmp_path / "empty").mkdir()
    assert convert(place, "coco", tmp_path / "empty").after["images"] == 2


@pytest.mark.bad_input
def test_wrong_formats_and_kinds_are_refused(tmp_path):
    with pytest.raises(UnknownName, match="did you mean 'coco'"):
        convert("digits", "cocoo", tmp_path / "a")
    with pytest.raises(UnknownName, match="format to write 'digits'"):
        convert("digits", "digits", tmp_path / "a")
    with pytest.raises(BadData, match="choose class_folders or manifest"):
        convert("synthetic:count=12,size=16", "coco", tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
