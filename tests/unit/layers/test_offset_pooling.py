"""Pooling at every offset: equal to pooling what is shifted, and to the dense form of the head behind it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.errors import BadConfig, BadShape
from saccade.layers.offset_pooling import AtEveryOffset, interleave, offset_pool

sides = st.integers(0, 8)


def maps(height: int, width: int, seed: int = 0) -> Tensor:
    return torch.randn(2, 3, height, width, generator=torch.Generator().manual_seed(seed))


def test_a_line_is_pooled_at_three_offsets_as_the_paper_draws_it() -> None:
    """Twenty numbers pooled by 3: six places each, then interleaved; figure 3."""
    line = torch.arange(20.0).expand(1, 1, 20, 20)
    pooled = offset_pool(line, 3)
    assert pooled.shape == (9, 1, 1, 6, 6)
    assert pooled[:3, 0, 0, 0].tolist() == [[2, 5, 8, 11, 14, 17], [3, 6, 9, 12, 15, 18], [4, 7, 10, 13, 16, 19]]
    assert interleave(pooled)[0, 0, 0].tolist() == list(range(2, 20))


@given(st.integers(1, 4), sides, sides, st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_each_offset_is_the_pool_of_the_shifted_map(factor: int, more: int, wider: int, seed: int) -> None:
    given_maps = maps(factor + more, factor + wider, seed)
    pooled = offset_pool(given_maps, factor)
    rows, columns = pooled.shape[3:]
    for offset, found in enumerate(pooled):
        down, right = divmod(offset, factor)
        shifted = F.max_pool2d(given_maps[:, :, down:, right:], factor, ceil_mode=True)
        assert torch.equal(found, shifted[:, :, :rows, :columns])


@given(st.integers(1, 3), st.integers(1, 3), sides, sides)
@settings(max_examples=40, deadline=None)
def test_a_head_at_every_offset_is_the_dilated_head_on_dense_maps(
    factor: int, window: int, more: int, wider: int
) -> None:
    torch.manual_seed(0)
    seen = factor * window
    given_maps = maps(seen + more, seen + wider)
    first, last = nn.Conv2d(3, 4, window), nn.Conv2d(4, 5, 1)
    head = nn.Sequential(first, nn.ReLU(), last)
    with torch.no_grad():
        found = AtEveryOffset(head, factor, window=window)(given_maps)
        dense = F.max_pool2d(given_maps, factor, stride=1)
        expected = last(F.conv2d(dense, first.weight, first.bias, dilation=factor).relu())
    assert found.shape == (2, 5, more + 1, wider + 1)
    torch.testing.assert_close(found, expected)


def test_a_place_is_the_head_on_the_window_that_begins_there() -> None:
    torch.manual_seed(0)
    given_maps, head = maps(9, 8), nn.Conv2d(3, 5, 3)
    with torch.no_grad():
        found = AtEveryOffset(head, 2, window=3)(given_maps)
        for row in range(4):
            for column in range(3):
                alone = head(F.max_pool2d(given_maps[:, :, row : row + 6, column : column + 6], 2))
                torch.testing.assert_close(found[:, :, row, column], alone.flatten(1))


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [0, -1, 2.0, "2", True])
def test_a_factor_or_a_window_that_is_none_is_refused(wrong: Any) -> None:
    with pytest.raises(BadConfig, match=r"got factor=.*; taken are whole numbers ≥ 1; "):
        offset_pool(maps(4, 4), wrong)
    with pytest.raises(BadConfig, match=r"got window=.*; taken are whole numbers ≥ 1; "):
        AtEveryOffset(nn.Identity(), 2, window=wrong)


@pytest.mark.bad_input
def test_what_does_not_fit_is_refused_in_words() -> None:
    with pytest.raises(BadShape, match="got maps of 2 × 9 pixels; taken are 3 × 3 or more; give larger images"):
        offset_pool(maps(2, 9), 3)
    with pytest.raises(BadShape, match="got maps of 5 × 9 pixels; taken are 6 × 6 or more, for a window of 3 × 3"):
        AtEveryOffset(nn.Conv2d(3, 5, 3), 2, window=3)(maps(5, 9))
    for offsets in (0, 3):
        with pytest.raises(BadShape, match=f"got maps of {offsets} offsets; taken is one for each of k × k"):
            interleave(torch.zeros(offsets, 1, 1, 2, 2))
