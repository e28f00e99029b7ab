"""Warps: points, boxes and origins that a hand can follow."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.errors import BadConfig
from saccade.types.warp import Warp

QUARTER = np.array([[0.0, -1.0, 4.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])  # a quarter turn to the right of 4 rows


def test_a_quarter_turn_takes_the_top_left_corner_to_the_top_right() -> None:
    turned = Warp(QUARTER, (4, 6), (6, 4))
    assert turned.points(np.array([[0.0, 0.0], [6.0, 4.0], [1.0, 0.0]])).tolist() == [[4, 0], [0, 6], [4, 1]]
    assert not turned.mirrors


def test_origins_are_the_points_that_pixels_show() -> None:
    doubled = Warp(np.diag([2.0, 2.0, 1.0]), (1, 2), (2, 4))
    assert doubled.origins()[0].tolist() == [[0.25, 0.25], [0.75, 0.25], [1.25, 0.25], [1.75, 0.25]]


def test_a_mirror_is_told_from_a_turn() -> None:
    assert Warp(np.array([[-1.0, 0, 6], [0, 1, 0], [0, 0, 1]]), (4, 6), (4, 6)).mirrors
    assert not Warp(np.array([[-1.0, 0, 6], [0, -1, 4], [0, 0, 1]]), (4, 6), (4, 6)).mirrors


def test_a_projective_matrix_divides() -> None:
    tilted = Warp(np.array([[1.0, 0, 0], [0, 1, 0], [0.1, 0, 1]]), (10, 10), (10, 10))
    assert tilted.points(np.array([[10.0, 4.0]])).tolist() == [[5.0, 2.0]]


def test_a_matrix_that_is_a_multiple_moves_nothing() -> None:
    assert Warp(3 * np.eye(3), (4, 4), (4, 4)).points(np.array([[1.0, 2.0]])).tolist() == [[1.0, 2.0]]


def test_a_box_that_turns_by_45_degrees_grows_by_the_square_root_of_two() -> None:
    half = np.sqrt(0.5)
    turn = Warp(np.array([[half, -half, 0], [half, half, 0], [0, 0, 1]]), (10, 10), (10, 10))
    assert turn.boxes(np.array([[0.0, 0.0, 2.0, 2.0]]))[0] == pytest.approx([-2 * half, 0, 2 * half, 4 * half])


def test_a_field_that_shifts_everything_moves_points_the_other_way() -> None:
    """The result shows at p what it would show at p + shift: so what was at q is now at q − shift."""
    shifted = Warp(np.eye(3), (8, 8), (8, 8), np.full((2, 2, 2), 1.5))
    assert shifted.points(np.array([[4.0, 5.0]])).tolist() == [[2.5, 3.5]]
    assert shifted.origins()[0, 0].tolist() == [2.0, 2.0]
    assert shifted.boxes(np.array([[4.0, 4.0, 6.0, 6.0]])).tolist() == [[2.5, 2.5, 4.5, 4.5]]


def test_a_field_is_linear_between_its_grid_points() -> None:
    field = np.zeros((2, 3, 2))
    field[:, 1, 0] = 1.0  # to the right in the middle column alone
    warp = Warp(np.eye(3), (2, 8), (2, 8), field)
    moved = (warp.origins()[0, :, 0] - np.arange(8) - 0.5).tolist()
    assert moved == [0.125, 0.375, 0.625, 0.875, 0.875, 0.625, 0.375, 0.125]


def test_no_points_and_no_boxes_are_fine() -> None:
    warp = Warp(np.eye(3), (2, 2), (2, 2), np.zeros((2, 2, 2)))
    assert warp.points(np.zeros((0, 2))).shape == (0, 2)
    assert warp.boxes(np.zeros((0, 4))).shape == (0, 4)


@pytest.mark.bad_input
def test_what_has_no_inverse_or_no_size_is_refused() -> None:
    with pytest.raises(BadConfig, match="taken is one with an inverse"):
        Warp(np.diag([1.0, 0.0, 1.0]), (4, 4), (4, 4))
    with pytest.raises(BadConfig, match="both ≥ 1"):
        Warp(np.eye(3), (4, 0), (4, 4))
