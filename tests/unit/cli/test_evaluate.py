import json
from types import SimpleNamespace

import pytest

import saccade
from saccade.types.bad_file import BadFile


@pytest.fixture
def asked(monkeypatch):
    calls = []

    def evaluate(model, data=None, **arguments):
        calls.append((model, data, arguments))
        return SimpleNamespace(
            split="val",
            images=1234,
            note="there is no test split",
            bad=(BadFile("a.jpg", "got 3 bytes"),),
            numbers=lambda: {"top1_accuracy": (0.9, 0.85, 0.95)},
            to_dict=lambda: {"split": "val", "figures": {"top1_accuracy": [0.9, 0.85, 0.95]}},
        )

    monkeypatch.setitem(vars(saccade), "evaluate", evaluate)
    return calls


def test_the_figures_are_printed_with_their_intervals(saccade_command, asked):
    done = saccade_command("evaluate", "runs/a")
    assert done == (
        0,
        "1,234 images of the val split (there is no test split)\n"
        "figure          value  interval at 95 %\n"
        "top1 accuracy  0.9000  0.8500 to 0.9500\n",
        "saccade: left out a.jpg: got 3 bytes\n",
    )
    assert asked == [("runs/a", None, {"split": "test", "device": "auto", "batch_size": 64})]


def test_the_words_become_arguments(saccade_command, asked):
    words = [
        "evaluate",
        "m.safetensors",
        "photos",
        "--split",
        "train",
        "--device",
        "cpu",
        "--batch-size",
        "8",
        "--json",
    ]
    done = saccade_command(*words)
    assert json.loads(done.out)["figures"] == {"top1_accuracy": [0.9, 0.85, 0.95]}
    assert asked == [("m.safetensors", "photos", {"split": "train", "device": "cpu", "batch_size": 8})]


@pytest.mark.bad_input
def test_an_unknown_split_is_answered_with_the_nearest(saccade_command, asked):
    done = saccade_command("evaluate", "runs/a", "--split", "tset")
    assert (done.code, asked) == (2, [])
    assert "did you mean 'test'?" in done.err
