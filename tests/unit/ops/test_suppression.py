import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.ops.nms import nms
from saccade.ops.suppression import suppress, suppress_by_class

BOXES = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [30, 0, 40, 10], [30, 0, 40, 5]])


def crowd(number, *, spread, smallest, largest, seed=0):
    generator = torch.Generator().manual_seed(seed)
    middle = torch.rand(number, 2, generator=generator) * spread
    half = (smallest + torch.rand(number, 2, generator=generator) * (largest - smallest)) / 2
    confidences = (torch.rand(number, generator=generator) * 50).floor() / 50
    return torch.cat([middle - half, middle + half], 1), confidences


def test_the_surest_of_overlapping_boxes_stays_and_equal_to_the_threshold_too():
    assert suppress(BOXES, torch.tensor([0.7, 0.9, 0.8, 0.6])).tolist() == [1, 2, 3]
    assert suppress(BOXES, torch.tensor([0.7, 0.9, 0.8, 0.6]), 0.49).tolist() == [1, 2]


def test_a_threshold_that_floats_cannot_tell_is_taken_as_that_of_the_boxes():
    third = torch.tensor([[0.0, 0, 10, 1], [0, 0, 3, 1]])  # they share exactly 0.3
    assert suppress(third, torch.tensor([0.9, 0.8]), 0.3).tolist() == [0, 1]


def test_a_box_that_was_discarded_discards_nothing():
    chain = torch.tensor([[0.0, 0, 10, 10], [3, 0, 13, 10], [6, 0, 16, 10]])
    assert suppress(chain, torch.tensor([0.9, 0.8, 0.7])).tolist() == [0, 2]


def test_classes_never_meet_and_the_surest_of_all_comes_first():
    sure = torch.tensor([0.7, 0.9, 0.8, 0.95])
    assert suppress_by_class(BOXES, sure, torch.tensor([0, -7, 10**9, 10**9]), 0.4).tolist() == [3, 1, 0]


def test_any_type_of_number_and_confidences_above_one():
    assert suppress(BOXES.int(), torch.tensor([1.0, 9, 3, -2])).tolist() == [1, 2, 3]
    assert suppress(BOXES.half(), torch.tensor([1.0, 9, 3, 2]).bfloat16()).tolist() == [1, 2, 3]


def test_no_boxes_give_none():
    none = suppress(torch.zeros(0, 4), torch.zeros(0))
    assert none.dtype == torch.int64
    assert none.tolist() == []
    assert suppress_by_class(torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, dtype=torch.int64)).tolist() == []


@pytest.mark.parametrize(
    ("spread", "smallest", "largest"),
    [(1000.0, 5, 100), (60.0, 20, 90), (0.0, 1, 800), (1e-3, 1e-30, 1e-3), (1e9, 0, 1e9)],
)
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.7])
def test_it_is_the_notes_algorithm_among_many_boxes_scattered_or_crowded(spread, smallest, largest, threshold):
    boxes, sure = crowd(700, spread=spread, smallest=smallest, largest=largest)
    expected = nms(boxes, sure, iou_threshold=threshold, confidence_threshold=0)
    assert torch.equal(suppress(boxes, sure, threshold), expected)
    assert torch.equal(suppress_by_class(boxes, sure, torch.full((700,), 3), threshold), expected)


def test_numbers_too_large_or_small_for_their_squares_are_treated_as_the_notes_do():
    extremes = torch.tensor([-3e38, -1e20, 0, 1e-45, 1e-20, 1, 1e20, 3e38])
    boxes = torch.cartesian_prod(extremes[:6], extremes[:3], extremes[2:], extremes[4:])
    sure = torch.linspace(0, 1, len(boxes))
    for threshold in (0.0, 0.5):
        expected = nms(boxes, sure, iou_threshold=threshold, confidence_threshold=0)
        assert torch.equal(suppress(boxes, sure, threshold), expected)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("boxes", "confidences", "threshold", "error", "words"),
    [
        (BOXES, torch.ones(3), 0.5, BadShape, "4 boxes and confidences of shape (3,)"),
        (BOXES[0], torch.ones(1), 0.5, BadShape, "boxes[None]"),
        (BOXES * float("nan"), torch.ones(4), 0.5, BadShape, "not finite"),
        (BOXES, torch.full((4,), float("inf")), 0.5, BadShape, "not finite"),
        (BOXES, torch.ones(4), 50, BadConfig, "iou_threshold=50"),
    ],
)
def test_what_is_no_set_of_boxes_is_refused(boxes, confidences, threshold, error, words):
    with pytest.raises(error) as caught:
        suppress(boxes, confidences, threshold)
    assert words in str(caught.value)
    assert str(caught.value).count("; ") >= 2


@pytest.mark.bad_input
def test_classes_that_are_not_as_many_or_no_whole_numbers_are_refused():
    for classes in (torch.zeros(3, dtype=torch.int64), torch.zeros(4)):
        with pytest.raises(BadShape, match="classes of shape"):
            suppress_by_class(BOXES, torch.ones(4), classes)
