"""A network that normalises for itself."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from saccade.architectures.lenet import lenet5
from saccade.errors import BadConfig, BadShape
from saccade.layers.normalised import Normalised


def test_each_channel_has_its_own_mean_and_deviation() -> None:
    images = torch.tensor([0.5, 1.0, 0.0]).reshape(1, 3, 1, 1)
    given = Normalised(nn.Identity(), mean=[0.5, 0.0, 1.0], std=[0.5, 0.25, 2.0])(images)
    assert given.flatten().tolist() == [0.0, 4.0, -0.5]
    assert images.flatten().tolist() == [0.5, 1.0, 0.0]


def test_the_gradient_reaches_the_images() -> None:
    images = torch.rand(1, 2, 3, 3, requires_grad=True)
    Normalised(nn.Identity(), [0.1, 0.2], [0.5, 0.25])(images).sum().backward()
    assert images.grad is not None
    assert images.grad[0, :, 0, 0].tolist() == [2.0, 4.0]


def test_features_are_those_of_the_network() -> None:
    network, images = lenet5(), torch.rand(1, 1, 32, 32)
    features = Normalised(network, [0.5], [0.5]).forward_features(images)
    expected = network.forward_features(images * 2 - 1)
    assert list(features) == list(expected)
    torch.testing.assert_close(features["stage2"], expected["stage2"])


def test_mean_and_deviation_are_no_part_of_the_weights() -> None:
    assert list(Normalised(nn.Linear(1, 1), [0.5], [0.5]).state_dict()) == ["network.weight", "network.bias"]


def test_it_moves_with_the_network_to_another_precision() -> None:
    model = Normalised(nn.Conv2d(1, 1, 1), [0.5], [0.5]).double()
    assert model(torch.rand(1, 1, 2, 2, dtype=torch.float64)).dtype == torch.float64


def test_what_else_a_network_takes_is_passed_on() -> None:
    class Sum(nn.Module):
        def forward(self, images: Tensor, targets: Any) -> Any:
            return images.sum() + targets

    assert Normalised(Sum(), [0.0], [1.0])(torch.ones(1, 1, 2, 2), 3).item() == 7


@pytest.mark.bad_input
def test_grey_images_are_not_silently_repeated() -> None:
    with pytest.raises(BadShape, match="this model takes"):
        Normalised(nn.Identity(), [0.5] * 3, [0.5] * 3)(torch.rand(2, 1, 4, 4))


@pytest.mark.bad_input
@pytest.mark.parametrize(("mean", "std"), [([], []), ([0.5], [0.5, 0.5]), ([0.5], [0.0]), ([float("nan")], [1.0])])
def test_means_and_deviations_without_sense_are_refused(mean: list[float], std: list[float]) -> None:
    with pytest.raises(BadConfig, match="taken is one of each a channel, std above 0"):
        Normalised(nn.Identity(), mean, std)
