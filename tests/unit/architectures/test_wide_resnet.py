"""Wide residual networks: what the factor of two is on."""

from __future__ import annotations

import torch
from torch import nn

from saccade.architectures.resnet import resnet50, resnet101
from saccade.architectures.wide_resnet import wide_resnet50_2, wide_resnet101_2


def shapes(network: nn.Module) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in network.state_dict().items()}


def test_bottlenecks_are_twice_as_wide_inside_and_give_as_much_as_before() -> None:
    with torch.device("meta"):
        pairs = (shapes(resnet50()), shapes(wide_resnet50_2())), (shapes(resnet101()), shapes(wide_resnet101_2()))
    for thin, wide in pairs:
        assert thin.keys() == wide.keys()
        for key, shape in thin.items():
            if "layer" in key and key.endswith(("conv1.weight", "conv2.weight", "conv3.weight")):
                times = {"conv1.weight": (2, 1), "conv2.weight": (2, 2), "conv3.weight": (1, 2)}[key[-12:]]
                assert wide[key] == (times[0] * shape[0], times[1] * shape[1], *shape[2:])
            elif "conv" in key or "downsample" in key or "fc" in key or "bn3" in key:
                assert wide[key] == shape


def test_the_paper_counts_68_9_million_weights() -> None:
    with torch.device("meta"):
        assert round(sum(weight.numel() for weight in wide_resnet50_2().parameters()) / 1e6, 1) == 68.9
