import json

import pytest


def test_the_architectures_are_listed_with_their_sizes(saccade_command):
    done = saccade_command("models", "lenet5*")
    assert done.code == 0
    head, first, second = done.out.splitlines()
    assert head.split() == ["name", "year", "parameters", "MACs", "size", "paper"]
    assert first.split()[:6] == ["lenet5", "1998", "61,706", "417", "K", "32×32"]
    assert second.split()[:6] == ["lenet5_paper", "1998", "60,000", "327", "K", "32×32"]


def test_families_stand_together_the_oldest_first_and_are_counted(saccade_command):
    listed = [line.split() for line in saccade_command("models").out.splitlines()[1:]]
    names = [words[0] if words else "" for words in listed]
    assert names[:3] == ["lenet5", "lenet5_paper", ""]
    assert names.index("alexnet") < names.index("resnet18") < names.index("resnet101") < names.index("mobilenet_v1")
    assert names.index("resnet152_paper") - names.index("plain18") == 9
    assert names[names.index("resnet110") + 1] == ""


def test_one_is_drawn(saccade_command, tmp_path):
    path = tmp_path / "drawings" / "lenet5.svg"
    assert saccade_command("models", "lenet5", "--drawing", path).out == f"{path}\n"
    assert path.read_text(encoding="utf-8").startswith("<svg ")


def test_json_is_the_whole_card(saccade_command):
    cards = json.loads(saccade_command("models", "lenet5", "--json").out)
    assert cards["lenet5"]["parameters"] == 61706


@pytest.mark.bad_input
def test_an_unknown_name_is_answered_with_the_nearest(saccade_command):
    done = saccade_command("models", "lenet")
    assert done.code == 2
    assert "did you mean 'lenet5'" in done.err


@pytest.mark.bad_input
def test_a_drawing_is_of_one_and_is_svg(saccade_command, tmp_path):
    done = saccade_command("models", "lenet5*", "--drawing", tmp_path / "a.svg")
    assert done.code == 2
    assert "got 'lenet5*', which means 2 architectures;\n  taken is one to be drawn" in done.err
    done = saccade_command("models", "lenet5", "--drawing", tmp_path / "a.png")
    assert done.code == 2
    assert "taken is a name that ends in .svg" in done.err
    done = saccade_command("models", "lenet5", "--weights", "--drawing", tmp_path / "a.svg")
    assert done.code == 2
    assert "got --drawing with --weights" in done.err
    assert not any(tmp_path.glob("*.*"))
