"""Of the background, only what looks least like it is learnt from."""

from __future__ import annotations

import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.ops.hard_negatives import hard_negatives


def chosen(costs: list[list[float]], objects: list[list[int]], ratio: int = 3) -> list[list[int]]:
    found = hard_negatives(torch.tensor(costs), torch.tensor(objects).bool(), ratio=ratio)
    return [row.nonzero()[:, 0].tolist() for row in found]


def test_three_of_the_dearest_are_chosen_for_each_object():
    assert chosen([[0.1, 5.0, 0.3, 0.9, 0.2, 0.8]], [[1, 0, 0, 0, 0, 0]]) == [[1, 3, 5]]
    assert chosen([[0.1, 5.0, 0.3, 0.9, 0.2, 0.8]], [[1, 0, 0, 0, 0, 0]], ratio=1) == [[1]]


def test_what_shows_an_object_is_never_chosen_however_dear():
    assert chosen([[9.0, 8.0, 0.3, 0.9]], [[1, 1, 0, 0]]) == [[2, 3]]


def test_each_image_counts_by_itself():
    costs = [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]] * 2
    assert chosen(costs, [[1, 0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0]]) == [[5, 6, 7], [2, 3, 4, 5, 6, 7]]


def test_an_image_without_objects_trains_as_background():
    assert chosen([[0.5, 0.1, 0.9, 0.7, 0.2]], [[0] * 5]) == [[0, 2, 3]]


def test_of_equals_those_that_come_first_are_chosen():
    assert chosen([[0.0] * 6], [[0, 1, 0, 0, 0, 0]]) == [[0, 2, 3]]


def test_costs_that_are_not_finite_are_chosen_so_that_the_loss_shows_them():
    assert chosen([[1.0, float("inf"), 2.0, 3.0]], [[1, 0, 0, 0]], ratio=1) == [[1]]
    assert chosen([[1.0, float("nan"), 2.0, 3.0]], [[1, 0, 0, 0]], ratio=1) == [[1]]


def test_no_images_give_nothing():
    assert hard_negatives(torch.zeros(0, 5), torch.zeros(0, 5, dtype=torch.bool)).shape == (0, 5)


@pytest.mark.bad_input
@pytest.mark.parametrize("ratio", [0, -1, 2.5, True])
def test_a_ratio_that_is_none_is_refused(ratio):
    with pytest.raises(BadConfig, match=f"got ratio={ratio}; taken are whole numbers"):
        hard_negatives(torch.zeros(1, 5), torch.zeros(1, 5, dtype=torch.bool), ratio=ratio)


@pytest.mark.bad_input
def test_tables_that_do_not_belong_together_are_refused():
    with pytest.raises(BadShape, match=r"costs of shape \(1, 5\) and objects of shape \(1, 4\)"):
        hard_negatives(torch.zeros(1, 5), torch.zeros(1, 4, dtype=torch.bool))
    with pytest.raises(BadShape, match="two tables"):
        hard_negatives(torch.zeros(5), torch.zeros(5, dtype=torch.bool))
