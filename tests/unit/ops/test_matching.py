import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.ops.matching import match_anchors, match_default_boxes

OVERLAPS = torch.tensor([[0.9, 0.6, 0.2, 0.0], [0.1, 0.6, 0.25, 0.0]])


def test_thresholds_divide_objects_background_and_what_lies_between():
    matches = match_anchors(OVERLAPS, background_below=0.3, object_from=0.7)
    assert matches.tolist() == [0, -2, -1, -1]


def test_an_overlap_equal_to_a_threshold_reaches_it():
    exact = torch.tensor([[0.5, 0.25, 0.125]])
    assert match_anchors(exact, background_below=0.25, object_from=0.5).tolist() == [0, -2, -1]


def test_the_best_anchors_of_an_object_keep_their_own_best_object():
    """The second object's best anchor is the second, which overlaps the first as much: so it shows the first."""
    matches = match_anchors(OVERLAPS, background_below=0.3, object_from=0.7, allow_low_quality=True)
    assert matches.tolist() == [0, 0, -1, -1]


def test_an_object_that_nothing_touches_turns_no_anchor_into_an_object():
    overlaps = torch.tensor([[0.8, 0.0, 0.0], [0.0, 0.0, 0.0]])
    matches = match_anchors(overlaps, background_below=0.3, object_from=0.7, allow_low_quality=True)
    assert matches.tolist() == [0, -1, -1]


def test_every_object_gets_its_best_default_box():
    assert match_default_boxes(torch.tensor([[0.9, 0.6, 0.2], [0.1, 0.2, 0.3]])).tolist() == [0, 0, 1]
    assert match_default_boxes(torch.tensor([[0.4, 0.1], [0.3, 0.2]])).tolist() == [1, -1]


def test_without_objects_all_is_background():
    none = torch.zeros(0, 3)
    assert match_anchors(none, background_below=0.3, object_from=0.7, allow_low_quality=True).tolist() == [-1] * 3
    assert match_default_boxes(none).tolist() == [-1] * 3
    assert match_default_boxes(torch.zeros(3, 0)).tolist() == []


@pytest.mark.bad_input
def test_thresholds_out_of_order_and_other_shapes_are_refused():
    with pytest.raises(BadConfig, match="background_below"):
        match_anchors(OVERLAPS, background_below=0.7, object_from=0.3)
    with pytest.raises(BadShape, match="objects, anchors"):
        match_default_boxes(OVERLAPS[0])
