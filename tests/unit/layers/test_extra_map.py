"""One map more, coarser than the last."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.layers.extra_map import ExtraMap, initialise_xavier


@pytest.mark.parametrize(
    ("stride", "padding", "kernel", "sides"),
    [
        (2, 1, 3, {19: 10, 10: 5, 2: 1, 1: 1}),
        (1, 0, 3, {5: 3, 3: 1, 2: 1, 1: 1}),
        (1, 1, 4, {2: 1, 3: 2, 1: 1}),
    ],
)
def test_a_map_becomes_coarser_and_never_vanishes(stride, padding, kernel, sides):
    extra = ExtraMap(4, 6, squeeze_channels=2, kernel_size=kernel, stride=stride, padding=padding)
    for side, left in sides.items():
        assert extra(torch.rand(2, 4, side, side + 1)).shape[:3] == (2, 6, left)


def test_a_small_map_stands_in_the_middle_of_its_padding():
    extra = ExtraMap(1, 1, squeeze_channels=1)
    nn.init.ones_(extra[0].weight)
    with torch.no_grad():
        extra[2].weight.copy_(torch.arange(9.0).reshape(1, 1, 3, 3))
    assert extra(torch.full((1, 1, 1, 1), 2.0)).item() == 2 * 4  # the middle tap
    assert extra(torch.ones(1, 1, 1, 2)).item() == 3 + 4  # the odd pixel comes last
    assert extra(torch.ones(1, 1, 4, 4)).flatten().tolist() == [36.0] * 4  # nothing is padded


def test_it_begins_from_xaviers_distribution_without_bias():
    layer = nn.Conv2d(30, 60, 3)
    initialise_xavier(layer)
    reach = (6 / (9 * (30 + 60))) ** 0.5
    assert layer.weight.abs().max().item() == pytest.approx(reach, rel=0.01)
    assert layer.weight.std().item() == pytest.approx(reach / 3**0.5, rel=0.02)
    assert not layer.bias.any()
    initialise_xavier(nn.Conv2d(2, 2, 1, bias=False))
