"""Which box found is which thing."""

from __future__ import annotations

import numpy as np

from made_detections import picture
from saccade.metrics.detection.matches import match_classes

LEFT, RIGHT = (0, 0, 10, 10), (20, 0, 30, 10)
NEAR = (0, 0, 10, 8)  # IoU 0.8 with LEFT


def test_the_surest_box_chooses_first() -> None:
    (one,) = match_classes([picture([(LEFT, 0)], [(NEAR, 0, 0.9), (LEFT, 0, 0.5)])], 1)
    assert one.hit[0, 0].tolist() == [True, False]
    assert one.hit[-1, 0].tolist() == [False, True]
    assert one.thing.tolist() == [0, -1]
    assert one.wrong[0, 0].tolist() == [False, True]
    assert (one.number.tolist(), one.rank.tolist(), one.image.tolist()) == ([0, 1], [0, 1], [0, 0])


def test_a_box_takes_what_is_still_free() -> None:
    shifted = (1, 0, 11, 10)  # more like the first thing than like the second
    things = [(LEFT, 0), ((3, 0, 13, 10), 0)]
    (one,) = match_classes([picture(things, [(LEFT, 0, 0.9), (shifted, 0, 0.8)])], 1)
    assert one.thing.tolist() == [0, 1]


def test_classes_and_images_are_matched_apart() -> None:
    images = [picture([(LEFT, 0)], [(LEFT, 1, 0.9)]), picture([(LEFT, 1)], [(LEFT, 0, 0.9), (LEFT, 1, 0.95)])]
    first, second = match_classes(images, 2)
    assert not first.hit.any()
    assert second.image.tolist() == [1, 0]
    assert second.hit[0, 0].tolist() == [True, False]
    assert (first.things[0].tolist(), second.things[0].tolist()) == ([1, 0], [0, 1])


def test_a_crowd_takes_any_number_of_boxes_after_all_else() -> None:
    inside = (12, 0, 18, 10)
    image = picture(
        [((0, 0, 20, 10), 0), (LEFT, 0)], [(LEFT, 0, 0.9), (inside, 0, 0.8), (inside, 0, 0.7)], crowd=[True, False]
    )
    (one,) = match_classes([image], 1)
    assert one.hit[0, 0].tolist() == [True, False, False]
    assert one.ignored[0, 0].tolist() == [False, True, True]
    assert one.thing.tolist() == [1, -1, -1]
    assert one.things[0].tolist() == [1]


def test_what_is_of_another_size_counts_neither_way() -> None:
    large = (100, 100, 250, 250)
    (one,) = match_classes([picture([(LEFT, 0), (large, 0)], [(large, 0, 0.9), (RIGHT, 0, 0.8)])], 1)
    assert one.things[:, 0].tolist() == [2, 1, 0, 1]
    assert one.hit[0].tolist() == [[True, False], [False, False], [False, False], [True, False]]
    assert one.ignored[0].tolist() == [[False, False], [True, False], [True, True], [False, True]]


def test_of_each_class_in_an_image_the_surest_hundred_count() -> None:
    confidence = np.linspace(0, 1, 130)
    image = picture(found=[(LEFT, 0, sure) for sure in confidence] + [(LEFT, 1, 0.5)])
    first, second = match_classes([image], 2)
    assert len(first.image) == 100
    assert first.confidence.min() > 0.2
    assert first.number[0] == 129
    assert len(second.image) == 1


def test_no_images_and_no_boxes_are_empty() -> None:
    (one,) = match_classes([], 1)
    assert (one.hit.shape, one.things.shape) == ((10, 4, 0), (4, 0))
    (one,) = match_classes([picture([(LEFT, 0)])], 1)
    assert (one.hit.shape, one.things.sum(axis=1).tolist()) == ((10, 4, 0), [1, 1, 0, 0])
