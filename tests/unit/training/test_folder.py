"""The folder of a run: chosen, held by one process, described."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from saccade.errors import BadConfig, Busy
from saccade.training.folder import claimed, held, read_description, safe_name, write_description

HOLD = """
import sys, time
from pathlib import Path
from saccade.training.folder import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""
DESCRIPTION = {
    "created": "now", "task": "classification", "versions": {"saccade": "0"}, "settings": {"epochs": 1, "seed": 0},
    "execution": {"device": "cpu", "threads": 1}, "model": {"architecture": "lenet5", "arguments": {}},
    "preprocessing": {"size": [1, 1], "channels": 1, "mean": [0], "std": [1], "fit": "crop"},
    "data": {"name": "x", "labels": ["\udcff", "é"], "counts": {}, "fingerprints": {}, "origin": None},
}  # fmt: skip


def test_a_description_comes_back_as_it_was(tmp_path):
    write_description(tmp_path, DESCRIPTION)
    assert read_description(tmp_path) == {"format": 1, **DESCRIPTION}
    text = (tmp_path / "run.json").read_text(encoding="utf-8")
    assert '"é"' in text
    assert json.loads(text)["data"]["labels"][0] == "\udcff"


def test_a_wanted_folder_is_made(tmp_path):
    with claimed(tmp_path / "a" / "b", "x") as folder:
        assert folder == tmp_path / "a" / "b"
        assert folder.is_dir()


def test_folders_in_runs_are_numbered_even_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with claimed(None, "x/y") as one, claimed(None, "x/y") as two:
        assert [one.as_posix(), two.as_posix()] == ["runs/x-y-1", "runs/x-y-2"]


def test_a_folder_in_which_nothing_was_trained_can_be_used_again(tmp_path):
    with claimed(tmp_path / "run", "x") as folder:
        write_description(folder, DESCRIPTION)
    with claimed(tmp_path / "run", "x") as folder:
        (folder / "last.safetensors").touch()
    with pytest.raises(BadConfig, match="holds a run already"), claimed(tmp_path / "run", "x"):
        pass


def test_a_folder_is_held_once_and_free_again_afterwards(tmp_path):
    with held(tmp_path), pytest.raises(Busy), held(tmp_path / "." / ""):
        pass
    with held(tmp_path):
        pass


def test_a_folder_is_held_against_another_process_until_that_is_gone_however_it_goes(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    with pytest.raises(Busy, match="another run trains just now") as caught, held(tmp_path):
        pass
    assert caught.value.exit_code == 7
    process.kill()
    process.communicate()
    with held(tmp_path):
        pass


@pytest.mark.parametrize(
    ("name", "safe"),
    [("photos", "photos"), ("a/b\\c", "a-b-c"), ("x\n\x00\udcff", "x"), ("\n", "run"), ("", "run"), ("ü 🦊", "ü 🦊")],
)
def test_any_name_becomes_part_of_a_folders_name(name, safe):
    assert safe_name(name) == safe


def test_a_long_name_is_cut_between_letters(tmp_path):
    name = safe_name("🦊" * 200)
    assert name == "🦊" * 30
    (tmp_path / f"{name}-resnet152_paper-1000").mkdir()
