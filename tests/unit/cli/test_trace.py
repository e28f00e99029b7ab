import json

import numpy as np
import pytest
from PIL import Image

from saccade.inspect.tracing.options import options_of, traces


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(np.arange(20 * 30, dtype=np.uint8).reshape(20, 30)).save(path)
    return path


def test_alone_it_lists_the_traces(saccade_command):
    done = saccade_command("trace")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()] == list(traces())
    assert json.loads(saccade_command("trace", "--json").out) == traces()


@pytest.mark.parametrize("name", traces())
def test_every_trace_is_a_word_and_its_options_are_flags(saccade_command, name):
    shown = saccade_command("trace", name)
    assert shown.code == 0
    assert " of " in shown.out
    text = saccade_command("trace", "--help").out
    flags = [f"--{option.replace('_', '-')} " for option in options_of(name) if option != "picture"]
    assert all(flag in text for flag in flags)


def test_the_text_fits_the_terminal(saccade_command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "48")
    done = saccade_command("trace", "conv")
    assert max(map(len, done.out.splitlines())) <= 48
    assert "\x1b" not in done.out


def test_flags_reach_the_trace(saccade_command):
    words = ["--matrix", "1 2 3; 4 5 6; 7 8 9", "--kernel", "1 0; 0 -1", "--padding", "1", "--stride", "2", "--flip"]
    shown = json.loads(saccade_command("trace", "conv", *words, "--json").out)
    assert shown["result"] == [[1.0, 3.0], [7.0, 4.0]]
    words = ["--iou-threshold", "0.7", "--boxes", "0 0 9 9 .9; 1 1 9 9 .8"]
    assert json.loads(saccade_command("trace", "nms", *words, "--json").out)["result"] == [0]


@pytest.mark.parametrize(
    ("name", "text"), [("b.txt", "0 0 9 9 .9\n20 0 29 9 .8\n"), ("b.json", "[[0,0,9,9,0.9],[20,0,29,9,0.8]]")]
)
def test_numbers_may_be_in_a_file(saccade_command, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    done = saccade_command("trace", "nms", "--boxes", tmp_path / name, "--json")
    assert json.loads(done.out)["result"] == [0, 1]


def test_a_crop_of_a_picture(saccade_command, photo):
    done = saccade_command("trace", "conv", "--image", photo, "--at", 2, 3, "--crop", 4, 5, "--json")
    grid = json.loads(done.out)["steps"][0]["panels"][0][0]
    assert grid["values"][0] == [63, 64, 65, 66, 67]
    assert len(grid["values"]) == 4


@pytest.mark.parametrize("suffix", [".html", ".svg", ".txt", ".json"])
def test_a_file_is_written_and_named(saccade_command, tmp_path, suffix):
    path = tmp_path / f"t{suffix}"
    assert saccade_command("trace", "iou", "--out", path) == (0, f"{path}\n", "")
    assert path.stat().st_size > 500


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["covn"], "did you mean 'conv'"),
        (["conv", "--kernl", "sobel"], "did you mean '--kernel'"),
        (["conv", "--window", "3"], "got --window with conv; taken by it are --matrix, --kernel"),
        (["conv", "--stride", "0"], "stride=0"),
        (["conv", "--stride", "x"], "got --stride 'x'"),
        (["conv", "--kernel", "1 inf"], "'inf' in kernel"),
        (["conv", "--kernel", "[[1]"], "no JSON"),
        (["conv", "--at", "1", "1"], "got --at without --image"),
        (["conv", "--out", "t.png"], "got --out 't.png'"),
        (["--kernel", "sobel"], "got --kernel without a name"),
        (["conv", "--image", "nothing.jpg"], "nothing.jpg: got a file that cannot be opened"),
        (["nms", "--boxes", "1 2 3"], "x1 y1 x2 y2 confidence"),
        (["nms", "--iou-threshold", "2"], "iou_threshold=2"),
        (["receptive_field", "--image", "a.png"], "which takes none"),
    ],
    ids=" ".join,
)
def test_wrong_words_are_two_or_three_plain_lines(saccade_command, words, said):
    done = saccade_command("trace", *words)
    assert done.code == 2
    assert said in done.err.replace("\n ", "")
    assert "Traceback" not in done.err


@pytest.mark.bad_input
def test_everything_that_is_wrong_with_the_words_is_said_at_once(saccade_command):
    done = saccade_command("trace", "conv", "--window", "3", "--out", "a.png", "--at", "1", "1", "--boxes", "1")
    assert [word in done.err for word in ("--window", "--out", "--at", "--boxes")] == [True] * 4


@pytest.mark.bad_input
def test_a_file_that_is_no_picture_is_refused(saccade_command, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_text("no picture")
    assert saccade_command("trace", "conv", "--image", path).code == 2


@pytest.mark.bad_input
def test_a_file_of_numbers_that_is_no_text_is_refused(saccade_command, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xff\xfe\x00")
    done = saccade_command("trace", "nms", "--boxes", path)
    assert done.code == 2
    assert "a.txt" in done.err
