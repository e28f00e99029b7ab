import pytest
import torch

from saccade.errors import BadShape
from saccade.ops.anchor_assignment import assign_anchors
from saccade.ops.anchor_shapes import shape_overlaps
from saccade.ops.boxes import iou

TALL, WIDE = (10.0, 40.0), (40.0, 10.0)
ANCHORS = torch.tensor([TALL, WIDE])


def test_the_overlap_of_shapes_is_that_of_boxes_on_one_middle():
    sizes = torch.tensor([[12.0, 30], [50, 8], [20, 20]])
    as_boxes = [torch.cat([-shapes / 2, shapes / 2], 1) for shapes in (sizes, ANCHORS)]
    torch.testing.assert_close(shape_overlaps(sizes, ANCHORS), iou(*as_boxes))


def test_two_things_of_one_cell_get_an_anchor_each():
    sizes, cells = torch.tensor([[11.0, 39], [38, 10]]), torch.tensor([[2, 2], [2, 2]])
    assert assign_anchors(sizes, cells, ANCHORS).tolist() == [0, 1]
    assert assign_anchors(sizes.flip(0), cells, ANCHORS).tolist() == [1, 0]


def test_who_suits_an_anchor_best_gets_it_and_the_other_its_next():
    sizes, cells = torch.tensor([[14.0, 40], [10, 40], [10, 41]]), torch.tensor([[2, 2], [2, 2], [2, 2]])
    assert assign_anchors(sizes, cells, ANCHORS).tolist() == [1, 0, -1]


def test_things_of_different_cells_do_not_compete():
    sizes = torch.tensor([TALL, TALL])
    assert assign_anchors(sizes, torch.tensor([[2, 2], [2, 3]]), ANCHORS).tolist() == [0, 0]
    assert assign_anchors(torch.zeros(0, 2), torch.zeros(0, 2, dtype=torch.int64), ANCHORS).tolist() == []


@pytest.mark.bad_input
def test_cells_must_be_as_many_as_things():
    with pytest.raises(BadShape, match=r"2 things and cells of shape \(1, 2\)"):
        assign_anchors(ANCHORS, torch.tensor([[1, 1]]), ANCHORS)
