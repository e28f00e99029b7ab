"""What architectures there are, and making one."""

from __future__ import annotations

import pytest
import torch

import saccade
from saccade.errors import BadConfig, UnknownName


def test_models_are_listed_with_their_cards():
    listed = saccade.models("lenet5*")
    assert list(listed) == ["lenet5", "lenet5_paper"]
    assert listed["lenet5"]["parameters"] == 61_706
    assert saccade.models("nothing*") == {}
    assert len(saccade.models()) > 10


def test_a_model_is_made():
    network = saccade.create("lenet5", num_classes=7, in_channels=3).eval()
    assert network(torch.zeros(1, 3, 32, 32)).shape == (1, 7)


def test_classes_and_channels_are_those_of_the_card():
    assert (saccade.create("lenet5").num_classes, saccade.create("lenet5").in_channels) == (10, 1)
    assert (saccade.create("resnet8").num_classes, saccade.create("resnet8").in_channels) == (10, 3)
    assert saccade.create("lenet5", in_channels=3).in_channels == 3


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [0, True, 2.0, "3", [3]])
def test_numbers_that_are_none_are_refused(wrong):
    with pytest.raises(BadConfig, match=r"got num_classes=.*; lenet5 takes a whole number ≥ 1; give as many"):
        saccade.create("lenet5", num_classes=wrong)
    with pytest.raises(BadConfig, match=r"got in_channels=.*; lenet5 takes a whole number ≥ 1; give as many"):
        saccade.create("lenet5", in_channels=wrong)


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [None, 3, ["resnet18"], b"resnet18"])
def test_what_is_no_text_is_no_name_and_no_pattern(wrong):
    with pytest.raises(BadConfig, match=r"as an architecture; taken is a name, as text; see saccade\.models"):
        saccade.create(wrong)
    with pytest.raises(BadConfig, match=r"as a pattern; taken is text, such as '\*resnet\*'; leave it out"):
        saccade.models(wrong)


@pytest.mark.bad_input
def test_what_cannot_be_made_is_refused():
    with pytest.raises(UnknownName, match="did you mean 'lenet5'"):
        saccade.create("lenet")
    with pytest.raises(BadConfig, match=r"got num_classes=0"):
        saccade.create("lenet5", num_classes=0)
    with pytest.raises(BadConfig, match="in_channels=-1"):
        saccade.create("lenet5", in_channels=-1)
