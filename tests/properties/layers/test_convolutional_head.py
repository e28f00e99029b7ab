"""A converted head is the dense one, for any small network without padding, at every window of any larger image."""

from __future__ import annotations

from itertools import pairwise

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from saccade.layers.convolutional_head import convolutional

few = st.integers(1, 3)


@settings(max_examples=30)
@given(few, few, st.integers(1, 2), st.tuples(few, few), st.lists(st.integers(1, 5), max_size=2), few, few)
def test_sliding_equals_the_network_on_each_window(
    kernel: int, channels: int, pool: int, maps: tuple[int, int], units: list[int], more_rows: int, more_columns: int
) -> None:
    torch.manual_seed(0)
    widths = [channels * maps[0] * maps[1], *units, 2]
    dense = [part for before, after in pairwise(widths) for part in (nn.Linear(before, after), nn.Tanh())]
    network = nn.Sequential(nn.Conv2d(2, channels, kernel), nn.MaxPool2d(pool), nn.Flatten(), *dense).double()
    height, width = (side * pool + kernel - 1 for side in maps)
    images = torch.rand(1, 2, height + more_rows * pool, width + more_columns * pool, dtype=torch.float64)
    logits = convolutional(network, (height, width))(images)
    assert logits.shape == (1, 2, more_rows + 1, more_columns + 1)
    for row in range(more_rows + 1):
        for column in range(more_columns + 1):
            top, left = row * pool, column * pool
            window = images[:, :, top : top + height, left : left + width]
            torch.testing.assert_close(logits[:, :, row, column], network(window), rtol=1e-10, atol=1e-10)
