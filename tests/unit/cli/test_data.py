import json

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def photos(tmp_path):
    for label, shade in (("a", 0), ("b", 200)):
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(10):
            height = 8 + number if label == "a" else 8
            Image.fromarray(np.full((height, 6, 3), shade, np.uint8)).save(
                tmp_path / "photos" / label / f"{number}.png"
            )
    return tmp_path / "photos"


def test_what_is_in_a_folder_is_told(saccade_command, photos):
    done = saccade_command("data", "info", photos)
    assert done.code == 0
    lines = done.out.splitlines()
    assert "classes    2" in lines
    assert "images     train 16, val 2, test 2" in lines
    assert "height     8 to 17, half of them up to 8" in lines
    assert "width      6" in lines
    assert lines[-2:] == ["a          8    1     1", "b          8    1     1"]


def test_json_holds_the_same(saccade_command, photos):
    values = json.loads(saccade_command("data", "info", photos, "--json").out)
    assert values["images"] == {"train": 16, "val": 2, "test": 2}
    assert values["classes"]["a"] == {"train": 8, "val": 1, "test": 1}
    assert "bad" not in values


@pytest.mark.bad_input
def test_what_cannot_be_read_is_named_and_more_is_offered(saccade_command, photos):
    (photos / "a" / "3.png").write_bytes(b"no picture")
    done = saccade_command("data", "info", photos)
    assert done.code == 0
    assert done.err.startswith("saccade: cannot read a/3.png: ")
    assert "saccade data check" in done.err
    assert "looked at  19 images" in done.out


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["shw", "digits"], "did you mean 'show'?"),
        (["show", "digits", "--split", "tset"], "did you mean 'test'?"),
        (["info", "digitz"], "digits"),
        (["info", "digits", "--split", "test"], "got flag '--split'"),
        (["show", "digits", "--out", "m.foo"], "taken are names that end in .png"),
        (["show", "digits", "--check"], "got flag '--check'"),
        (["--json"], "got flag '--json'"),
        (["show", "digits", "--count", "0"], "taken is a whole number above 0"),
    ],
)
def test_a_mistake_is_told(saccade_command, words, wanted):
    done = saccade_command("data", *words)
    assert (done.code, done.out) == (2, "")
    assert wanted in done.err


def test_a_mosaic_is_drawn(saccade_command, tmp_path):
    done = saccade_command("data", "show", "digits", "--out", tmp_path / "m.png", "--count", "12", "--split", "test")
    assert (done.code, done.out) == (0, f"{tmp_path}/m.png\n")
    with Image.open(tmp_path / "m.png") as picture:
        assert min(picture.size) > 64
