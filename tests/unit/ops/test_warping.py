"""Regions are brought to squares as the paper's appendix says, and as a slow way that is easy to follow does."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from saccade.errors import BadConfig, BadShape
from saccade.ops.warping import warp_regions


def slow(image: Tensor, box: list[float], side: int, context: float) -> Tensor:
    """Pixel by pixel: where it lies on the image, and the four pixels around that place."""
    channels, height, width = image.shape
    found = torch.zeros(channels, side, side, dtype=image.dtype)
    x1, y1, x2, y2 = box
    for row in range(side):
        for column in range(side):
            across = x1 + (x2 - x1) * (column + 0.5 - context) / (side - 2 * context)
            down = y1 + (y2 - y1) * (row + 0.5 - context) / (side - 2 * context)
            if 0 <= across <= width and 0 <= down <= height:
                found[:, row, column] = between(image, across - 0.5, down - 0.5)
    return found


def between(image: Tensor, across: float, down: float) -> Tensor:
    """The image between its pixels, whose middles have whole numbers here; its outermost go on to its edge."""
    value = torch.zeros(len(image), dtype=image.dtype)
    for row, by_row in ((math.floor(down), 1 - down % 1), (math.floor(down) + 1, down % 1)):
        for column, by_column in ((math.floor(across), 1 - across % 1), (math.floor(across) + 1, across % 1)):
            inner = min(max(row, 0), image.shape[1] - 1), min(max(column, 0), image.shape[2] - 1)
            value += by_row * by_column * image[:, inner[0], inner[1]]
    return value


def test_a_region_of_the_size_of_the_square_is_cut_out_as_it_is() -> None:
    image = torch.arange(48.0).reshape(1, 1, 6, 8)
    found = warp_regions(image, [torch.tensor([[2.0, 1.0, 5.0, 4.0]])], 3)
    assert torch.equal(found[0, 0], image[0, 0, 1:4, 2:5])


def test_the_rim_shows_what_lies_around_at_the_same_scales() -> None:
    """A region of 4 × 2 in the inside of 4 × 4: twice as tall, so that its rim is two across and one down."""
    image = torch.arange(64.0).reshape(1, 1, 8, 8)
    found = warp_regions(image, [torch.tensor([[2.0, 3.0, 6.0, 5.0]])], 8, context=2.0)[0, 0]
    assert torch.equal(found.mean(0), image[0, 0, 2:6].mean(0))  # columns 0 to 8: two of rim on each side
    assert found[0, 0].item() == image[0, 0, 2, 0] - 2  # a quarter of a pixel above the middle of row 2: 8 / 4
    assert found[:, 0].diff().unique().tolist() == [4.0]  # half a row each


def test_beyond_the_image_is_the_mean() -> None:
    found = warp_regions(torch.ones(1, 2, 4, 4), [torch.tensor([[-2.0, -4.0, 2.0, 4.0]])], 4)
    assert torch.equal(
        found[0], torch.tensor([[0.0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]).expand(2, 4, 4)
    )


@pytest.mark.parametrize(("side", "context"), [(7, 0.0), (12, 2.5), (9, 1.0)])
def test_it_equals_the_slow_way(side: int, context: float) -> None:
    draws = torch.Generator().manual_seed(side)
    images = torch.rand(2, 3, 11, 17, generator=draws, dtype=torch.float64)
    corners = torch.rand(6, 4, generator=draws, dtype=torch.float64) * 14 - 3
    corners[:, 2:] += corners[:, :2] + 1
    found = warp_regions(images, [corners[:4], corners[4:]], side, context=context)
    wanted = [slow(images[row // 4], corners[row].tolist(), side, context) for row in range(6)]
    torch.testing.assert_close(found, torch.stack(wanted))


def test_images_without_regions_give_nothing() -> None:
    assert warp_regions(torch.ones(2, 3, 4, 4), [torch.zeros(0, 4)] * 2, 5).shape == (0, 3, 5, 5)
    found = warp_regions(torch.stack([torch.zeros(1, 4, 4), torch.ones(1, 4, 4)]),
                         [torch.zeros(0, 4), torch.tensor([[0.0, 0, 4, 4]])], 2)  # fmt: skip
    assert found.tolist() == [[[[1.0, 1.0], [1.0, 1.0]]]]


def test_a_region_without_an_area_gives_finite_pixels() -> None:
    found = warp_regions(torch.rand(1, 1, 4, 4), [torch.tensor([[2.0, 1.0, 2.0, 1.0]])], 4, context=1.0)
    assert bool(found.isfinite().all())


@pytest.mark.bad_input
@pytest.mark.parametrize(("side", "context"), [(0, 0.0), (2.5, 0.0), (4, 2.0), (4, -1.0), (4, math.nan)])
def test_no_square_is_refused(side: Any, context: float) -> None:
    with pytest.raises(BadConfig, match=f"got side={side} and context={context}; taken are .*227"):
        warp_regions(torch.ones(1, 1, 4, 4), [torch.zeros(1, 4)], side, context=context)


@pytest.mark.bad_input
def test_what_is_no_list_of_boxes_is_refused() -> None:
    with pytest.raises(BadShape, match="2 lists of boxes for 1 images"):
        warp_regions(torch.ones(1, 1, 4, 4), [torch.zeros(1, 4)] * 2, 3)
    with pytest.raises(BadShape, match="not finite"):
        warp_regions(torch.ones(1, 1, 4, 4), [torch.full((1, 4), math.inf)], 3)
