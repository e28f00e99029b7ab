import pytest
import torch

from saccade.errors import BadShape
from saccade.ops.boxes import area, iou

A = torch.tensor([[20.0, 20, 100, 80]])


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ([20.0, 20, 100, 80], 1.0),
        ([40.0, 30, 100, 90], 3000 / 5400),
        ([100.0, 20, 180, 80], 0.0),  # they touch
        ([300.0, 300, 310, 310], 0.0),
        ([60.0, 20, 100, 80], 0.5),  # the right half
        ([40.0, 40, 40, 60], 0.0),  # no width
        ([100.0, 80, 20, 20], 0.0),  # turned inside out
    ],
)
def test_the_iou_of_two_boxes_is_what_a_hand_computes(other, expected):
    assert iou(A.double(), torch.tensor([other]).double()).item() == pytest.approx(expected, abs=1e-12)


def test_every_box_meets_every_other():
    assert iou(A.repeat(3, 1), A.repeat(2, 1)).shape == (3, 2)
    assert iou(torch.zeros(0, 4), A).shape == (0, 1)


def test_a_box_without_area_has_nothing_in_common_even_with_itself():
    point = torch.tensor([[5.0, 5, 5, 5]])
    assert iou(point, point).item() == 0
    assert area(point).item() == 0


def test_whole_numbers_are_boxes_too():
    assert iou(torch.tensor([[0, 0, 10, 10]]), torch.tensor([[0, 0, 10, 5]])).item() == 0.5
    assert area(torch.tensor([[0, 0, 200, 200]], dtype=torch.uint8)).item() == 40_000


def test_the_gradient_is_finite_where_boxes_do_not_meet():
    boxes = torch.tensor([[0.0, 0, 1, 1], [3.0, 3, 3, 3]], requires_grad=True)
    iou(boxes, torch.tensor([[5.0, 5, 6, 6], [3.0, 3, 3, 3]])).sum().backward()
    assert boxes.grad is not None
    assert boxes.grad.isfinite().all()


@pytest.mark.bad_input
@pytest.mark.parametrize(("shape", "cure"), [((4,), "boxes[None]"), ((3, 5), "one row for each box")])
def test_rows_that_are_not_four_numbers_are_refused(shape, cure):
    with pytest.raises(BadShape) as caught:
        iou(torch.zeros(shape), A)
    assert str(shape) in str(caught.value)
    assert cure in str(caught.value)
