"""Boxes: hand-checked corners, areas and moves."""

from __future__ import annotations

import pytest
import torch

from saccade.errors import BadLabel
from saccade.types.boxes import Boxes


def boxes(*rows: tuple[float, float, float, float], size: tuple[int, int] = (10, 20)) -> Boxes:
    return Boxes(torch.tensor(rows, dtype=torch.float32).reshape(-1, 4), size)


def rows(some: Boxes) -> list[list[float]]:
    return some.coordinates.tolist()


def test_area_is_width_times_height() -> None:
    assert boxes((1, 2, 4, 6), (0, 0, 20, 10)).area().tolist() == [12, 200]


def test_a_mirror_swaps_the_distances_to_the_left_and_right_edge() -> None:
    assert rows(boxes((1, 2, 4, 6)).mirror()) == [[16, 2, 19, 6]]


def test_scale_stretches_each_axis_on_its_own() -> None:
    scaled = boxes((1, 2, 4, 6)).scale((20, 10))
    assert rows(scaled) == [[0.5, 4, 2, 12]]
    assert scaled.size == (20, 10)


def test_crop_moves_cuts_and_keeps_the_places_of_what_it_loses() -> None:
    cropped = boxes((1, 2, 4, 6), (15, 0, 20, 3), (3, 3, 30, 30)).crop(1, 2, (4, 5))
    assert rows(cropped) == [[0, 1, 2, 4], [5, 0, 5, 2], [1, 2, 5, 4]]
    assert (cropped.area() > 0).tolist() == [True, False, True]


def test_a_crop_with_a_negative_corner_pads() -> None:
    padded = boxes((1, 2, 4, 6)).crop(-3, -1, (20, 30))
    assert rows(padded) == [[2, 5, 5, 9]]
    assert padded.size == (20, 30)


def test_clip_cuts_at_the_edges_of_the_image() -> None:
    assert rows(boxes((-5, -5, 5, 50)).clip()) == [[0, 0, 5, 10]]


def test_select_takes_a_mask_or_numbers() -> None:
    three = boxes((0, 0, 1, 1), (0, 0, 2, 2), (0, 0, 3, 3))
    assert three.select(torch.tensor([True, False, True])).area().tolist() == [1, 9]
    assert three.select(torch.tensor([2, 0])).area().tolist() == [9, 1]


def test_no_boxes_are_fine_everywhere() -> None:
    none = boxes()
    for moved in (none.mirror(), none.clip(), none.scale((3, 3)), none.crop(0, 0, (2, 2)), none.to("cpu")):
        assert len(moved) == 0


def test_centre_and_size_say_the_same_as_corners() -> None:
    assert boxes((1, 2, 4, 6)).cxcywh().tolist() == [[2.5, 4, 3, 4]]
    assert rows(Boxes.from_cxcywh(torch.tensor([[2.5, 4.0, 3.0, 4.0]]), (10, 20))) == [[1, 2, 4, 6]]


@pytest.mark.bad_input
@pytest.mark.parametrize("row", [(float("nan"), 0, 1, 1), (0, 0, float("inf"), 1), (3, 0, 1, 1), (0, 3, 1, 1)])
def test_a_box_that_means_nothing_is_named(row: tuple[float, float, float, float]) -> None:
    with pytest.raises(BadLabel, match=r"got box 1 = .*, one of 1 such; taken are finite"):
        boxes((0, 0, 1, 1), row)


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [torch.zeros(4), torch.zeros(1, 5), torch.zeros(1, 4, dtype=torch.int64)])
def test_what_is_no_list_of_boxes_is_refused(wrong: torch.Tensor) -> None:
    with pytest.raises(BadLabel, match=r"taken are floats of shape \(boxes, 4\)"):
        Boxes(wrong, (10, 10))


@pytest.mark.bad_input
def test_an_image_without_pixels_is_refused() -> None:
    with pytest.raises(BadLabel, match=r"got an image of size \(0, 5\)"):
        boxes(size=(0, 5))
