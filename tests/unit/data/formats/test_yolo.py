import math

import numpy as np
import pytest
import yaml

from labelled_sets import SIZE, data_set, things, with_crowd, write_yolo_set
from pictures import hashes, write_picture
from saccade import catalog
from saccade.data.format import contents
from saccade.data.opening import open_data
from saccade.errors import BadData, BadLabel

WHOLE = (1.0, 0.0, 0.0)
FORM = catalog.find("data.formats", "yolo")()


def codes(dataset):
    return [finding.code for finding in dataset.findings]


def target(dataset, row=0):
    return dataset.splits["train"].target(row)


def test_shares_become_pixels_of_the_picture(tmp_path):
    dataset = open_data(write_yolo_set(tmp_path, count=2), shares=WHOLE)
    assert (dataset.labels, dataset.task, codes(dataset)) == (("cat", "dog"), "detection", [])
    assert np.allclose(target(dataset).boxes.coordinates, [[2, 3, 12, 11]], atol=1e-12)
    assert (target(dataset, 1).class_ids.tolist(), target(dataset).size) == ([1], SIZE)


def test_a_wrong_row_is_told_with_its_file_and_line_and_the_others_are_kept(tmp_path):
    rows = "0 0.5 0.5 0.25 0.5\r\n0 0.5 0.5 nan 0.5\r\n0 0.5 0.5 0.25\r\n7 0.5 0.5 0.25 0.5\r\n1 0.5 0.5 1.2 0.5\r\n"
    write_yolo_set(tmp_path, count=2, rows=rows)
    dataset = open_data(tmp_path, shares=WHOLE)
    assert [(one.code, one.file, one.line, one.key) for one in dataset.findings] == [
        ("box-not-finite", "labels/0.txt", 2, "images/0.png"),
        ("wrong-columns", "labels/0.txt", 3, "images/0.png"),
        ("wrong-class", "labels/0.txt", 4, "images/0.png"),
        ("box-outside", "labels/0.txt", 5, "images/0.png"),
    ]
    assert contents(dataset) == {"images": 2, "things": 2, "boxes": 2}
    with pytest.raises(BadLabel, match=r"labels/0.txt:2: box-not-finite.*and 3 more"):
        open_data(tmp_path, shares=WHOLE, strict=True)


def test_an_empty_file_is_background_and_a_missing_one_is_told(tmp_path):
    write_yolo_set(tmp_path, count=4)
    (tmp_path / "labels" / "0.txt").write_text("")
    (tmp_path / "labels" / "1.txt").unlink()
    (tmp_path / "labels" / "stray.txt").write_text("")
    dataset = open_data(tmp_path, shares=WHOLE)
    assert [(one.code, one.severity) for one in dataset.findings] == [
        ("empty-label", "note"), ("missing-label", "warning"), ("missing-image", "warning")
    ]  # fmt: skip
    assert [len(target(dataset, row)) for row in range(4)] == [0, 0, 1, 1]
    open_data(tmp_path, shares=WHOLE, strict=True)


@pytest.mark.parametrize(
    ("names", "row", "labels", "code"),
    [
        ("[cat, dog]", 1, ("cat", "dog"), None),
        ("{0: cat, 1: dog}", 1, ("cat", "dog"), None),
        ("{1: cat, 90: dog}", 90, ("cat", "dog"), "category-gap"),
        ("[0, 1]", 1, ("0", "1"), None),
    ],
)
def test_names_are_a_list_or_a_mapping(tmp_path, names, row, labels, code):
    write_yolo_set(tmp_path, count=2)
    for number in range(2):
        (tmp_path / "labels" / f"{number}.txt").write_text(f"{row} 0.5 0.5 0.25 0.5\n")
    (tmp_path / "data.yaml").write_text(f"train: images\nnames: {names}\n")
    dataset = open_data(tmp_path, shares=WHOLE)
    assert (dataset.labels, codes(dataset)) == (labels, [code] if code else [])
    assert target(dataset).class_ids.tolist() == [1]


def test_without_a_yaml_names_come_from_classes_txt_or_are_numbers(tmp_path):
    write_yolo_set(tmp_path, count=2)
    (tmp_path / "data.yaml").unlink()
    assert open_data(tmp_path, shares=WHOLE).labels == ("0", "1")
    (tmp_path / "classes.txt").write_bytes("chat\r\nb\u00eate\r\n".encode("latin-1"))
    dataset = open_data(tmp_path, shares=WHOLE)
    assert (dataset.labels, codes(dataset)) == (("chat", "b\u00eate"), ["not-utf8"])
    (tmp_path / "classes.txt").write_bytes("chat\r\nb\u00eate\r\n".encode("utf-8-sig"))
    dataset = open_data(tmp_path, shares=WHOLE)
    assert (dataset.labels, codes(dataset)) == (("chat", "b\u00eate"), [])


