import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.ops.nms import nms

BOXES = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [30, 0, 40, 10], [30, 0, 40, 5]])


def test_the_surest_of_overlapping_boxes_stays():
    assert nms(BOXES, torch.tensor([0.7, 0.9, 0.8, 0.6])).tolist() == [1, 2, 3]  # the last two share exactly one half


def test_an_overlap_equal_to_the_threshold_stays_and_a_greater_one_goes():
    pair, sure = BOXES[2:], torch.tensor([0.9, 0.8])
    assert nms(pair, sure, iou_threshold=0.5).tolist() == [0, 1]
    assert nms(pair, sure, iou_threshold=0.49).tolist() == [0]


def test_a_confidence_equal_to_the_threshold_stays_and_a_lower_one_goes():
    sure = torch.tensor([0.6, 0.59])
    assert nms(BOXES[1:3], sure).tolist() == [0]
    assert nms(BOXES[1:3], sure, confidence_threshold=0.59).tolist() == [0, 1]


def test_of_equally_sure_boxes_the_first_is_taken_first():
    assert nms(BOXES[:2], torch.tensor([0.8, 0.8])).tolist() == [0]
    assert nms(BOXES[:2].flip(0), torch.tensor([0.8, 0.8])).tolist() == [0]


def test_a_box_that_was_discarded_discards_nothing():
    """The second covers the first and the third by more than half; those two share less."""
    chain = torch.tensor([[0.0, 0, 10, 10], [3, 0, 13, 10], [6, 0, 16, 10]])
    assert nms(chain, torch.tensor([0.9, 0.8, 0.7])).tolist() == [0, 2]


def test_no_boxes_and_none_that_are_sure_give_none():
    for boxes, sure in [(torch.zeros(0, 4), torch.zeros(0)), (BOXES, torch.zeros(4))]:
        kept = nms(boxes, sure)
        assert kept.tolist() == []
        assert kept.dtype == torch.int64


def test_boxes_without_area_suppress_nothing():
    point = torch.tensor([[5.0, 5, 5, 5], [5, 5, 5, 5]])
    assert nms(point, torch.tensor([0.9, 0.8]), iou_threshold=0.0).tolist() == [0, 1]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("boxes", "confidences", "thresholds", "error", "words"),
    [
        (BOXES, torch.ones(3), {}, BadShape, "4 boxes and confidences of shape (3,)"),
        (BOXES[0], torch.ones(1), {}, BadShape, "boxes[None]"),
        (BOXES * float("nan"), torch.ones(4), {}, BadShape, "not finite"),
        (BOXES, torch.full((4,), float("inf")), {}, BadShape, "not finite"),
        (BOXES, torch.ones(4), {"iou_threshold": 50}, BadConfig, "iou_threshold=50"),
        (BOXES, torch.ones(4), {"confidence_threshold": -1}, BadConfig, "confidence_threshold=-1"),
    ],
)
def test_what_is_no_set_of_boxes_is_refused(boxes, confidences, thresholds, error, words):
    with pytest.raises(error) as caught:
        nms(boxes, confidences, **thresholds)
    assert words in str(caught.value)
    assert str(caught.value).count("; ") >= 2
