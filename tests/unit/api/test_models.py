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


@pytest.mark.bad_input
def test_what_cannot_be_made_is_refused():
    with pytest.raises(UnknownName, match="did you mean 'lenet5'"):
        saccade.create("lenet")
    with pytest.raises(BadConfig, match="got num_classes=0"):
        saccade.create("lenet5", num_classes=0)
    with pytest.raises(BadConfig, match="in_channels=-1"):
        saccade.create("lenet5", in_channels=-1)
