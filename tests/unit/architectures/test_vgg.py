"""What is particular to VGG; the contract tests walk it too."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade import catalog


@pytest.mark.parametrize(("depth", "convolutions"), [(11, 8), (13, 10), (16, 13), (19, 16)])
def test_the_name_counts_the_layers_that_learn(depth: int, convolutions: int) -> None:
    with torch.device("meta"):
        plain = catalog.find("architectures", f"vgg{depth}")()
        normed = catalog.find("architectures", f"vgg{depth}_bn")()
    for network in (plain, normed):
        kinds = [type(part) for part in network.modules()]
        assert (kinds.count(nn.Conv2d), kinds.count(nn.Linear)) == (convolutions, 3)
    widths = [part.num_features for part in normed.modules() if isinstance(part, nn.BatchNorm2d)]
    assert len(widths) == convolutions
    more = sum(weight.numel() for weight in normed.parameters()) - sum(weight.numel() for weight in plain.parameters())
    assert more == 2 * sum(widths)


def test_every_kernel_is_three_by_three_and_keeps_the_size() -> None:
    with torch.device("meta"):
        network = catalog.find("architectures", "vgg16")()
    convolutions = [part for part in network.modules() if isinstance(part, nn.Conv2d)]
    assert {(part.kernel_size, part.stride, part.padding) for part in convolutions} == {((3, 3), (1, 1), (1, 1))}


def test_most_weights_are_in_the_first_dense_layer() -> None:
    with torch.device("meta"):
        network = catalog.find("architectures", "vgg16")()
    assert network.classifier[0].weight.numel() == 7 * 7 * 512 * 4096 == 102_760_448
