"""Keypoints: hand-checked moves, and names that swap in a mirror."""

from __future__ import annotations

import pytest
import torch

from saccade.errors import BadLabel
from saccade.types.keypoints import Keypoints


def face() -> Keypoints:
    """Left eye, right eye, mouth."""
    points = torch.tensor([[[2.0, 3.0], [7.0, 3.0], [4.0, 6.0]]])
    return Keypoints(points, torch.tensor([[2, 1, 2]]), (8, 10), ((0, 1),))


def test_a_mirror_swaps_left_and_right_points_and_leaves_the_others() -> None:
    mirrored = face().mirror()
    assert mirrored.points.tolist() == [[[3, 3], [8, 3], [6, 6]]]
    assert mirrored.visibility.tolist() == [[1, 2, 2]]


def test_scale_stretches_each_axis_on_its_own() -> None:
    assert face().scale((4, 20)).points.tolist() == [[[4, 1.5], [14, 1.5], [8, 3]]]


def test_a_point_cropped_away_is_no_longer_labelled() -> None:
    cropped = face().crop(0, 3, (5, 5))
    assert cropped.points.tolist() == [[[-1, 3], [4, 3], [1, 6]]]
    assert cropped.visibility.tolist() == [[0, 1, 0]]
    assert cropped.size == (5, 5)


def test_select_and_move_keep_points_and_visibility_together() -> None:
    two = Keypoints(torch.zeros(2, 1, 2), torch.tensor([[0], [2]]), (4, 4))
    assert two.select(torch.tensor([1])).visibility.tolist() == [[2]]
    assert len(two.to("cpu")) == 2


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("points", "visibility"), [((0.0, float("nan")), 2), ((0.0, float("inf")), 0), ((1.0, 1.0), 3), ((1.0, 1.0), -1)]
)
def test_a_point_that_means_nothing_is_named(points: tuple[float, float], visibility: int) -> None:
    with pytest.raises(BadLabel, match="got point 0 of thing 0"):
        Keypoints(torch.tensor([[points]]), torch.tensor([[visibility]]), (4, 4))


@pytest.mark.bad_input
@pytest.mark.parametrize("swaps", [((0, 3),), ((0, 1), (1, 2)), ((1, 1),)])
def test_pairs_that_do_not_fit_are_refused(swaps: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(BadLabel, match=r"got swaps=.* for 3 points"):
        Keypoints(torch.zeros(1, 3, 2), torch.zeros(1, 3, dtype=torch.int64), (4, 4), swaps)


@pytest.mark.bad_input
def test_as_many_visibilities_as_points_are_wanted() -> None:
    with pytest.raises(BadLabel, match="give one visibility for each point"):
        Keypoints(torch.zeros(1, 3, 2), torch.zeros(1, 2, dtype=torch.int64), (4, 4))
