"""What holds for blocks of any width on maps of any size."""

from __future__ import annotations

from fractions import Fraction

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from saccade.layers.aggregated import EarlyConcatenation, SplitTransformMerge, converted
from saccade.layers.dense_block import DenseBlock
from saccade.layers.inception import Inception, InceptionWidths
from saccade.layers.inverted_residual import InvertedResidual, MobileBottleneck
from saccade.layers.residual import Bottleneck
from saccade.layers.separable import DepthwiseSeparable
from saccade.layers.squeeze_excitation import SqueezeExcitation
from saccade.ops.arithmetic import output_size

few, sides, strides = st.integers(1, 6), st.integers(1, 9), st.integers(1, 3)


@settings(max_examples=30)
@given(few, few, st.integers(1, 3), strides, sides)
def test_the_three_forms_of_an_aggregated_block_are_one(
    channels: int, groups: int, each: int, stride: int, side: int
) -> None:
    block = Bottleneck(channels, 16, stride=stride, groups=groups, width_per_group=4 * each).double().eval()
    x = torch.randn(2, channels, side, side + 1, dtype=torch.double)
    for form in (EarlyConcatenation, SplitTransformMerge):
        torch.testing.assert_close(converted(block, form)(x), block(x), rtol=0, atol=1e-10)


@settings(max_examples=30)
@given(few, few, st.sampled_from([1, 3, 5]), strides, st.sampled_from([DepthwiseSeparable, InvertedResidual]))
def test_sides_are_those_of_the_arithmetic(
    channels: int, filters: int, kernel: int, stride: int, block: type[InvertedResidual]
) -> None:
    layer = block(channels, filters, kernel_size=kernel, stride=stride).eval()
    rows, columns = (output_size(side, kernel, stride=stride, padding=kernel // 2) for side in (7, 10))
    assert layer(torch.rand(1, channels, 7, 10)).shape == (1, filters, rows, columns)
    assert (rows, columns) == (-(-7 // stride), -(-10 // stride))


@given(st.integers(1, 64), st.integers(1, 64), st.sampled_from([1, 3, 5, 7]))
def test_a_separable_block_costs_one_by_filters_plus_one_by_area(channels: int, filters: int, kernel: int) -> None:
    with torch.device("meta"):
        block = DepthwiseSeparable(channels, filters, kernel_size=kernel)
    weights = block.conv_dw.weight.numel() + block.conv_pw.weight.numel()
    assert Fraction(weights, kernel**2 * channels * filters) == Fraction(1, filters) + Fraction(1, kernel**2)


@settings(max_examples=30)
@given(few, st.integers(1, 4), few, sides)
def test_a_dense_block_keeps_its_input_and_adds_its_growth(channels: int, depth: int, growth: int, side: int) -> None:
    block, x = DenseBlock(channels, depth=depth, growth_rate=growth).eval(), torch.rand(2, channels, side, side)
    given_maps = block(x)
    assert given_maps.shape == (2, channels + depth * growth, side, side)
    assert torch.equal(given_maps[:, :channels], x)


@settings(max_examples=20)
@given(st.lists(few, min_size=6, max_size=6), st.sampled_from([1, 3, 5]), sides)
def test_an_inception_module_keeps_the_size_and_joins_four_branches(
    numbers: list[int], largest: int, side: int
) -> None:
    widths = InceptionWidths(*numbers)
    one, _, three, _, five, pool = numbers
    module = Inception(4, widths, largest=largest).eval()
    assert module(torch.rand(1, 4, side, side + 2)).shape == (1, one + three + five + pool, side, side + 2)


@settings(max_examples=30)
@given(few, sides, sides)
def test_gates_only_ever_shrink(channels: int, height: int, width: int) -> None:
    x = torch.randn(2, channels, height, width)
    assert (SqueezeExcitation(channels, ratio=1)(x).abs() <= x.abs()).all()


@settings(max_examples=30)
@given(few, sides, st.sampled_from([InvertedResidual, MobileBottleneck]))
def test_an_inverted_residual_without_weights_is_the_identity(
    channels: int, side: int, block: type[InvertedResidual]
) -> None:
    layer = block(channels, channels).eval()
    for part in layer.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.zeros_(part.weight)
    x = torch.randn(2, channels, side, side)
    assert torch.equal(layer(x), x)
