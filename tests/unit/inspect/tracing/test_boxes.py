import pytest

from saccade.errors import BadLabel, BadShape
from saccade.inspect.tracing.boxes import canvas_of, overlap, read_boxes


def test_two_boxes_share_what_a_hand_computes():
    common = overlap((20, 20, 100, 80), (40, 30, 100, 90))
    assert (common.corners, common.areas, common.intersection, common.union) == (
        (40, 30, 100, 80),
        (4800, 3600),
        3000,
        5400,
    )
    assert common.iou == 3000 / 5400


@pytest.mark.parametrize("other", [(100, 0, 110, 10), (10, 0, 20, 10), (5, 5, 5, 5), (0, 20, 10, 30)])
def test_boxes_that_share_nothing_have_no_iou(other):
    assert overlap((0, 0, 10, 10), other).iou == 0


def test_boxes_are_rows_with_more_behind_the_corners():
    assert read_boxes("0 0 2 3 .5\n1 1 2 2 1", 5) == [((0, 0, 2, 3), (0.5,)), ((1, 1, 2, 2), (1,))]


def test_a_column_may_be_left_out():
    assert read_boxes("0 0 2 3 .5 7", 5, most=6) == [((0, 0, 2, 3), (0.5, 7))]
    assert read_boxes("0 0 2 3 .5", 5, most=6) == [((0, 0, 2, 3), (0.5,))]


def test_a_canvas_has_room_for_all():
    assert canvas_of([(10, 5, 30, 20), (0, 8, 40, 9)]) == (25, 40)
    assert canvas_of([(-5, -5, -1, -1)]) == (1, 1)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("0 0 2 3", BadShape, "x1 y1 x2 y2 confidence"),
        ("0 0 2 3 1; 5 0 2 3 1", BadLabel, "box 2 = [5.0, 0.0, 2.0, 3.0]"),
    ],
)
def test_what_is_no_box_is_refused(text, error, words):
    with pytest.raises(error) as caught:
        read_boxes(text, 5)
    assert words in str(caught.value)


@pytest.mark.bad_input
def test_what_was_given_is_called_by_its_name():
    with pytest.raises(BadShape, match=r"got anchors of 3 numbers; taken are rows 'x1 y1 x2 y2';"):
        read_boxes("1 1 2", 4, "anchors")
    with pytest.raises(BadShape, match="'x1 y1 x2 y2 confidence' or 'x1 y1 x2 y2 confidence class'"):
        read_boxes("1 1 2 2", 5, most=6)
    with pytest.raises(BadLabel, match="got anchor 1 ="):
        read_boxes("2 1 1 2", 4, "anchors")
