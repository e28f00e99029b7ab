"""The moving average of the weights, by hand."""

from __future__ import annotations

import torch
from torch import nn

from saccade.training.averaging import Lookahead, MovingAverage, make_average
from saccade.training.settings import TrainingSettings


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


def test_lookahead_takes_both_to_a_place_between_them_after_every_second_step():
    network = nn.Linear(1, 1, bias=False)
    nn.init.constant_(network.weight, 0.0)
    lookahead = Lookahead(network, 2)
    nn.init.constant_(network.weight, 1.0)
    lookahead.update(network, 0, 4)
    assert (float(network.weight.detach()), float(lookahead.weights["weight"])) == (1.0, 0.0)
    lookahead.update(network, 1, 4)  # half of the run: 0.95² / 8 of the slow weights stays
    expected = torch.tensor([[1 - 0.95**2 / 8]])
    torch.testing.assert_close(network.weight.detach(), expected)
    torch.testing.assert_close(lookahead.weights["weight"], expected)


def test_lookahead_averages_running_statistics_and_counts():
    network = nn.BatchNorm1d(1)
    lookahead = Lookahead(network, 1)
    network(torch.tensor([[1.0], [3.0]]))  # running mean 0.2
    lookahead.update(network, 0, 1)
    torch.testing.assert_close(network.running_mean, torch.tensor([0.2 * (1 - 0.95)]))
    assert int(lookahead.weights["num_batches_tracked"]) == 1


def test_the_slow_weights_judge():
    network = nn.Linear(1, 1)
    lookahead = Lookahead(network, 5)
    nn.init.constant_(network.weight, 7.0)
    lookahead.update(network, 0, 10)
    with lookahead.applied(network):
        assert float(network.weight.detach()) != 7.0
    assert float(network.weight.detach()) == 7.0


def test_the_settings_say_which_average_is_kept():
    network = nn.Linear(1, 1)
    assert isinstance(make_average(network, TrainingSettings(lookahead=5)), Lookahead)
    assert make_average(network, TrainingSettings(ema_decay=0.5)).decay == 0.5
    assert make_average(network, TrainingSettings()).weights == {}
