"""What was taken for what, with the background."""

from __future__ import annotations

import numpy as np
import pytest

from made_detections import picture, pictures
from saccade.errors import BadConfig
from saccade.metrics.detection.confusion import detection_confusion

A, B, C = (0, 0, 10, 10), (20, 0, 30, 10), (40, 0, 50, 10)


def test_right_confused_missed_and_made_up() -> None:
    image = picture([(A, 0), (B, 0), (C, 1)], [(A, 0, 0.9), (B, 1, 0.8), ((60, 0, 70, 10), 1, 0.7), (C, 1, 0.2)])
    assert detection_confusion([image], 2).tolist() == [[1, 1, 0], [0, 0, 1], [0, 1, 0]]
    assert detection_confusion([image], 2, confidence=0.1).tolist() == [[1, 1, 0], [0, 1, 0], [0, 1, 0]]


def test_the_pair_that_has_most_in_common_goes_first_whatever_the_class_and_confidence() -> None:
    image = picture([(A, 0)], [((0, 0, 10, 8), 0, 0.9), (A, 1, 0.5)])
    assert detection_confusion([image], 2).tolist() == [[0, 1, 0], [0, 0, 0], [1, 0, 0]]


def test_of_equal_pairs_the_surer_box_goes_first() -> None:
    image = picture([(A, 0)], [(A, 1, 0.5), (A, 0, 0.9)])
    assert detection_confusion([image], 2).tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 0]]


def test_less_in_common_than_asked_is_background() -> None:
    image = picture([(A, 0)], [((0, 0, 10, 6), 0, 0.9)])
    assert detection_confusion([image], 1, iou_threshold=0.5).tolist() == [[1, 0], [0, 0]]
    assert detection_confusion([image], 1, iou_threshold=0.7).tolist() == [[0, 1], [1, 0]]


def test_a_crowd_is_no_thing_and_excuses_boxes_of_its_class() -> None:
    image = picture([((0, 0, 50, 50), 0)], [(A, 0, 0.9), (B, 1, 0.9)], crowd=[True])
    assert detection_confusion([image], 2).tolist() == [[0, 0, 0], [0, 0, 0], [0, 1, 0]]


def test_every_thing_and_every_box_is_counted_once() -> None:
    images = pictures(20, 3, crowds=0)
    cells = detection_confusion(images, 3)
    things = np.bincount(np.concatenate([image.class_ids for image in images]), minlength=3)
    boxes = np.bincount(np.concatenate([image.found_ids[image.confidence >= 0.25] for image in images]), minlength=3)
    assert cells[:3].sum(axis=1).tolist() == things.tolist()
    assert cells[:, :3].sum(axis=0).tolist() == boxes.tolist()
    assert cells[3, 3] == 0


def test_nothing_gives_zeros() -> None:
    assert detection_confusion([], 1).tolist() == [[0, 0], [0, 0]]
    assert detection_confusion([picture()], 1).tolist() == [[0, 0], [0, 0]]


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [{"confidence": 1.5}, {"iou_threshold": 0.0}, {"iou_threshold": float("nan")}])
def test_thresholds_are_shares(wrong: dict[str, float]) -> None:
    with pytest.raises(BadConfig, match=r"0\.25 and 0.5 are usual"):
        detection_confusion([], 1, **wrong)
