"""Boxes by their edges beside those of windows."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from saccade.errors import BadShape
from saccade.ops.edge_coding import decode_edges, encode_edges

start, side = st.integers(-20, 20), st.integers(1, 30)
rows = st.tuples(start, start, side, side).map(lambda row: [row[0], row[1], row[0] + row[2], row[1] + row[3]])


def test_edges_are_told_in_sides_of_the_window() -> None:
    windows = torch.tensor([[10.0, 20, 50, 40], [0, 0, 8, 8]])
    codes = encode_edges(torch.tensor([[20.0, 20, 70, 50], [0, 0, 8, 8]]), windows)
    assert codes.tolist() == [[0.25, 0, 0.5, 0.5], [0, 0, 0, 0]]


@given(rows, rows)
@settings(deadline=None)
def test_codes_lead_back(box: list[int], window: list[int]) -> None:
    boxes, windows = torch.tensor([box], dtype=torch.float64), torch.tensor([window], dtype=torch.float64)
    codes = encode_edges(boxes, windows)
    torch.testing.assert_close(decode_edges(codes[:, None], windows)[:, 0], boxes)
    torch.testing.assert_close(decode_edges(codes[None, :, None].expand(2, 1, 3, 4), windows)[1, :, 2], boxes)


def test_edges_in_the_wrong_order_change_places() -> None:
    codes = torch.tensor([[[1.0, 0, -1, 0]]])
    assert decode_edges(codes, torch.tensor([[0.0, 0, 10, 10]])).tolist() == [[[0, 0, 10, 10]]]


@pytest.mark.bad_input
def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(BadShape, match="got 2 boxes and 1 windows"):
        encode_edges(torch.zeros(2, 4), torch.zeros(1, 4))
    with pytest.raises(BadShape, match="got codes of shape"):
        decode_edges(torch.zeros(2, 3, 4), torch.zeros(3, 4))
    with pytest.raises(BadShape, match="got codes of shape"):
        decode_edges(torch.zeros(2, 4), torch.zeros(2, 4))
