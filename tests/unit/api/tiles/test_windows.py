"""Windows that cover a picture, and boxes that their edges cut."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.api.tiles.windows import Window, cut_sides, starts, told_once, whole_ones, windows
from saccade.errors import BadConfig


def places(size, side, overlap):
    return [(one.top, one.left, one.height, one.width) for one in windows(size, side, overlap)]


def test_windows_are_spread_evenly_and_share_at_least_what_is_asked():
    assert starts(100, 40, 0.25) == [0, 30, 60]
    assert starts(101, 40, 0.25) == [0, 20, 40, 61]
    assert starts(100, 50, 0.0) == [0, 50]
    assert starts(10, 1, 0.9) == list(range(10))


def test_a_picture_no_larger_than_a_window_has_one():
    assert places((1, 1), 640, 0.2) == [(0, 0, 1, 1)]
    assert places((640, 640), 640, 0.2) == [(0, 0, 640, 640)]
    assert places((30, 70), 40, 0.25) == [(0, 0, 30, 40), (0, 30, 30, 40)]


def test_windows_come_row_by_row():
    assert places((7, 7), 4, 0.0) == [(0, 0, 4, 4), (0, 3, 4, 4), (3, 0, 4, 4), (3, 3, 4, 4)]


def test_only_edges_inside_the_picture_cut():
    size, corner, middle = (300, 300), Window(0, 0, 100, 100), Window(100, 100, 100, 100)
    assert cut_sides(np.array([[0.0, 0, 50, 50], [0, 0, 100, 50], [60, 60, 100, 100]]), corner, size).tolist() == [
        0,
        1,
        2,
    ]
    assert cut_sides(np.array([[100.0, 100, 200, 200], [101, 101, 199, 199]]), middle, size).tolist() == [4, 0]
    assert cut_sides(np.array([[100.9, 120, 150, 150]]), middle, size).tolist() == [1]  # nearer than a hundredth


def whole(rows, cut, found_in, classes=None):
    classes = classes or [0] * len(rows)
    return whole_ones(np.array(rows, np.float64), np.array(classes), np.array(cut), np.array(found_in)).tolist()


def test_a_cut_box_gives_way_to_one_that_covers_more_than_half_of_it():
    assert whole([[0, 0, 10, 10], [4, 0, 20, 10]], [1, 0], [0, 1]) == [False, True]
    assert whole([[0, 0, 10, 10], [5, 0, 20, 10]], [1, 0], [0, 1]) == [True, True]


def test_boxes_of_another_class_or_of_the_same_window_stay():
    assert whole([[0, 0, 10, 10], [0, 0, 20, 10]], [1, 0], [0, 1], [0, 1]) == [True, True]
    assert whole([[0, 0, 10, 10], [0, 0, 20, 10]], [1, 0], [3, 3]) == [True, True]


def test_of_a_thing_that_no_window_sees_whole_the_largest_part_stays():
    parts = [[0, 0, 30, 10], [0, 0, 40, 10], [25, 0, 60, 10]]
    assert whole(parts, [1, 1, 1], [0, 1, 2]) == [False, True, True]
    assert whole(parts, [1, 2, 1], [0, 1, 2]) == [True, False, True]


def test_what_shows_nothing_goes():
    assert whole([[10, 0, 10, 10], [3, 3, 3, 9]], [1, 0], [0, 0]) == [False, True]
    assert whole_ones(np.zeros((0, 4)), *[np.zeros(0, np.int64)] * 3).tolist() == []


def once(rows, sure, found_in, classes, threshold=0.65):
    numbers = (np.array(one) for one in (sure, classes, found_in))
    return told_once(np.array(rows, np.float64), *numbers, threshold).tolist()


def test_two_looks_at_one_thing_are_told_once():
    """The first two share 8/12 = 0.67 of what they cover together, the first and the third 7/13 = 0.54."""
    rows = [[0, 0, 10, 1], [2, 0, 12, 1], [3, 0, 13, 1], [6, 0, 16, 1]]
    assert once(rows[:2], [0.9, 0.8], [0, 1], [0, 0]) == [0]
    assert once([rows[0], rows[2]], [0.8, 0.9], [0, 1], [0, 0]) == [1]
    assert once([rows[0], rows[2]], [0.8, 0.9], [1, 1], [0, 0]) == [1, 0]  # one look tells them apart
    assert once([rows[0], rows[2]], [0.8, 0.9], [0, 1], [0, 1]) == [1, 0]  # of two classes
    assert once([rows[0], rows[3]], [0.8, 0.9], [0, 1], [0, 0]) == [1, 0]  # 4/16
    assert once([rows[0], rows[2]], [0.8, 0.9], [0, 0], [0, 0], threshold=0.5) == [1]


@pytest.mark.bad_input
@pytest.mark.parametrize(("side", "overlap", "said"), [
    (0, 0.2, "got tiles of side 0"), (-3, 0.2, "side -3"), (2.5, 0.2, "side 2.5"), (640, 1.0, "an overlap of 1.0"),
    (640, -0.1, "an overlap of -0.1"), (640, float("nan"), "an overlap of nan"),
])  # fmt: skip
def test_windows_that_cannot_be_laid_are_refused(side, overlap, said):
    with pytest.raises(BadConfig, match=said):
        list(windows((10, 10), side, overlap))
