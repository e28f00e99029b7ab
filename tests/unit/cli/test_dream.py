"""The command: words, lines, files, exit codes, and what a signal leaves."""

from __future__ import annotations

import json
import signal
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from torch import nn

from saccade.api.imagining import seeing
from tiny_predictors import Colour, predictor


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 48, 3), np.uint8)).save(tmp_path / "a.png")
    network = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU(), Colour())
    monkeypatch.setattr(seeing, "load", lambda model, **_: predictor(network, size=(24, 24)))
    return SimpleNamespace(path=tmp_path)


def test_without_a_method_they_are_listed(saccade_command):
    done = saccade_command("dream")
    assert done.code == 0
    assert "deep_dream  " in done.out
    assert json.loads(saccade_command("dream", "--json").out)["class_model"]["needs"] == "class"


def test_a_class_gives_a_line_and_a_picture_with_its_caption(saccade_command, here):
    done = saccade_command("dream", "class_model", "m", "--about", "red", "--steps", 3)
    assert done.code == 0
    assert done.out.startswith("class_model of red; a module of your own; 3 steps from zeros; ")
    with Image.open(here.path / "class_model.png") as drawn:
        assert drawn.width == 24
        assert drawn.height > 24
        assert drawn.info["Title"] == "class_model of red"


def test_knobs_are_flags(saccade_command, here):
    done = saccade_command(
        "dream", "deep_dream", "m", "a.png", "--layer", "1", "--octaves", 1, "--steps", 2, "--out", "d.jpg",
        "--no-caption", "--frames", "way", "--every", 1, "--json",
    )  # fmt: skip
    told = json.loads(done.out)
    assert (told["settings"]["layer"], told["file"], len(told["values"])) == ("1", "d.jpg", 2)
    assert sorted(path.name for path in (here.path / "way").iterdir()) == ["00001.png", "00002.png"]
    with Image.open(here.path / "d.jpg") as drawn:
        assert drawn.size == (48, 40)


def test_a_zoom_becomes_a_film(saccade_command, here):
    done = saccade_command(
        "dream",
        "deep_dream",
        "m",
        "a.png",
        "--layer",
        "1",
        "--octaves",
        1,
        "--steps",
        1,
        "--zooms",
        3,
        "--film",
        "z.mp4",
    )
    assert done.code == 0
    film = here.path / done.out.splitlines()[0]
    assert film.stat().st_size > 200


def test_a_signal_keeps_what_was_made(saccade_command, here, monkeypatch):
    def heard(step, of, value, picture):
        if step == 3:
            signal.raise_signal(signal.SIGINT)

    from saccade.api.imagining import watching

    plain = watching.Onlooker.__call__

    def call(self, *given):
        heard(*given)
        return plain(self, *given)

    monkeypatch.setattr(watching.Onlooker, "__call__", call)
    done = saccade_command("dream", "class_model", "m", "--about", "red", "--steps", 50)
    assert done.code == 130
    assert "stopped after 3 steps" in done.out
    assert (here.path / "class_model.png").is_file()


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("class_modl", "m"), "did you mean 'class_model'?"),
        (("class_model",), "got no model"),
        (("class_model", "m"), "got no class for class_model"),
        (("class_model", "m", "a.png", "--about", "red"), "got a picture for class_model"),
        (("deep_dream", "m"), "got no picture for deep_dream"),
        (("inversion", "m", "a.png", "--about", "red"), "got --about with inversion"),
        (("inversion", "m", "a.png", "--guide", "a.png"), "got --guide with inversion"),
        (("inversion", "m", "a.png", "--octaves", "2"), "got --octaves with inversion"),
        (("inversion", "m", "a.png", "--steps", "0"), "steps"),
        (("inversion", "m", "a.png", "--out", "a.gif"), "got --out a.gif"),
        (("deep_dream", "m", "a.png", "--film", "a.mp4"), "without --zooms"),
        (("inversion", "m", "a.png", "--layer", "featurs"), "layer"),
    ],
)
def test_wrong_words_are_said_plainly(saccade_command, here, words, told):
    done = saccade_command("dream", *words)
    assert done.code != 0
    assert told in done.err
    assert "Traceback" not in done.err
