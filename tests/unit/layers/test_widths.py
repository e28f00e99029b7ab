"""Rounding to multiples of eight."""

from __future__ import annotations

from typing import Any

import pytest

from saccade.errors import BadConfig
from saccade.layers.widths import scaled_width


def test_the_published_width_stays() -> None:
    assert [scaled_width(channels, 1) for channels in (16, 24, 32, 1280)] == [16, 24, 32, 1280]


def test_the_nearest_multiple_is_taken() -> None:
    assert [scaled_width(100, factor) for factor in (1.07, 1.08, 1.12, 1.17)] == [104, 112, 112, 120]


def test_no_more_than_a_tenth_is_lost() -> None:
    assert scaled_width(24, 0.48) == 16, "8 is nearest to 11.52, but would lose a third of it"
    assert all(scaled_width(c, f / 20) >= 0.9 * c * f / 20 for c in range(1, 200) for f in range(1, 60))


def test_something_is_always_left() -> None:
    assert scaled_width(16, 0.01) == 8
    assert scaled_width(10, 0.01, multiple=2) == 2


@pytest.mark.bad_input
@pytest.mark.parametrize("factor", [0, -1.0, float("nan"), float("inf"), "a", None, True])
def test_a_factor_that_is_none_is_refused(factor: Any) -> None:
    with pytest.raises(BadConfig, match=f"^got width={factor!r}; taken are factors above 0; use 1"):
        scaled_width(32, factor)
