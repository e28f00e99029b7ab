"""The arithmetic of sizes against counting windows one by one, and against PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st

from saccade.errors import BadShape
from saccade.ops.arithmetic import full_padding, output_size, same_padding, strided_same_padding, transposed_size
from saccade.ops.costs import convolution_macs, convolution_parameters

sizes, kernels, steps = st.integers(1, 40), st.integers(1, 9), st.integers(1, 5)


def windows(size: int, kernel: int, stride: int, padding: tuple[int, int], dilation: int) -> int:
    """Lay the kernel at every step from the first padded pixel on, as long as its last tap is inside."""
    last = padding[0] + size + padding[1] - 1
    count = 0
    while count * stride + dilation * (kernel - 1) <= last:
        count += 1
    return count


@given(sizes, kernels, steps, st.tuples(st.integers(0, 9), st.integers(0, 9)), st.integers(1, 3))
def test_output_size_is_the_number_of_windows(
    size: int, kernel: int, stride: int, padding: tuple[int, int], dilation: int
) -> None:
    expected = windows(size, kernel, stride, padding, dilation)
    try:
        given_size = output_size(size, kernel, stride=stride, padding=padding, dilation=dilation)
    except BadShape:
        given_size = 0
    assert given_size == expected


@given(sizes, kernels, steps, st.integers(1, 3))
def test_same_padding_gives_the_ceiling(size: int, kernel: int, stride: int, dilation: int) -> None:
    before, after = same_padding(kernel, dilation=dilation)
    assert before + after == dilation * (kernel - 1)
    assert 0 <= after - before <= 1
    assert output_size(size, kernel, stride=stride, padding=(before, after), dilation=dilation) == -(-size // stride)


@given(st.integers(1, 8), st.integers(1, 8), kernels, st.integers(1, 4))
def test_groups_divide_the_cost(channels: int, filters: int, kernel: int, groups: int) -> None:
    whole, size = (channels * groups, filters * groups), (3, 5)
    dense = convolution_macs(*whole, kernel, output=size)
    assert dense == groups * convolution_macs(*whole, kernel, output=size, groups=groups)
    assert dense == 15 * convolution_parameters(*whole, kernel, bias=False)


@given(sizes, kernels, steps, st.integers(0, 4), st.integers(1, 3))
def test_transposed_size_inverts_output_size(size: int, kernel: int, stride: int, padding: int, dilation: int) -> None:
    span = dilation * (kernel - 1) + 1
    assume(size + 2 * padding >= span)
    known = {"stride": stride, "padding": padding, "dilation": dilation}
    small = output_size(size, kernel, **known)
    left_over = (size + 2 * padding - span) % stride
    assert transposed_size(small, kernel, output_padding=left_over, **known) == size
    assert output_size(transposed_size(small, kernel, output_padding=left_over, **known), kernel, **known) == small


@given(sizes, kernels, steps, st.integers(0, 4), st.integers(1, 3), st.integers(0, 4))
def test_transposed_size_is_pytorchs(
    size: int, kernel: int, stride: int, padding: int, dilation: int, more: int
) -> None:
    known = {"stride": stride, "padding": padding, "dilation": dilation, "output_padding": more}
    try:
        expected = F.conv_transpose1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), **known).shape[2]
    except RuntimeError:
        expected = 0
    try:
        assert transposed_size(size, kernel, **known) == expected
    except BadShape:
        assert expected == 0


@given(sizes, kernels, steps, st.integers(1, 3))
def test_strided_same_padding_is_the_least_that_gives_the_ceiling(
    size: int, kernel: int, stride: int, dilation: int
) -> None:
    before, after = strided_same_padding(size, kernel, stride=stride, dilation=dilation)
    assert 0 <= after - before <= 1
    known = {"stride": stride, "dilation": dilation}
    if before + after:
        assert output_size(size, kernel, padding=(before, after), **known) == -(-size // stride)
        assert windows(size, kernel, stride, (before, after - 1), dilation) < -(-size // stride)
    else:
        assert windows(size, kernel, stride, (0, 0), dilation) >= -(-size // stride)


@given(sizes, kernels, st.integers(1, 3))
def test_full_padding_counts_every_window_that_touches(size: int, kernel: int, dilation: int) -> None:
    padding = full_padding(kernel, dilation=dilation)
    assert output_size(size, kernel, padding=padding, dilation=dilation) == size + dilation * (kernel - 1)
