"""Squeeze and excitation: gates that a hand can check, counts, what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig
from saccade.layers.squeeze_excitation import SqueezeExcitation


def test_without_weights_every_gate_is_half_open() -> None:
    layer, x = SqueezeExcitation(16), torch.randn(2, 16, 3, 5)
    for weight in layer.parameters():
        nn.init.zeros_(weight)
    assert torch.equal(layer(x), x * 0.5)


def test_it_is_average_dense_relu_dense_sigmoid_times_the_input() -> None:
    torch.manual_seed(0)
    layer, x = SqueezeExcitation(32), torch.randn(3, 32, 4, 6)
    first, second = layer.fc1.weight[:, :, 0, 0], layer.fc2.weight[:, :, 0, 0]
    hidden = torch.relu(x.mean((2, 3)) @ first.T + layer.fc1.bias)
    gates = torch.sigmoid(hidden @ second.T + layer.fc2.bias)
    torch.testing.assert_close(layer(x), x * gates[:, :, None, None])


def test_channels_of_the_same_mean_can_count_differently() -> None:
    layer = SqueezeExcitation(2, ratio=2)
    with torch.no_grad():
        layer.fc1.weight.fill_(1)
        layer.fc1.bias.fill_(0)  # pyright: ignore[reportOptionalMemberAccess]
        layer.fc2.weight.copy_(torch.tensor([100.0, -100.0])[:, None, None, None])
        weighed = layer(torch.ones(1, 2, 2, 2))
    assert weighed[0, 0].tolist() == [[1, 1], [1, 1]]
    assert not weighed[0, 1].any()


def test_the_place_of_a_pixel_does_not_matter_to_the_gates() -> None:
    layer, x = SqueezeExcitation(16), torch.rand(1, 16, 4, 4)
    turned = x.flip(2, 3)
    torch.testing.assert_close(layer(turned), layer(x).flip(2, 3))


@pytest.mark.parametrize(("channels", "ratio", "hidden"), [(256, 16, 16), (256, 4, 64), (40, 16, 2)])
def test_weights_are_twice_the_square_by_the_ratio_and_biases(channels: int, ratio: int, hidden: int) -> None:
    weights = sum(weight.numel() for weight in SqueezeExcitation(channels, ratio=ratio).parameters())
    assert weights == 2 * channels * hidden + hidden + channels


def test_the_hidden_channels_may_be_given_outright() -> None:
    assert SqueezeExcitation(96, hidden_channels=4, activation=nn.SiLU).fc1.weight.shape == (4, 96, 1, 1)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SqueezeExcitation(16, ratio=0), "got ratio=0; SqueezeExcitation takes whole numbers ≥ 1"),
        (lambda: SqueezeExcitation(0), "got channels=0; "),
        (lambda: SqueezeExcitation(8), "got ratio=16 for 8 channels, which leaves none; .* a ratio of 8 or less; "),
        (lambda: SqueezeExcitation(8, hidden_channels=0), "got hidden_channels=0"),
    ],
)
def test_what_leaves_no_gate_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        make()
