"""Global pooling and the trainable subsampling of 1998."""

from __future__ import annotations

import pytest
import torch

from saccade.layers.pooling import GlobalAveragePool, TrainableSubsampling


def test_global_pooling_averages_each_map() -> None:
    x = torch.stack([torch.full((3, 5), 2.0), torch.arange(15.0).reshape(3, 5)])[None]
    assert GlobalAveragePool()(x).tolist() == [[2.0, 7.0]]


def test_subsampling_starts_as_the_squashed_sum_of_four_pixels() -> None:
    window = torch.tensor([[[[0.1, 0.2], [0.3, -0.4]]]])
    assert TrainableSubsampling(1)(window).item() == pytest.approx(torch.tensor(0.2).sigmoid().item())


def test_subsampling_has_one_coefficient_and_one_bias_for_each_map() -> None:
    layer = TrainableSubsampling(2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([1.0, 10.0]))
        layer.bias.copy_(torch.tensor([0.5, -1.0]))
    given = layer(torch.ones(1, 2, 2, 2)).flatten()
    torch.testing.assert_close(given, torch.sigmoid(torch.tensor([1.5, 9.0])))
    assert [sum(weight.numel() for weight in TrainableSubsampling(maps).parameters()) for maps in (6, 16)] == [12, 32]


def test_a_row_that_is_left_over_is_left_out() -> None:
    assert TrainableSubsampling(1)(torch.zeros(1, 1, 5, 6)).shape == (1, 1, 2, 3)
