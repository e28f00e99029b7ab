import json

import numpy as np
import pytest
from PIL import Image


def test_the_kernel_that_was_found_is_printed_with_its_losses(saccade_command):
    done = saccade_command("learn", "sobel", "--steps", "40")
    assert done.code == 0
    lines = done.out.splitlines()
    numbers = ["1.0000  0.0000  -1.0000", "2.0000  0.0000  -2.0000", "1.0000  0.0000  -1.0000"]
    assert lines[:9] == ["target", *numbers, "", "learned", *numbers]
    assert "step      loss" in lines
    assert [line.split()[0] for line in lines if "e-" in line and "error" not in line][-1] == "40"
    assert float(lines[-2].removeprefix("largest error")) < 1e-3
    assert float(lines[-1].removeprefix("condition")) == pytest.approx(1, abs=0.5)


def test_json_holds_everything(saccade_command):
    values = json.loads(saccade_command("learn", "1 0 -1", "--steps", "3", "--seed", "4", "--json").out)
    assert set(values) == {"target", "learned", "error", "steps", "losses", "condition", "out"}
    assert values["target"] == [[1, 0, -1]]
    assert len(values["losses"]) == 4


def test_it_learns_from_a_picture_and_draws(saccade_command, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    done = saccade_command("learn", "sobel", tmp_path / "photo.png", "--steps", "5", "--out", tmp_path / "a.png")
    assert done.out.splitlines()[-1] == f"drawn          {tmp_path}/a.png"
    assert (tmp_path / "a.png").exists()


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["sobl"], "did you mean 'sobel'?"),
        (["sobel", "nothing.jpg"], "nothing.jpg: got a file that cannot be opened"),
        (["sobel", "--steps", "0"], "taken is a whole number above 0"),
        (["sobel", "--size", "4"], "got size=4"),
        (["sobel", "--out", "a.gif"], "taken are names that end in .png, .svg, .pdf"),
        (["1 inf"], "got 'inf' in a kernel"),
    ],
)
def test_a_mistake_is_told(saccade_command, words, wanted):
    done = saccade_command("learn", *words)
    assert (done.code, done.out) == (2, "")
    assert wanted in done.err
