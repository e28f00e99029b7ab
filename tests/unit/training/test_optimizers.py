"""Optimisers: which one, and whom weight decay spares."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.training.optimizers import make_optimizer, norm_shifts
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


def test_frozen_parameters_stay_as_they_are_and_may_learn_later(network):
    network[0].requires_grad_(requires_grad=False)
    optimizer = make_optimizer(network.parameters(), TrainingSettings(weight_decay=0.5))
    assert sum(len(group["params"]) for group in optimizer.param_groups) == 6
    before = network[0].weight.clone()
    network(torch.rand(3, 1, 3, 3)).sum().backward()
    optimizer.step()
    assert torch.equal(network[0].weight, before)


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


def test_every_weight_decays_where_none_is_spared(network):
    optimizer = make_optimizer(network.parameters(), TrainingSettings(weight_decay=0.1, decay_all=True))
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.1, 0.1]


def test_shifts_of_norms_learn_faster_and_decay_no_faster(network):
    settings = TrainingSettings(optimizer="sgd", learning_rate=0.5, weight_decay=0.1, decay_all=True, bias_rate=8.0)
    optimizer = make_optimizer(network.parameters(), settings, shifts=norm_shifts(network))
    rates = {parameter: group["lr"] for group in optimizer.param_groups for parameter in group["params"]}
    assert rates[network[1].bias] == 4.0
    assert {rates[parameter] for parameter in network.parameters() if parameter is not network[1].bias} == {0.5}
    shift = network[1].bias
    torch.nn.init.constant_(shift, 2.0)
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    torch.testing.assert_close(shift.detach(), torch.full((2,), 2.0 * (1 - 0.5 * 0.1)))


def test_the_shares_of_stages_and_of_shifts_are_multiplied(network):
    settings = TrainingSettings(bias_rate=8.0)
    shift = network[1].bias
    optimizer = make_optimizer(network.parameters(), settings, {shift: 0.5}, shifts=norm_shifts(network))
    assert [one["share"] for one in optimizer.param_groups if any(own is shift for own in one["params"])] == [4.0]


def test_only_norms_have_shifts(network):
    assert norm_shifts(network) == {network[1].bias}
    assert norm_shifts(nn.BatchNorm2d(2, affine=False)) == set()


def test_a_step_of_rmsprop_by_hand():
    weight = nn.Parameter(torch.tensor([[1.0]]))
    settings = TrainingSettings(
        optimizer="rmsprop", learning_rate=0.1, momentum=0.5, square_decay=0.75, epsilon=1.0, weight_decay=0.0
    )
    optimizer = make_optimizer([weight], settings)
    for _ in range(2):
        weight.grad = torch.tensor([[2.0]])
        optimizer.step()
    # mean squares 0.25 · 4 = 1, then 0.75 · 1 + 1 = 1.75; velocity 2 / (1 + 1) = 1, then 0.5 + 2 / (√1.75 + 1)
    torch.testing.assert_close(weight.detach(), torch.tensor([[1 - 0.1 - 0.1 * (0.5 + 2 / (1.75**0.5 + 1))]]))


def test_the_decay_of_squares_and_epsilon_reach_adam():
    weight = nn.Parameter(torch.tensor([[1.0]]))
    optimizer = make_optimizer([weight], TrainingSettings(optimizer="adamw", square_decay=0.5, epsilon=0.25))
    assert (optimizer.defaults["betas"], optimizer.defaults["eps"]) == ((0.9, 0.5), 0.25)
