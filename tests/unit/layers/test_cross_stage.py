"""Cross-stage blocks and pyramid pooling, against what they are said to be."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig
from saccade.layers.cross_stage import CrossStage, PyramidPooling


def test_every_link_of_the_chain_is_looked_at():
    block = CrossStage(8, 12, depth=3)
    assert block.leave.conv.in_channels == 5 * 6  # two halves and three links
    assert len(block.links) == 3


def test_a_link_of_zeros_passes_on_what_came_in_with_a_shortcut_alone():
    x = torch.rand(2, 4, 5, 5)
    for shortcut in (True, False):
        block = CrossStage(4, 4, depth=1, shortcut=shortcut).eval()
        nn.init.zeros_(block.links[0][1].norm.weight)
        seen = {}
        block.leave.register_forward_pre_hook(lambda _, inputs, seen=seen: seen.update(maps=inputs[0]))
        block(x)
        _, second, third = seen["maps"].chunk(3, dim=1)
        assert torch.equal(third, second if shortcut else torch.zeros_like(second))


def test_three_pools_in_a_row_are_pools_of_three_widths():
    x = torch.rand(1, 4, 9, 11)
    block, seen = PyramidPooling(4, 6).eval(), {}
    block.leave.register_forward_pre_hook(lambda _, inputs: seen.update(maps=inputs[0]))
    block(x)
    first, *rest = seen["maps"].chunk(4, dim=1)
    for pooled, size in zip(rest, (5, 9, 13), strict=True):
        assert torch.equal(pooled, nn.functional.max_pool2d(first, size, stride=1, padding=size // 2))


@pytest.mark.bad_input
def test_numbers_that_make_no_block_are_refused():
    for make in (
        lambda: CrossStage(0, 4),
        lambda: CrossStage(4, 4, depth=0),
        lambda: PyramidPooling(4, 0),
        lambda: PyramidPooling(4, 4, size=4),
    ):
        with pytest.raises(BadConfig):
            make()
