"""The arithmetic of sizes, with PyTorch as its judge."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from saccade.errors import BadShape, UnknownName
from saccade.ops.arithmetic import (
    full_padding,
    named_padding,
    output_size,
    same_padding,
    strided_same_padding,
    transposed_size,
)


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


@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
@pytest.mark.parametrize("dilation", [1, 2])
def test_full_padding_adds_what_the_kernel_covers_less_one(kernel: int, dilation: int) -> None:
    for size in (1, 4, 9):
        padding = full_padding(kernel, dilation=dilation)
        assert output_size(size, kernel, padding=padding, dilation=dilation) == size + dilation * (kernel - 1)


def test_tensorflows_same_pads_less_when_the_stride_steps_over_it() -> None:
    assert strided_same_padding(224, 7, stride=2) == (2, 3)
    assert strided_same_padding(224, 1, stride=2) == (0, 0)
    assert strided_same_padding(10, 2, stride=3) == (0, 1)
    assert strided_same_padding(9, 4) == same_padding(4) == (1, 2)


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize(("stride", "dilation", "more"), [(1, 1, 0), (2, 1, 0), (2, 1, 1), (3, 2, 2), (1, 3, 2)])
def test_a_transposed_convolution_gives_as_many_pixels_as_pytorchs(
    stride: int, dilation: int, padding: int, more: int
) -> None:
    for size in (1, 3, 8):
        for kernel in (3, 4):
            given = F.conv_transpose1d(
                torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), None, stride, padding, more, 1, dilation
            ).shape[2]
            assert given == transposed_size(
                size, kernel, stride=stride, padding=padding, dilation=dilation, output_padding=more
            )


def test_a_word_for_padding_is_turned_into_pixels() -> None:
    assert [named_padding(word, 4) for word in ("valid", "same", "full")] == [(0, 0), (1, 2), (3, 3)]
    assert named_padding("full", 3, dilation=2) == (4, 4)
    assert named_padding((0, 3), 4) == (0, 3)


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
def test_padding_that_takes_all_away_is_refused() -> None:
    with pytest.raises(BadShape, match="which leaves -1 pixels"):
        transposed_size(3, 3, padding=3)
    with pytest.raises(BadShape, match="output padding of 2 at stride 2"):
        transposed_size(3, 3, stride=2, output_padding=2)
    for wrong in (full_padding, strided_same_padding):
        with pytest.raises(BadShape, match="whole numbers ≥ 1"):
            wrong(*(0, 3)[: 1 if wrong is full_padding else 2])


@pytest.mark.bad_input
def test_an_unknown_padding_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'same'"):
        named_padding("sam", 3)
