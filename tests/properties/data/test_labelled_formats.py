"""What lies within a picture is written and read as it was; what strangers do to a file breaks nothing else."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelled_sets import (
    coco_values,
    data_set,
    things,
    voc_xml,
    with_crowd,
    write_coco_set,
    write_voc_set,
    write_yolo_set,
)
from saccade import catalog
from saccade.data.format import contents
from saccade.data.labels.run_lengths import RunLengths, run_lengths
from saccade.data.splitting import Splitting
from saccade.errors import BadInput

WHOLE = Splitting(shares=(1.0, 0.0, 0.0))
FORMATS = {name: catalog.find("data.formats", name)() for name in ("coco", "voc", "yolo")}
SIZES = st.tuples(st.integers(5, 120), st.integers(5, 120))


def through(name, data):
    """Write and read again."""
    with tempfile.TemporaryDirectory() as folder:
        told = FORMATS[name].write(data, Path(folder, "out"))
        again = FORMATS[name].open(str(Path(folder, "out")), WHOLE)
        targets = [again.splits["train"].target(row) for row in range(len(again.splits["train"]))]
        assert dict(told) == contents(again)
        assert [finding for finding in again.findings if finding.severity == "error"] == []
        return again, targets


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=8)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2**30)), min_size=1, max_size=3), SIZES)
def test_boxes_come_back(name, counts, size):
    given_ = [things(count, seed, size) for count, seed in counts]
    _, targets = through(name, data_set(given_))
    for one, other in zip(given_, targets, strict=True):
        assert one.size == other.size
        assert one.class_ids.tolist() == other.class_ids.tolist()
        assert len(one) == 0 or (one.boxes.coordinates - other.boxes.coordinates).abs().max() < 1e-6


@pytest.mark.parametrize("name", ["coco", "yolo"])
@settings(max_examples=6)
@given(st.integers(1, 4), st.integers(0, 2**30), SIZES)
def test_outlines_come_back(name, count, seed, size):
    one = things(count, seed, size, outlines=True)
    again, (other,) = through(name, data_set([one], "instance_segmentation"))
    assert again.task == "instance_segmentation"
    for here, there in zip(one.polygons.rings, other.polygons.rings, strict=True):
        assert (here[0] - there[0]).abs().max() < 1e-6


@pytest.mark.parametrize("name", ["coco", "yolo"])
@settings(max_examples=6)
@given(st.integers(1, 4), st.integers(0, 2**30), st.integers(2, 6), SIZES)
def test_keypoints_come_back(name, count, seed, points, size):
    one = things(count, seed, size, points=points)
    names = ("left eye", "right eye", *(f"point {number}" for number in range(points - 2)))
    again, (other,) = through(name, data_set([one], "keypoints", keypoint_names=names, skeleton=((0, 1),)))
    if one.keypoints.visibility.any():
        assert (again.task, again.keypoint_names, again.skeleton) == ("keypoints", names, ((0, 1),))
        assert other.keypoints.visibility.tolist() == one.keypoints.visibility.tolist()
        assert (other.keypoints.points - one.keypoints.points).abs().max() < 1e-6
        assert other.keypoints.swaps == ((0, 1),)


@settings(max_examples=6)
@given(st.integers(2, 5), st.integers(0, 2**30))
def test_crowds_masks_and_captions_come_back_through_coco(count, seed):
    one = with_crowd(things(count, seed, outlines=True))
    _, (other,) = through("coco", data_set([one], "instance_segmentation"))
    assert other.crowd.tolist() == one.crowd.tolist()
    assert other.masks.pixels[-1].equal(one.masks.pixels[-1])
    assert other.captions == one.captions


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**30), st.floats(0, 1))
def test_masks_come_back_from_run_lengths(height, width, seed, share):
    mask = np.random.default_rng(seed).uniform(size=(height, width)) < share
    packed = RunLengths.of(mask)
    assert (packed.pixels() == mask).all()
    assert packed.area() == mask.sum()
    for counts in (packed.packed.decode(), packed.counts().tolist()):
        assert run_lengths({"size": [height, width], "counts": counts}) == packed


def _files(folder):
    coco = write_coco_set(folder / "coco", coco_values(6), 6)
    values = json.loads((coco / "annotations" / "instances.json").read_text())
    values["annotations"][0]["segmentation"] = [[2, 3, 12, 3, 12, 11]]
    values["annotations"][1]["segmentation"] = {"size": [30, 40], "counts": "213ab"}
    values["categories"][0]["keypoints"] = ["left", "right"]
    (coco / "annotations" / "instances.json").write_text(json.dumps(values))
    voc, yolo = write_voc_set(folder / "voc", 6), write_yolo_set(folder / "yolo", 6)
    (voc / "Annotations" / "0.xml").write_text(voc_xml("cat", more="<pose>Left</pose>"))
    return [
        ("coco", coco, coco / "annotations" / "instances.json"),
        ("voc", voc, voc / "Annotations" / "0.xml"),
        ("yolo", yolo, yolo / "labels" / "0.txt"),
        ("yolo", yolo, yolo / "data.yaml"),
    ]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return _files(tmp_path_factory.mktemp("files"))


def _opened(name, place, file, content, whole):
    """Open with a spoilt file: how many pictures a data set still has, or the words of an error of ours."""
    file.write_bytes(content)
    try:
        sources = FORMATS[name].open(str(place), WHOLE).splits.values()
        return sum(source.target(row) is not None for source in sources for row in range(len(source)))
    except BadInput as error:
        return str(error)
    finally:
        file.write_bytes(whole)


@pytest.mark.bad_input
@pytest.mark.parametrize("which", range(4))
def test_a_file_cut_at_any_tenth_is_told_or_set_aside(files, which):
    name, place, file = files[which]
    whole = file.read_bytes()
    for tenth in range(10):
        assert _opened(name, place, file, whole[: len(whole) * tenth // 10], whole)


@pytest.mark.bad_input
@pytest.mark.parametrize("which", range(4))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4))
def test_flipped_bytes_are_told_or_set_aside(files, which, flips):
    name, place, file = files[which]
    whole = file.read_bytes()
    spoilt = bytearray(whole)
    for where, value in flips:
        spoilt[int(where * len(spoilt))] = value
    assert _opened(name, place, file, bytes(spoilt), whole)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)
_PLACES = st.sampled_from([
    ("images",), ("annotations",), ("categories",), ("images", 0), ("annotations", 0), ("categories", 0),
    *(("images", 0, name) for name in ("id", "file_name", "width", "height")),
    *(("annotations", 0, name) for name in ("id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation",
                                             "keypoints", "caption", "score")),
    *(("categories", 0, name) for name in ("id", "name", "keypoints", "skeleton")),
])  # fmt: skip


@pytest.mark.bad_input
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_PLACES, _VALUES)
def test_any_value_anywhere_in_a_coco_file_is_told_or_set_aside(files, where, value):
    name, place, file = files[0]
    whole = file.read_bytes()
    values = json.loads(whole)
    inner = values
    for step in where[:-1]:
        inner = inner[step]
    inner[where[-1]] = value
    assert _opened(name, place, file, json.dumps(values).encode(), whole)
