"""Operations of an image, against what a hand counts."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from saccade.architectures.airbench import airbench94
from saccade.errors import BadShape
from saccade.inspect.operations import operations


def test_a_first_convolution_costs_twice_its_forward_pass_to_learn():
    products = 7 * 7 * 10 * 3 * 3 * 3
    counted = operations(nn.Conv2d(3, 10, 3), (9, 9))
    assert (counted.predicting, counted.learning) == (2 * products, 4 * products)  # no gradient to the image


def test_a_second_layer_costs_three_times_its_forward_pass():
    counted = operations(
        nn.Sequential(nn.Flatten(), nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 2)), (2, 4), in_channels=1
    )
    assert counted.predicting == 2 * (8 * 5 + 5 * 2)
    assert counted.learning == 2 * (2 * 8 * 5 + 3 * 5 * 2)


def test_what_is_frozen_costs_no_way_back():
    network = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 2, 1))
    network[0].requires_grad_(False)
    counted = operations(network, (1, 1))
    assert counted.learning == 2 * (3 * 4 + 4 * 2) + 2 * 4 * 2


def test_nothing_of_the_network_is_touched():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5)).train()
    before = copy.deepcopy(network.state_dict())
    operations(network, (5, 5))
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert network.training
    assert all(value.grad is None for value in network.parameters())


class Looking(nn.Module):
    def __init__(self):
        super().__init__()
        self.inside = nn.Conv2d(3, 2, 1)

    def forward(self, x):
        return {"out": [self.inside(x) if bool(x.sum() >= 0) else x]}


def test_a_network_that_looks_at_its_numbers_runs_for_real():
    assert operations(Looking(), (2, 2)).predicting == 2 * 4 * 6


def test_the_record_network_is_within_its_limit():
    counted = operations(airbench94(), (32, 32))
    assert counted.predicting == 2 * 118_147_360  # its card
    assert 8 * 50_000 * counted.learning < 0.29e15


@pytest.mark.bad_input
def test_a_size_that_is_too_small_is_refused():
    with pytest.raises(BadShape):
        operations(nn.Conv2d(3, 4, 7), (5, 5))
