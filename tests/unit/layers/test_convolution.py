"""The block of convolution, normalisation and activation."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from saccade.layers.convolution import ConvBlock


def test_a_block_is_its_three_parts_in_order() -> None:
    block, x = ConvBlock(3, 8, activation=nn.Tanh), torch.randn(4, 3, 6, 6)
    assert [name for name, _ in block.named_children()] == ["conv", "norm", "activation"]
    y = F.conv2d(x, block.conv.weight, padding=1)
    mean, variance = y.mean((0, 2, 3), keepdim=True), y.var((0, 2, 3), keepdim=True, unbiased=False)
    torch.testing.assert_close(block(x), torch.tanh((y - mean) / (variance + 1e-5).sqrt()))


def test_it_has_no_bias_that_the_normalisation_would_take_out() -> None:
    assert sum(parameter.numel() for parameter in ConvBlock(3, 8).parameters()) == 3 * 3 * 3 * 8 + 2 * 8


def test_an_even_kernel_is_padded_more_below_and_to_the_right() -> None:
    block = ConvBlock(1, 1, kernel_size=2, activation=nn.Identity).eval()
    nn.init.ones_(block.conv.weight)
    given = block(torch.ones(1, 1, 2, 2))
    torch.testing.assert_close(given, torch.tensor([[[[4.0, 2.0], [2.0, 1.0]]]]), rtol=1e-4, atol=0)


def test_size_is_kept_at_stride_1_and_halved_upwards_at_stride_2() -> None:
    x = torch.rand(1, 4, 7, 8)
    for kernel in (1, 2, 3, 5):
        assert ConvBlock(4, 4, kernel_size=kernel, dilation=2, groups=2)(x).shape == (1, 4, 7, 8)
        assert ConvBlock(4, 4, kernel_size=kernel, stride=2).eval()(x).shape == (1, 4, 4, 4)
