"""A run on disk: what it says of itself, and what becomes of a folder that is none."""

from __future__ import annotations

import json
import shutil

import pytest

import saccade
from saccade.errors import BadCheckpoint, BadConfig
from saccade.training.events import RunFinished, RunStarted, RunStopped


@pytest.fixture
def copied(trained, tmp_path):
    """The folder of the trained run, to be spoilt."""
    return shutil.copytree(trained.run.path, tmp_path / "colours")


def rewrite(folder, **changes):
    description = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps({**description, **changes}), encoding="utf-8")


def test_it_knows_its_files_and_its_labels(trained):
    run = saccade.Run(str(trained.run.path))
    assert (run.best.name, run.last.name, run.card.name) == ("best.safetensors", "last.safetensors", "card.html")
    assert run.labels == ("blue", "green", "red")
    events = run.events()
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)


def test_it_shows_itself(trained):
    assert repr(trained.run) == f"Run({str(trained.run.path)!r}: dcnn on photos, finished)"
    page = trained.run._repr_html_()
    assert "<td>finished</td>" in page
    assert "<td>dcnn</td>" in page


def test_a_name_from_a_stranger_is_shown_as_text(copied):
    rewrite(copied, data={**saccade.Run(copied).description["data"], "name": "<img onerror=x>"})
    assert "<img" not in saccade.Run(copied)._repr_html_()


def test_its_state_is_that_of_its_last_event(copied):
    log = copied / "events.jsonl"
    assert saccade.Run(copied).state == "finished"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:-1]))
    assert saccade.Run(copied).state == "unfinished"
    stopped = {"event": "RunStopped", "epoch": 0, "step": 1, "reason": "a signal", "time": 0.0}
    log.write_bytes(b"".join(lines[:3]) + json.dumps(stopped).encode() + b"\n")
    assert isinstance(saccade.Run(copied).events()[-1], RunStopped)
    assert saccade.Run(copied).state == "stopped"
    log.unlink()
    assert saccade.Run(copied).state == "unfinished"


def test_a_home_folder_is_found(trained, monkeypatch, copied):
    monkeypatch.setenv("HOME", str(copied.parent))
    assert saccade.Run("~/colours").path == copied
    assert saccade.load("~/colours").labels == ("blue", "green", "red")
    assert saccade.evaluate("~/colours").images == 3


def test_a_copied_run_is_judged_and_exported_where_it_is(copied, tmp_path):
    run = saccade.Run(copied)
    assert run.evaluate().images == 3
    assert run.export() == tmp_path / "colours.safetensors"
    assert run.export().is_file()


@pytest.mark.bad_input
def test_a_folder_without_a_run_offers_the_one_that_is_meant(copied):
    with pytest.raises(BadCheckpoint, match=r"no run.json; .*did you mean .*colours\?"):
        saccade.Run(copied.parent / "colour")
    with pytest.raises(BadCheckpoint, match="give the folder that training made"):
        saccade.Run(copied.parent / "zzz" / "zzz")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "cannot be read"),
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ("[]", "with a list; taken is a mapping"),
        ('{"format": 2}', "of format 2; taken is format 1; install a newer saccade"),
        ('{"format": "1"}', "of format '1'; taken is format 1; restore the file"),
        ('{"format": 1}', "without created, task, versions"),
        ("\xff", "cannot be read"),
    ],
)
def test_a_description_that_cannot_be_read_is_refused(copied, text, told):
    (copied / "run.json").write_text(text, encoding="latin-1")
    with pytest.raises(BadCheckpoint, match=told):
        saccade.Run(copied)


@pytest.mark.bad_input
def test_a_description_that_lacks_something_says_what(copied):
    rewrite(copied, model={"architecture": "dcnn"}, data=5)
    with pytest.raises(BadCheckpoint, match=r"without model\.arguments, data\.name, data\.labels"):
        saccade.Run(copied)


@pytest.mark.bad_input
def test_a_run_from_a_machine_with_another_device_is_used_here_but_not_trained(copied):
    execution = {**saccade.Run(copied).description["execution"], "device": "mps"}
    rewrite(copied, execution=execution)
    assert saccade.Run(copied).predictor().device == "cpu"
    with pytest.raises(BadConfig, match="got a run that trains on mps, which this machine has not"):
        saccade.Run(copied).resume(listeners=[])


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "changes",
    [
        {"settings": {"epochs": 9, "seed": 0, "warp": 3}},
        {"settings": {"epochs": "nine", "seed": 0}},
        {"execution": {"device": "cpu", "threads": 1, "warp": 3}},
        {"preprocessing": {"size": [], "channels": 3, "mean": [0], "std": [0], "fit": "crop"}},
        {"preprocessing": {"size": [4, 4], "channels": 3, "mean": [0], "std": [0], "fit": "crop"}},
    ],
)
def test_a_description_that_means_nothing_does_not_train(copied, changes):
    rewrite(copied, **changes)
    with pytest.raises(BadCheckpoint, match="from which this version of saccade cannot train"):
        saccade.Run(copied).resume(listeners=[])
