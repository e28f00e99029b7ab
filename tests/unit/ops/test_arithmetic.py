"""The notes' worked numbers, and PyTorch as the judge of every other."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from saccade.errors import BadShape
from saccade.ops.arithmetic import (
    convolution_macs,
    convolution_parameters,
    dense_macs,
    dense_parameters,
    output_size,
    same_padding,
)


def test_the_notes_worked_network_goes_from_39_to_1960() -> None:
    first = output_size(39, 3)
    second = output_size(first, 5, stride=2)
    third = output_size(second, 5, stride=2)
    assert (first, second, third) == (37, 17, 7)
    assert third * third * 40 == 1960


@pytest.mark.parametrize("stride", [1, 2, 3, 5])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_a_convolution_gives_as_many_pixels_as_pytorchs(stride: int, dilation: int, padding: int) -> None:
    for size in (7, 8, 12):
        for kernel in (1, 2, 3):
            image, weight = torch.zeros(1, 1, size, 1), torch.zeros(1, 1, kernel, 1)
            given = F.conv2d(image, weight, stride=(stride, 1), padding=(padding, 0), dilation=(dilation, 1)).shape[2]
            assert output_size(size, kernel, stride=stride, padding=padding, dilation=dilation) == given


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1])
def test_a_pooling_in_ceil_mode_gives_as_many_pixels_as_pytorchs(stride: int, padding: int) -> None:
    for size in range(3, 12):
        for kernel in (2, 3):
            given = F.max_pool2d(torch.zeros(1, size, size), kernel, stride, padding, ceil_mode=True).shape[2]
            assert output_size(size, kernel, stride=stride, padding=padding, ceil_mode=True) == given


def test_an_odd_total_of_same_padding_is_split_into_floor_and_ceiling() -> None:
    assert same_padding(4) == (1, 2)
    assert same_padding(2, dilation=3) == (1, 2)
    assert same_padding(5) == (2, 2)
    assert same_padding(3, dilation=2) == (2, 2)


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_same_padding_gives_the_ceiling_of_size_over_stride(kernel: int, stride: int) -> None:
    for size in range(1, 20):
        assert output_size(size, kernel, stride=stride, padding=same_padding(kernel)) == -(-size // stride)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_same_padding_is_where_pytorch_puts_it() -> None:
    image, weight = torch.randn(1, 1, 1, 9), torch.randn(1, 1, 1, 4)
    before, after = same_padding(4)
    torch.testing.assert_close(F.conv2d(F.pad(image, (before, after)), weight), F.conv2d(image, weight, padding="same"))


def test_ten_filters_of_3_by_3_by_3_have_280_parameters() -> None:
    assert convolution_parameters(3, 10, 3) == 3 * 3 * 3 * 10 + 10 == 280


def test_a_dense_layer_on_3000_by_3000_by_3_has_27_billion_weights() -> None:
    assert dense_parameters(3000 * 3000 * 3, 1000, bias=False) == 27 * 10**9
    assert dense_parameters(3000 * 3000 * 3, 1000) == 27 * 10**9 + 1000


def test_a_5_by_5_on_192_maps_costs_120_million_and_a_bottleneck_12() -> None:
    size = (28, 28)
    assert convolution_macs(192, 32, 5, output=size) == 120_422_400
    down, up = convolution_macs(192, 16, 1, output=size), convolution_macs(16, 32, 5, output=size)
    assert (down, up, down + up) == (2_408_448, 10_035_200, 12_443_648)


def test_three_small_kernels_cost_less_than_a_large_one() -> None:
    def weights(kernel: int) -> int:
        return convolution_parameters(64, 64, kernel, bias=False)

    assert (3 * weights(3), weights(7)) == (110_592, 200_704)
    assert (2 * weights(3), weights(5)) == (73_728, 102_400)


def test_a_separable_convolution_costs_one_over_filters_plus_one_over_f_squared() -> None:
    size = (14, 14)
    separable = convolution_macs(512, 512, 3, output=size, groups=512) + convolution_macs(512, 512, 1, output=size)
    assert separable / convolution_macs(512, 512, 3, output=size) == pytest.approx(1 / 512 + 1 / 9, abs=1e-12)


def test_counts_are_those_of_pytorchs_layers() -> None:
    grouped = nn.Conv2d(6, 9, (3, 5), groups=3)
    assert convolution_parameters(6, 9, (3, 5), groups=3) == sum(weight.numel() for weight in grouped.parameters())
    assert dense_parameters(7, 3) == sum(weight.numel() for weight in nn.Linear(7, 3).parameters())
    assert dense_macs(1960, 10) == 19_600


@pytest.mark.bad_input
def test_a_kernel_that_does_not_fit_is_refused_with_the_size_that_would_do() -> None:
    with pytest.raises(BadShape, match=r"covers 5 pixels on 2 \+ 2 of padding; .*; use a size of 3 or more"):
        output_size(2, 3, dilation=2, padding=1)


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [{"stride": 0}, {"padding": -1}, {"padding": (0, -1)}, {"dilation": 0}])
def test_a_number_out_of_range_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(BadShape, match="whole numbers ≥ 1"):
        output_size(8, 3, **wrong)
    with pytest.raises(BadShape, match="got kernel 0"):
        same_padding(0)


@pytest.mark.bad_input
def test_groups_that_do_not_divide_the_channels_are_refused() -> None:
    with pytest.raises(BadShape, match="got 6 channels in, 8 out, 4 groups"):
        convolution_parameters(6, 8, 3, groups=4)
    with pytest.raises(BadShape, match="height and width"):
        convolution_macs(6, 8, 3, output=(0, 4))
