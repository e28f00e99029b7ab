import json

import pytest


def test_recipes_are_listed_with_their_values_and_sources(saccade_command):
    done = saccade_command("recipes")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "fast"
    assert any(line.startswith("  settings") and "batch_size=1024" in line and "mirror=on" in line for line in lines)
    together = next(line for line in lines if "paper:resnet18" in line)
    assert "paper:resnet152" in together


def test_a_pattern_means_some(saccade_command):
    done = saccade_command("recipes", "paper:lenet5", "--json")
    values = json.loads(done.out)
    assert list(values) == ["paper:lenet5"]
    assert values["paper:lenet5"]["settings"]["milestones"] == [2, 5, 8, 12]
    assert "milestones=2,5,8,12" in saccade_command("recipes", "paper:lenet5").out


@pytest.mark.bad_input
def test_a_wrong_name_is_answered_with_the_nearest(saccade_command):
    done = saccade_command("recipes", "fasst")
    assert (done.code, done.out) == (2, "")
    assert "got recipe 'fasst'" in done.err
    assert "did you mean 'fast'?" in done.err
