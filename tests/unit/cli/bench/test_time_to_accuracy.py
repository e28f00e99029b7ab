import json

import pytest

from saccade.cli.bench.time_to_accuracy import read_words

DATA = "synthetic:count=40,size=16"
ONE = "conv 4 3, pool 2, gap,batch_size=12,threads=1,epochs=2,learning_rate=0.02"


def test_a_contender_is_read_with_its_settings():
    assert read_words("fast") == {"recipe": "fast"}
    assert read_words("resnet20,optimizer=momentum,learning-rate=0.1,mirror=off") == {
        "model": "resnet20", "optimizer": "momentum", "learning_rate": 0.1, "mirror": False,
    }  # fmt: skip
    assert read_words("conv 4 3, gap,epochs=2") == {"model": "conv 4 3, gap", "epochs": 2}


def test_the_table_says_what_each_cost(saccade_command, tmp_path):
    log = tmp_path / "rival.tsv"
    log.write_text("epoch\thours\ttop1Accuracy\n1\t0.5\t60\n")
    words = (
        "bench", "time-to-accuracy", DATA, "--target", "0.05", "--contender", ONE, "--log", f"rival={log}",
        "--out", tmp_path / "race", "--draw", tmp_path / "race.svg",
    )  # fmt: skip
    done = saccade_command(*words, "--price", "2")
    assert done.code == 0, done.err
    head, ours, theirs, *_ = done.out.splitlines()
    assert head.split()[:4] == ["contender", "reached", "epochs", "time"]
    assert head.count("cost") == 2
    assert ours.startswith("conv 4 3, pool 2, gap")
    assert "1 of 1" in ours
    assert theirs.split()[:6] == ["rival", "1", "of", "1", "1.0", "1800.0"]
    assert (tmp_path / "race.svg").read_text().startswith("<?xml")
    assert "cost" not in saccade_command(*words).out.splitlines()[0]
    values = json.loads(saccade_command(*words, "--json").out)
    assert [one["name"] for one in values["contenders"]] == [ONE, "rival"]
    assert values["contenders"][0]["operations_of_an_image"]["learning"] > 0


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ([], "got nobody to compare"),
        (["--contender", "resnet2000"], "did you mean"),
        (["--contender", "fast,epochs"], "taken are settings with a value each"),
        (["--contender", "fast,epochs=many"], "got epochs='many'"),
        (["--contender", "fast", "--contender", "fast"], "got fast twice"),
        (["--log", "rival.tsv"], "taken is a name with a file"),
        (["--contender", "fast", "--price", "-1"], "got --price -1"),
        (["--contender", "fast", "--draw", "a.txt"], "a.txt"),
    ],
)
def test_a_mistake_is_told_before_anything_is_trained(saccade_command, words, wanted):
    done = saccade_command("bench", "time-to-accuracy", DATA, "--target", "0.5", *words)
    assert (done.code, done.out) == (2, "")
    assert wanted in done.err
