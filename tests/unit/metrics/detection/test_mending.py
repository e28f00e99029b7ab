"""What mending each kind of mistake would bring to AP50."""

from __future__ import annotations

import math

import pytest

from made_detections import picture, pictures
from saccade.metrics.detection.coco import coco_figures
from saccade.metrics.detection.judged import Judged
from saccade.metrics.detection.matches import match_classes
from saccade.metrics.detection.mending import gains
from saccade.metrics.detection.mistakes import KINDS, sort_answers

A, B, FAR = (0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 30.0, 10.0), (60.0, 0.0, 70.0, 10.0)
NEARLY = (0, 0, 10, 4)


def gained(*images: Judged, classes: int = 1) -> dict[str, float]:
    return gains(sort_answers(images, match_classes(images, classes)), classes)


def test_a_box_in_the_wrong_place_is_put_right() -> None:
    told = gained(picture([(A, 0)], [(NEARLY, 0, 0.9)]))
    assert told == {**dict.fromkeys(KINDS, 0), "localisation": 1}


def test_of_several_in_the_wrong_place_one_is_put_right_and_the_others_taken_away() -> None:
    image = picture([(A, 0), (B, 0)], [(NEARLY, 0, 0.9), ((0, 0, 10, 3), 0, 0.8), (B, 0, 0.5)])
    before = 1 / 3 * 51 / 101
    assert gained(image)["localisation"] == pytest.approx(1 - before)


def test_one_in_the_wrong_place_on_a_thing_that_is_found_is_taken_away() -> None:
    image = picture([(A, 0)], [(NEARLY, 0, 0.9), (A, 0, 0.5)])
    assert gained(image) == {**dict.fromkeys(KINDS, 0), "localisation": pytest.approx(0.5)}


def test_a_box_of_the_wrong_class_is_given_the_right_one() -> None:
    image = picture([(A, 0), (B, 1)], [(A, 1, 0.9), (B, 1, 0.8)])
    assert gained(image, classes=2)["class"] == pytest.approx((1 + 1) / 2 - (0 + 0.5) / 2)


@pytest.mark.parametrize(("box", "kind"), [(A, "duplicate"), (FAR, "background"), ((20, 0, 30, 4), "both")])
def test_other_wrong_boxes_are_taken_away(box: tuple[float, ...], kind: str) -> None:
    image = picture([(A, 0), (B, 1), ((0, 50, 10, 60), 0)], [(A, 0, 0.9), (box, 0, 0.8), ((0, 50, 10, 60), 0, 0.7)])
    told = gained(image, classes=2)
    assert told[kind] == pytest.approx((1 - (51 + 50 * 2 / 3) / 101) / 2)
    assert told["missed"] == pytest.approx(1 / 2)


def test_missed_things_no_longer_count() -> None:
    image = picture([(A, 0), (B, 0)], [(A, 0, 0.9)])
    assert gained(image) == {**dict.fromkeys(KINDS, 0), "missed": pytest.approx(1 - 51 / 101)}
    assert gained(picture([(A, 0)]))["missed"] == 1


def test_without_things_there_is_no_gain() -> None:
    assert all(map(math.isnan, gained(picture(found=[(A, 0, 0.9)])).values()))


def test_mending_never_harms() -> None:
    images = pictures(40, 3)
    told = gained(*images, classes=3)
    room = 1 - coco_figures(images, 3).numbers["map50"]
    assert all(0 <= gain <= room for gain in told.values())
    assert all(told[kind] > 0 for kind in KINDS)
