"""The skeleton of residual networks."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import torch

from saccade.errors import BadConfig
from saccade.layers.residual import BasicBlock, Bottleneck
from saccade.layers.residual_network import ResNet


def small(block: type[BasicBlock] | type[Bottleneck] | partial[Any]) -> ResNet:
    return ResNet("small", block, depths=(1, 1, 1, 1), num_classes=10, in_channels=3)


def test_widths_are_those_of_the_block_with_and_without_arguments() -> None:
    with torch.device("meta"):
        basic, wide = small(BasicBlock), small(partial(Bottleneck, width_per_group=128))
    assert [stage.width for stage in basic.stages] == [64, 64, 128, 256, 512]
    assert [stage.width for stage in wide.stages] == [64, 256, 512, 1024, 2048]
    assert [part.conv2.out_channels for part in wide.modules() if isinstance(part, Bottleneck)] == [128, 256, 512, 1024]


def test_the_image_is_halved_five_times() -> None:
    with torch.device("meta"):
        features = small(Bottleneck).forward_features(torch.empty(1, 3, 65, 33))
    assert [tuple(x.shape[2:]) for x in features.values()] == [(33, 17), (17, 9), (9, 5), (5, 3), (3, 2)]


@pytest.mark.bad_input
def test_no_blocks_are_refused() -> None:
    with pytest.raises(BadConfig, match="got depth=0; residual_stage takes whole numbers"):
        ResNet("small", BasicBlock, depths=(1, 0, 1, 1), num_classes=10, in_channels=3)
