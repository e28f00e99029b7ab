"""The command advise: its words, its JSON, and what it refuses."""

from __future__ import annotations

import json

import pytest

LINE = "[conv 64 7] x2, pool 2, flatten, dense 10"


def test_it_says_where_the_cost_is_and_what_to_do_first(saccade_command):
    done = saccade_command("advise", "resnet18")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("resnet18, for an image of 224 × 224 × 3: 1,814,073,344 multiply-adds")
    for line in ("where the cost is", "its multiply-adds, as", "the whole network, with", "First: separable in"):
        assert f"\n{line}" in done.out


def test_a_line_takes_a_size_and_shows_so_many_layers(saccade_command):
    done = saccade_command("advise", LINE, "--size", 16, 24, "--top", 1)
    assert done.code == 0
    assert "16 × 24 × 3" in done.out
    assert "in the 1 dearest" in done.out


def test_it_says_when_there_is_nothing_to_gain(saccade_command):
    done = saccade_command("advise", "conv 64 1, conv 128 1, gap, dense 10", "--size", 32, 32)
    assert done.code == 0
    assert "Nothing to gain" in done.out


def test_json_is_the_whole_advice(saccade_command):
    done = saccade_command("advise", "lenet5", "--json", "--classes", 7, "--channels", 3)
    values = json.loads(done.out)
    assert values["shape"] == [1, 3, 32, 32]
    assert {"macs", "flops", "parameters", "layers", "changes", "first"} <= set(values)


def test_a_module_of_the_users_own_is_found_in_the_current_folder(saccade_command, tmp_path, monkeypatch):
    (tmp_path / "advised_net.py").write_text("from torch import nn\ndef make():\n    return nn.Conv2d(8, 8, 7)\n")
    monkeypatch.chdir(tmp_path)
    done = saccade_command("advise", "advised_net:make", "--size", 16, 16)
    assert done.code == 0
    assert "7×7, 8 → 8" in done.out


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["resnet81"], "did you mean"),
        (["conv 8 3, gap, dense 5"], "--size 224 224"),
        (["lenet5", "--size", "0", "5"], "taken is a whole number above 0"),
        (["lenet5", "--size", "5"], "--size"),
        (["lenet5", "--top", "none"], "taken is a whole number above 0"),
        (["lenet5", "--tpo", "3"], "did you mean '--top'"),
        (["lenet5", "--size", "3", "3"], "saccade: got"),
        (["no_such_file:net", "--size", "3", "3"], "no module 'no_such_file'"),
        ([], "MODEL"),
    ],
)
def test_wrong_words_are_answered_without_a_traceback(saccade_command, words, message):
    done = saccade_command("advise", *words)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert "Traceback" not in done.err
