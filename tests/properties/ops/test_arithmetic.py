"""The arithmetic of sizes against counting windows one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from saccade.errors import BadShape
from saccade.ops.arithmetic import convolution_macs, convolution_parameters, output_size, same_padding

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
