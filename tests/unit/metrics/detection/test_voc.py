"""VOC's average precision, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from made_detections import picture
from saccade.metrics.detection.voc import average_precision_11, average_precision_area, voc_figures

A, B, C = (0, 0, 10, 10), (20, 0, 30, 10), (40, 0, 50, 10)


def test_both_forms_by_hand() -> None:
    image = picture([(A, 0), (B, 0)], [(A, 0, 0.9), (C, 0, 0.8), (B, 0, 0.7)])
    figures = voc_figures([image], 1)
    assert figures.area == pytest.approx([0.5 * 1 + 0.5 * 2 / 3])
    assert figures.eleven_points == pytest.approx([(6 * 1 + 5 * 2 / 3) / 11])


def test_the_best_precision_at_that_recall_or_above_counts() -> None:
    precision, recall = np.array([0.0, 0.5, 2 / 3]), np.array([0.0, 0.5, 1.0])
    assert average_precision_area(precision, recall) == pytest.approx(2 / 3)
    assert average_precision_11(precision, recall) == pytest.approx(2 / 3)


def test_the_second_box_on_a_thing_is_wrong_even_if_another_thing_is_free() -> None:
    """COCO lets it choose the other one; VOC asks only the nearest."""
    between = (1, 0, 11, 10)
    things = [(A, 0), ((3, 0, 13, 10), 0)]
    figures = voc_figures([picture(things, [(A, 0, 0.9), (between, 0, 0.8)])], 1)
    assert figures.area == pytest.approx([0.5])


def test_difficult_things_and_crowds_count_neither_way() -> None:
    things, found = [(A, 0), (B, 0), (C, 0)], [(B, 0, 0.9), (B, 0, 0.85), (C, 0, 0.8), (A, 0, 0.7)]
    image = picture(things, found, difficult=[False, True, False], crowd=[False, False, True])
    assert voc_figures([image], 1).area == pytest.approx([1])
    assert voc_figures([picture(things, found)], 1).area == pytest.approx([1 / 3 + 2 / 3 * 3 / 4])


def test_the_threshold_itself_is_enough() -> None:
    image = picture([(A, 0)], [((0, 0, 10, 5), 0, 0.9)])
    assert voc_figures([image], 1).area.tolist() == [1]
    assert voc_figures([image], 1, iou_threshold=0.51).area.tolist() == [0]


def test_nothing_found_is_zero_and_nothing_there_is_nan() -> None:
    figures = voc_figures([picture([(A, 0)], [(A, 1, 0.9)])], 2)
    assert figures.area == pytest.approx([0, math.nan], nan_ok=True)
    assert figures.numbers() == {"voc2007": 0, "voc2010": 0}
    assert all(map(math.isnan, voc_figures([picture()], 2).numbers().values()))
    assert all(map(math.isnan, voc_figures([picture([(A, 0)], difficult=[True])], 1).numbers().values()))
