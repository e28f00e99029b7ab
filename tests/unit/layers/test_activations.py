"""The scaled hyperbolic tangent of 1998."""

from __future__ import annotations

import math

import pytest
import torch

from saccade.layers.activations import ScaledTanh


def test_it_is_the_papers_formula_in_any_shape() -> None:
    x = torch.linspace(-4, 4, 24).reshape(2, 3, 4)
    torch.testing.assert_close(ScaledTanh()(x), torch.tanh(x * 2 / 3) * 1.7159)


def test_it_is_one_at_one_and_bends_most_there() -> None:
    x = torch.tensor([0.9, 1.0, 1.1], dtype=torch.float64, requires_grad=True)
    y = ScaledTanh()(x)
    assert y[1].item() == pytest.approx(1.7159 * math.tanh(2 / 3)) == pytest.approx(1, abs=1e-4)
    (slope,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    (bend,) = torch.autograd.grad(slope.sum(), x, create_graph=True)
    (change,) = torch.autograd.grad(bend.sum(), x)
    assert change[0] < 0 < change[2]
