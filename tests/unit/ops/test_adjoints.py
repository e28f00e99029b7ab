"""The two adjoints on examples short enough to write out."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.ops.adjoints import input_gradient, weight_gradient
from saccade.ops.convolution import convolve, cross_correlate, flipped, transposed_convolve


def test_the_gradient_to_the_input_is_the_full_correlation_with_the_turned_kernel() -> None:
    """The notes leave the derivative blank, and elsewhere say "conv(v, flip(w))": it is the full one."""
    gradient, weight = torch.randn(2, 1, 4, 4), torch.randn(1, 1, 3, 3)
    given = input_gradient(gradient, weight, shape=(2, 1, 6, 6))
    torch.testing.assert_close(given, cross_correlate(gradient, flipped(weight), padding="full"))
    torch.testing.assert_close(given, convolve(gradient, weight, padding="full"))


def test_channels_change_places_in_the_gradient_to_the_input() -> None:
    gradient, weight = torch.tensor([[[1.0], [10]]]), torch.tensor([[[1.0], [2], [3]], [[4], [5], [6]]])
    assert input_gradient(gradient, weight, shape=(1, 3, 1)).tolist() == [[[41], [52], [63]]]


def test_the_gradient_to_the_weight_is_the_correlation_of_the_input_with_the_gradient() -> None:
    line, gradient = torch.tensor([[[1.0, 2, 3, 4, 5]]]), torch.tensor([[[1.0, 10]]])
    assert weight_gradient(gradient, line, shape=(1, 1, 4)).tolist() == [[[21, 32, 43, 54]]]
    assert weight_gradient(gradient, line, shape=(1, 1, 3), stride=2).tolist() == [[[31, 42, 53]]]
    assert weight_gradient(gradient, line, shape=(1, 1, 2), stride=2).tolist() == [[[31, 42]]]
    assert weight_gradient(gradient, line, shape=(1, 1, 2), dilation=3).tolist() == [[[21, 54]]]


def test_the_gradient_to_the_weight_adds_up_over_the_batch() -> None:
    lines, gradient = torch.randn(3, 2, 6), torch.randn(3, 4, 4)
    alone = [weight_gradient(gradient[i, None], lines[i, None], shape=(4, 2, 3)) for i in range(3)]
    torch.testing.assert_close(weight_gradient(gradient, lines, shape=(4, 2, 3)), sum(alone))


def test_pixels_that_no_window_reaches_have_no_gradient() -> None:
    given = input_gradient(torch.tensor([[[1.0, 1]]]), torch.tensor([[[1.0, 2]]]), shape=(1, 1, 7), stride=3)
    assert given.tolist() == [[[1, 2, 0, 1, 2, 0, 0]]]


def test_a_transposed_convolution_is_the_gradient_to_the_input() -> None:
    weight, gradient = torch.randn(6, 2, 3, 4), torch.randn(2, 6, 4, 3)
    settings: dict[str, Any] = {"stride": 2, "padding": ((0, 1), 2), "dilation": (2, 1)}
    spread = transposed_convolve(gradient, weight, groups=3, output_padding=1, **settings)
    torch.testing.assert_close(input_gradient(gradient, weight, shape=tuple(spread.shape), **settings), spread)


def test_padding_with_copies_gives_their_gradient_back_to_the_original() -> None:
    ones, weight = torch.ones(1, 1, 5), torch.ones(1, 1, 3)
    for mode, expected in (
        ("zeros", [2, 3, 3, 3, 2]),
        ("reflect", [2, 4, 3, 4, 2]),
        ("replicate", [3, 3, 3, 3, 3]),
        ("circular", [3, 3, 3, 3, 3]),
    ):
        given = input_gradient(ones, weight, shape=(1, 1, 5), padding="same", padding_mode=mode)
        assert given.tolist() == [[expected]]


@pytest.mark.bad_input
def test_a_gradient_of_another_shape_than_the_result_is_refused() -> None:
    weight, image = torch.zeros(4, 3, 3, 3), torch.zeros(2, 3, 8, 8)
    with pytest.raises(BadShape, match=r"shape \(2, 4, 5, 6\); taken is that of the result, \(2, 4, 6, 6\)"):
        input_gradient(torch.zeros(2, 4, 5, 6), weight, shape=(2, 3, 8, 8))
    with pytest.raises(BadShape, match=r"shape \(2, 4, 6, 6\); taken is that of the result, \(2, 4, 3, 3\)"):
        weight_gradient(torch.zeros(2, 4, 6, 6), image, shape=(4, 3, 3, 3), stride=2)


@pytest.mark.bad_input
def test_shapes_that_belong_to_no_convolution_are_refused() -> None:
    weight, gradient = torch.zeros(4, 3, 3, 3), torch.zeros(2, 4, 6, 6)
    with pytest.raises(BadShape, match="as many axes in each"):
        input_gradient(gradient, weight, shape=(3, 8, 8))
    with pytest.raises(BadShape, match="got inputs of 5 channels and filters of 3"):
        input_gradient(gradient, weight, shape=(2, 5, 8, 8))
    with pytest.raises(BadShape, match="covers 3 pixels on 2"):
        input_gradient(gradient, weight, shape=(2, 3, 2, 8))
    with pytest.raises(BadShape, match="as many axes in each"):
        weight_gradient(gradient, torch.zeros(2, 3, 8, 8), shape=(4, 0, 3, 3))
    with pytest.raises(BadShape, match="as many axes in each"):
        weight_gradient(gradient, torch.zeros(2, 3, 8, 8), shape=(4, 3, 3))
    with pytest.raises(BadShape, match=r"a gradient of torch.float64"):
        weight_gradient(gradient.double(), torch.zeros(2, 3, 8, 8), shape=(4, 3, 3, 3))
    with pytest.raises(BadConfig, match="got a gradient in which 288 of 288 numbers are not finite"):
        weight_gradient(gradient / 0, torch.zeros(2, 3, 8, 8), shape=(4, 3, 3, 3))
