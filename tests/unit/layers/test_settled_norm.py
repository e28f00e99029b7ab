"""Batch normalisation that has ε in the variance, and the one that is left alone: same names, same answers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig
from saccade.layers.settled_norm import FrozenBatchNorm, SettledBatchNorm, settle_norms

NAMES = ["weight", "bias", "running_mean", "running_var"]


def numbers(*values: float) -> torch.Tensor:
    return torch.tensor(values).reshape(-1, 1, 1, 1)


def test_both_compute_what_the_four_numbers_say():
    state = dict(zip(NAMES, (torch.tensor([value]) for value in (2.0, 1.0, 3.0, 4.0)), strict=True))
    for kind in (SettledBatchNorm, FrozenBatchNorm):
        norm = kind(1).eval()
        assert list(norm.state_dict()) == NAMES
        norm.load_state_dict(state)
        assert norm(numbers(7.0)).item() == 2 * (7 - 3) / 2 + 1
        assert norm.running_var.item() == 4.0


def test_a_batch_is_normalised_by_itself_and_the_variance_keeps_its_small_number():
    norm = SettledBatchNorm(1, epsilon=1.0, momentum=0.5)
    found = norm(numbers(1.0, 5.0))  # a mean of 3, a variance of 4, or 8 for the two as a sample
    torch.testing.assert_close(found.flatten(), torch.tensor([-2.0, 2.0]) / 5**0.5)
    assert norm.running_mean.item() == 1.5
    assert norm.running_var.item() == pytest.approx(0.5 * (1.0 - 1.0) + 0.5 * 8 + 1.0)


def test_it_learns_as_the_ordinary_one_and_answers_as_it():
    torch.manual_seed(0)
    plain, settled = nn.BatchNorm2d(3), nn.Sequential(nn.BatchNorm2d(3))
    settle_norms(settled, "batch")
    optimizers = [torch.optim.SGD(one.parameters(), 0.1) for one in (plain, settled)]
    for _ in range(5):
        some = torch.randn(4, 3, 5, 5) * 0.01 + 2
        for norm, optimizer in zip((plain, settled), optimizers, strict=True):
            optimizer.zero_grad()
            (norm(some) - 1).square().mean().backward()
            optimizer.step()
    some = torch.randn(2, 3, 5, 5) * 0.01 + 2
    torch.testing.assert_close(plain(some), settled(some))
    torch.testing.assert_close(plain.eval()(some), settled.eval()(some), rtol=1e-4, atol=1e-4)


def test_weights_of_an_ordinary_norm_get_the_small_number_when_they_are_loaded():
    plain = nn.BatchNorm2d(1, eps=0.25).eval()
    for kind in (SettledBatchNorm, FrozenBatchNorm):
        norm = kind(1, epsilon=0.25).eval()
        norm.load_state_dict(plain.state_dict())
        assert norm.running_var.item() == 1.25
        assert norm(numbers(3.0)).item() == pytest.approx(plain(numbers(3.0)).item())
        again = kind(1, epsilon=0.25).eval()
        again.load_state_dict(norm.state_dict())
        assert again.running_var.item() == 1.25


def test_one_number_for_a_channel_is_normalised_by_what_is_known():
    norm = SettledBatchNorm(2).train()
    assert norm(torch.ones(1, 2, 1, 1)).tolist() == [[[[1.0]], [[1.0]]]]
    assert norm.running_mean.tolist() == [0.0, 0.0]


def test_a_frozen_one_does_not_change_while_it_trains_but_passes_gradients():
    norm = FrozenBatchNorm(1).train()
    some = numbers(1.0, 5.0).requires_grad_()
    norm(some).sum().backward()
    assert some.grad is not None
    assert some.grad.flatten().tolist() == [1.0, 1.0]
    assert norm.running_mean.item() == 0.0
    assert list(norm.parameters()) == []


def test_all_norms_of_a_network_change_and_those_named_are_frozen():
    network = nn.Sequential(nn.BatchNorm2d(2), nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2)))
    settle_norms(network, "batch", ["1.1"])
    assert [type(part) for part in (network[0], network[1][1])] == [SettledBatchNorm, FrozenBatchNorm]
    settled = nn.Sequential(nn.BatchNorm2d(2, eps=0.5).eval())
    settle_norms(settled, "frozen")
    assert (settled[0].running_var.tolist(), settled[0].training) == ([1.5, 1.5], False)


@pytest.mark.bad_input
def test_another_norm_is_refused():
    with pytest.raises(BadConfig, match=r"got norm='frosen'.*frozen"):
        settle_norms(nn.Sequential(), "frosen")  # pyright: ignore[reportArgumentType]
