import math

import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.ops.grid_cells import (
    cells_of,
    decode_beside_anchors,
    decode_from_cells,
    encode_beside_anchors,
    encode_in_cells,
)

BOX = torch.tensor([[30.0, 60, 90, 100]])  # middle (60, 80) in 200 × 100 pixels; sides 60 and 40


def test_the_cell_of_a_box_is_that_of_its_middle():
    assert cells_of(BOX, (200, 100), (4, 2)).tolist() == [[1, 1]]
    corner = torch.tensor([[40.0, 40, 60, 60]])  # its middle lies on the line
    assert cells_of(corner, (100, 100), (2, 2)).tolist() == [[1, 1]]
    outside = torch.tensor([[90.0, -40, 150, 10], [-9, 90, -1, 130]])
    assert cells_of(outside, (100, 100), (5, 5)).tolist() == [[0, 4], [4, 0]]


def test_codes_by_hand():
    codes = encode_in_cells(BOX, (200, 100), (4, 2))
    torch.testing.assert_close(codes, torch.tensor([[0.2, 0.6, 0.6, 0.2]]))
    codes = encode_in_cells(BOX, (200, 100), (4, 2), unit="cell")
    torch.testing.assert_close(codes, torch.tensor([[0.2, 0.6, 1.2, 0.8]]))  # wider than its cell
    codes = encode_beside_anchors(BOX, torch.tensor([[0.6, 1.6]]), (200, 100), (4, 2))
    torch.testing.assert_close(codes, torch.tensor([[0.2, 0.6, math.log(2), -math.log(2)]]))


@pytest.mark.parametrize("unit", ["image", "cell"])
def test_what_is_told_from_a_cell_is_found_again(unit):
    generator = torch.Generator().manual_seed(0)
    start = torch.rand(50, 2, generator=generator, dtype=torch.float64) * torch.tensor([300.0, 200.0])
    boxes = torch.cat([start, start + 1 + 90 * torch.rand(50, 2, generator=generator, dtype=torch.float64)], 1)
    size, grid = (290, 390), (7, 5)
    cells, codes = cells_of(boxes, size, grid), encode_in_cells(boxes, size, grid, unit=unit)
    assert bool(((codes[:, :2] >= 0) & (codes[:, :2] < 1)).all())
    everywhere = torch.zeros(*grid, 1, 4, dtype=torch.float64)
    for box, (row, column), code in zip(boxes, cells.tolist(), codes, strict=True):
        everywhere[row, column, 0] = code
        torch.testing.assert_close(decode_from_cells(everywhere, size, unit=unit)[row, column, 0], box)


def test_what_is_told_beside_an_anchor_is_found_again():
    anchors = torch.tensor([[1.5, 0.5], [0.7, 2.0]])
    codes = encode_beside_anchors(BOX, anchors[1:], (200, 100), (4, 2))
    everywhere = torch.zeros(3, 4, 2, 2, 4)
    everywhere[2, 1, 1, 1] = codes[0]
    torch.testing.assert_close(decode_beside_anchors(everywhere, anchors, (200, 100))[2, 1, 1, 1], BOX[0])


def test_no_boxes_are_no_codes():
    none = torch.zeros(0, 4)
    assert cells_of(none, (9, 9), (3, 3)).shape == (0, 2)
    assert encode_in_cells(none, (9, 9), (3, 3)).shape == (0, 4)
    assert encode_beside_anchors(none, torch.zeros(0, 2), (9, 9), (3, 3)).shape == (0, 4)


@pytest.mark.bad_input
def test_what_does_not_belong_together_is_refused():
    with pytest.raises(BadConfig, match=r"grid of \(0, 3\); taken are sides of 1 or more"):
        cells_of(BOX, (9, 9), (0, 3))
    with pytest.raises(BadConfig, match="'image' and 'cell'"):
        encode_in_cells(BOX, (9, 9), (3, 3), unit="pixel")  # pyright: ignore[reportArgumentType]
    with pytest.raises(BadShape, match="four numbers for each box of each cell"):
        decode_from_cells(torch.zeros(7, 7, 4), (9, 9))
    with pytest.raises(BadShape, match="give as many"):
        encode_beside_anchors(BOX, torch.ones(2, 2), (9, 9), (3, 3))
    with pytest.raises(BadShape, match="give as many anchors"):
        decode_beside_anchors(torch.zeros(3, 3, 2, 4), torch.ones(3, 2), (9, 9))
