import json
from dataclasses import replace

import numpy as np
import pytest
from faster_coco_eval import COCO, COCOeval_faster

from pictures import hashes, write_picture
from saccade.api.datasets.detections import FORMATS, write_detections
from saccade.data.opening import open_data
from saccade.errors import BadConfig, BadData, UnknownName
from saccade.types.detections import Detections

SIZE, LABELS = (30, 40), ("cat", "dog", "red panda")
NEAR = {"coco": 0, "voc": 1e-9, "yolo": 1e-9}


def found(key, *boxes, picture=None):
    rows = np.array([box[:4] for box in boxes], np.float32).reshape(-1, 4)
    sure, ids = np.array([box[4] for box in boxes], np.float32), np.array([box[5] for box in boxes], np.int64)
    return Detections(key, LABELS, SIZE, rows, sure, ids, picture)


BOXES = ((2.25, 3.1, 12.5, 11.0, 0.9, 1), (0, 0, 40, 30, 0.75, 0), (2.25, 3.1, 12.5, 11.0, 0.3, 2))


@pytest.fixture
def photos(tmp_path):
    """Two folders of pictures, two of one name."""
    for number, name in enumerate(("a/1.png", "a/2.png", "b/1.png")):
        write_picture(tmp_path / "photos" / name, SIZE, number)
    return tmp_path / "photos"


def written(photos):
    return [found("a/1.png", *BOXES), found("a/2.png"), found("b/1.png", BOXES[1])]


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_written_opens_again_with_the_same_boxes(tmp_path, photos, form):
    before, said = hashes(photos), written(photos)
    done = write_detections(said, form, tmp_path / "out", pictures=photos)
    assert done.after == {"images": 3, "things": 4, "boxes": 4}
    again = open_data(done.path, shares=(1, 0, 0))
    assert (again.task, set(again.labels)) == ("detection", set(LABELS))
    read = [again.splits["train"].read(row) for row in range(3)]
    by_name = {one.key.rsplit("/", 1)[-1]: one for one in read}
    for one, other in zip(said, (by_name[name] for name in ("1.png", "2.png", "1_2.png")), strict=True):
        names = [again.labels[number] for number in other.target.class_ids]
        assert names == one.labels
        assert np.allclose(other.target.boxes.coordinates.reshape(-1, 4), one.boxes, atol=NEAR[form] or 1e-12)
    assert hashes(photos) == before
    assert len({one.image.tobytes() for one in read}) == 3


def test_keys_are_paths_where_no_folder_is_named(tmp_path, photos, monkeypatch):
    monkeypatch.chdir(photos.parent)
    done = write_detections([found("photos/a/1.png", BOXES[0])], "yolo", "out")
    assert (tmp_path / "out" / "labels" / "train" / "1.txt").read_text().split()[0] == "1"
    assert done.after["boxes"] == 1


def test_pictures_that_were_kept_are_written_without_loss(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), np.uint8)
    done = write_detections([found("cam 0", BOXES[0], picture=picture)], "voc", tmp_path / "out")
    read = open_data(done.path, shares=(1, 0, 0)).splits["train"].read(0)
    assert (read.image == picture).all()


def test_coco_keeps_the_confidence_and_gets_results(tmp_path, photos):
    done = write_detections(written(photos), "coco", tmp_path / "out", pictures=photos)
    assert done.left_out == {}
    labels = json.loads((tmp_path / "out" / "annotations" / "instances_train.json").read_text())
    assert [one["score"] for one in labels["annotations"]] == [0.9, 0.75, 0.3, 0.75]
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [(one["image_id"], one["category_id"], one["score"]) for one in results] == [
        (1, 2, 0.9), (1, 1, 0.75), (1, 3, 0.3), (3, 1, 0.75),
    ]  # fmt: skip
    assert results[1]["bbox"] == [0, 0, 40, 30]


def test_the_evaluation_of_coco_takes_the_results(tmp_path, photos):
    write_detections(written(photos), "coco", tmp_path / "out", pictures=photos)
    truth = COCO(str(tmp_path / "out" / "annotations" / "instances_train.json"))
    judged = COCOeval_faster(truth, truth.loadRes(str(tmp_path / "out" / "results.json")), "bbox", print_function=str)
    judged.evaluate()
    judged.accumulate()
    judged.summarize()
    assert judged.stats[0] == pytest.approx(1)


