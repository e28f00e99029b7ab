import json

import pytest

from labelled_sets import write_yolo_set

WORDS = ("data", "crops", "synthetic:task=detection,count=20,size=48,classes=circle+star")


def test_crops_are_counted_and_written(saccade_command, tmp_path):
    done = saccade_command(*WORDS, "--out", tmp_path / "crops", "--background", "2", "--no-square")
    assert done.code == 0
    assert done.out.splitlines()[0] == f"written  {tmp_path / 'crops'}"
    assert [line.split()[0] for line in done.out.splitlines()[2:]] == ["class", "circle", "star", "background"]
    assert saccade_command("data", "info", tmp_path / "crops").code == 0


def test_json_holds_the_same_and_what_cannot_be_read_is_named(saccade_command, tmp_path):
    place = write_yolo_set(tmp_path / "in")
    broken = place / "images" / "3.png"
    broken.write_bytes(broken.read_bytes()[:50])
    done = saccade_command("data", "crops", place, "--out", tmp_path / "crops", "--json", "--background", "0")
    told = json.loads(done.out)
    assert sum(sum(counts.values()) for counts in told["counts"].values()) == 39
    assert [one["key"].rpartition("/")[2] for one in told["bad"]] == ["3.png"]
    assert "left out images/3.png: " in done.err


@pytest.mark.bad_input
def test_what_cannot_be_cut_is_refused(saccade_command, tmp_path):
    done = saccade_command("data", "crops", "digits", "--out", tmp_path / "crops")
    assert (done.code, "no boxes can be cut out" in done.err) == (2, True)
    done = saccade_command(*WORDS, "--out", tmp_path / "crops", "--background", "-1")
    assert "got background=-1.0" in done.err
    assert not (tmp_path / "crops").exists()
