import gc
import json
import math

import pytest

from labelled_sets import SIZE, coco_values, write_coco_set
from pictures import hashes, write_picture
from saccade import catalog
from saccade.data.format import contents
from saccade.data.opening import open_data
from saccade.data.splitting import Splitting
from saccade.errors import BadData, BadInput, BadLabel

WHOLE = (1.0, 0.0, 0.0)
FORM = catalog.find("data.formats", "coco")()


def opened(place, values, count=2):
    return open_data(write_coco_set(place, values, count), shares=WHOLE)


def one_thing(**changes):
    """Two pictures; the first thing is changed."""
    values = coco_values(2)
    values["annotations"][0] |= changes
    return values


def codes(dataset):
    return [finding.code for finding in dataset.findings]


def test_boxes_become_corners_and_class_ids_follow_the_category_ids(tmp_path):
    dataset = open_data(write_coco_set(tmp_path, count=4), shares=WHOLE)
    first, second = (dataset.splits["train"].target(row) for row in range(2))
    assert (dataset.labels, dataset.task, codes(dataset)) == (("cat", "dog"), "detection", [])
    assert first.boxes.coordinates.tolist() == [[2, 3, 12, 11]]
    assert (first.class_ids.tolist(), second.class_ids.tolist(), first.size) == ([0], [1], SIZE)
    assert first.attributes["area"].tolist() == [80]
    assert dataset.splits["train"].key(0) == "images/0.png"


def test_splits_come_from_the_names_of_files_and_folders(tmp_path):
    (tmp_path / "annotations").mkdir()
    for split in ("train2017", "val2017"):
        for number in range(2):
            write_picture(tmp_path / split / f"{number}.png", SIZE)
        (tmp_path / "annotations" / f"instances_{split}.json").write_text(json.dumps(coco_values(2)))
        (tmp_path / "annotations" / f"image_info_{split}.json").write_text(json.dumps(coco_values(2)))
    dataset = open_data(tmp_path)
    assert dataset.counts() == {"train": 2, "val": 2}
    assert dataset.splits["val"].key(1) == "val2017/1.png"


@pytest.mark.parametrize("names", [("train", "valid", "test"), ("train", "valid")])
def test_roboflow_puts_the_labels_beside_the_images(tmp_path, names):
    for split in names:
        write_picture(tmp_path / split / "0.png", SIZE)
        write_picture(tmp_path / split / "1.png", SIZE)
        (tmp_path / split / "_annotations.coco.json").write_text(json.dumps(coco_values(2)))
    counts = {"train": 2, "val": 2, "test": 2}
    assert open_data(tmp_path).counts() == {split: counts[split] for split in ("train", "val", "test")[: len(names)]}


def test_one_file_is_a_data_set_too(tmp_path):
    write_coco_set(tmp_path, count=20)
    dataset = open_data(tmp_path / "annotations" / "instances.json")
    assert dataset.counts() == {"train": 16, "val": 2, "test": 2}
    assert dataset.name == "instances"


def test_files_of_one_split_are_put_together(tmp_path):
    write_coco_set(tmp_path, count=2)
    points = coco_values(
        2, categories=[{"id": 1, "name": "cat", "keypoints": ["left_eye", "right_eye"], "skeleton": [[1, 2]]}]
    )
    points["annotations"] = [dict(points["annotations"][0], keypoints=[3, 4, 2, 9, 4, 1], num_keypoints=2)]
    captions = coco_values(2, annotations=[{"id": 1, "image_id": 100, "caption": "a cat"}], categories=[])
    (tmp_path / "annotations" / "person_keypoints.json").write_text(json.dumps(points))
    (tmp_path / "annotations" / "captions.json").write_text(json.dumps(captions))
    dataset = open_data(tmp_path, shares=WHOLE)
    first, second = (dataset.splits["train"].target(row) for row in range(2))
    assert contents(dataset) == {"images": 2, "things": 2, "boxes": 2, "keypoints": 2, "captions": 1}
    assert first.keypoints.points.tolist() == [[[3, 4], [9, 4]]]
    assert (first.keypoints.visibility.tolist(), second.keypoints.visibility.tolist()) == ([[2, 1]], [[0, 0]])
    assert (first.keypoints.swaps, dataset.skeleton, first.captions) == (((0, 1),), ((0, 1),), ("a cat",))
    assert (dataset.task, dataset.keypoint_names) == ("keypoints", ("left_eye", "right_eye"))


