import json
from dataclasses import fields
from pathlib import Path
from typing import ClassVar

import pytest

import saccade
from saccade.training.events import RunStarted
from saccade.training.settings import TrainingSettings


class FakeRun:
    """What `saccade.Run` gives, with a note of what it was asked."""

    asked: ClassVar[list[tuple]] = []
    state = "finished"

    def __init__(self, path):
        self.path = Path(path)
        self.best = self.path / "best.safetensors"

    def resume(self, *, epochs=None, data=None, listeners=()):
        self.asked.append(("resume", str(self.path), epochs, data, len(listeners)))
        return self

    def repeat(self, out=None, *, data=None, listeners=()):
        self.asked.append(("repeat", str(self.path), out, data, len(listeners)))
        return FakeRun("runs/again")


@pytest.fixture
def asked(monkeypatch):
    calls = []

    def train(data, **arguments):
        calls.append((data, arguments))
        for listener in arguments["listeners"]:
            listener(RunStarted(1, 2, time=5.0))
        return FakeRun("runs/new")

    monkeypatch.setitem(vars(saccade), "train", train)
    monkeypatch.setitem(vars(saccade), "Run", FakeRun)
    monkeypatch.setattr(FakeRun, "asked", calls)
    return calls


def test_the_words_become_arguments(saccade_command, asked):
    done = saccade_command("train", "photos/", "--model", "lenet5", "--epochs", "3", "--no-mirror", "--out", "here",
                           "--learning-rate", "1e-3", "--optimizer", "sgd", "--deterministic")  # fmt: skip
    assert done.code == 0
    ((data, arguments),) = asked
    del arguments["listeners"]
    assert (data, arguments) == (
        "photos/",
        {
            "model": "lenet5",
            "task": "auto",
            "out": "here",
            "settings": {
                "epochs": 3, "mirror": False, "learning_rate": 0.001, "optimizer": "sgd", "deterministic": True,
            },
        },
    )  # fmt: skip
    assert "run    runs/new\n" in done.out
    assert "saccade evaluate runs/new" in done.out
    assert done.err == "1 epoch of 2 steps\n"


def test_a_line_of_layers_is_a_model(saccade_command, asked):
    assert saccade_command("train", "digits", "--model", "conv 8 3, gap").code == 0
    assert asked[0][1]["model"] == "conv 8 3, gap"


def test_every_setting_is_a_flag_with_its_help_and_default(saccade_command):
    told = " ".join(saccade_command("train", "--help").out.split())
    for knob in fields(TrainingSettings):
        flag = "--" + knob.name.replace("_", "-")
        assert flag in told
        assert knob.metadata["help"] in told
        default = "none" if knob.default in ("", ()) else knob.default
        assert f"(default {default})" in told or isinstance(default, bool)
    assert "--mirror, --no-mirror" in told


@pytest.mark.bad_input
def test_everything_wrong_is_listed_at_once_and_nothing_is_done(saccade_command, asked):
    done = saccade_command("train", "photos", "--model", "lenett5", "--task", "clasification", "--epochs", "-3",
                           "--batch-size", "many", "--optimizer", "adm", "--no-miror", "--momentum", "nan")  # fmt: skip
    assert (done.code, done.out, asked) == (2, "", [])
    assert len(done.err.splitlines()) == 7
    for wanted in (
        "did you mean '--no-mirror'?",
        "got architecture 'lenett5'",
        "did you mean 'classification'",
        "got epochs=-3",
        "got batch_size='many'; taken is a whole number",
        "got optimizer='adm'; taken are 6 names; did you mean 'adam'",
        "got momentum=nan",
    ):
        assert wanted in done.err


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ([], "got neither DATA nor a run"),
        (["--repeat", "a", "--resume", "a"], "got --resume and --repeat"),
        (["--resume", "a", "--seed", "3", "--model", "lenet5"], "got --model, --seed with --resume"),
        (["--repeat", "a", "--epochs", "3"], "got --epochs with --repeat"),
        (["photos", "--settings", "a.yaml"], "taken are .json and .toml files"),
        (["photos", "--epochs"], "got --epochs without a value"),
    ],
)
def test_words_that_do_not_go_together_are_refused(saccade_command, asked, words, wanted):
    done = saccade_command("train", *words)
    assert (done.code, asked) == (2, [])
    assert wanted in done.err


def test_a_run_goes_on_or_is_repeated(saccade_command, asked):
    assert saccade_command("train", "--resume", "runs/a", "--epochs", "20").code == 0
    assert saccade_command("train", "moved/photos", "--resume", "runs/a").code == 0
    assert saccade_command("train", "--repeat", "runs/a", "--out", "runs/b").code == 0
    assert asked == [
        ("resume", "runs/a", 20, None, 1),
        ("resume", "runs/a", None, "moved/photos", 1),
        ("repeat", "runs/a", "runs/b", None, 1),
    ]


@pytest.mark.parametrize(
    ("name", "text"), [("s.json", '{"epochs": 7, "seed": 1}'), ("s.toml", "epochs = 7\nseed = 1\n")]
)
def test_settings_come_from_a_file_and_flags_go_before_it(saccade_command, asked, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert saccade_command("train", "photos", "--settings", tmp_path / name, "--seed", "2").code == 0
    assert asked[0][1]["settings"] == {"epochs": 7, "seed": 2}


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("s.json", '{"epochs": 7', "which cannot be read"),
        ("s.json", "[7]", "a list;\n  taken is a mapping"),
        ("s.toml", "epochs : 7", "which cannot be read"),
        ("s.json", '{"epoch": 7, "batchsize": 8}', "did you mean 'batch_size'?"),
    ],
)
def test_a_wrong_settings_file_is_told(saccade_command, asked, tmp_path, name, text, wanted):
    (tmp_path / name).write_text(text)
    done = saccade_command("train", "photos", "--settings", tmp_path / name)
    assert (done.code, asked) == (2, [])
    assert wanted in done.err


@pytest.mark.bad_input
def test_a_settings_file_that_is_not_there_is_told(saccade_command, asked, tmp_path):
    done = saccade_command("train", "photos", "--settings", tmp_path / "s.json")
    assert done.code == 2
    assert "which cannot be read (No such file or directory)" in done.err


def test_json_is_the_stream_of_events_and_then_the_run(saccade_command, asked):
    done = saccade_command("train", "photos", "--json")
    assert done.err == ""
    first, last = (json.loads(line) for line in done.out.splitlines())
    assert first == {"event": "RunStarted", "epochs": 1, "steps_per_epoch": 2, "epoch": 0, "step": 0, "time": 5.0}
    assert last == {"run": "runs/new", "state": "finished", "model": "runs/new/best.safetensors"}


def test_tensorboard_gets_the_events_too(saccade_command, asked, tmp_path):
    assert saccade_command("train", "photos", "--tensorboard", tmp_path / "board").code == 0
    assert len(asked[0][1]["listeners"]) == 2
    assert list((tmp_path / "board").iterdir())
