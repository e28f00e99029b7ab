"""COCO's figures where a hand can check them."""

from __future__ import annotations

import logging
import math

import numpy as np
import pytest

from made_detections import picture, pictures
from saccade.metrics.detection.coco import NAMES, coco_figures

THING = (0, 0, 40, 40)


def test_a_box_right_at_three_of_ten_thresholds_gives_three_tenths() -> None:
    image = picture([(THING, 0)], [((0, 0, 40, 25), 0, 0.9)])  # IoU 0.625: right at 0.5, 0.55 and 0.6
    figures = coco_figures([image], 1)
    assert figures.numbers["map"] == pytest.approx(0.3)
    assert figures.numbers["map50"] == pytest.approx(1)
    assert figures.numbers["map75"] == 0
    assert figures.numbers["mar1"] == pytest.approx(0.3)
    assert figures.precision[:, :, 0, 0, 2].mean(axis=1) == pytest.approx([1, 1, 1, 0, 0, 0, 0, 0, 0, 0])


def test_a_surer_wrong_box_halves_the_precision() -> None:
    image = picture([(THING, 0)], [((60, 60, 90, 90), 0, 0.9), (THING, 0, 0.8)])
    assert coco_figures([image], 1).numbers["map"] == pytest.approx(0.5)
    assert coco_figures([image], 1).numbers["mar1"] == 0
    assert coco_figures([image], 1).numbers["mar10"] == 1


def test_sizes_are_told_apart_by_the_area_of_the_thing() -> None:
    small, large = (0, 0, 20, 20), (100, 100, 250, 250)
    image = picture([(small, 0), (large, 0)], [(small, 0, 0.9)])
    figures = coco_figures([image], 1)
    assert figures.numbers["map_small"] == pytest.approx(1)
    assert figures.numbers["map_large"] == 0
    assert math.isnan(figures.numbers["map_medium"])
    assert figures.by_size()["small"] == pytest.approx((1, 1, 1))
    assert figures.by_size()["medium"] == pytest.approx((math.nan,) * 3, nan_ok=True)


def test_a_class_that_no_image_has_is_nan_and_left_out_of_means() -> None:
    image = picture([(THING, 1)], [(THING, 1, 0.9), (THING, 0, 0.8)])
    figures = coco_figures([image], 3)
    assert figures.average_precision() == pytest.approx([math.nan, 1, math.nan], nan_ok=True)
    assert figures.average_precision_50() == pytest.approx([math.nan, 1, math.nan], nan_ok=True)
    assert figures.numbers["map"] == pytest.approx(1)


def test_with_all_classes_as_one_the_wrong_class_is_right() -> None:
    image = picture([(THING, 1)], [(THING, 0, 0.9)])
    assert coco_figures([image], 2).numbers["map"] == 0
    agnostic = coco_figures([image], 2, class_agnostic=True)
    assert agnostic.numbers["map"] == pytest.approx(1)
    assert agnostic.precision.shape == (10, 101, 1, 4, 3)


def test_a_crowd_is_never_missed_and_boxes_in_it_are_not_wrong() -> None:
    inside = [((0, 0, 9, 9), 0, 0.9), ((9, 9, 20, 20), 0, 0.9)]
    image = picture([(THING, 0), ((60, 60, 90, 90), 0)], [*inside, ((60, 60, 90, 90), 0, 0.5)], crowd=[True, False])
    assert coco_figures([image], 1).numbers["map"] == pytest.approx(1)


def test_nothing_found_is_zero_and_nothing_there_is_nan() -> None:
    numbers = coco_figures([picture([(THING, 0)]), picture()], 2).numbers
    assert {name: numbers[name] for name in ("map", "map50", "map_medium", "mar100")} == dict.fromkeys(
        ("map", "map50", "map_medium", "mar100"), 0
    )
    assert math.isnan(numbers["map_small"])
    for images in ([picture(found=[(THING, 0, 0.9)])], [picture()], []):
        numbers = coco_figures(images, 2).numbers
        assert tuple(numbers) == NAMES
        assert all(map(math.isnan, numbers.values()))


def test_nothing_is_printed_or_logged(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        coco_figures(pictures(3, 2), 2)
    assert capfd.readouterr() == ("", "")
    assert caplog.text == ""


def test_the_images_are_left_as_they_were() -> None:
    images = pictures(3, 2)
    before = [image.found.copy() for image in images]
    coco_figures(images, 2)
    assert all(np.array_equal(image.found, old) for image, old in zip(images, before, strict=True))
