"""Pooling against loops over every window and every pixel of it, in one, two and three dimensions."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from saccade.errors import BadShape
from saccade.ops.pooling import average_pool, max_pool, max_pool_with_indices, min_pool, min_pool_with_indices

Places = list[int]
SIZES = {1: (7,), 2: (5, 6), 3: (3, 4, 3)}
PADDINGS = {1: (0, 1, ((2, 0),), "same"), 2: (0, 1, ((0, 1), (2, 1)), "same"), 3: (0, ((1, 0), (0, 1), (0, 0)), "same")}


class Setting(NamedTuple):
    window: int
    stride: int
    padding: tuple[tuple[int, int], ...]
    dilation: int
    ceil_mode: bool


def lay(side: int, setting: Setting, axis: int) -> list[Places]:
    """The places that each window looks at along an axis, padding included; none if not even one window fits."""
    before, after = setting.padding[axis]
    found: list[Places] = []
    start = -before
    while True:
        places = [start + tap * setting.dilation for tap in range(setting.window)]
        fits = places[-1] < side + after
        hangs_over = setting.ceil_mode and bool(found) and found[-1][-1] < side + after - 1 and start < side
        if not fits and not hangs_over:
            return found
        found.append(places)
        start += setting.stride


def pooled(values: Tensor, setting: Setting, kind: str) -> tuple[Tensor, Tensor] | None:
    """One map, window by window: the number and, but for averages, its place; None if a window sees no pixel."""
    size = tuple(values.shape)
    along = [lay(side, setting, axis) for axis, side in enumerate(size)]
    numbers, indices = [], []
    for window in itertools.product(*along):
        places = list(itertools.product(*window))
        real = [place for place in places if all(0 <= at < side for at, side in zip(place, size, strict=True))]
        if not real:
            return None
        if kind in ("max", "min"):
            best = real[0]
            for place in real:
                if (values[place] > values[best]) if kind == "max" else (values[place] < values[best]):
                    best = place
            numbers.append(float(values[best]))
            indices.append(sum(at * math.prod(size[axis + 1 :]) for axis, at in enumerate(best)))
        else:
            frames = [(-before, side + after) for side, (before, after) in zip(size, setting.padding, strict=True)]
            padded = [
                place for place in places if all(low <= at < end for at, (low, end) in zip(place, frames, strict=True))
            ]
            total = sum(float(values[place]) for place in real)
            numbers.append(total / len(padded if kind == "counting" else real))
    shape = [len(windows) for windows in along]
    if 0 in shape:
        return None
    return torch.tensor(numbers).reshape(shape), torch.tensor(indices or [0] * len(numbers)).reshape(shape)


def spelt_out(padding: object, window: int, dilation: int, axes: int) -> tuple[tuple[int, int], ...]:
    if padding == "same":
        total = dilation * (window - 1)
        return ((total // 2, total - total // 2),) * axes
    return ((padding, padding),) * axes if isinstance(padding, int) else padding  # type: ignore[return-value]


GRID = [
    (axes, window, stride, padding, ceil_mode)
    for axes, windows, strides in ((1, (1, 2, 3, 4), (1, 2, 3)), (2, (2, 3), (1, 2, 3)), (3, (2,), (1, 2)))
    for window, stride, padding, ceil_mode in itertools.product(windows, strides, PADDINGS[axes], (False, True))
]


@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("kind", ["max", "min"])
def test_the_largest_and_the_smallest_are_those_of_every_window_and_the_first_of_several(
    kind: str, dilation: int
) -> None:
    torch.manual_seed(0)
    plain, with_indices = (max_pool, max_pool_with_indices) if kind == "max" else (min_pool, min_pool_with_indices)
    refused = 0
    for axes, window, stride, padding, ceil_mode in GRID:
        values = torch.randint(-3, 4, SIZES[axes]).float()
        setting = Setting(window, stride, spelt_out(padding, window, dilation, axes), dilation, ceil_mode)
        expected = pooled(values, setting, kind)
        if expected is None:
            refused += 1
            with pytest.raises(BadShape):
                plain(
                    values[None, None], window, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode
                )
            continue
        for operation in (plain, with_indices):
            given = operation(
                values[None, None], window, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode
            )
            numbers = given if isinstance(given, Tensor) else given[0]
            assert torch.equal(numbers[0, 0], expected[0]), setting
            if not isinstance(given, Tensor):
                assert torch.equal(given[1][0, 0], expected[1]), setting
    assert refused < len(GRID) // 2


@pytest.mark.parametrize("kind", ["counting", "leaving out"])
def test_the_average_is_that_of_every_window(kind: str) -> None:
    torch.manual_seed(0)
    for axes, window, stride, padding, ceil_mode in GRID:
        values = torch.rand(SIZES[axes])
        setting = Setting(window, stride, spelt_out(padding, window, 1, axes), 1, ceil_mode)
        expected = pooled(values, setting, kind)
        counting = kind == "counting"
        if expected is None:
            with pytest.raises(BadShape):
                average_pool(values[None, None], window, stride=stride, padding=padding, ceil_mode=ceil_mode)
            continue
        given = average_pool(
            values[None, None], window, stride=stride, padding=padding, ceil_mode=ceil_mode, count_padding=counting
        )
        torch.testing.assert_close(given[0, 0], expected[0])
