"""The door of the blocks: what is refused, and in which words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from saccade.errors import BadConfig, BadShape
from saccade.layers.arguments import check_counts, check_flag, check_grouped, check_odd, check_rate, is_number


def test_what_can_be_built_passes() -> None:
    check_counts("Fire", {"in_channels": 1})
    check_odd("Inception", "largest", 5)
    check_rate("DropPath", "rate", 0)
    check_rate("DropPath", "rate", 0.5)
    check_flag("net", "auxiliary", False)
    check_grouped("ConvBlock", 6, 4, 2)


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [0, -1, 2.0, "3", None, True])
def test_counts_are_whole_numbers_above_zero(wrong: Any) -> None:
    with pytest.raises(BadConfig, match=rf"got width={wrong!r}; Fire takes whole numbers ≥ 1; change it"):
        check_counts("Fire", {"in_channels": 3, "width": wrong})


@pytest.mark.bad_input
def test_every_wrong_count_is_listed() -> None:
    with pytest.raises(BadConfig, match="got stride=0, width=-2; Fire takes whole numbers ≥ 1; change them"):
        check_counts("Fire", {"stride": 0, "in_channels": 3, "width": -2})


@pytest.mark.bad_input
def test_an_even_kernel_is_refused_with_its_neighbours() -> None:
    with pytest.raises(BadConfig, match="got largest=4; Inception takes odd numbers; use 3 or 5"):
        check_odd("Inception", "largest", 4)


@pytest.mark.bad_input
@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, float("nan"), "half", None, False])
def test_a_rate_leaves_something(rate: Any) -> None:
    with pytest.raises(BadConfig, match=f"got rate={rate!r}; DropPath takes a rate of 0 or more and below 1"):
        check_rate("DropPath", "rate", rate)


@pytest.mark.bad_input
@pytest.mark.parametrize("flag", ["no", 0, None])
def test_a_flag_is_true_or_false(flag: Any) -> None:
    with pytest.raises(BadConfig, match=f"got recompute={flag!r}; net takes True or False; give one of them"):
        check_flag("net", "recompute", flag)


def test_a_number_is_no_text_and_no_truth() -> None:
    assert [is_number(value) for value in (1, 0.5, np.float32(1), True, "1", None, [1], 1j)] == [True] * 3 + [False] * 5


@pytest.mark.bad_input
def test_groups_divide_both_numbers_of_channels() -> None:
    with pytest.raises(BadShape, match=r"got 6 channels in, 4 filters, 4 groups; .* use 1, 2"):
        check_grouped("ConvBlock", 6, 4, 4)
