"""Network in Network: what a hand can count."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from saccade.architectures.nin import CARDS, nin
from saccade.errors import BadConfig


def test_a_hand_counts_parameters_and_multiply_adds() -> None:
    """Of each convolution the kernel, inputs, filters, and the side of its map."""
    layers = (
        (5, 3, 192, 32), (1, 192, 160, 32), (1, 160, 96, 32),
        (5, 96, 192, 16), (1, 192, 192, 16), (1, 192, 192, 16),
        (3, 192, 192, 8), (1, 192, 192, 8), (1, 192, 10, 8),
    )  # fmt: skip
    assert (
        sum(k * k * before * after + after for k, before, after, _ in layers) == CARDS["nin"]["parameters"] == 966_986
    )
    assert sum(k * k * before * after * side**2 for k, before, after, side in layers) == CARDS["nin"]["macs"]


def test_poolings_round_up_and_the_second_one_averages() -> None:
    network, images = nin().eval(), torch.rand(1, 3, 32, 33)
    features = network.forward_features(images)
    assert [tuple(x.shape[1:]) for x in features.values()] == [(96, 32, 33), (192, 16, 16), (192, 8, 8)]
    averaged = F.avg_pool2d(features["stage1"], 3, 2, ceil_mode=True)
    torch.testing.assert_close(network.mlpconv3(averaged), features["stage2"])


def test_a_logit_is_the_average_of_the_map_of_its_class() -> None:
    torch.manual_seed(0)
    network, images = nin(num_classes=4).eval(), torch.rand(2, 3, 32, 32)
    maps = network.classifier[0](network.forward_features(images)["stage2"])
    assert maps.shape == (2, 4, 8, 8)
    assert bool((maps >= 0).all())
    torch.testing.assert_close(network(images), maps.mean((2, 3)))


@pytest.mark.bad_input
def test_a_rate_that_drops_everything_is_refused() -> None:
    with pytest.raises(BadConfig, match=r"^got dropout_rate=1; nin takes a rate of 0 or more"):
        nin(dropout_rate=1)
