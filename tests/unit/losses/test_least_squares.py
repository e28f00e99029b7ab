"""The least-squares form of the game between generator and critic."""

from __future__ import annotations

import torch

from saccade.losses.least_squares import least_squares, mean_or_zero


def test_it_is_the_mean_square_over_all_patches():
    opinions = torch.tensor([[[[1.0, 0.0]]], [[[2.0, 1.0]]]])
    assert least_squares(opinions, 1.0).item() == (0 + 1 + 1 + 0) / 4
    assert least_squares(opinions, 0.0).item() == (1 + 0 + 4 + 1) / 4


def test_no_pictures_cost_nothing_and_have_a_gradient():
    nothing = torch.zeros(0, 1, 2, 2, requires_grad=True)
    mean_or_zero(nothing).backward()
    assert nothing.grad is not None
    assert least_squares(nothing, 1.0).item() == 0
