"""What is particular to AlexNet; the contract tests walk it too."""

from __future__ import annotations

import torch
from torch import nn

from saccade.architectures.alexnet import alexnet, alexnet_paper
from saccade.inspect.layer_table import layer_table
from saccade.layers.normalisation import LocalResponseNorm


def test_the_maps_shrink_as_in_the_paper() -> None:
    with torch.device("meta"):
        network = alexnet_paper()
    rows = layer_table(network, (227, 227)).rows
    maps = [row.outputs[0][1:] for row in rows if row.kind in ("Conv2d", "MaxPool2d")]
    assert maps == [
        (96, 55, 55), (96, 27, 27), (256, 27, 27), (256, 13, 13), (384, 13, 13), (384, 13, 13), (256, 13, 13),
        (256, 6, 6),
    ]  # fmt: skip


def test_five_convolutions_and_three_dense_layers_are_learned() -> None:
    with torch.device("meta"):
        for network in (alexnet(), alexnet_paper()):
            kinds = [type(part) for part in network.modules()]
            assert (kinds.count(nn.Conv2d), kinds.count(nn.Linear)) == (5, 3)


def test_two_groups_see_only_their_own_half() -> None:
    """Three of the paper's convolutions lay on two GPUs; the third saw both halves."""
    with torch.device("meta"):
        convolutions = [part for part in alexnet_paper().features if isinstance(part, nn.Conv2d)]
    assert [part.groups for part in convolutions] == [1, 2, 1, 2, 2]
    counted = [
        (11 * 11 * 3 + 1) * 96,
        (25 * 48 + 1) * 256,
        (9 * 256 + 1) * 384,
        (9 * 192 + 1) * 384,
        (9 * 192 + 1) * 256,
    ]
    assert [sum(weight.numel() for weight in part.parameters()) for part in convolutions] == counted


def test_responses_are_normalised_twice_with_the_numbers_of_the_paper() -> None:
    with torch.device("meta"):
        norms = [part for part in alexnet_paper().features if isinstance(part, LocalResponseNorm)]
    assert [(part.k, part.window, part.alpha, part.beta, part.divide_alpha) for part in norms] == [
        (2.0, 5, 1e-4, 0.75, False)
    ] * 2
