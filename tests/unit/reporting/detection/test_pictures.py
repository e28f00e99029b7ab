from __future__ import annotations

import numpy as np

from judged_detectors import judge
from made_detections import picture, pictures
from saccade.reporting.detection.pictures import examples, missed_things, wrong_boxes
from saccade.reporting.thumbnails import Album

HERE, BESIDE, FAR = (0.0, 0.0, 100.0, 100.0), (0.0, 0.0, 100.0, 40.0), (400.0, 400.0, 500.0, 500.0)


def album() -> Album:
    return Album(lambda _: np.zeros((600, 600, 3), np.uint8), side=320)


def test_each_kind_of_wrong_box_says_what_is_wrong_with_it() -> None:
    images = [
        picture([(HERE, 0)], [(BESIDE, 0, 0.99)], key="a"),
        picture([(HERE, 0)], [(HERE, 1, 0.98)], key="b"),
        picture([(HERE, 0)], [(BESIDE, 1, 0.97)], key="c"),
        picture([(HERE, 0)], [(HERE, 0, 0.96), (HERE, 0, 0.95)], key="d"),
        picture([(HERE, 0)], [(FAR, 0, 0.94), (HERE, 0, 0.93)], key="e"),
        *(picture([(HERE, 0)], [(HERE, 0, 0.9)], key=f"right {number}") for number in range(9)),
    ]
    found = wrong_boxes(judge(images), album())
    assert [(one.label, one.key, one.line) for one in found.shown] == [
        ("cat", "a", "out of place: IoU 0.40 with the cat there"),
        ("dog", "b", "in truth cat, IoU 1.00"),
        ("dog", "c", "out of place, and in truth cat: IoU 0.40"),
        ("cat", "d", "a second box on one cat, IoU 1.00"),
        ("cat", "e", "nothing there"),
    ]
    assert found.total == 5
    assert found.shown[0].sure == "99.0\xa0%"
    assert [kind for kind, _ in found.shown[0].scene.lines] == ["there", "wrong"]
    assert [kind for kind, _ in found.shown[4].scene.lines] == ["other", "wrong"]


def test_largest_missed_things_come_first_and_say_how_near_a_box_is() -> None:
    small, large = (0.0, 0.0, 90.0, 90.0), (200.0, 200.0, 500.0, 500.0)
    other = (large[0], large[1], large[2], 215.0)
    images = [
        picture([(small, 0), (large, 1)], [((500.0, 0.0, 590.0, 90.0), 0, 0.9)], key="a"),
        picture([(large, 1)], [(other, 0, 0.9)], key="b"),
        picture([(small, 0)], [(small, 0, 0.9)], key="c"),
    ]
    missed = missed_things(judge(images), album())
    assert [(one.label, one.key, one.sure) for one in missed.shown] == [
        ("dog", "a", ""),
        ("dog", "b", ""),
        ("cat", "a", ""),
    ]
    assert missed.shown[0].line == "missed; no box is near it"
    assert missed.shown[1].line == "missed; IoU 0.05 with the nearest box"
    assert [kind for kind, _ in missed.shown[0].scene.lines] == ["other", "missed"]
    assert missed.total == 3


def test_no_picture_is_shown_more_than_twice_in_a_row_of_mistakes() -> None:
    crowded = picture([(HERE, 0)], [(HERE, 0, 0.5)] + [(FAR, 0, 0.99 - 0.01 * n) for n in range(20)], key="crowded")
    other = picture([(HERE, 0)], [(FAR, 0, 0.6), (HERE, 0, 0.5)], key="other")
    found = wrong_boxes(judge([crowded, other]), album())
    assert [one.key for one in found.shown] == ["crowded", "crowded", "other"]
    assert found.total == 21


def test_example_tells_right_from_wrong_and_found_from_not() -> None:
    things = [(HERE, 0), (FAR, 1), ((200.0, 0.0, 300.0, 100.0), 1)]
    found = [(HERE, 0, 0.9), (FAR, 1, 0.8), (BESIDE, 1, 0.85)]
    (example,) = examples(judge([picture(things, found)]), album())
    assert (example.said.replace("\xa0", " "), example.true.replace("\xa0", " ")) == (
        "3 boxes: 2 right, 1 wrong",
        "3 things: 2 found, 1 not",
    )
    assert [kind for kind, _ in example.found.lines] == ["wrong", "right"]
    assert [kind for kind, _ in example.there.lines] == ["there", "missed"]
    assert sorted(name for _, _, _, name in example.found.names) == ["cat 0.90", "dog 0.80", "dog 0.85"]
    assert sorted(name for _, _, _, name in example.there.names) == ["cat", "dog", "dog"]


def test_crowd_is_neither_found_nor_missed() -> None:
    (example,) = examples(judge([picture([(HERE, 0), (FAR, 0)], [(HERE, 0, 0.9)], crowd=[False, True])]), album())
    assert example.true.replace("\xa0", " ") == "1 thing: 1 found, 0 not"
    assert [kind for kind, _ in example.there.lines] == ["crowd", "there"]


def test_examples_are_evenly_chosen_and_agree_with_the_whole() -> None:
    judgement = judge(pictures(40, 2, seed=3))
    shown = examples(judgement, album())
    assert [one.key for one in shown] == ["0.jpg", "7.jpg", "15.jpg", "23.jpg", "31.jpg", "39.jpg"]
    whole = examples(judge(judgement.images[:6]), album())
    assert len(whole) == 6


def test_images_with_nothing_on_them_are_shown_only_when_there_are_no_others() -> None:
    nothing = [picture(key=f"empty {number}") for number in range(3)]
    some = picture([(HERE, 0)], [(HERE, 0, 0.9)], key="some")
    assert [one.key for one in examples(judge([*nothing, some]), album())] == ["some"]
    empty = examples(judge(nothing), album())
    assert [one.said.replace("\xa0", " ") for one in empty] == ["0 boxes"] * 3
    assert empty[0].found.picture == empty[0].there.picture == "p1"
