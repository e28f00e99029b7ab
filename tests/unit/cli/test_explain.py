"""The command: words, lines, files, exit codes."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from torch import nn

from saccade.api import predictor as module
from tiny_predictors import Colour, predictor


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        Image.fromarray(np.full((8, 8, 3), (200, 100, 0), np.uint8)).save(tmp_path / f"{name}.png")
    monkeypatch.setattr(module, "load", lambda model, **_: predictor(Colour(), size=(8, 8)))
    return SimpleNamespace(path=tmp_path)


def test_without_a_method_they_are_listed(saccade_command):
    done = saccade_command("explain")
    assert done.code == 0
    assert "grad_cam  " in done.out
    assert json.loads(saccade_command("explain", "--json").out)["rise"]["year"] == 2018


def test_a_picture_gives_a_line_and_a_drawing(saccade_command, here):
    done = saccade_command("explain", "gradient", "m.safetensors", "a.png", "--check")
    assert done.code == 0
    first, second, *_ = done.out.splitlines()
    assert first == "gradient of red, 0.47   a-gradient.png"
    assert second.startswith("  deletion 0.")
    with Image.open(here.path / "a-gradient.png") as drawn:
        assert drawn.width > 2 * 160


def test_knobs_are_flags_and_several_go_into_a_folder(saccade_command, here):
    done = saccade_command(
        "explain", "occlusion", "m", here.path, "--window", 2, "--about", "1", "--out", "maps", "--json"
    )
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [(row["asked"], row["settings"]["window"]) for row in rows] == [("green", 2)] * 2
    assert sorted(path.name for path in (here.path / "maps").iterdir()) == ["a-occlusion.png", "b-occlusion.png"]


def test_a_terminal_sees_how_far_a_slow_method_is(saccade_command, here, monkeypatch):
    from saccade.cli import _counting

    monkeypatch.setattr(_counting, "_REDRAW_SECONDS", 0.0)
    assert saccade_command("explain", "rise", "m", "a.png", "--masks", "20").err == ""
    monkeypatch.setattr(_counting.sys.stderr, "isatty", lambda: True, raising=False)
    done = saccade_command("explain", "rise", "m", "a.png", "--masks", "20", "--batch-size", "5")
    assert "\rrise 10 of 20 steps, " in done.err
    assert done.err.endswith(" \r")


def test_several_go_on_one_page(saccade_command, here):
    done = saccade_command("explain", "gradient", "m", here.path, "--out", "maps.html")
    assert (done.code, [line.rpartition(" ")[2] for line in done.out.splitlines()]) == (0, ["maps.html"] * 2)
    assert (here.path / "maps.html").read_text().count('class="heat"') == 2


def test_what_was_made_before_an_interrupt_is_on_the_page(saccade_command, here, monkeypatch):
    from saccade.api.explaining.explainer import Explainer

    stream = Explainer.stream

    def interrupted(self, *arguments, **more):
        yield next(stream(self, *arguments, **more))
        raise KeyboardInterrupt

    monkeypatch.setattr(Explainer, "stream", interrupted)
    assert saccade_command("explain", "gradient", "m", here.path, "--out", "maps.html").code != 0
    assert (here.path / "maps.html").read_text().count('class="heat"') == 1


def test_it_looks_into_the_model_too(saccade_command, here, monkeypatch):
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
    monkeypatch.setattr(module, "load", lambda model, **_: predictor(network, size=(8, 8)))
    done = saccade_command("explain", "weights", "m")
    assert (done.code, done.out) == (0, "weights; layer 0; 4 of 4 filters of 3 × 3 × 3   weights.png\n")
    told = json.loads(saccade_command("explain", "patches", "m", "a.png", "b.png", "--units", "1,2", "--json").out)
    assert [tile["label"].split(":")[0] for tile in told["tiles"]] == ["1", "1", "2", "2"]
    assert saccade_command("explain", "activations", "m", "a.png", "--out", "maps.json").code == 0
    assert (here.path / "maps.json").is_file()
    assert saccade_command("explain", "weights", "m", "--out", "filters.html").code == 0
    assert (here.path / "filters.html").read_text().count('class="large"') == 4
    (here.path / "bad.png").write_bytes(b"no picture")
    assert "1 left out: bad.png" in saccade_command("explain", "patches", "m", "a.png", "bad.png").out


def test_a_thing_is_cut_out(saccade_command, here):
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[8:24, 8:24] = (250, 0, 0)
    Image.fromarray(picture).save(here.path / "c.png")
    done = saccade_command("explain", "occlusion", "m", "c.png", "--about", "red", "--segment", "cut.png")
    assert done.code == 0
    with Image.open(here.path / "cut.png") as cut:
        assert cut.mode == "RGBA"


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["gradcam", "m", "a.png"], "did you mean 'grad_cam'"),
        (["gradient"], "got no model"),
        (["gradient", "m"], "got no image"),
        (["gradient", "m", "a.png", "--masks", "4"], "got --masks with gradient"),
        (["rise", "m", "a.png", "--masks", "1", "--shown", "2"], "got masks=1"),
        (["gradient", "m", "a.png", "--side", "lft"], "left"),
        (["gradient", "m", "a.png", "b.png", "--segment", "c.png"], "with several images"),
        (["gradient", "m", "a.png", "--segment", "c.jpg"], "end in .png"),
        (["gradient", "m", "a.png", "b.png", "--out", "c.png"], "for several images"),
        (["gradient", "m", "nothere.png"], "left out nothere.png"),
        (["gradient", "m", "a.png", "--about", "rde"], "did you mean 'red'"),
        (["weights", "m", "--check"], "got --check with weights"),
        (["patches", "m"], "got no image"),
        (["tsne", "m", "a.png", "--masks", "3"], "got --masks with tsne"),
        (["tsne", "m", "a.png"], "without a dense layer"),
    ],
    ids=" ".join,
)
def test_what_is_wrong_is_told(saccade_command, here, words, message):
    done = saccade_command("explain", *words)
    assert done.code == 2
    assert message in done.err.replace("\n ", "")
