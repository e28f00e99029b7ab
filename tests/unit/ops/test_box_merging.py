"""Greedy merging: numbers that a hand can check, the slow form of the paper, and what holds of all boxes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from saccade.errors import BadConfig, BadShape
from saccade.ops.box_merging import merge_boxes, merge_candidates
from saccade.ops.box_overlaps import diou

numbers = st.integers(0, 30)
corners = st.tuples(numbers, numbers, st.integers(1, 20), st.integers(1, 20), st.integers(1, 16))
crowds = st.lists(corners, min_size=1, max_size=12)


def crowd(rows: list[tuple[int, ...]]) -> tuple[Tensor, Tensor]:
    """Boxes with area, and confidences of sixteenths, which add up exactly."""
    table = torch.tensor(rows, dtype=torch.float64)
    return torch.cat([table[:, :2], table[:, :2] + table[:, 2:4]], 1), table[:, 4] / 16


def slow_merge(boxes: Tensor, sums: Tensor, threshold: float) -> list[list[float]]:
    """All pairs, again and again."""
    rows = [*torch.cat([boxes, sums[:, None]], 1)]
    while len(rows) > 1:
        table = 1 - diou(torch.stack(rows)[:, :4], torch.stack(rows)[:, :4])
        table.fill_diagonal_(9.0)
        one, other = divmod(int(table.argmin()), len(rows))
        if table[one, other] > threshold:
            break
        both = torch.cat([(rows[one][:4] + rows[other][:4]) / 2, (rows[one][4] + rows[other][4])[None]])
        rows[one] = both
        del rows[other]
    return sorted(row.tolist() for row in rows)


def table_of(found: tuple[Tensor, Tensor]) -> Tensor:
    return torch.tensor(sorted(torch.cat([found[0], found[1][:, None]], 1).tolist()), dtype=torch.float64)


def test_the_nearest_pair_goes_first_and_its_mean_meets_the_next() -> None:
    """Of 0–10, 1–11 and 5–15 the first two match; their mean 0.5–10.5 shares 5.5 of 14.5 with the third."""
    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [5, 0, 15, 10]])
    found, sums = merge_boxes(boxes, torch.tensor([0.5, 0.25, 0.125]))
    assert found.tolist() == [[0.5, 0.0, 10.5, 10.0], [5.0, 0.0, 15.0, 10.0]]
    assert sums.tolist() == [0.75, 0.125]
    score = 1 - 5.5 / 14.5 + 4.5**2 / (14.5**2 + 10**2)
    assert len(merge_boxes(boxes, torch.tensor([0.5, 0.25, 0.125]), match_threshold=score - 1e-6)[0]) == 2
    found, sums = merge_boxes(boxes, torch.tensor([0.5, 0.25, 0.125]), match_threshold=score + 1e-6)
    assert found.tolist() == [[2.75, 0.0, 12.75, 10.0]]
    assert sums.tolist() == [0.875]


def test_many_that_agree_outweigh_one_that_is_sure() -> None:
    boxes = torch.tensor([[50.0, 0, 60, 10], *[[0.0, 0, 10, 10]] * 4])
    found, sums = merge_boxes(boxes, torch.tensor([0.875, 0.25, 0.25, 0.25, 0.25]))
    assert found.tolist() == [[0, 0, 10, 10], [50, 0, 60, 10]]
    assert sums.tolist() == [1.0, 0.875]


def test_what_is_unsure_is_left_out_first_and_only_the_surest_are_merged() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]])
    sure = torch.tensor([0.04, 0.5, 0.05])
    assert merge_boxes(boxes, sure)[1].tolist() == pytest.approx([0.5, 0.05])
    assert merge_boxes(boxes, sure, most=1)[0].tolist() == [[20, 0, 30, 10]]
    assert merge_boxes(boxes[:0], sure[:0])[0].shape == (0, 4)


def test_boxes_without_area_stay_as_they_are() -> None:
    points = torch.tensor([[3.0, 3, 3, 3], [3, 3, 3, 3], [3, 3, 3, 9]])
    assert len(merge_boxes(points, torch.full((3,), 0.5))[0]) == 3


@given(crowds, st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.3, 2.0]))
@settings(max_examples=60, deadline=None)
def test_it_is_the_slow_form_unless_pairs_tie(rows: list[tuple[int, ...]], threshold: float) -> None:
    boxes, sure = crowd(rows)
    boxes = boxes + torch.rand(boxes.shape, generator=torch.Generator().manual_seed(len(rows)), dtype=boxes.dtype) / 9
    found = merge_boxes(boxes, sure, match_threshold=threshold, confidence_threshold=0.0)
    slow = torch.tensor(slow_merge(boxes, sure, threshold), dtype=torch.float64)
    torch.testing.assert_close(table_of(found), slow)


@given(crowds, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_boxes_makes_no_difference(rows: list[tuple[int, ...]], draws: Any) -> None:
    boxes, sure = crowd(rows)
    order = torch.tensor(draws.sample(range(len(rows)), len(rows)))
    assert torch.equal(table_of(merge_boxes(boxes, sure)), table_of(merge_boxes(boxes[order], sure[order])))


@given(corners, st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_equal_boxes_become_one_and_confidence_is_never_lost(row: tuple[int, ...], count: int) -> None:
    boxes, sure = crowd([row] * count)
    found, sums = merge_boxes(boxes, sure, match_threshold=0.0)
    assert torch.equal(found, boxes[:1])
    assert sums.item() == sure.sum().item()


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_boxes_that_are_apart_stay(sizes: list[int]) -> None:
    starts = torch.arange(len(sizes), dtype=torch.float64)[:, None] * 20
    boxes = torch.cat([starts, starts, starts + torch.tensor(sizes)[:, None], starts + 5], 1)
    found, _ = merge_boxes(boxes, torch.full((len(sizes),), 0.5), match_threshold=0.99)
    assert sorted(found.tolist()) == boxes.tolist()


def test_candidates_are_merged_class_by_class_and_image_by_image() -> None:
    box, beside, far = [0.0, 0, 10, 10], [2.0, 0, 12, 10], [40.0, 0, 50, 10]
    boxes = torch.tensor([[[box, box], [beside, far]], [[box, box], [beside, far]]])
    scores = torch.tensor([[[0.5, 0.5], [0.5, 0.25]], [[0.0, 0.0], [0.0, 1.0]]])
    found = merge_candidates({"boxes": boxes, "scores": scores})
    assert found["boxes"].tolist() == [[[1, 0, 11, 10], box, far], [far, [0] * 4, [0] * 4]]
    torch.testing.assert_close(
        found["scores"], torch.tensor([[[0.5, 0], [0, 1 / 3], [0, 0.2]], [[0, 0.5], [0, 0], [0, 0]]])
    )
    nothing = merge_candidates({"boxes": boxes, "scores": scores * 0})
    assert (nothing["boxes"].shape, nothing["scores"].any().item()) == ((2, 1, 4), False)


@pytest.mark.bad_input
def test_what_does_not_belong_together_or_is_out_of_range_is_refused() -> None:
    boxes, sure = torch.tensor([[0.0, 0, 1, 1]]), torch.tensor([0.5])
    with pytest.raises(BadShape, match="taken is one confidence for each box"):
        merge_boxes(boxes, sure.repeat(2))
    with pytest.raises(BadShape, match="not finite"):
        merge_boxes(boxes * float("nan"), sure)
    wrong: list[dict[str, Any]] = [
        {"match_threshold": 2.1}, {"match_threshold": -0.1}, {"confidence_threshold": -1.0}, {"most": 0}, {"most": 2.0},
    ]  # fmt: skip
    for one in wrong:
        with pytest.raises(BadConfig, match=f"got {next(iter(one))}=.*; taken (is|are) .*; "):
            merge_boxes(boxes, sure, **one)