@pytest.mark.parametrize("layout", ["images/{}", "{}/images"])
@pytest.mark.parametrize("said", ["folder", "list", "text", "roboflow", "nothing"])
def test_splits_are_folders_lists_or_texts(tmp_path, layout, said):
    for split in ("train", "val"):
        folder = tmp_path / layout.format(split)
        write_picture(folder / "0.png", SIZE)
        labels = tmp_path / layout.format(split).replace("images", "labels")
        labels.mkdir(parents=True)
        (labels / "0.txt").write_bytes(b"\xef\xbb\xbf0 0.5 0.5 0.25 0.5\r\n")
        (tmp_path / f"{split}.txt").write_text(f"./{layout.format(split)}/0.png\n")
    ways = {"folder": "{}", "list": "[{}]", "text": "{split}.txt", "roboflow": "../{}", "nothing": ""}
    lines = [f"{split}: {ways[said].format(layout.format(split), split=split)}" for split in ("train", "val")]
    if said != "nothing":
        (tmp_path / "data.yaml").write_text("\n".join([*lines, "names: [cat]"]))
    dataset = open_data(tmp_path)
    assert (dataset.counts(), codes(dataset)) == ({"train": 1, "val": 1}, [])
    assert dataset.splits["val"].key(0) == f"{layout.format('val')}/0.png"
    assert len(target(dataset)) == 1


def test_the_yaml_itself_can_be_given_and_path_is_where_it_leads(tmp_path):
    write_yolo_set(tmp_path / "pets", count=2)
    (tmp_path / "pets" / "data.yaml").rename(tmp_path / "pets.yaml")
    (tmp_path / "pets.yaml").write_text("path: pets\ntrain: images\nnames: [cat, dog]\n")
    assert open_data(tmp_path / "pets.yaml", shares=WHOLE).splits["train"].key(0) == "pets/images/0.png"


def test_outlines_are_instances(tmp_path):
    write_yolo_set(tmp_path, count=2, rows="0 0.1 0.2 0.5 0.2 0.5 0.6\n1 0.5 0.5 0.25 0.5\n")
    dataset = open_data(tmp_path, shares=WHOLE)
    found = target(dataset)
    assert dataset.task == "instance_segmentation"
    assert [len(rings) for rings in found.polygons.rings] == [1, 0]
    assert np.allclose(found.polygons.rings[0][0], [[4, 6], [20, 6], [20, 18]])


def test_keypoints_come_with_their_swaps_names_and_lines(tmp_path):
    write_yolo_set(tmp_path, count=1, rows="0 0.5 0.5 0.5 0.5 0.25 0.5 2 0.75 0.5 1\n")
    (tmp_path / "data.yaml").write_text(
        "train: images\nnames: [cat]\nkpt_shape: [2, 3]\nflip_idx: [1, 0]\n"
        "skeleton: [[0, 1]]\nkpt_names: {0: [ear, tail]}\n"
    )
    dataset = open_data(tmp_path, shares=WHOLE)
    found = target(dataset).keypoints
    assert (dataset.task, dataset.keypoint_names, dataset.skeleton) == ("keypoints", ("ear", "tail"), ((0, 1),))
    assert (found.points.tolist(), found.visibility.tolist(), found.swaps) == (
        [[[10, 15], [30, 15]]],
        [[2, 1]],
        ((0, 1),),
    )


def test_lists_cannot_lead_out_of_the_data(tmp_path):
    write_picture(tmp_path / "secret.png", SIZE)
    write_yolo_set(tmp_path / "a" / "set", count=1)
    (tmp_path / "a" / "set" / "data.yaml").write_text("train: train.txt\nnames: [cat]\n")
    lines = ["images/0.png", "../../secret.png", str(tmp_path / "secret.png"), "images/gone.png", "a\0b"]
    (tmp_path / "a" / "set" / "train.txt").write_text("\n".join(lines))
    dataset = open_data(tmp_path / "a" / "set", shares=WHOLE)
    assert [(one.code, one.line) for one in dataset.findings] == [
        ("path-outside", 2), ("path-outside", 3), ("missing-image", 4), ("path-outside", 5)
    ]  # fmt: skip
    assert dataset.counts() == {"train": 1}


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "text",
    [
        "train: ../../../etc\nnames: [a]",
        "train: gone\nnames: [a]",
        "train: [3]\nnames: [a]",
        "train: images\nkpt_shape: [0, 3]\nnames: [a]",
        "train: images\nkpt_shape: big\nnames: [a]",
        "train: images\nkpt_shape: [10000000000, 3]\nnames: [a]",
    ],
)
def test_a_yaml_that_means_nothing_is_refused(tmp_path, text):
    write_yolo_set(tmp_path / "a" / "b", count=1)
    (tmp_path / "a" / "b" / "data.yaml").write_text(text)
    with pytest.raises(BadData, match=r"taken (is|are)"):
        open_data(tmp_path / "a" / "b")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "text",
    [
        "{train: !!python/object/apply:os.system ['true']}",
        "train: [",
        "&a [*a]",
        "? [train]\n: x",
        "train: \x00",
        "[" * 5000,
    ],
)
def test_a_yaml_of_strangers_is_never_run(tmp_path, text):
    (tmp_path / "data.yaml").write_text(text)
    assert not FORM.recognises(tmp_path / "data.yaml")