@pytest.mark.parametrize("form", ["voc", "yolo"])
def test_what_has_no_place_is_told(tmp_path, photos, form):
    done = write_detections(written(photos), form, tmp_path / "out", pictures=photos)
    assert done.left_out == {"attribute score": 4}


@pytest.mark.parametrize("form", FORMATS)
def test_boxes_without_an_area_and_boxes_given_twice_are_left_out_and_counted(tmp_path, photos, form):
    twice = (*BOXES[0][:4], 0.95, 1)
    one = found("a/1.png", BOXES[0], twice, (5, 5, 5, 9, 0.5, 0), (50, 5, 60, 9, 0.5, 0), (-5, -5, 8, 8, 0.6, 0))
    done = write_detections([one], form, tmp_path / "out", pictures=photos)
    assert done.left_out.get("boxes without an area") == 2
    assert done.left_out.get("boxes given twice") == 1
    target = open_data(done.path, shares=(1, 0, 0)).splits["train"].target(0)
    boxes = target.boxes.coordinates.tolist()
    assert boxes == [pytest.approx(row, abs=1e-6) for row in ([2.25, 3.1, 12.5, 11], [0, 0, 8, 8])]
    if form == "coco":
        assert target.attributes["score"].tolist() == [0.95, 0.6]


def test_pictures_that_are_not_what_they_were_are_set_aside_and_named(tmp_path, photos):
    (photos / "a" / "1.png").write_bytes(b"no picture")
    write_picture(photos / "a" / "2.png", (15, 20), 5)
    done = write_detections(written(photos), "coco", tmp_path / "out", pictures=photos)
    assert [one.key for one in done.bad] == ["a/1.png", "a/2.png"]
    assert "15 × 20 pixels (height × width) for boxes on 30 × 40" in done.bad[1].reason
    assert done.after == {"images": 1, "things": 1, "boxes": 1}
    assert [one["image_id"] for one in json.loads((tmp_path / "out" / "results.json").read_text())] == [1]


@pytest.mark.bad_input
def test_what_cannot_be_written_is_refused(tmp_path, photos):
    good = written(photos)
    with pytest.raises(UnknownName, match="did you mean 'coco'"):
        write_detections(good, "cocoo", tmp_path / "out", pictures=photos)
    with pytest.raises(BadData, match="no pictures"):
        write_detections([], "coco", tmp_path / "out")
    other = Detections("a/2.png", ("cat",), SIZE, np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.int64))
    with pytest.raises(BadData, match="1 classes that are not those"):
        write_detections([good[0], other], "coco", tmp_path / "out", pictures=photos)
    with pytest.raises(BadData, match=r"'a/1\.png', which is no file"):
        write_detections(good, "coco", tmp_path / "out")
    for inside in (photos / "a", photos / "b" / "out"):
        with pytest.raises(BadConfig, match="inside a folder of pictures"):
            write_detections(good, "coco", inside, pictures=photos)
    assert not (tmp_path / "out").exists()


@pytest.mark.bad_input
def test_a_name_never_leads_out_of_the_folder(tmp_path, photos):
    write_picture(tmp_path / "secret.png", SIZE, 9)
    for key in ("../secret.png", str(tmp_path / "secret.png"), "a/\0.png", ""):
        with pytest.raises(BadData, match="which is no file below"):
            write_detections([found(key, BOXES[0])], "coco", tmp_path / "out", pictures=photos)


@pytest.mark.bad_input
def test_pictures_that_were_kept_must_be_those_of_the_boxes(tmp_path, photos):
    small = found("cam", BOXES[0], picture=np.zeros((15, 20, 3), np.uint8))
    with pytest.raises(BadData, match=r"none of which can be used; .* cam: got a picture of 15 × 20"):
        write_detections([small], "coco", tmp_path / "out")
    kept = replace(small, picture=np.zeros((*SIZE, 3), np.uint8))
    with pytest.raises(BadData, match="all of one kind"):
        write_detections([found("a/1.png", BOXES[0]), kept], "coco", tmp_path / "out", pictures=photos)
