"""The folder of a run: chosen, held by one process, described."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from rank_threads import in_threads
from saccade.errors import BadConfig, Busy
from saccade.training.folder import begun, claimed, described_once, held, read_description, safe_name, write_description
from saccade.training.launch import Launch
from saccade.training.processes import Processes

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


def test_processes_that_train_together_share_one_folder_which_the_first_holds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def work(processes):
        with claimed(None, "photos", processes) as folder:
            if not processes.first:
                with pytest.raises(Busy), held(folder):
                    pass
            processes.told(None)
            return folder.resolve()

    assert in_threads(3, work) == [tmp_path / "runs" / "photos-1"] * 3


def test_a_folder_that_holds_a_run_is_refused_in_all_processes(tmp_path):
    (tmp_path / "last.safetensors").touch()

    def work(processes):
        with pytest.raises(BadConfig, match="holds a run already"), claimed(tmp_path, "photos", processes):
            pass
        return True

    assert in_threads(2, work) == [True, True]


def test_a_launch_that_begins_again_finds_the_run_that_it_began(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = Launch(agent="host:7:100", name="none")
    for name, launch, call in (("a-1", first, 0), ("a-2", first, 1), ("b-1", Launch(agent="host:6:1"), 0)):
        (tmp_path / "runs" / name).mkdir(parents=True)
        write_description(tmp_path / "runs" / name, {**DESCRIPTION, **launch.described(call)})
    (tmp_path / "runs" / "torn").mkdir()
    (tmp_path / "runs" / "torn" / "run.json").write_text("{")
    again = Launch(agent="host:7:100", name="none", attempt=1)
    found = [begun(None, Processes(again, call)) for call in range(3)]
    assert [folder and folder.name for folder in found] == ["a-1", "a-2", None]
    assert begun(tmp_path / "runs" / "b-1", Processes(again, 0)) is None
    assert begun(None, Processes()) is None


def test_a_run_of_the_same_name_in_the_folder_asked_for_goes_on(tmp_path):
    write_description(tmp_path, {**DESCRIPTION, **Launch(agent="pod:7:100", name="job").described(0)})
    later = Processes(Launch(agent="pod:7:200", name="job"))
    assert begun(tmp_path, later) == tmp_path
    assert begun(tmp_path, Processes(Launch(agent="pod:7:200", name="other"))) is None


def test_a_common_folder_says_once_what_it_is_for(tmp_path):
    path = tmp_path / "sweep.json"
    described_once(path, {"a": 1, "b": (1, 2)}, "a sweep")
    before = path.read_bytes()
    described_once(path, {"a": 1, "b": [1, 2]}, "a sweep")
    assert path.read_bytes() == before


@pytest.mark.bad_input
def test_a_common_folder_of_something_else_is_refused(tmp_path):
    path = tmp_path / "sweep.json"
    described_once(path, {"a": 1, "b": 2}, "a sweep")
    with pytest.raises(BadConfig, match="which holds a sweep with another b; taken is a new folder"):
        described_once(path, {"a": 1, "b": 3}, "a sweep")
    path.write_text("[]")
    with pytest.raises(BadConfig, match="with another a and b"):
        described_once(path, {"a": 1, "b": 2}, "a sweep")
