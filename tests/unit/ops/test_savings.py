"""What a rewrite saves, against counting both ways layer by layer."""

from __future__ import annotations

import pytest

from saccade.errors import BadShape
from saccade.ops.costs import convolution_macs
from saccade.ops.receptive_field import Window, receptive_fields
from saccade.ops.savings import (
    bottleneck_macs,
    kernels_for,
    separable_macs,
    separable_ratio,
    stacked_weights,
)


def test_a_bottleneck_pays_for_narrowing_and_for_the_narrow_convolution() -> None:
    assert bottleneck_macs(8, 2, 4, (3, 5), output=(6, 7)) == (8 * 2 * 42, 2 * 4 * 15 * 42)


@pytest.mark.parametrize("kernel", [1, 3, 5, (3, 5)])
@pytest.mark.parametrize("channels", [4, 32])
def test_the_ratio_of_a_separable_convolution_is_that_of_its_costs(
    kernel: int | tuple[int, int], channels: int
) -> None:
    separable = sum(separable_macs(channels, 12, kernel, output=(5, 6)))
    dense = convolution_macs(channels, 12, kernel, output=(5, 6))
    assert separable_ratio(12, kernel) == pytest.approx(separable / dense, rel=1e-12)


def test_a_separable_1_by_1_costs_more_than_a_dense_one() -> None:
    assert separable_ratio(64, 1) == 1 + 1 / 64


@pytest.mark.parametrize(("large", "small"), [(5, 3), (7, 3), (11, 3), (9, 5), (4, 2)])
def test_a_stack_sees_exactly_as_much_as_the_large_kernel(large: int, small: int) -> None:
    stack = receptive_fields([Window(small)] * kernels_for(large, small))
    assert stack[-1].field == receptive_fields([Window(large)])[0].field == large


def test_three_small_kernels_have_27_weights_where_a_large_one_has_49() -> None:
    assert stacked_weights(1, 7) == (27, 49)
    assert stacked_weights(1, 5) == (18, 25)


@pytest.mark.bad_input
@pytest.mark.parametrize(("large", "small"), [(4, 3), (1, 3), (5, 1), (6, 5)])
def test_a_kernel_that_no_stack_equals_is_refused(large: int, small: int) -> None:
    with pytest.raises(BadShape, match=f"got a kernel of {large} for kernels of {small}"):
        kernels_for(large, small)


@pytest.mark.bad_input
def test_no_filters_are_refused() -> None:
    with pytest.raises(BadShape, match="0 out"):
        separable_ratio(0, 3)
