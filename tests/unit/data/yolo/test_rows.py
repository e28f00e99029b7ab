import math

import numpy as np
import pytest

from saccade.data.yolo.rows import Refused, YoloKind, yolo_line, yolo_rows

BOXES = YoloKind({0: 0, 1: 1})
POSE = YoloKind({0: 0}, points=2, columns=3)


def only(text, kind=BOXES):
    (row,) = yolo_rows(text, kind)
    return row


def test_five_columns_are_a_box():
    row = only("1 0.5 0.5 0.25 0.5")
    assert (row.class_id, row.box, row.ring, row.keypoints) == (1, (0.375, 0.25, 0.625, 0.75), None, None)


def test_an_odd_number_from_seven_on_is_an_outline_with_a_box_around_it():
    row = only("0 0.1 0.2 0.5 0.2 0.5 0.6")
    assert row.ring.tolist() == [[0.1, 0.2], [0.5, 0.2], [0.5, 0.6]]
    assert row.box == (0.1, 0.2, 0.5, 0.6)


@pytest.mark.parametrize(
    ("text", "kind", "visibility"),
    [
        ("0 0.5 0.5 1 1 0.1 0.2 2 0.3 0.4 0", POSE, [2, 0]),
        ("0 0.5 0.5 1 1 0.1 0.2 0 0", YoloKind({0: 0}, 2, 2), [2, 0]),
    ],
)
def test_keypoints_follow_the_box(text, kind, visibility):
    assert only(text, kind).keypoints[:, 2].tolist() == visibility
    assert only(text, kind).keypoints[0, :2].tolist() == [0.1, 0.2]


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("0 0.5 0.5 0.25", BOXES, "wrong-columns"),
        ("0 0.5 0.5 0.25 0.5 0.9", BOXES, "wrong-columns"),
        ("0 0.1 0.2 0.5 0.2 0.5 0.6 0.7", BOXES, "wrong-columns"),
        ("0 0.5 0.5 0.25 0.5", POSE, "wrong-columns"),
        ("0 nan 0.5 0.25 0.5", BOXES, "box-not-finite"),
        ("0 0.5 -inf 0.25 0.5", BOXES, "box-not-finite"),
        ("0 0.5 x 0.25 0.5", BOXES, "not-a-number"),
        ("0 0.5 1_0 0.25 0.5", BOXES, "not-a-number"),
        ("2 0.5 0.5 0.25 0.5", BOXES, "wrong-class"),
        ("-1 0.5 0.5 0.25 0.5", BOXES, "wrong-class"),
        ("0.5 0.5 0.5 0.25 0.5", BOXES, "wrong-class"),
        ("0 0.5 0.5 1.02 0.5", BOXES, "box-outside"),
        ("0 -0.01 0.5 0.25 0.5", BOXES, "box-outside"),
        ("0 1e9 0.5 0.25 0.5", BOXES, "box-outside"),
        ("0 0.5 0.5 0 0.5", BOXES, "box-empty"),
        ("0 0.1 0.2 0.1 0.3 0.1 0.4", BOXES, "box-empty"),
        ("0 0.5 0.5 1 1 0.1 0.2 3 0.3 0.4 0", POSE, "bad-keypoints"),
        ("0 0.5 0.5 1 1 0.1 1.2 2 0.3 0.4 0", POSE, "bad-keypoints"),
    ],
)
def test_a_wrong_row_is_refused_and_the_others_are_kept(text, kind, code):
    more = " 0.1 0.2 2 0.3 0.4 0" if kind.points else ""
    first, wrong, last = yolo_rows(f"0 0.5 0.5 0.3 0.3{more}\n{text}\n0 0.5 0.5 0.3 0.4{more}", kind)
    assert (wrong.code, wrong.line) == (code, 2)
    assert not isinstance(first, Refused)
    assert not isinstance(last, Refused)


def test_up_to_one_in_a_hundred_more_is_forgiven():
    assert only("0 0.5 0.5 1.01 0.5").box == (-0.0050000000000000044, 0.25, 1.005, 0.75)


def test_a_row_that_comes_twice_counts_once():
    first, second = yolo_rows("0 0.5 0.5 0.25 0.5\n0 0.5 0.5 0.25 0.5\n", BOXES)
    assert (second.code, second.line, second.message) == (
        "duplicate-label", 2, "got the same row as in line 1; taken is each once"
    )  # fmt: skip
    assert first.class_id == 0


def test_ends_of_lines_and_blanks_do_not_matter():
    rows = list(yolo_rows("\r\n0 0.5 0.5 0.25 0.5\r\n\r\n1\t0.5  0.5 0.25 0.5", BOXES))
    assert [row.class_id for row in rows] == [0, 1]


def test_what_is_written_reads_as_it_was():
    numbers = np.random.default_rng(0).uniform(0.4, 0.6, 4).tolist()
    x, y, width, height = numbers
    row = only(yolo_line(1, numbers))
    assert row.box == (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    assert math.isfinite(row.box[0])
