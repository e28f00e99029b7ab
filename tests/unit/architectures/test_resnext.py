"""ResNeXt: as heavy as ResNet, in more paths."""

from __future__ import annotations

import torch
from torch import nn

from saccade.architectures.resnet import resnet50
from saccade.architectures.resnext import resnext50_32x4d, resnext101_32x8d, resnext101_64x4d
from saccade.layers.residual import Bottleneck


def count(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def test_32_paths_of_4_channels_weigh_as_much_as_one_of_64() -> None:
    """The paper's section 3.4: 256 · 64 + 9 · 64 · 64 + 64 · 256 and 32 · (256 · 4 + 9 · 4 · 4 + 4 · 256)."""
    plain, aggregated = (Bottleneck(256, 64), Bottleneck(256, 64, groups=32, width_per_group=4))
    weights = [
        sum(part.weight.numel() for part in block.modules() if isinstance(part, nn.Conv2d))
        for block in (plain, aggregated)
    ]
    assert weights == [69_632, 32 * (256 * 4 + 9 * 4 * 4 + 4 * 256)] == [69_632, 70_144]
    with torch.device("meta"):
        assert abs(count(resnext50_32x4d()) / count(resnet50()) - 1) < 0.03


def test_paths_and_their_widths_are_what_the_name_says() -> None:
    with torch.device("meta"):
        networks = resnext50_32x4d(), resnext101_32x8d(), resnext101_64x4d()
    for network, groups, width in zip(networks, (32, 32, 64), (4, 8, 4), strict=True):
        convolutions = [part.conv2 for part in network.modules() if isinstance(part, Bottleneck)]
        assert {part.groups for part in convolutions} == {groups}
        each = [part.out_channels // groups for part in convolutions]
        assert sorted(set(each)) == [width, 2 * width, 4 * width, 8 * width]
        assert len(each) == (16 if groups == 32 and width == 4 else 33)
