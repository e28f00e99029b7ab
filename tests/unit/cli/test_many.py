"""The words of predict for a great many images."""

from __future__ import annotations

import json

import pytest

from saccade.api.many import predicting
from saccade.api.many.settings import Cluster, ManySettings
from saccade.api.many.working import PartDone
from saccade.types.bad_file import BadFile


class FakeStored:
    """Four images in two files, of which one could not be read."""

    files = ("part-0", "part-1")

    def __init__(self, bad):
        self.bad = bad

    def __len__(self):
        return 4


@pytest.fixture
def asked(monkeypatch):
    """What predict_many was asked; it finds the first of three parts done and tells of the others."""
    calls, bad = [], [BadFile("b\n.jpg", "got 3 bytes")]

    def predict_many(model, images, *, out, views, settings, cluster, tell):
        calls.append((model, list(images), out, views, settings, cluster))
        tell(PartDone(1, 2, tuple(bad)), 2, 3)
        tell(PartDone(2, 1, ()), 3, 3)
        return FakeStored(bad)

    monkeypatch.setattr(predicting, "predict_many", predict_many)
    return calls


def test_results_go_to_files_and_what_is_there_is_said(saccade_command, asked):
    done = saccade_command("predict", "runs/a", "a.jpg", "b.jpg", "--out", "results")
    assert done == (
        0,
        "out        results\nfiles      2\npredicted  3\nleft out   1\n",
        "saccade: 1 of 3 parts are there already\nsaccade: left out b\\n.jpg: got 3 bytes\n",
    )
    assert asked == [("runs/a", ["a.jpg", "b.jpg"], "results", None, ManySettings(top=1), None)]


def test_every_flag_arrives(saccade_command, asked):
    words = ["--batch-size", "8", "--part-size", "16", "--threads", "2", "--top", "3", "--device", "cpu"]
    words += ["--cluster", "auto", "--workers", "5", "--json"]
    done = saccade_command("predict", "runs/a", "a.jpg", "--out", "results", *words)
    assert json.loads(done.out) == {"out": "results", "files": 2, "predicted": 3, "left_out": 1}
    settings = ManySettings(batch_size=8, part_size=16, threads=2, top=3, device="cpu")
    assert asked[0][4:] == (settings, Cluster("auto", 5))


def test_several_models_are_asked_together(saccade_command, asked, tmp_path):
    models = [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    saccade_command("predict", *models, "a.jpg", "--ensemble", "--crops", "5", "--out", "results")
    assert asked[0][0] == [str(model) for model in models]
    assert asked[0][3].crops == 5


def test_strict_fails_when_an_image_is_left_out(saccade_command, asked):
    assert saccade_command("predict", "runs/a", "a.jpg", "--out", "results", "--strict").code == 2


@pytest.mark.bad_input
def test_flags_that_mean_nothing_alone_are_all_named(saccade_command, asked):
    done = saccade_command("predict", "runs/a", "a.jpg", "--part-size", "64", "--cluster", "local")
    assert done.code == 2
    assert "got --part-size without --out" in done.err
    assert "got --cluster without --out" in done.err
    done = saccade_command("predict", "runs/a", "a.jpg", "--out", "results", "--workers", "2")
    assert "got --workers without --cluster" in done.err
    assert asked == []


@pytest.mark.bad_input
def test_a_part_that_ends_within_a_batch_is_refused(saccade_command, asked):
    done = saccade_command("predict", "runs/a", "a.jpg", "--out", "results", "--part-size", "33")
    assert (done.code, asked) == (2, [])
    assert "use 32" in done.err
