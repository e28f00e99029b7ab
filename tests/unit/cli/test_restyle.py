"""The command: words, lines, files, exit codes, and what a signal leaves."""

from __future__ import annotations

import json
import signal
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from saccade.api.imagining import restyling, seeing, watching
from saccade.errors import Unreachable
from styling import small, striped
from tiny_predictors import predictor

STATE = ".a-b.state.safetensors"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 48, 3), np.uint8)).save(tmp_path / "a.png")
    stripes = np.rint(255 * striped(36, 44)[0].permute(1, 2, 0).numpy()).astype(np.uint8)
    Image.fromarray(stripes).save(tmp_path / "b.png")
    Image.new("RGB", (40, 40), "red").save(tmp_path / "red.png")
    Image.fromarray(stripes[:12]).save(tmp_path / "flat.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    monkeypatch.setattr(seeing, "load", lambda model, **_: predictor(small(), size=(24, 24)))
    return SimpleNamespace(path=tmp_path, patch=monkeypatch)


def interrupt_at(here, step):
    """Let a signal come while a step is heard of."""
    plain = watching.Onlooker.__call__

    def call(self, now, *given):
        if now == step:
            signal.raise_signal(signal.SIGINT)
        return plain(self, now, *given)

    here.patch.setattr(watching.Onlooker, "__call__", call)
    return lambda: here.patch.setattr(watching.Onlooker, "__call__", plain)


def pixels(path):
    with Image.open(path) as file:
        return np.asarray(file)


def test_two_pictures_give_a_line_and_a_picture_with_its_caption(saccade_command, here):
    done = saccade_command("restyle", "a.png", "b.png", "--model", "m", "--steps", 3)
    assert done.code == 0, done.err
    assert done.out.startswith(
        "a in the style of b; a module of your own; content relu2_1; style relu1_1, relu2_1; lbfgs; "
    )
    assert done.out.endswith("   a-b.png\n")
    with Image.open(here.path / "a-b.png") as drawn:
        assert drawn.width == 48
        assert drawn.height > 40
        assert drawn.info["Title"] == "a in the style of b"
    assert not (here.path / STATE).exists()


def test_knobs_are_flags(saccade_command, here):
    done = saccade_command(
        "restyle", "a.png", "b.png", "--model", "m", "--steps", 4, "--optimizer", "adam", "--style-layers", "relu1_2:2",
        "--content-layers", "conv1_2", "--out", "d.jpg", "--no-caption", "--preview", "now.png", "--frames", "way",
        "--every", 2, "--json",
    )  # fmt: skip
    told = json.loads(done.out)
    assert (told["file"], told["settings"]["style_layers"], len(told["values"])) == ("d.jpg", "relu1_2:2", 4)
    assert told["notes"][1:] == ["content conv1_2", "style relu1_2", "adam"]
    assert sorted(path.name for path in (here.path / "way").iterdir()) == ["00001.png", "00002.png"]
    assert np.array_equal(pixels(here.path / "way" / "00002.png"), pixels(here.path / "now.png"))
    assert pixels(here.path / "d.jpg").shape == (40, 48, 3)


def test_a_film_of_several_sizes_shows_the_whole_picture_in_each_frame(saccade_command, here):
    import cv2

    words = ("--model", "m", "--steps", 2, "--scales", 2, "--frames", "x.mp4", "--every", 1, "--json")
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 96, 3), np.uint8)).save(here.path / "a.png")
    assert saccade_command("restyle", "a.png", "b.png", *words).code == 0
    film = cv2.VideoCapture(str(next(here.path.glob("x.*"))))
    sizes = []
    while (frame := film.read())[0]:
        sizes.append(frame[1].shape[:2])
    assert sizes == [(64, 96)] * 4


def test_a_signal_keeps_the_picture_and_the_same_command_goes_on(saccade_command, here):
    words = ("restyle", "a.png", "b.png", "--model", "m", "--steps", 6, "--no-caption", "--frames", "way", "--every", 1)
    assert saccade_command(*words, "--out", "whole.png").code == 0
    for frame in (here.path / "way").iterdir():
        frame.unlink()
    again = interrupt_at(here, 3)
    done = saccade_command(*words)
    assert done.code == 130
    assert "stopped after 3 steps" in done.out
    assert "the same command goes on from here" in done.err
    assert pixels(here.path / "a-b.png").shape == (40, 48, 3)
    assert (here.path / STATE).is_file()
    again()
    done = saccade_command(*words)
    assert done.code == 0
    assert f"goes on from {STATE}; --anew begins anew" in done.err
    assert not (here.path / STATE).exists()
    assert np.array_equal(pixels(here.path / "a-b.png"), pixels(here.path / "whole.png"))
    assert sorted(path.name for path in (here.path / "way").iterdir()) == [f"{n:05d}.png" for n in range(1, 7)]


