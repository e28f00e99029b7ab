"""The moving average of the weights, by hand."""

from __future__ import annotations

import torch
from torch import nn

from saccade.training.averaging import MovingAverage


def test_the_average_follows_by_the_formula_with_its_warm_up():
    network = nn.Linear(1, 1, bias=False)
    nn.init.constant_(network.weight, 0.0)
    average = MovingAverage(network, 0.99)
    nn.init.constant_(network.weight, 1.0)
    average.update(network, 0)  # decay is min(0.99, 1/10)
    torch.testing.assert_close(average.weights["weight"], torch.tensor([[0.9]]))
    average.update(network, 1)  # decay 2/11: 0.9 · 2/11 + 9/11
    torch.testing.assert_close(average.weights["weight"], torch.tensor([[0.9 * 2 / 11 + 9 / 11]]))


def test_buffers_are_copied_not_averaged():
    network = nn.BatchNorm1d(1)
    average = MovingAverage(network, 0.5)
    network(torch.tensor([[1.0], [3.0]]))
    average.update(network, 0)
    assert torch.equal(average.weights["running_mean"], network.running_mean)


def test_applying_puts_the_own_weights_back_even_after_an_error():
    network = nn.Linear(1, 1)
    average = MovingAverage(network, 0.9)
    nn.init.constant_(network.weight, 7.0)
    try:
        with average.applied(network):
            assert float(network.weight.detach()) != 7.0
            raise KeyError
    except KeyError:
        pass
    assert float(network.weight.detach()) == 7.0


def test_no_decay_keeps_no_average():
    assert MovingAverage(nn.Linear(1, 1), 0.0).weights == {}
