import math

import pytest
import torch

from saccade.errors import BadShape, UnknownName
from saccade.ops.box_overlaps import ciou, diou, giou, overlap_by_row
from saccade.ops.boxes import iou

UNIT = torch.tensor([[0.0, 0, 1, 1]])
APART = torch.tensor([[3.0, 0, 4, 1]])
KINDS = ("iou", "giou", "diou", "ciou")
HARD = torch.tensor(
    [
        [0.0, 0, 10, 10],
        [5, 5, 5, 5],
        [5, 5, 5, 9],
        [5, 5, 9, 5],
        [10, 0, 20, 10],
        [1e-20, 0, 2e-20, 1e-20],
        [0, 0, 1e6, 1e-6],
        [9, 9, 1, 1],
    ]
)


def test_distant_boxes_by_hand():
    assert giou(UNIT, APART).item() == pytest.approx(0 - (4 - 2) / 4)
    assert diou(UNIT, APART).item() == pytest.approx(-9 / 17)
    assert ciou(UNIT, APART).item() == pytest.approx(-9 / 17)


def test_a_difference_in_shape_counts_in_ciou_alone():
    wide = torch.tensor([[0.0, 0, 2, 1]])
    shape = 4 / math.pi**2 * (math.atan(2) - math.atan(1)) ** 2
    expected = 0.5 - 0.25 / 5 - shape**2 / (1 - 0.5 + shape)
    assert ciou(UNIT, wide).item() == pytest.approx(expected)


def test_equal_boxes_have_one_and_boxes_without_area_none():
    for kind in KINDS:
        assert overlap_by_row(UNIT, UNIT, kind).item() == 1
        assert overlap_by_row(HARD[1:2], HARD[1:2], kind).item() == 0


def test_rows_are_the_diagonal_of_all_pairs():
    others = HARD.roll(1, 0)
    for kind, measure in [("iou", iou), ("giou", giou), ("diou", diou), ("ciou", ciou)]:
        torch.testing.assert_close(overlap_by_row(HARD, others, kind), measure(HARD, others).diagonal())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_values_and_gradients_of_every_pair_of_hard_boxes_are_finite(kind, dtype):
    first, second = (rows.reshape(-1, 4).to(dtype) for rows in torch.broadcast_tensors(HARD[:, None], HARD[None]))
    first, second = first.clone().requires_grad_(), second.clone().requires_grad_()
    values = overlap_by_row(first, second, kind)
    values.sum().backward()
    assert values.isfinite().all()
    assert first.grad.isfinite().all()
    assert second.grad.isfinite().all()


@pytest.mark.parametrize("kind", ["iou", "giou", "diou"])
def test_gradients_are_what_differences_say(kind):
    boxes = torch.tensor([[0.0, 0, 4, 3], [1, 1, 6, 5]], dtype=torch.float64, requires_grad=True)
    others = torch.tensor([[1.0, -1, 5, 2], [20, 9, 30, 11]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda a, b: overlap_by_row(a, b, kind), (boxes, others))


def test_large_boxes_of_half_precision_do_not_overflow():
    large = torch.tensor([[0.0, 0, 2000, 2000]], dtype=torch.float16)
    assert overlap_by_row(large, large, "ciou").item() == 1


def test_there_may_be_no_boxes():
    none = torch.zeros(0, 4)
    assert giou(none, UNIT).shape == (0, 1)
    assert overlap_by_row(none, none, "ciou").shape == (0,)


@pytest.mark.bad_input
def test_other_kinds_and_other_numbers_of_rows_are_refused():
    with pytest.raises(UnknownName, match="'ciou'"):
        overlap_by_row(UNIT, UNIT, "cio")
    with pytest.raises(BadShape, match="1 boxes and 8 others"):
        overlap_by_row(UNIT, HARD, "iou")
