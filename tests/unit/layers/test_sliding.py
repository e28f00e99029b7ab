"""What runs at every place of maps, and at every window of an image."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.errors import BadShape
from saccade.layers.sliding import AtEveryPlace, SlidingNetwork


def test_a_dense_layer_at_every_place_is_a_1x1_convolution() -> None:
    torch.manual_seed(0)
    dense, maps = nn.Linear(3, 5), torch.rand(2, 3, 4, 6)
    expected = nn.functional.conv2d(maps, dense.weight[:, :, None, None], dense.bias)
    torch.testing.assert_close(AtEveryPlace(dense)(maps), expected)


def test_a_window_is_flattened_as_maps_are() -> None:
    torch.manual_seed(0)
    maps = torch.rand(2, 3, 4, 6)
    given = AtEveryPlace(nn.Identity(), (2, 3))(maps)
    assert given.shape == (2, 18, 3, 4)
    assert torch.equal(given[1, :, 2, 1], maps[1, :, 2:4, 1:4].flatten())


def test_a_sliding_network_knows_its_window() -> None:
    sliding = SlidingNetwork(nn.Conv2d(3, 4, 8, stride=4), (8, 8), in_channels=3)
    assert sliding.size == (8, 8)
    assert sliding(torch.zeros(1, 3, 12, 8)).shape == (1, 4, 2, 1)


@pytest.mark.bad_input
def test_a_sliding_network_refuses_what_is_smaller_than_its_window() -> None:
    with pytest.raises(BadShape, match="got images of 7 × 9 pixels; this sliding network takes 8 × 8 or more"):
        SlidingNetwork(nn.Conv2d(3, 4, 8), (8, 8), in_channels=3)(torch.zeros(1, 3, 7, 9))
