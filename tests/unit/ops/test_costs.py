"""Counts of parameters and multiply-adds, with PyTorch's layers and its FlopCounter as judges."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from saccade.errors import BadShape
from saccade.ops.costs import (
    convolution_macs,
    convolution_parameters,
    dense_macs,
    dense_parameters,
    flops,
    transposed_macs,
)


def counted(module: nn.Module, images: torch.Tensor) -> tuple[int, tuple[int, int]]:
    """FLOPs of a module as PyTorch counts them, and the size of what it gives."""
    with FlopCounterMode(display=False) as counter:
        given = module(images)
    return counter.get_total_flops(), (given.shape[2], given.shape[3])


def test_counts_are_those_of_pytorchs_layers() -> None:
    grouped = nn.Conv2d(6, 9, (3, 5), groups=3)
    assert convolution_parameters(6, 9, (3, 5), groups=3) == sum(weight.numel() for weight in grouped.parameters())
    assert dense_parameters(7, 3) == sum(weight.numel() for weight in nn.Linear(7, 3).parameters())
    assert dense_macs(1960, 10) == 19_600


def test_multiply_adds_are_half_of_pytorchs_flops() -> None:
    total, output = counted(nn.Conv2d(6, 9, (3, 5), stride=2, groups=3), torch.zeros(1, 6, 11, 13))
    macs = convolution_macs(6, 9, (3, 5), output=output, groups=3)
    assert flops(macs) == 2 * macs == total


def test_a_transposed_convolution_pays_for_each_pixel_that_goes_in() -> None:
    module = nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2)
    total, _ = counted(module, torch.zeros(1, 4, 5, 7))
    assert flops(transposed_macs(4, 6, 3, inputs=(5, 7), groups=2)) == total
    assert convolution_parameters(4, 6, 3, groups=2) == sum(weight.numel() for weight in module.parameters())


@pytest.mark.bad_input
def test_groups_that_do_not_divide_the_channels_are_refused() -> None:
    with pytest.raises(BadShape, match="got 6 channels in, 8 out, 4 groups"):
        convolution_parameters(6, 8, 3, groups=4)
    with pytest.raises(BadShape, match="height and width"):
        convolution_macs(6, 8, 3, output=(0, 4))
