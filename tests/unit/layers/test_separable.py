"""The depthwise-separable block: what it costs, and what it computes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig
from saccade.layers.separable import DepthwiseSeparable
from saccade.ops.convolution import separable


@pytest.mark.parametrize(("channels", "filters", "side"), [(32, 64, 3), (512, 512, 3), (16, 256, 5)])
def test_its_weights_are_one_by_filters_plus_one_by_area_of_the_dense_ones(
    channels: int, filters: int, side: int
) -> None:
    block, dense = DepthwiseSeparable(channels, filters, kernel_size=side), nn.Conv2d(channels, filters, side)
    weights = block.conv_dw.weight.numel() + block.conv_pw.weight.numel()
    assert Fraction(weights, dense.weight.numel()) == Fraction(1, filters) + Fraction(1, side**2)


def test_its_two_convolutions_are_the_separable_one() -> None:
    block, x = DepthwiseSeparable(4, 6, stride=2, activation=nn.Identity, norm=lambda _: nn.Identity()), torch.randn(
        2, 4, 7, 8
    )  # fmt: skip
    expected = separable(x, block.conv_dw.weight, block.conv_pw.weight, stride=2, padding=1)
    torch.testing.assert_close(block(x), expected)


def test_each_convolution_is_normalised_and_cut_off_at_six() -> None:
    torch.manual_seed(0)
    block, x = DepthwiseSeparable(4, 6).eval(), 100 * torch.randn(2, 4, 7, 8)
    between = block.bn1(block.conv_dw(x)).clamp(0, 6)
    torch.testing.assert_close(block(x), block.bn2(block.conv_pw(between)).clamp(0, 6))


def test_the_settings_of_the_norm_are_an_argument() -> None:
    block = DepthwiseSeparable(4, 6, norm=lambda channels: nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01))
    assert [(norm.eps, norm.momentum) for norm in (block.bn1, block.bn2)] == [(1e-3, 0.01)] * 2


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DepthwiseSeparable(4, 6, stride=0), "got stride=0; DepthwiseSeparable takes whole numbers ≥ 1"),
        (lambda: DepthwiseSeparable(4, 0), "got out_channels=0"),
        (lambda: DepthwiseSeparable(4, 6, kernel_size=2), "got kernel_size=2; .* use 1 or 3"),
    ],
)
def test_wrong_numbers_are_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        make()
