import json

import pytest

from saccade.architectures import lenet


def test_paper_card_and_computed_stand_beside_each_other(saccade_command):
    done = saccade_command("facts", "lenet5*")
    lines = done.out.splitlines()
    assert done.code == 0
    assert lines[0] == "lenet5  Gradient-based learning applied to document recognition, 1998"
    assert lines[1].split() == ["paper", "card", "computed"]
    assert lines[2].split() == ["parameters", "–", "61,706", "61,706"]
    assert "  the paper reports an error of 0.95 % on MNIST, and of 0.8 % with distorted digits" in lines
    assert lines[-1] == "2 architectures, 23 facts: every card is right"


def test_a_difference_is_named_and_is_the_exit_code(saccade_command, monkeypatch):
    genuine = lenet.nn.Linear
    monkeypatch.setattr(lenet.nn, "Linear", lambda inputs, outputs: genuine(inputs, outputs, bias=False))
    done = saccade_command("facts", "lenet5")
    assert done.code == 1
    assert "  parameters" in done.out
    assert done.out.splitlines()[-1] == "  lenet5: parameters: the card says 61,706, computed is 61,612"


def test_json_has_everything(saccade_command):
    done = saccade_command("facts", "lenet5", "--json")
    found = json.loads(done.out)["lenet5"]
    assert found["differences"] == []
    assert found["facts"]["parameters"] == {"paper": None, "card": 61706, "computed": 61706, "agrees": True}
    assert found["facts"]["smallest size"]["computed"] == [32, 32]


@pytest.mark.bad_input
def test_an_unknown_name_is_answered_with_the_nearest(saccade_command):
    done = saccade_command("facts", "lenet")
    assert (done.code, done.out) == (2, "")
    assert "did you mean 'lenet5'" in done.err
