import json

import pytest

from labelled_sets import write_voc_set, write_yolo_set


def test_what_was_written_is_told(saccade_command, tmp_path):
    write_voc_set(tmp_path / "in", 4)
    done = saccade_command("data", "convert", tmp_path / "in", "yolo", "--out", tmp_path / "out")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "format  yolo", "task    detection", "images  4, all of them", "things  4, all of them",
        "boxes   4, all of them",
        f"out     {tmp_path}/out",
    ]  # fmt: skip


def test_what_is_left_out_is_named_beside_the_json(saccade_command, tmp_path):
    write_yolo_set(tmp_path / "in", 4, rows="0 1 2\n0 0.5 0.5 0.2 0.2\n")
    done = saccade_command("data", "convert", tmp_path / "in", "coco", "--out", tmp_path / "out", "--json")
    values = json.loads(done.out)
    assert (values["before"], values["left_out"]) == ({"images": 4, "things": 4, "boxes": 4}, {})
    assert [one["code"] for one in values["findings"]] == ["wrong-columns"]
    assert done.err == "saccade: 1 wrong label left out while opening (see saccade data check)\n"


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["digits", "cocoo", "--out", "x"], "did you mean 'coco'?"),
        (["digits", "coco"], "got no --out"),
        (["digitz", "coco", "--out", "x"], "did you mean 'digits'?"),
    ],
)
def test_a_mistake_is_told(saccade_command, words, wanted):
    done = saccade_command("data", "convert", *words)
    assert (done.code, done.out) == (2, "")
    assert wanted in done.err
