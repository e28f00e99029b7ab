"""The notes' worked examples, and what each kind of convolution is in terms of another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.ops.convolution import (
    convolve,
    cross_correlate,
    depthwise,
    flipped,
    pointwise,
    separable,
    transposed_convolve,
)

VERTICAL_EDGE = torch.tensor([[1.0, 0, -1]] * 3)[None, None]
HALF_BRIGHT = torch.tensor([[10.0, 10, 10, 0, 0, 0]] * 6)[None, None]


def test_the_notes_half_bright_image_has_an_edge_in_its_middle() -> None:
    assert cross_correlate(HALF_BRIGHT, VERTICAL_EDGE)[0, 0].tolist() == [[0, 30, 30, 0]] * 4
    assert convolve(HALF_BRIGHT, VERTICAL_EDGE)[0, 0].tolist() == [[0, -30, -30, 0]] * 4


def test_convolution_flips_the_kernel_and_does_not_transpose_it() -> None:
    kernel = torch.tensor([[[[1.0, 2, 3], [4, 5, 6]]]])
    impulse = torch.zeros(1, 1, 5, 5)
    impulse[0, 0, 2, 2] = 1
    assert flipped(kernel)[0, 0].tolist() == [[6, 5, 4], [3, 2, 1]]
    assert convolve(impulse, kernel)[0, 0, 1:3, :].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert cross_correlate(impulse, kernel)[0, 0, 1:3, :].tolist() == [[6, 5, 4], [3, 2, 1]]


def test_both_are_equal_exactly_where_the_kernel_is_its_own_flip() -> None:
    images, kernel = torch.randn(1, 1, 6, 6), torch.tensor([[[[1.0, 2, 3], [4, 5, 4], [3, 2, 1]]]])
    assert torch.equal(convolve(images, kernel), cross_correlate(images, kernel))
    kernel[0, 0, 0, 0] = 7
    assert not torch.allclose(convolve(images, kernel), cross_correlate(images, kernel))


def test_a_convolution_over_volume_gives_one_map_for_each_filter() -> None:
    assert cross_correlate(torch.zeros(1, 3, 6, 6), torch.zeros(10, 3, 3, 3)).shape == (1, 10, 4, 4)
    assert cross_correlate(torch.zeros(1, 3, 6), torch.zeros(10, 3, 3)).shape == (1, 10, 4)
    assert cross_correlate(torch.zeros(1, 3, 6, 7, 8), torch.zeros(10, 3, 3, 3, 3)).shape == (1, 10, 4, 5, 6)


def test_a_filter_adds_over_its_channels() -> None:
    channels = torch.tensor([[[1.0, 2, 3], [10, 20, 30]]])
    assert cross_correlate(channels, torch.tensor([[[1.0, 1], [0, 1]]])).tolist() == [[[23, 35]]]


def test_stride_skips_dilation_spreads_and_padding_frames() -> None:
    line, kernel = torch.tensor([[[1.0, 2, 3, 4, 5]]]), torch.tensor([[[1.0, 10]]])
    assert cross_correlate(line, kernel, stride=2).tolist() == [[[21, 43]]]
    assert cross_correlate(line, kernel, dilation=3).tolist() == [[[41, 52]]]
    assert cross_correlate(line, kernel, padding="same").tolist() == [[[21, 32, 43, 54, 5]]]
    assert cross_correlate(line, kernel, padding="full").tolist() == [[[10, 21, 32, 43, 54, 5]]]
    assert cross_correlate(line, kernel, padding=((1, 0),)).tolist() == [[[10, 21, 32, 43, 54]]]
    assert cross_correlate(line, kernel, padding="same", padding_mode="circular").tolist() == [[[21, 32, 43, 54, 15]]]


def test_a_stride_and_a_dilation_for_each_axis() -> None:
    images, weight = torch.randn(1, 2, 9, 9), torch.randn(3, 2, 3, 2)
    given = cross_correlate(images, weight, stride=(2, 3), dilation=(1, 4), padding=(1, (0, 2)))
    expected = F.conv2d(F.pad(images, (0, 2, 1, 1)), weight, stride=(2, 3), dilation=(1, 4))
    torch.testing.assert_close(given, expected)


def test_a_full_convolution_multiplies_polynomials() -> None:
    a, b = torch.tensor([[[1.0, 2, 3]]]), torch.tensor([[[1.0, 4]]])
    assert convolve(a, b, padding="full").tolist() == [[[1, 6, 11, 12]]]


def test_groups_are_a_dense_convolution_with_blocks_on_the_diagonal() -> None:
    images, weight = torch.randn(2, 6, 5, 5), torch.randn(4, 3, 3, 3)
    dense = torch.zeros(4, 6, 3, 3)
    dense[:2, :3], dense[2:, 3:] = weight[:2], weight[2:]
    torch.testing.assert_close(cross_correlate(images, weight, groups=2), cross_correlate(images, dense))


def test_a_pointwise_convolution_is_a_dense_layer_on_channels() -> None:
    images, matrix = torch.randn(2, 5, 4, 3), torch.randn(7, 5)
    expected = F.linear(images.permute(0, 2, 3, 1), matrix).permute(0, 3, 1, 2)
    torch.testing.assert_close(pointwise(images, matrix[:, :, None, None]), expected)


def test_a_depthwise_filter_sees_one_channel() -> None:
    images, weight = torch.randn(2, 3, 6, 6), torch.randn(6, 1, 3, 3)
    given = depthwise(images, weight, padding="same", padding_mode="reflect")
    for number in range(6):
        channel = images[:, number // 2, None]
        alone = cross_correlate(channel, weight[number, None], padding="same", padding_mode="reflect")
        torch.testing.assert_close(given[:, number, None], alone)


def test_a_separable_convolution_is_a_dense_one_whose_kernels_are_products() -> None:
    images, each, mixing = torch.randn(2, 3, 7, 7), torch.randn(3, 1, 3, 3), torch.randn(8, 3, 1, 1)
    given = separable(images, each, mixing, stride=2, padding=1, dilation=2)
    torch.testing.assert_close(given, cross_correlate(images, mixing * each[:, 0], stride=2, padding=1, dilation=2))


def test_a_transposed_convolution_spreads_and_adds() -> None:
    line, kernel = torch.tensor([[[1.0, 10]]]), torch.tensor([[[1.0, 2, 3]]])
    assert transposed_convolve(line, kernel).tolist() == [[[1, 12, 23, 30]]]
    assert transposed_convolve(line, kernel, stride=2).tolist() == [[[1, 2, 13, 20, 30]]]
    assert transposed_convolve(line, kernel, stride=2, padding=((0, 1),)).tolist() == [[[1, 2, 13, 20]]]
    assert transposed_convolve(line, kernel, stride=2, padding=((1, 0),)).tolist() == [[[2, 13, 20, 30]]]
    assert transposed_convolve(line, kernel, stride=2, output_padding=1).tolist() == [[[1, 2, 13, 20, 30, 0]]]


def test_a_transposed_convolution_does_not_undo_the_convolution() -> None:
    images, weight = torch.randn(1, 1, 6, 6), torch.randn(1, 1, 3, 3)
    back = transposed_convolve(cross_correlate(images, weight), weight)
    assert back.shape == images.shape
    assert not torch.allclose(back, images, atol=0.1)


@pytest.mark.parametrize("operation", [cross_correlate, convolve, transposed_convolve])
def test_numbers_stay_of_their_type(operation: Callable[..., torch.Tensor]) -> None:
    for dtype in (torch.float64, torch.float32, torch.bfloat16):
        assert operation(torch.ones(1, 1, 4, 4, dtype=dtype), torch.ones(1, 1, 3, 3, dtype=dtype)).dtype == dtype


def test_sizes_are_known_without_computing() -> None:
    images, weight = torch.zeros(8, 192, 28, 28, device="meta"), torch.zeros(32, 192, 5, 5, device="meta")
    assert cross_correlate(images, weight, padding="same").shape == (8, 32, 28, 28)


@pytest.mark.bad_input
def test_a_kernel_larger_than_the_padded_image_is_refused_with_the_size_that_would_do() -> None:
    with pytest.raises(BadShape, match=r"covers 5 pixels on 2 \+ 2 of padding; .*; use a size of 3 or more"):
        cross_correlate(torch.zeros(1, 1, 9, 2), torch.zeros(1, 1, 5, 5), padding=1)
    assert cross_correlate(torch.zeros(1, 1, 9, 3), torch.zeros(1, 1, 5, 5), padding=1).shape == (1, 1, 7, 1)
    with pytest.raises(BadShape, match=r"size 0"):
        cross_correlate(torch.zeros(1, 1, 0), torch.zeros(1, 1, 2), padding=1)


@pytest.mark.bad_input
@pytest.mark.parametrize("operation", [cross_correlate, convolve, transposed_convolve])
@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, (1,), (1, 2, 3), (1, 0), "2"])
def test_a_stride_or_dilation_that_is_none_is_refused(operation: Callable[..., torch.Tensor], wrong: Any) -> None:
    for name in ("stride", "dilation"):
        with pytest.raises(BadConfig, match=f"got {name}=.*; taken is a whole number ≥ 1, or a tuple of 2, .*; change"):
            operation(torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 3, 3), **{name: wrong})


@pytest.mark.bad_input
@pytest.mark.parametrize("operation", [cross_correlate, convolve, transposed_convolve, depthwise])
@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -float("inf")])
def test_a_kernel_that_is_not_finite_is_refused(operation: Callable[..., torch.Tensor], wrong: float) -> None:
    weight = torch.ones(1, 1, 3, 3)
    weight[0, 0, 1, 1] = wrong
    with pytest.raises(
        BadConfig, match="got a weight in which 1 of 9 numbers are not finite; taken are finite numbers"
    ):
        operation(torch.zeros(1, 1, 8, 8), weight)


@pytest.mark.bad_input
def test_channels_that_do_not_divide_by_the_groups_are_refused() -> None:
    with pytest.raises(BadShape, match=r"got 6 channels in, 9 filters, 2 groups; .* divide both; use 1, 3$"):
        cross_correlate(torch.zeros(1, 6, 8, 8), torch.zeros(9, 3, 3, 3), groups=2)
    with pytest.raises(BadConfig, match="got groups=0"):
        cross_correlate(torch.zeros(1, 6, 8, 8), torch.zeros(9, 3, 3, 3), groups=0)
    with pytest.raises(BadShape, match=r"got 6 channels in 4 groups; .* divide them; use 1, 2, 3, 6$"):
        transposed_convolve(torch.zeros(1, 6, 8, 8), torch.zeros(6, 3, 3, 3), groups=4)


@pytest.mark.bad_input
def test_filters_for_other_channels_are_refused() -> None:
    with pytest.raises(BadShape, match=r"got inputs of 6 channels and filters of 3 in 1 group.*use groups=2"):
        cross_correlate(torch.zeros(1, 6, 8, 8), torch.zeros(4, 3, 3, 3))
    with pytest.raises(BadShape, match=r"got inputs of 6 channels and filters of 4 in 1 group.*taken are filters of 6"):
        cross_correlate(torch.zeros(1, 6, 8, 8), torch.zeros(4, 4, 3, 3))
    with pytest.raises(BadShape, match=r"got inputs of 6 channels and a weight for 4; .*weight.transpose\(0, 1\)"):
        transposed_convolve(torch.zeros(1, 6, 8, 8), torch.zeros(4, 6, 3, 3))
    with pytest.raises(BadShape, match=r"depthwise weight of shape \(4, 1, 3, 3\); taken is a weight of 6 filters"):
        depthwise(torch.zeros(1, 6, 8, 8), torch.zeros(4, 1, 3, 3))
    with pytest.raises(BadShape, match="a weight of 6 filters, or a multiple, with 1 channel each"):
        depthwise(torch.zeros(1, 6, 8, 8), torch.zeros(8, 1, 3, 3))
    with pytest.raises(BadShape, match="with 1 channel each"):
        depthwise(torch.zeros(1, 6, 8, 8), torch.zeros(6, 6, 3, 3))


@pytest.mark.bad_input
def test_a_pointwise_weight_of_larger_kernels_is_refused() -> None:
    with pytest.raises(BadShape, match=r"shape \(4, 6, 3, 1\); taken are kernels of one pixel"):
        pointwise(torch.zeros(1, 6, 8, 8), torch.zeros(4, 6, 3, 1))
    with pytest.raises(BadShape, match=r"shape \(4, 6\); .*for a matrix use weight\[:, :, None, None\]"):
        pointwise(torch.zeros(1, 6, 8, 8), torch.zeros(4, 6))


@pytest.mark.bad_input
def test_tensors_that_do_not_belong_together_are_refused() -> None:
    image, weight = torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 3, 3)
    with pytest.raises(BadShape, match=r"got inputs of shape \(8, 8\); .*; add the batch and the channel"):
        cross_correlate(image[0, 0], weight)
    with pytest.raises(BadShape, match=r"got inputs of shape \(1, 1, 1, 1, 8, 8\)"):
        cross_correlate(image[None, None], weight)
    with pytest.raises(
        BadShape, match=r"shape \(1, 8, 8\) and a weight of shape \(1, 1, 3, 3\).*add one to the inputs"
    ):
        cross_correlate(image[0], weight)
    with pytest.raises(BadShape, match=r"a weight of shape \(1, 3, 3\).*add one to the weight: weight\[None\]"):
        cross_correlate(image, weight[0])
    with pytest.raises(BadShape, match=r"got a weight of shape \(0, 1, 3, 3\); taken are sides ≥ 1"):
        cross_correlate(image, weight[:0])


@pytest.mark.bad_input
def test_whole_numbers_mixed_types_and_arrays_are_refused() -> None:
    image, weight = torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 3, 3)
    array: Any = image.numpy()
    with pytest.raises(BadShape, match=r"got inputs of ndarray; taken are tensors; use torch.as_tensor\(inputs\)"):
        cross_correlate(array, weight)
    with pytest.raises(BadShape, match="got weight of ndarray"):
        cross_correlate(image, array)
    with pytest.raises(BadShape, match=r"got inputs of torch.uint8; taken are floats; use inputs.float\(\)"):
        cross_correlate(image.byte(), weight)
    with pytest.raises(BadShape, match=r"torch.float32 on cpu and a weight of torch.float64 .*use weight.to\(inputs\)"):
        cross_correlate(image, weight.double())
    with pytest.raises(BadShape, match=r"a weight of torch.int64"):
        convolve(image, weight.long())


@pytest.mark.bad_input
def test_an_unknown_word_is_refused_even_where_nothing_is_padded() -> None:
    image, weight = torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 3, 3)
    with pytest.raises(UnknownName, match=r"got padding mode 'zeroes'; .*did you mean 'zeros'"):
        cross_correlate(image, weight, padding_mode="zeroes")
    with pytest.raises(UnknownName, match=r"got padding 'vaild'; .*did you mean 'valid'"):
        transposed_convolve(image, weight, padding="vaild")


@pytest.mark.bad_input
def test_a_transposed_convolution_with_nothing_left_is_refused() -> None:
    with pytest.raises(BadShape, match=r"padding of 2 \+ 2 to take off, which leaves 0 pixels"):
        transposed_convolve(torch.zeros(1, 1, 2), torch.zeros(1, 1, 3), padding=2)
    with pytest.raises(BadShape, match="got size 0"):
        transposed_convolve(torch.zeros(1, 1, 0), torch.zeros(1, 1, 3))
    with pytest.raises(BadShape, match="got an output padding of 2 at stride 2 and dilation 1"):
        transposed_convolve(torch.zeros(1, 1, 4), torch.zeros(1, 1, 3), stride=2, output_padding=2)
    with pytest.raises(BadConfig, match=r"got output_padding=-1"):
        transposed_convolve(torch.zeros(1, 1, 4), torch.zeros(1, 1, 3), output_padding=-1)
