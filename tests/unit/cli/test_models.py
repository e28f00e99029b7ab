import json

import pytest


def test_the_architectures_are_listed_with_their_sizes(saccade_command):
    done = saccade_command("models", "lenet5*")
    assert done.code == 0
    head, first, second = done.out.splitlines()
    assert head.split() == ["name", "year", "parameters", "size", "paper"]
    assert first.split()[:3] == ["lenet5", "1998", "61,706"]
    assert second.split()[:3] == ["lenet5_paper", "1998", "60,000"]


def test_json_is_the_whole_card(saccade_command):
    cards = json.loads(saccade_command("models", "lenet5", "--json").out)
    assert cards["lenet5"]["parameters"] == 61706


@pytest.mark.bad_input
def test_an_unknown_name_is_answered_with_the_nearest(saccade_command):
    done = saccade_command("models", "lenet")
    assert done.code == 2
    assert "did you mean 'lenet5'" in done.err
