"""What holds of pooling whatever the maps, the window and the padding."""

from __future__ import annotations

import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from saccade.errors import BadShape
from saccade.ops.pooling import average_pool, max_pool_with_indices, max_unpool, min_pool

sides, windows, steps = st.integers(1, 9), st.integers(1, 4), st.integers(1, 4)
seeds = st.integers(0, 99)
ends = st.tuples(st.integers(0, 3), st.integers(0, 3))


def drawn(seed: int, *size: int) -> Tensor:
    return torch.randn(1, 2, *size, generator=torch.Generator().manual_seed(seed))


@settings(max_examples=60)
@given(st.tuples(sides, sides), windows, steps, st.tuples(ends, ends), st.integers(1, 2), st.booleans(), seeds)
def test_unpooling_puts_every_maximum_back_where_it_was(
    size: tuple[int, int],
    window: int,
    stride: int,
    padding: tuple[tuple[int, int], tuple[int, int]],
    dilation: int,
    ceil_mode: bool,
    seed: int,
) -> None:
    maps = drawn(seed, *size)
    try:
        values, indices = max_pool_with_indices(
            maps, window, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode
        )
    except BadShape:
        assume(False)
    back = max_unpool(values, indices, size)
    places = torch.zeros_like(maps, dtype=torch.bool).flatten(2).scatter(2, indices.flatten(2), True).view_as(maps)
    assert torch.equal(back[places], maps[places])
    assert not back[~places].any()
    assert set(back[places].tolist()) == set(values.flatten().tolist())


@settings(max_examples=40)
@given(sides, windows, steps, st.sampled_from(["valid", "same", "full"]), seeds)
def test_the_average_lies_between_the_smallest_and_the_largest(
    side: int, window: int, stride: int, padding: str, seed: int
) -> None:
    assume(padding != "valid" or window <= side)
    maps = drawn(seed, side, side)
    smallest = min_pool(maps, window, stride=stride, padding=padding)
    largest = max_pool_with_indices(maps, window, stride=stride, padding=padding)[0]
    average = average_pool(maps, window, stride=stride, padding=padding)
    assert (smallest - 1e-6 <= average).all()
    assert (average <= largest + 1e-6).all()
