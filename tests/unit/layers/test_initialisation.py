"""How weights start."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.layers.initialisation import initialise_kaiming


@pytest.mark.parametrize(("mode", "fan"), [("fan_in", 32 * 9), ("fan_out", 128 * 9)])
def test_the_spread_is_that_of_the_paper(mode: str, fan: int) -> None:
    torch.manual_seed(0)
    layer = nn.Conv2d(32, 128, 3)
    initialise_kaiming(layer, mode)  # pyright: ignore[reportArgumentType]
    assert layer.weight.std().item() == pytest.approx((2 / fan) ** 0.5, rel=0.02)
    assert layer.bias is not None
    assert not layer.bias.any()


def test_norms_start_as_the_identity_and_dense_layers_stay() -> None:
    network = nn.Sequential(nn.BatchNorm2d(4), nn.BatchNorm2d(4, affine=False), nn.Linear(4, 4))
    nn.init.zeros_(network[0].weight)
    before = network[2].weight.clone()
    initialise_kaiming(network)
    assert network[0].weight.tolist() == [1.0] * 4
    assert torch.equal(network[2].weight, before)


def test_signals_keep_their_size_through_many_layers() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(*(nn.Sequential(nn.Conv2d(32, 32, 3, padding=1), nn.ReLU()) for _ in range(12)))
    initialise_kaiming(network, "fan_in")
    x = torch.randn(4, 32, 16, 16)
    assert 0.1 < network(x).square().mean().item() / x.square().mean().item() < 10
