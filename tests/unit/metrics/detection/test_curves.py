"""Precision, recall and F1 against confidence."""

from __future__ import annotations

import json

import pytest

from made_detections import picture, pictures
from saccade.metrics.detection.curves import curve
from saccade.metrics.detection.matches import match_classes

A, B, C = (0, 0, 10, 10), (20, 0, 30, 10), (40, 0, 50, 10)


def test_the_points_by_hand() -> None:
    image = picture([(A, 0), (B, 0)], [(A, 0, 0.9), (C, 0, 0.8), (B, 0, 0.7)])
    found = curve(match_classes([image], 1), "cat")
    assert found.confidence.tolist() == [0.9, 0.8, 0.7]
    assert found.precision == pytest.approx([1, 1 / 2, 2 / 3])
    assert found.recall == pytest.approx([1 / 2, 1 / 2, 1])
    assert found.f1 == pytest.approx([2 / 3, 1 / 2, 4 / 5])
    assert found.best == (0.7, pytest.approx(0.8))


def test_boxes_of_equal_confidence_enter_together() -> None:
    image = picture([(A, 0)], [(A, 0, 0.9), (C, 0, 0.9)])
    found = curve(match_classes([image], 1))
    assert (found.confidence.tolist(), found.precision.tolist(), found.recall.tolist()) == ([0.9], [0.5], [1])


def test_of_equal_f1_the_highest_confidence_is_best() -> None:
    image = picture([(A, 0), (B, 0)], [(A, 0, 0.9), (C, 0, 0.8), (C, 0, 0.7), (B, 0, 0.6)])
    found = curve(match_classes([image], 1))
    assert found.f1[0] == found.f1[3] == pytest.approx(2 / 3)
    assert found.best == (0.9, pytest.approx(2 / 3))


def test_classes_together_are_all_their_boxes() -> None:
    image = picture([(A, 0), (B, 1)], [(A, 0, 0.9), (A, 1, 0.8)])
    found = curve(match_classes([image], 2))
    assert found.precision.tolist() == [1, 0.5]
    assert found.recall.tolist() == [0.5, 0.5]


def test_boxes_in_crowds_are_left_out() -> None:
    image = picture([(A, 0), (B, 0)], [(A, 0, 0.9), (B, 0, 0.8)], crowd=[True, False])
    assert curve(match_classes([image], 1)).confidence.tolist() == [0.8]


def test_without_things_or_boxes_nothing_is_best() -> None:
    assert curve(match_classes([picture([(A, 0)])], 1)).best == (0, 0)
    nothing_there = curve(match_classes([picture(found=[(A, 0, 0.9)])], 1))
    assert nothing_there.best == (0, 0)
    assert nothing_there.to_dict()["recall"] == [None]
    assert curve(match_classes([picture([(A, 0)])], 1)).to_dict()["confidence"] == []


def test_a_long_curve_is_told_in_a_hundred_and_one_points() -> None:
    found = curve(match_classes(pictures(40, 2), 2))
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert len(found.confidence) > 200
    assert len(told["recall"]) == 101
    assert told["recall"][-1] == pytest.approx(found.recall[-1], abs=1e-6)
    assert told["confidence"][0] == pytest.approx(found.confidence[0], abs=1e-6)
