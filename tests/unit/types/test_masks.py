"""Masks: hand-checked pixels."""

from __future__ import annotations

import pytest
import torch

from saccade.errors import BadLabel
from saccade.types.masks import Masks


def masks(*rows: str) -> Masks:
    return Masks(torch.tensor([[[char == "#" for char in row] for row in rows]]))


def drawn(some: Masks) -> list[str]:
    return ["".join("#" if pixel else "." for pixel in row) for row in some.pixels[0].tolist()]


def test_area_counts_pixels() -> None:
    assert masks("#.", "##").area().tolist() == [3]


def test_a_mirror_turns_rows_around() -> None:
    assert drawn(masks("##.", "#..").mirror()) == [".##", "..#"]


def test_a_whole_scale_repeats_pixels() -> None:
    assert drawn(masks("#.", ".#").scale((4, 4))) == ["##..", "##..", "..##", "..##"]


def test_a_crop_beyond_the_image_adds_nothing() -> None:
    assert drawn(masks("##", "##").crop(-1, 1, (3, 3))) == ["...", "#..", "#.."]
    assert drawn(masks("##", "##").crop(5, 5, (2, 2))) == ["..", ".."]
    assert drawn(masks("##", "##").crop(-9, 0, (2, 2))) == ["..", ".."]


def test_the_box_of_a_mask_holds_its_pixels_and_no_more() -> None:
    assert masks("....", ".##.", ".#..").boxes().coordinates.tolist() == [[1, 1, 3, 3]]


def test_an_empty_mask_has_an_empty_box() -> None:
    assert masks("..", "..").boxes().area().tolist() == [0]


def test_no_masks_are_fine_everywhere() -> None:
    none = Masks(torch.zeros(0, 3, 4, dtype=torch.bool))
    for moved in (none.mirror(), none.scale((2, 2)), none.crop(0, 0, (2, 2)), none.to("cpu")):
        assert len(moved) == 0
    assert len(none.boxes()) == 0


def test_select_takes_a_mask_or_numbers() -> None:
    two = Masks(torch.stack([torch.zeros(2, 2), torch.ones(2, 2)]).bool())
    assert two.select(torch.tensor([False, True])).area().tolist() == [4]
    assert two.select(torch.tensor([1, 1, 0])).area().tolist() == [4, 4, 0]


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [torch.zeros(2, 2, dtype=torch.bool), torch.zeros(1, 2, 2)])
def test_what_is_no_stack_of_booleans_is_refused(wrong: torch.Tensor) -> None:
    with pytest.raises(BadLabel, match=r"taken are booleans of shape \(masks, height, width\)"):
        Masks(wrong)