@pytest.mark.parametrize(
    ("changes", "task", "rings", "area"),
    [
        ({"segmentation": [[2, 3, 12, 3, 12, 11, 2, 11]]}, "instance_segmentation", 1, None),
        ({"segmentation": [[2, 3, 6, 3, 6, 11], [8, 3, 12, 3, 12, 11]], "area": 32}, "instance_segmentation", 2, None),
        ({"segmentation": {"size": [30, 40], "counts": [0, 80, 1120]}}, "instance_segmentation", 0, 80),
        ({"segmentation": {"size": [30, 40], "counts": [63, 80, 1057]}, "iscrowd": 1}, "instance_segmentation", 0, 80),
    ],
)
def test_outlines_and_masks_are_read(tmp_path, changes, task, rings, area):
    values = one_thing(**changes)
    del values["annotations"][1]
    dataset = opened(tmp_path, values)
    target = dataset.splits["train"].target(0)
    assert (dataset.task, codes(dataset)) == (task, [])
    assert (len(target.polygons.rings[0]) if target.polygons else 0) == rings
    assert (target.masks and target.masks.area().tolist()) == (area and [area])
    assert (target.crowd is not None) == ("iscrowd" in changes)


def test_captions_alone_are_a_task(tmp_path):
    entries = [{"id": 1, "image_id": 100, "caption": "a cat"}, {"id": 2, "image_id": 100, "caption": "a pet"}]
    dataset = opened(tmp_path, coco_values(2, annotations=entries, categories=[]))
    assert dataset.task == "captioning"
    assert dataset.splits["train"].target(0).captions == ("a cat", "a pet")


def test_a_thing_without_a_box_gets_one_around_its_outline(tmp_path):
    dataset = opened(tmp_path, one_thing(bbox=None, area=None, segmentation=[[2, 3, 9, 3, 9, 7.5]]))
    assert dataset.splits["train"].target(0).boxes.coordinates.tolist() == [[2, 3, 9, 7.5]]


CASES = [
    ({"bbox": [2, 3, -1, 8]}, "box-inside-out", "error", 1),
    ({"bbox": [2, 3, 0, 8]}, "box-empty", "error", 1),
    ({"bbox": [2, 3, math.nan, 8]}, "box-not-finite", "error", 1),
    ({"bbox": [2, 3, 10**400, 8]}, "box-not-finite", "error", 1),
    ({"bbox": [2, 3, "10", 8]}, "box-not-finite", "error", 1),
    ({"bbox": [50, 3, 5, 8]}, "box-outside", "error", 1),
    ({"bbox": [2, 3, 100, 8], "area": 800}, "box-outside", "warning", 2),
    ({"bbox": [2, 3, 10]}, "wrong-columns", "error", 1),
    ({"bbox": None}, "empty-segmentation", "error", 1),
    ({"image_id": 999}, "missing-image", "error", 1),
    ({"category_id": 5}, "wrong-class", "error", 1),
    ({"category_id": [1]}, "wrong-class", "error", 1),
    ({"area": 400}, "area-mismatch", "warning", 2),
    ({"area": 0}, "area-mismatch", "warning", 2),
    ({"segmentation": [[2, 3, 12, 3, 12, 11, 2, 11]], "area": 7}, "area-mismatch", "warning", 2),
    ({"segmentation": [[2, 3, 12, 3]]}, "bad-segmentation", "error", 2),
    ({"segmentation": [[2, 3, 12, 3, 12, "11"]]}, "bad-segmentation", "error", 2),
    ({"segmentation": {"size": [30, 40], "counts": [1]}}, "bad-segmentation", "error", 2),
    ({"segmentation": {"size": [40, 30], "counts": [1200]}}, "mask-size", "error", 2),
    ({"segmentation": {"size": [30, 40], "counts": [1200]}}, "empty-segmentation", "warning", 2),
]


@pytest.mark.parametrize(("changes", "code", "severity", "things"), CASES)
def test_what_is_wrong_is_told_and_the_rest_is_kept(tmp_path, changes, code, severity, things):
    dataset = opened(tmp_path, one_thing(**changes))
    found = dataset.findings[0]
    assert (codes(dataset), found.severity, found.file) == ([code], severity, "annotations/instances.json")
    assert found.key == ("" if code == "missing-image" else "images/0.png")
    assert contents(dataset)["things"] == things
    if severity == "error":
        with pytest.raises(BadLabel, match=code):
            open_data(tmp_path, shares=WHOLE, strict=True)


def test_an_empty_outline_is_told_only_where_others_have_one(tmp_path):
    values = coco_values(2)
    for entry in values["annotations"]:
        entry["segmentation"] = []
    assert codes(opened(tmp_path / "none", values)) == []
    values["annotations"][0]["segmentation"] = [[2, 3, 12, 3, 12, 11, 2, 11]]
    assert codes(opened(tmp_path / "one", values)) == ["empty-segmentation"]


