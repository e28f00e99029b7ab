import pytest
import torch

from saccade.errors import UnknownName
from saccade.losses.box_overlap import box_overlap_loss

BOXES = torch.tensor([[0.0, 0, 2, 1], [0, 0, 1, 1]])
TARGETS = torch.tensor([[0.0, 0, 1, 1], [0, 0, 1, 1]])


def test_losses_by_hand():
    assert box_overlap_loss(BOXES, TARGETS, kind="iou", reduction="none").tolist() == [0.5, 0]
    assert box_overlap_loss(BOXES, TARGETS, kind="iou", reduction="sum").item() == 0.5
    assert box_overlap_loss(BOXES, TARGETS, kind="iou").item() == 0.25
    assert box_overlap_loss(BOXES, TARGETS).item() == 0.25  # neither hull is larger than its union


@pytest.mark.parametrize("kind", ["giou", "diou", "ciou"])
def test_distant_boxes_learn_to_meet(kind):
    boxes = torch.tensor([[20.0, 20, 24, 30]], requires_grad=True)
    target = torch.tensor([[5.0, 5, 15, 12]])
    optimiser = torch.optim.Adam([boxes], lr=0.3)
    for _ in range(300):
        optimiser.zero_grad()
        box_overlap_loss(boxes, target, kind=kind).backward()
        optimiser.step()
    assert box_overlap_loss(boxes, target, kind="iou") < 0.15


def test_of_no_boxes_it_is_0_and_can_be_differentiated():
    none = torch.zeros(0, 4, requires_grad=True)
    loss = box_overlap_loss(none, torch.zeros(0, 4))
    loss.backward()
    assert loss.item() == 0


@pytest.mark.bad_input
def test_another_reduction_is_refused():
    with pytest.raises(UnknownName, match="mean"):
        box_overlap_loss(BOXES, TARGETS, reduction="meen")
