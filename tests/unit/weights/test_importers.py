"""Weights of other layouts, against the arithmetic that they were made for."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from saccade import catalog
from saccade.errors import BadCheckpoint
from saccade.weights.importers import DARKNET_LINE, bgr_to_rgb, darknet_tiny, vgg19_normalised


def keras(network: nn.Module) -> dict[str, Tensor]:
    """Random tensors under Keras' names for a network."""
    tensors = {}
    convolutions = [part for part in network.modules() if isinstance(part, nn.Conv2d)]
    for number, part in enumerate(convolutions, 1):
        filters, channels, rows, columns = part.weight.shape
        tensors[f"conv2d_{number}/kernel"] = torch.randn(rows, columns, channels, filters) / (9 * channels) ** 0.5
        if number == len(convolutions):
            tensors[f"conv2d_{number}/bias"] = torch.randn(filters)
        else:
            for name in ("gamma", "beta", "moving_mean", "moving_variance"):
                tensors[f"batch_normalization_{number}/{name}"] = torch.rand(filters) + 0.5
    return tensors


def test_tiny_darknet_computes_what_keras_does() -> None:
    torch.manual_seed(0)
    network = catalog.find("architectures", "dcnn")(DARKNET_LINE).eval()
    tensors = keras(network)
    network.load_state_dict(darknet_tiny(tensors, network))
    x = torch.randn(1, 3, 32, 32)
    images, pools = x, {1, 2, 6, 10}
    for number in range(1, 17):
        kernel = tensors[f"conv2d_{number}/kernel"].permute(3, 2, 0, 1)
        x = nn.functional.conv2d(x, kernel, tensors.get(f"conv2d_{number}/bias"), padding=kernel.shape[-1] // 2)
        if number < 16:
            gamma, beta, mean, variance = (
                tensors[f"batch_normalization_{number}/{name}"][:, None, None]
                for name in ("gamma", "beta", "moving_mean", "moving_variance")
            )
            x = nn.functional.leaky_relu((x - mean) / (variance + 1e-3).sqrt() * gamma + beta, 0.1)
        x = nn.functional.max_pool2d(x, 2) if number in pools else x
    with torch.no_grad():
        torch.testing.assert_close(network(images), x.mean((2, 3)), rtol=1e-4, atol=1e-4)


def test_tiny_darknet_has_a_million_weights() -> None:
    with torch.device("meta"):
        network = catalog.find("architectures", "dcnn")(DARKNET_LINE)
    assert sum(parameter.numel() for parameter in network.parameters()) == 1_042_104


def test_the_first_layer_of_the_normalised_vgg19_is_folded_into_the_next() -> None:
    torch.manual_seed(0)
    turn, first = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 64, 3, padding=1, padding_mode="reflect")
    tensors = {"0.weight": turn.weight, "0.bias": turn.bias, "2.weight": first.weight, "2.bias": first.bias}
    images = torch.rand(1, 3, 7, 9)
    wanted = first(turn(images))
    state = vgg19_normalised(tensors)
    first.load_state_dict({"weight": state["features.0.weight"], "bias": state["features.0.bias"]})
    torch.testing.assert_close(first(images), wanted)


def test_blue_first_becomes_red_first() -> None:
    first = nn.Conv2d(3, 4, 3)
    images = torch.rand(1, 3, 5, 5)
    wanted = first(images.flip(1))
    first.load_state_dict(bgr_to_rgb(first.state_dict(), "weight"))
    torch.testing.assert_close(first(images), wanted)


@pytest.mark.bad_input
def test_another_layout_is_refused_by_the_name_that_is_missing() -> None:
    with pytest.raises(BadCheckpoint, match=r"got weights without 0\.weight; .*; .* saccade info FILE"):
        vgg19_normalised({"features.0.weight": torch.ones(1)})
    with pytest.raises(BadCheckpoint, match="got weights without conv1"):
        bgr_to_rgb({}, "conv1")
    with pytest.raises(BadCheckpoint, match="got weights without conv2d_1/kernel"):
        darknet_tiny({}, catalog.find("architectures", "dcnn")(DARKNET_LINE))
