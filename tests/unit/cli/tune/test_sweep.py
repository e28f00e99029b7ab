import json

import pytest

from saccade.cli.tune.sweep import read_grid

DATA = "synthetic:count=40,size=16"
WORDS = ("--model", "conv 4 3, pool 2, gap", "--batch-size", "12", "--threads", "1", "--epochs", "1")


def test_values_are_read_as_what_the_setting_takes():
    assert read_grid(["batch-size=8,16", "mixing=none,cutmix", "mirror=on,off", "batch_size=32"]) == {
        "batch_size": [8, 16, 32],
        "mixing": ["none", "cutmix"],
        "mirror": [True, False],
    }


def test_the_best_is_printed_with_what_to_do_next(saccade_command, tmp_path):
    words = ("tune", "sweep", DATA, "--try", "learning_rate=1e-4,0.05", *WORDS, "--out", tmp_path / "sweep")
    done = saccade_command(*words)
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].split() == ["run", "learning_rate", "epochs", "accuracy"]
    assert {lines[1].split()[-1], lines[2].split()[-1]} == {"best", "finished"}
    assert lines[-1].startswith("next")
    values = json.loads(saccade_command(*words, "--json").out)
    assert values["epochs"] == 2
    assert {one["values"]["learning_rate"] for one in values["tried"]} == {1e-4, 0.05}


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ([], "got nothing to try"),
        (["--try", "learning_rat=1,2"], "did you mean 'learning_rate'"),
        (["--try", "learning_rate"], "taken are values after ="),
        (["--try", "learning_rate=1e-3,,2"], "taken are values after ="),
        (["--try", "momentum=0.5,fast"], "got momentum='fast'"),
        (["--try", "mirror=on,perhaps"], "got mirror='perhaps'"),
        (["--try", "lookahead=5", "--ema-decay", "0.9"], "taken is one average"),
    ],
)
def test_a_mistake_is_told_before_anything_is_trained(saccade_command, words, wanted):
    done = saccade_command("tune", "sweep", DATA, *words)
    assert (done.code, done.out) == (2, "")
    assert wanted in done.err