def test_anew_forgets_what_was_put_away(saccade_command, here):
    words = ("restyle", "a.png", "b.png", "--model", "m", "--steps", 6)
    again = interrupt_at(here, 2)
    assert saccade_command(*words, "--anew").code == 130
    again()
    other = saccade_command(*words[:-1], 5)
    assert other.code != 0
    assert "the state of another picture, or of other settings" in other.err
    assert (here.path / STATE).is_file()
    done = saccade_command(*words[:-1], 5, "--anew")
    assert done.code == 0
    assert "goes on" not in done.err
    assert not (here.path / STATE).exists()


def test_two_descents_are_drawn(saccade_command, here):
    words = ("restyle", "a.png", "b.png", "--model", "m", "--steps", 20, "--compare", "both.png")
    done = saccade_command(*words)
    assert done.code == 0
    assert done.out.startswith("Adam came to ")
    assert done.out.endswith("   both.png\n")
    assert (here.path / "both.png").stat().st_size > 10_000
    told = json.loads(saccade_command(*words, "--json").out)
    assert (told["file"], len(told["lbfgs"]["values"])) == ("both.png", 20)
    interrupt_at(here, 3)
    assert saccade_command(*words).code == 130


@pytest.mark.filterwarnings("default")
def test_without_a_model_the_best_that_is_to_be_had_looks(saccade_command, here):
    def load(model, *, device, **_):
        assert device == "cpu"
        if model == "vgg19/imagenet":
            raise Unreachable("got no connection; taken is one; connect")
        return predictor(small(), size=(24, 24))

    here.patch.setattr(seeing, "load", load)
    done = saccade_command("restyle", "a.png", "b.png", "--steps", 1, "--device", "cpu")
    assert done.code == 0
    assert "saccade: warning: vgg19/imagenet is not to be had here" in done.err
    assert restyling._ALWAYS_THERE in done.err


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("a.png",), "STYLE"),
        (("a.png", "b.png", "--weights", "w.safetensors"), "got --weights without --model"),
        (("a.png", "b.png", "--steps", "0"), "steps"),
        (("a.png", "b.png", "--style-layers", "relu1_1:x"), "as a layer of style"),
        (("a.png", "b.png", "--style-weight", "0", "--content-weight", "0"), "got neither content nor style"),
        (("a.png", "b.png", "--out", "a.gif"), "got --out a.gif"),
        (("a.png", "b.png", "--preview", "a.gif"), "got --preview a.gif"),
        (("a.png", "b.png", "--compare", "a.xyz"), "a.xyz"),
        (("a.png", "b.png", "--optimizer", "sgd"), "sgd"),
        (("a.png", "b.png", "--model", "m", "--style-layers", "relu9_9"), "got layer 'relu9_9'"),
        (("a.png", "red.png", "--model", "m"), "got a style of one colour"),
        (("flat.png", "b.png", "--model", "m"), "got a picture of 12 × 44 pixels for the content"),
        (("a.png", "b.png", "--model", "m", "--side", "14"), "or raise side"),
        (("broken.png", "b.png", "--model", "m"), "broken.png"),
        (("a.png", "none.png", "--model", "m"), "none.png"),
        (("a.png", "b.png", "--model", "m", "--compare", "c.png", "--scales", "2"), "several scales"),
    ],
)
def test_wrong_words_are_said_plainly(saccade_command, here, words, told):
    done = saccade_command("restyle", *words)
    assert done.code != 0
    assert told in done.err
    assert "Traceback" not in done.err
    assert sorted(path.name for path in here.path.iterdir() if "a-b" in path.name) == []


@pytest.mark.bad_input
def test_a_broken_state_is_refused(saccade_command, here):
    (here.path / STATE).write_bytes(b"no tensors")
    done = saccade_command("restyle", "a.png", "b.png", "--model", "m", "--steps", 2)
    assert done.code != 0
    assert STATE in done.err
    assert "Traceback" not in done.err
    assert saccade_command("restyle", "a.png", "b.png", "--model", "m", "--steps", 2, "--anew").code == 0
