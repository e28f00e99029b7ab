"""Cheaper forms of a convolution: the numbers of the papers and the notes, to the unit."""

from __future__ import annotations

import pytest

from saccade.errors import BadShape
from saccade.ops.rewrites import (
    Convolution,
    bottleneck,
    first_reduced,
    pooled,
    rewrites,
    separable,
    small_kernels,
    two_strips,
)


def square(channels, side, **more):
    return Convolution(channels, channels, (side, side), padding=(side // 2, side // 2), **more)


def names(convolution):
    return [rewrite.name for rewrite in rewrites(convolution)]


def test_an_inception_branch_costs_a_tenth_behind_a_1x1():
    whole = Convolution(192, 32, (5, 5), padding=(2, 2))
    form = first_reduced(whole)
    assert whole.macs((28, 28)) == 120_422_400
    assert [part.macs((28, 28)) for part in form.parts] == [2_408_448, 10_035_200]
    assert form.macs((28, 28)) == 12_443_648
    assert form == first_reduced(whole, 16)
    assert first_reduced(whole, 8).macs((28, 28)) == 28 * 28 * (192 * 8 + 25 * 8 * 32)


@pytest.mark.parametrize(("filters", "side"), [(512, 3), (256, 3), (10, 5), (1, 7)])
def test_a_separable_layer_costs_one_by_filters_and_one_by_area(filters, side):
    whole = Convolution(64, filters, (side, side), padding=(side // 2, side // 2))
    then, now = separable(whole).macs((14, 14)), whole.macs((14, 14))
    assert then * filters * side**2 == now * (side**2 + filters)


def test_the_ratios_of_the_notes():
    whole = Convolution(512, 512, (3, 3), padding=(1, 1))
    assert round(separable(whole).macs((7, 7)) / whole.macs((7, 7)), 4) == 0.1131
    whole = Convolution(256, 256, (3, 3), padding=(1, 1))
    assert round(separable(whole).macs((7, 7)) / whole.macs((7, 7)), 4) == 0.1150


def test_three_small_kernels_have_27_weights_for_49_and_two_18_for_25():
    assert (square(64, 7).parameters, small_kernels(square(64, 7)).parameters) == (200_704, 110_592)
    assert (square(64, 5).parameters, small_kernels(square(64, 5)).parameters) == (102_400, 73_728)
    assert len(small_kernels(square(64, 7)).parts) == 3


def test_few_channels_in_and_many_out_make_small_kernels_dearer():
    stem = Convolution(3, 64, (7, 7), stride=(2, 2), padding=(3, 3))
    form = small_kernels(stem)
    assert form.parameters == 27 * 64 + 2 * 9 * 64 * 64
    assert form.macs((224, 224)) == 112 * 112 * form.parameters > stem.macs((224, 224))
    assert [part.stride for part in form.parts] == [(2, 2), (1, 1), (1, 1)]


def test_a_bottleneck_goes_down_to_a_quarter():
    form = bottleneck(square(256, 3))
    assert [(part.in_channels, part.out_channels) for part in form.parts] == [(256, 64), (64, 64), (64, 256)]
    assert form.parameters == 256 * 64 + 9 * 64 * 64 + 64 * 256
    assert bottleneck(square(256, 3), 32).parameters == 256 * 32 + 9 * 32 * 32 + 32 * 256


def test_two_strips_have_two_by_f_of_the_weights():
    assert two_strips(square(8, 7)).parameters * 7 == square(8, 7).parameters * 2
    form = two_strips(Convolution(4, 6, (3, 5), stride=(2, 1), padding=(0, 2), dilation=(2, 1)))
    assert [part.kernel_size for part in form.parts] == [(1, 5), (3, 1)]
    assert [part.stride for part in form.parts] == [(1, 1), (2, 1)]
    assert [part.padding for part in form.parts] == [(0, 2), (0, 0)]
    assert [part.dilation for part in form.parts] == [(1, 1), (2, 1)]


def test_averaging_first_leaves_one_weight_for_each_map():
    form = pooled(512 * 7 * 7, 4096, (7, 7))
    assert form.parameters == 512 * 4096 + 4096
    assert form.macs((1, 1)) == 512 * 4096
    assert pooled(400, 120, (5, 5), bias=False).parameters == 16 * 120
    assert pooled(512, 10, (1, 1)) is None


def test_the_bias_stays_and_is_only_in_the_last_part():
    for form in rewrites(square(16, 7, bias=True)):
        assert [part.bias for part in form.parts] == [False] * (len(form.parts) - 1) + [True]


def test_what_cannot_be_made_cheaper_has_no_form():
    assert names(Convolution(64, 256)) == []
    assert names(square(64, 3, groups=64)) == []
    assert names(square(64, 5, groups=64)) == ["small kernels"]
    assert names(Convolution(1, 6, (5, 5))) == ["small kernels", "two strips"]
    assert names(Convolution(8, 8, (1, 7), padding=(0, 3))) == ["separable", "bottleneck", "1x1 first"]
    assert names(Convolution(3, 3, (3, 3))) == ["separable", "1x1 first", "two strips"]


def test_small_kernels_need_an_odd_square_and_padding_for_a_stride():
    assert small_kernels(Convolution(8, 8, (3, 3))) is None
    assert small_kernels(Convolution(8, 8, (6, 6))) is None
    assert small_kernels(Convolution(8, 8, (5, 7))) is None
    assert small_kernels(Convolution(8, 8, (5, 5), dilation=(2, 2))) is None
    assert small_kernels(Convolution(3, 64, (11, 11), stride=(4, 4), padding=(2, 2))) is None


def test_a_form_is_written_in_words():
    assert str(bottleneck(square(64, 3, stride=(2, 2)))) == "1×1, 64 → 16 + 3×3, 16 → 16, stride 2 + 1×1, 16 → 64"
    assert str(separable(square(64, 3, dilation=(2, 2)))) == "3×3, each of 64, dilation 2 + 1×1, 64 → 64"
    assert str(Convolution(18, 6, (5, 5), groups=6)) == "5×5, 18 → 6, 6 groups"
    assert str(pooled(400, 120, (5, 5))) == "average + dense, 16 → 120"


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bottleneck(square(64, 3), 0), "width=0; taken is a number above 0"),
        (lambda: first_reduced(square(64, 3), -2), "leave it out for 32"),
        (lambda: pooled(401, 10, (5, 5)), "401 features and maps of 5 × 5"),
        (lambda: separable(square(64, 7)).macs((2, 0)), "whole numbers ≥ 1"),
        (lambda: Convolution(8, 8, (7, 7)).output((3, 9)), "covers 7 pixels"),
    ],
)
def test_wrong_numbers_are_refused(call, message):
    with pytest.raises(BadShape, match=message):
        call()
