"""What the door of the convolutions lets through, and the sizes it foretells."""

from __future__ import annotations

import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.ops.operands import check_finite, check_floats, check_groups, per_axis, result_size


def test_a_setting_is_one_number_for_all_or_one_for_each() -> None:
    assert per_axis(3, 2, name="stride") == (3, 3)
    assert per_axis((1, 2, 3), 3, name="stride") == (1, 2, 3)
    assert per_axis(0, 1, name="output_padding", smallest=0) == (0,)


def test_lines_maps_and_volumes_have_one_two_and_three_axes() -> None:
    assert [check_floats(torch.zeros(1, 1, *(4,) * axes)) for axes in (1, 2, 3)] == [1, 2, 3]


def test_sizes_are_counted_along_each_axis() -> None:
    size = result_size((39, 8), (3, 3), stride=(1, 2), sides=((0, 0), (0, 1)), dilation=(1, 2))
    assert size == (37, 3)


def test_a_tensor_without_numbers_is_finite() -> None:
    check_finite(torch.zeros(2, device="meta"), "weight")


@pytest.mark.bad_input
def test_a_setting_of_one_axis_says_so() -> None:
    with pytest.raises(BadConfig, match=r"got stride=\(1, 1\); taken is a whole number ≥ 1 for the one axis there is"):
        per_axis((1, 1), 1, name="stride")


@pytest.mark.bad_input
def test_groups_that_would_do_are_offered() -> None:
    with pytest.raises(BadShape, match="use groups=4, or other filters"):
        check_groups(8, 12, groups=2, filter_channels=2)
    with pytest.raises(BadShape, match="make the filters anew"):
        check_groups(8, 12, groups=2, filter_channels=3)
