import json

import pytest

DATA = "synthetic:count=40,size=16"
WORDS = ("--model", "conv 4 3, pool 2, gap", "--batch-size", "12", "--threads", "1", "--steps", "20")


def test_the_suggestion_is_printed_as_a_flag_and_drawn(saccade_command, tmp_path):
    done = saccade_command("tune", "rate", DATA, *WORDS, "--out", tmp_path / "rates.svg")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].split() == ["rate", "loss"]
    assert lines[-2].split()[0] == "suggestion"
    assert lines[-1] == f"drawn            {tmp_path}/rates.svg"
    assert (tmp_path / "rates.svg").exists()


def test_json_holds_everything(saccade_command):
    values = json.loads(saccade_command("tune", "rate", DATA, *WORDS, "--highest", "0.1", "--json").out)
    assert len(values["rates"]) == len(values["losses"]) == len(values["smoothed"]) == 20
    assert values["rates"][-1] == pytest.approx(0.1)
    assert values["out"] is None


@pytest.mark.bad_input
def test_everything_that_is_wrong_is_listed(saccade_command):
    done = saccade_command("tune", "rate", DATA, "--model", "resnet81", "--momentum", "2", "--out", "a.gif")
    assert (done.code, done.out) == (2, "")
    assert "did you mean 'resnet8'" in done.err
    assert "momentum=2.0; taken is from 0 to 1" in done.err
    assert "taken are names that end in .png, .svg, .pdf" in done.err
    assert "did you mean 'fast'" in saccade_command("tune", "rate", DATA, "--recipe", "fasst").err
