from pathlib import Path
from types import SimpleNamespace

import pytest

import saccade
from saccade.cli import demo
from saccade.training.settings import TrainingSettings


class FakeRun:
    """A run that is done at once."""

    labels = tuple("0123456789")

    def __init__(self, path):
        self.path = Path(path)
        self.path.mkdir(parents=True)

    def report(self):
        return self.path / "card.html"

    def export(self):
        return self.path.with_suffix(".safetensors")

    def predictor(self):
        return lambda path: f"{path}: 7 (99.0 %)"


@pytest.fixture
def asked(monkeypatch):
    calls = []

    def train(data, *, model, settings, out):
        calls.append(SimpleNamespace(data=data, model=model, settings=settings, out=out))
        return FakeRun(out)

    def evaluate(run):
        return SimpleNamespace(images=179, split="test", note="", numbers=lambda: {"accuracy": (0.99, 0.98, 1.0)})

    monkeypatch.setitem(vars(saccade), "train", train)
    monkeypatch.setitem(vars(saccade), "evaluate", evaluate)
    return calls


def test_the_demo_shows_each_command_and_where_everything_is(saccade_command, asked, tmp_path):
    done = saccade_command("demo", "--out", tmp_path)
    assert done.code == 0, done.err
    assert [call.model for call in asked] == ["lenet5", "resnet8"]
    commands = [line.split()[2] for line in done.out.splitlines() if line.startswith("$ saccade ")]
    assert commands == ["train", "evaluate", "report"] * 2 + ["export", "predict"]
    assert "Everything is here:" in done.out
    assert (tmp_path / "demo-lenet5-1" / "digit.png").is_file()
    assert f"digit           {tmp_path}/demo-lenet5-1/digit.png" in done.out


def test_a_second_demo_takes_the_next_names(saccade_command, asked, tmp_path):
    saccade_command("demo", "--out", tmp_path)
    saccade_command("demo", "--out", tmp_path, "--quick")
    assert [call.out.name for call in asked[2:]] == ["demo-lenet5-2", "demo-resnet8-2"]
    assert [call.settings["epochs"] for call in asked[2:]] == [1, 1]


def test_the_settings_of_the_demo_are_settings_and_their_flags_say_the_same():
    for settings in demo.NETWORKS.values():
        assert TrainingSettings.from_dict(settings).mirror is False
    assert demo._flags({"epochs": 3, "mirror": False, "deterministic": True}) == [
        "--epochs", "3", "--no-mirror", "--deterministic",
    ]  # fmt: skip
