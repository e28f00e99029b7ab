"""Optimisers: which one, and whom weight decay spares."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.training.optimizers import make_optimizer
from saccade.training.settings import TrainingSettings


@pytest.fixture
def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 2))


def test_weight_decay_spares_norms_and_biases(network):
    optimizer = make_optimizer(network.parameters(), TrainingSettings(weight_decay=0.1))
    decayed, spared = optimizer.param_groups
    assert [parameter.ndim for parameter in decayed["params"]] == [4, 2]
    assert [parameter.ndim for parameter in spared["params"]] == [1, 1, 1, 1]
    assert (decayed["weight_decay"], spared["weight_decay"]) == (0.1, 0.0)


def test_frozen_parameters_are_left_out(network):
    network[0].requires_grad_(requires_grad=False)
    optimizer = make_optimizer(network.parameters(), TrainingSettings())
    assert sum(len(group["params"]) for group in optimizer.param_groups) == 4


@pytest.mark.parametrize(
    ("name", "momentum", "nesterov"), [("sgd", 0.0, False), ("momentum", 0.9, False), ("nesterov", 0.9, True)]
)
def test_the_three_forms_of_gradient_descent_differ_in_momentum(network, name, momentum, nesterov):
    optimizer = make_optimizer(network.parameters(), TrainingSettings(optimizer=name))
    assert isinstance(optimizer, torch.optim.SGD)
    assert (optimizer.defaults["momentum"], optimizer.defaults["nesterov"]) == (momentum, nesterov)


def test_a_momentum_step_by_hand():
    weight = nn.Parameter(torch.tensor([[1.0]]))
    settings = TrainingSettings(optimizer="momentum", momentum=0.5, learning_rate=0.1, weight_decay=0.0)
    optimizer = make_optimizer([weight], settings)
    for _ in range(2):
        weight.grad = torch.tensor([[1.0]])
        optimizer.step()
    # first step 0.1 · 1, second 0.1 · (0.5 · 1 + 1)
    torch.testing.assert_close(weight.detach(), torch.tensor([[1 - 0.1 - 0.15]]))


def test_a_decoupled_decay_step_by_hand():
    weight = nn.Parameter(torch.tensor([[2.0]]))
    settings = TrainingSettings(optimizer="adamw", learning_rate=0.1, weight_decay=0.5)
    optimizer = make_optimizer([weight], settings)
    weight.grad = torch.tensor([[0.0]])
    optimizer.step()
    torch.testing.assert_close(weight.detach(), torch.tensor([[2.0 * (1 - 0.1 * 0.5)]]))
