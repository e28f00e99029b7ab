"""Outlines: areas, masks and cuts that a hand can check."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from saccade.errors import BadLabel
from saccade.types.polygons import Polygons
from saccade.types.warp import Warp


def polygons(*things: list[list[tuple[float, float]]], size: tuple[int, int] = (10, 10)) -> Polygons:
    return Polygons(tuple(tuple(torch.tensor(ring, dtype=torch.float64) for ring in thing) for thing in things), size)


def square(x1: float, y1: float, x2: float, y2: float) -> list[tuple[float, float]]:
    return [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]


def test_the_area_of_a_triangle_is_half_of_base_times_height() -> None:
    assert polygons([[(0, 0), (6, 0), (3, 4)]]).area().tolist() == [12]


def test_rings_add_up() -> None:
    two = polygons([square(0, 0, 2, 2), square(5, 5, 8, 8)])
    assert two.area().tolist() == [13]
    assert two.masks().area().tolist() == [13]
    assert two.boxes().coordinates.tolist() == [[0, 0, 8, 8]]


def test_a_pixel_belongs_to_what_holds_its_centre() -> None:
    mask = polygons([square(0.6, 0, 2.4, 1)], size=(2, 4)).masks().pixels[0]
    assert mask.tolist() == [[False, True, False, False], [False] * 4]
    assert polygons([square(0.4, 0, 2.6, 1)], size=(1, 4)).masks().pixels[0, 0].tolist() == [True, True, True, False]


def test_a_ring_that_winds_around_a_hole_leaves_it_empty() -> None:
    """Out along the outer square, in along a slit, around the inner one the other way, and back."""
    ring = [(0, 0), (6, 0), (6, 6), (0, 6), (0, 0), (2, 2), (2, 4), (4, 4), (4, 2), (2, 2)]
    assert polygons([ring]).masks().area().tolist() == [32]


def test_a_crop_cuts_at_its_edges() -> None:
    cropped = polygons([square(2, 2, 8, 8)], [square(0, 0, 1, 1)]).crop(0, 5, (6, 5))
    assert cropped.area().tolist() == [12, 0]
    assert cropped.boxes().coordinates.tolist() == [[0, 2, 3, 6], [0, 0, 0, 0]]
    assert cropped.rings[1] == ()


def test_a_mirror_and_a_scale_follow_the_image() -> None:
    one = polygons([square(0, 0, 2, 1)], size=(4, 10))
    assert one.mirror().boxes().coordinates.tolist() == [[8, 0, 10, 1]]
    assert one.scale((8, 5)).boxes().coordinates.tolist() == [[0, 0, 1, 2]]


def test_a_warp_moves_points_and_cuts() -> None:
    doubled = polygons([square(1, 1, 3, 3)], size=(4, 4)).warp(Warp(np.diag([2.0, 2.0, 1.0]), (4, 4), (4, 4)))
    assert doubled.boxes().coordinates.tolist() == [[2, 2, 4, 4]]


def test_long_edges_bend_with_a_local_warp() -> None:
    """The outline of a square, bent, fills what the bent mask of the square fills."""
    field = np.zeros((5, 5, 2))
    field[1:4, 2, 0], field[2, 1:4, 1] = 6.0, -5.0
    warp = Warp(np.eye(3), (64, 64), (64, 64), field)
    one = polygons([square(8, 8, 56, 56)], size=(64, 64))
    outline, mask = one.warp(warp).masks().pixels, one.masks().warp(warp).pixels
    assert float((outline & mask).sum() / (outline | mask).sum()) > 0.99
    assert one.warp(warp).area().tolist() == pytest.approx([float(mask.sum())], rel=0.01)


def test_select_keeps_their_order() -> None:
    three = polygons([square(0, 0, 1, 1)], [square(0, 0, 2, 2)], [square(0, 0, 3, 3)])
    assert three.select(torch.tensor([2, 0])).area().tolist() == [9, 1]
    assert three.select(torch.tensor([False, True, False])).area().tolist() == [4]


def test_no_things_are_fine_everywhere() -> None:
    none = polygons()
    assert (len(none), none.area().shape, none.masks().pixels.shape) == (0, (0,), (0, 10, 10))
    assert none.boxes().coordinates.shape == (0, 4)


@pytest.mark.bad_input
def test_points_that_are_not_finite_are_refused() -> None:
    with pytest.raises(BadLabel, match="taken are finite points"):
        polygons([[(0, 0), (float("nan"), 1), (2, 2)]])
