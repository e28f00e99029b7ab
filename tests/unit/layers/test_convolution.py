"""The block of convolution, normalisation and activation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from saccade.errors import BadInput
from saccade.layers.convolution import ConvBlock, ConvNorm, conv_norm_activation


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


def test_the_numbered_block_is_the_named_one_under_other_names() -> None:
    torch.manual_seed(0)
    named, x = ConvBlock(4, 6, stride=2, groups=2).eval(), torch.randn(2, 4, 7, 8)
    numbered = conv_norm_activation(4, 6, stride=2, groups=2).eval()
    numbered.load_state_dict(dict(zip(numbered.state_dict(), named.state_dict().values(), strict=True)))
    assert torch.equal(numbered(x), named(x))


def test_the_numbered_block_can_end_without_an_activation_and_with_another_norm() -> None:
    norm = partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01)
    block = conv_norm_activation(4, 6, activation=None, norm=norm)
    assert [type(part) for part in block] == [nn.Conv2d, nn.BatchNorm2d]
    assert block[1].eps == 1e-3


def test_a_flat_kernel_keeps_the_size_with_flat_padding() -> None:
    assert ConvNorm(4, 6, kernel_size=(1, 7), padding=(0, 3))(torch.rand(2, 4, 9, 9)).shape == (2, 6, 9, 9)


def test_there_is_a_bias_exactly_where_there_is_no_norm() -> None:
    names = [
        [name for name, _ in ConvNorm(4, 6, kernel_size=1, batch_norm=norm).named_parameters()]
        for norm in (True, False)
    ]
    assert names == [["conv.weight", "bn.weight", "bn.bias"], ["conv.weight", "conv.bias"]]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ConvBlock(4, 6, groups=4), "got 4 channels in, 6 filters, 4 groups; .* use 1, 2"),
        (lambda: ConvBlock(4, 6, stride=0), "got stride=0; ConvBlock takes whole numbers ≥ 1; change it"),
        (lambda: conv_norm_activation(4, 6, groups=3), "got 4 channels in, 6 filters, 3 groups; "),
        (lambda: conv_norm_activation(4, 6, kernel_size=2), "got kernel_size=2; .* use 1 or 3"),
        (lambda: ConvNorm(0, 6, kernel_size=1, stride=0), "got in_channels=0, stride=0; ConvNorm takes"),
    ],
)
def test_wrong_numbers_are_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        make()