def test_ids_that_come_twice_are_told(tmp_path):
    values = coco_values(2)
    values["images"].append(dict(values["images"][0]))
    values["annotations"] += [
        dict(values["annotations"][0]),
        dict(values["annotations"][1], bbox=[5, 5, 4, 4], area=16),
    ]
    dataset = opened(tmp_path, values)
    assert [(one.code, one.severity) for one in dataset.findings] == [
        ("duplicate-id", "error"), ("duplicate-id", "error"), ("duplicate-id", "warning")
    ]  # fmt: skip
    assert contents(dataset) == {"images": 2, "things": 3, "boxes": 3}


def test_gaps_in_the_category_ids_are_told_and_written_again(tmp_path):
    values = coco_values(2, categories=[{"id": 90, "name": "dog"}, {"id": 7, "name": "cat"}])
    for entry, number in zip(values["annotations"], (7, 90), strict=True):
        entry["category_id"] = number
    dataset = opened(tmp_path / "in", values)
    assert (codes(dataset), dataset.labels) == (["category-gap"], ("cat", "dog"))
    assert "got category ids 7 to 90 with 82 missing" in dataset.findings[0].message
    FORM.write(dataset, tmp_path / "out")
    written = json.loads((tmp_path / "out" / "annotations" / "instances_train.json").read_text())
    assert [(one["id"], one["name"]) for one in written["categories"]] == [(7, "cat"), (90, "dog")]
    assert [one["category_id"] for one in written["annotations"]] == [7, 90]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("gone.png", "missing-image"),
        ("../images/1.png", "path-outside"),
        ("/etc/passwd", "path-outside"),
        (3, "missing-image"),
    ],
)
def test_pictures_that_are_not_there_or_lie_elsewhere_are_left_out(tmp_path, name, code):
    values = coco_values(2)
    values["images"][1]["file_name"] = name
    dataset = opened(tmp_path, values)
    assert codes(dataset) == [code, "missing-image"]  # and its annotation has no picture
    assert dataset.counts() == {"train": 1}
    assert dataset.origin["ignored"] == {"unlabelled images": 1}


def test_text_that_is_no_utf8_is_read_and_told(tmp_path):
    write_coco_set(tmp_path, count=2)
    file = tmp_path / "annotations" / "instances.json"
    text = file.read_text().replace('"dog"', '"hünd"')
    file.write_bytes(text.encode("latin-1"))
    dataset = open_data(tmp_path, shares=WHOLE)
    assert (dataset.labels, codes(dataset)) == (("cat", "hünd"), ["not-utf8"])
    for encoding in ("utf-8-sig", "utf-16"):
        file.write_bytes(text.replace("\n", "\r\n").encode(encoding))
        dataset = open_data(tmp_path, shares=WHOLE)
        assert (dataset.labels, codes(dataset)) == (("cat", "hünd"), [])


@pytest.mark.bad_input
def test_pictures_that_are_nowhere_are_an_error(tmp_path):
    write_coco_set(tmp_path, count=2)
    (tmp_path / "images").rename(tmp_path / "annotations" / "x")
    with pytest.raises(BadData, match="none of whose first 2 pictures"):
        open_data(tmp_path)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "text", ["", "{", '{"images": {}, "annotations": 3}', '{"images": [], "annotations": []}', "[" * 100_000]
)
def test_what_is_no_coco_is_refused(tmp_path, text):
    write_coco_set(tmp_path, count=2)
    (tmp_path / "annotations" / "instances.json").write_text(text)
    with pytest.raises(BadInput):
        FORM.open(str(tmp_path), Splitting())


def test_opening_and_writing_change_nothing_in_the_data(tmp_path):
    write_coco_set(tmp_path / "in", count=4)
    before = hashes(tmp_path / "in")
    FORM.write(open_data(tmp_path / "in"), tmp_path / "out")
    assert hashes(tmp_path / "in") == before


def test_an_outline_of_absurd_places_is_measured_without_a_warning_of_numpy(tmp_path):
    dataset = opened(tmp_path, one_thing(segmentation=[[1e308, 0, 0, 1e308, -1e308, 5]], area=80.0))
    assert codes(dataset) == []  # the area is that of the box, which is right too
    assert len(dataset.splits["train"].target(0).polygons.rings[0]) == 1


def test_the_collector_of_garbage_is_as_it_was_after_opening_and_after_refusing(tmp_path):
    place = write_coco_set(tmp_path, count=2)
    for on in (True, False):
        (gc.enable if on else gc.disable)()
        try:
            open_data(place, shares=WHOLE)
            assert gc.isenabled() is on
        finally:
            gc.enable()
    (place / "annotations" / "instances.json").write_text('{"images": 3, "annotations": ')
    with pytest.raises(BadData, match="which is no JSON"):
        open_data(f"coco:{place}")
    assert gc.isenabled()
