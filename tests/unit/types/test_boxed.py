import numpy as np
import pytest
import torch

from saccade.errors import BadLabel
from saccade.types.annotations import Annotations
from saccade.types.batch import Batch
from saccade.types.boxed import check_boxed, learnable, on_picture
from saccade.types.boxes import Boxes
from saccade.types.warp import Warp


def things(*boxes, crowd=None):
    rows = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    return Annotations((8, 8), torch.arange(len(boxes)), Boxes(rows, (8, 8)), crowd=crowd)


def test_boxes_of_known_classes_and_pictures_without_any_pass():
    targets = [things((0, 0, 1, 1)), things(), Annotations((8, 8))]
    assert check_boxed(targets, ["cat"]) == tuple(targets)
    assert len(check_boxed([things(*[(0, 0, 1, 1)] * 9)], ())) == 1


def test_crowds_and_boxes_without_an_area_are_not_learnt_from():
    target = things((0, 0, 4, 4), (2, 2, 2, 6), (0, 0, 8, 8), crowd=torch.tensor([False, False, True]))
    assert learnable(target).tolist() == [True, False, False]
    assert learnable(Annotations((8, 8), torch.tensor([0]))).tolist() == [False]


def test_boxes_return_to_their_picture():
    """The picture was scaled by 1/2 and put 1 to the right and 2 down."""
    warp = Warp(np.array([[0.5, 0, 1], [0, 0.5, 2], [0, 0, 1]]), (10, 12), (8, 8))
    batch = Batch(torch.zeros(2, 1, 0, 0), torch.tensor([[8, 8], [8, 8]]), placements=(warp, warp))
    boxes, size = on_picture(torch.tensor([[1.0, 2, 7, 7], [0, 0, 8, 8]]), batch, 1)
    assert boxes.tolist() == [[0, 0, 12, 10], [-2, -4, 14, 12]]
    assert size == (10, 12)


def test_without_placements_the_image_is_the_picture():
    batch = Batch(torch.zeros(1, 1, 0, 0), torch.tensor([[6, 8]]))
    boxes, size = on_picture(torch.tensor([[1.0, 2, 7, 7]]), batch, 0)
    assert (boxes.tolist(), size) == ([[1, 2, 7, 7]], (6, 8))


@pytest.mark.bad_input
def test_all_targets_that_mean_nothing_are_listed():
    with pytest.raises(BadLabel) as caught:
        check_boxed([3, things(), Annotations((8, 8), torch.tensor([0])), things(*[(0, 0, 1, 1)] * 3)], ["cat", "dog"])
    lines = str(caught.value).splitlines()
    assert [line[:12] for line in lines] == ["got target 0", "got target 2", "got class id"]
    assert "[0, 1, 2] in target 3; taken are 0 to 1" in lines[2]