def test_what_is_written_is_read_as_it_was(tmp_path):
    targets = [things(4, seed) for seed in range(3)]
    told = FORM.write(data_set(targets), tmp_path / "out")
    again = open_data(tmp_path / "out", shares=WHOLE)
    assert dict(told) == contents(again) == {"images": 3, "things": 12, "boxes": 12}
    for row, one in enumerate(targets):
        assert (target(again, row).boxes.coordinates - one.boxes.coordinates).abs().max() < 1e-9
        assert target(again, row).class_ids.tolist() == one.class_ids.tolist()


def test_the_yaml_that_is_written_says_all(tmp_path):
    data = data_set([things(2, points=2)], "keypoints", keypoint_names=("left", "right"), skeleton=((0, 1),))
    FORM.write(data, tmp_path / "out")
    assert yaml.safe_load((tmp_path / "out" / "data.yaml").read_text()) == {
        "path": ".", "train": "images/train", "nc": 2,
        "names": {0: "cat", 1: "dog"}, "kpt_shape": [2, 3], "flip_idx": [1, 0],
        "kpt_names": {0: ["left", "right"], 1: ["left", "right"]}, "skeleton": [[0, 1]],
    }  # fmt: skip


def test_crowds_are_left_out_and_rings_are_joined_without_a_change_of_the_mask(tmp_path):
    import torch

    from saccade.types.annotations import Annotations
    from saccade.types.polygons import Polygons

    rings = tuple(
        torch.tensor(ring, dtype=torch.float64) for ring in ([[2, 2], [9, 2], [9, 9]], [[20, 4], [30, 4], [30, 20]])
    )
    two = Annotations(SIZE, torch.tensor([0]), polygons=Polygons((rings,), SIZE))
    crowded = with_crowd(things(3, outlines=True))
    told = FORM.write(data_set([two, crowded], "instance_segmentation"), tmp_path / "out")
    again = open_data(tmp_path / "out", shares=WHOLE)
    assert dict(told) == contents(again) == {"images": 2, "things": 3, "boxes": 3, "polygons": 3}
    assert target(again).polygons.masks().pixels.equal(two.polygons.masks().pixels)


def test_what_reaches_beyond_the_picture_is_cut(tmp_path):
    import torch

    from saccade.types.annotations import Annotations
    from saccade.types.boxes import Boxes

    boxes = Boxes(torch.tensor([[-5, -5, 3, 3], [30, 20, 99, 99], [50, 50, 60, 60]], dtype=torch.float64), SIZE)
    FORM.write(data_set([Annotations(SIZE, torch.tensor([0, 1, 0]), boxes)]), tmp_path / "out")
    again = target(open_data(tmp_path / "out", shares=WHOLE, strict=True)).boxes.coordinates
    assert np.allclose(again, [[0, 0, 3, 3], [30, 20, 40, 30]])


def test_real_labels_with_coco_s_numbers(saccade_data):
    place = saccade_data / "coco128"
    before = hashes(place / "instance_segmentation")
    boxes = open_data(place / "object_detection")
    outlines = open_data(place / "instance_segmentation")
    assert contents(boxes) == {"images": 256, "things": 929 + 898, "boxes": 929 + 898}
    assert contents(outlines) == {"images": 256, "things": 1458, "boxes": 1458, "polygons": 1458}
    assert (len(boxes.labels), len(outlines.labels), boxes.labels[79]) == (80, 80, "toothbrush")
    assert [one.code for one in outlines.findings if one.severity == "note"].count("category-gap") == 1
    found = outlines.splits["train"].target(0)
    assert {outlines.labels[number] for number in found.classes} <= {"bowl", "orange", "broccoli"}
    assert all(math.isfinite(one) for one in found.boxes.coordinates.flatten().tolist())
    assert hashes(place / "instance_segmentation") == before
