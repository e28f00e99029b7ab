from __future__ import annotations

import numpy as np

from judged_detectors import judge
from made_detections import picture, pictures
from saccade.reporting.detection.section import detector_section
from saccade.reporting.thumbnails import Album

HERE, FAR = (0.0, 0.0, 100.0, 100.0), (400.0, 400.0, 500.0, 500.0)


def album() -> Album:
    return Album(lambda _: np.zeros((600, 600, 3), np.uint8), side=320)


def test_mistakes_and_things_are_counted_whole() -> None:
    judgement = judge(pictures(30, 2))
    section = detector_section(judgement, album())
    assert section.things == sum(row.support for row in judgement.per_class)
    assert section.mistakes == sum(one.count for one in judgement.errors)
    assert 0 < len(section.wrong.shown) <= 12
    assert float(section.threshold) <= judgement.confidence


def test_weakest_class_is_one_of_which_enough_is_known() -> None:
    images = [picture([(HERE, 0), (FAR, 1)], [(HERE, 0, 0.9)], key=str(number)) for number in range(10)]
    section = detector_section(judge([*images, picture([(HERE, 2)], key="rare")], ("cat", "dog", "owl")), album())
    assert section.weakest is not None
    assert (section.weakest.label, section.among) == ("dog", "Of the classes with 10 things or more, it")
    few = detector_section(judge(images[:2], ("cat", "dog", "owl")), album())
    assert few.weakest is not None
    assert (few.weakest.label, few.among) == ("dog", "It")


def test_no_class_is_weakest_alone_or_among_perfect_ones() -> None:
    alone = picture([(HERE, 0)], [(FAR, 0, 0.9)])
    perfect = picture([(HERE, 0), (FAR, 1)], [(HERE, 0, 0.9), (FAR, 1, 0.9)])
    assert detector_section(judge([alone], ("cat",)), album()).weakest is None
    assert detector_section(judge([perfect]), album()).weakest is None
    assert detector_section(judge([picture()]), album()).weakest is None
