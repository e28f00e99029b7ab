from __future__ import annotations

import re

import numpy as np
import pytest

from judged_detectors import judge
from made_detections import picture, pictures
from saccade.reporting.detection.curves import charts, known_classes, spark

HERE, FAR = (0.0, 0.0, 100.0, 100.0), (400.0, 400.0, 500.0, 500.0)


def test_small_curve_keeps_the_corners_and_ends_where_it_falls_to_nothing() -> None:
    precision = np.array([1.0, 1.0, 1.0, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    line, area = spark(precision)
    assert line == "M0 0L20 0L30 20L40 20L40 40"
    assert area == f"{line}V40H0Z"


def test_small_curve_of_a_class_without_things_is_none_and_of_a_bad_one_lies_on_the_ground() -> None:
    assert spark(np.full(101, np.nan)) == ("", "")
    assert spark(np.zeros(101))[0] == "M0 40L100 40"
    assert spark(np.ones(101))[0] == "M0 0L100 0"


def test_legend_names_the_weakest_and_the_strongest_class() -> None:
    things = [picture([(HERE, 0), (FAR, 1)], [(HERE, 0, 0.9)], key=str(number)) for number in range(10)]
    first, second = charts(judge(things))
    assert first.legend == (("c1", "mean"), ("c2", "weakest: dog"), ("c3", "strongest: cat"))
    assert first.title.replace("\xa0", " ") == "Precision against recall: mAP50 50.0 %"
    assert [name for _, name in second.legend] == ["precision", "recall", "F1", "best F1, at 0.900"]


def test_class_with_few_things_is_called_neither_weak_nor_strong_where_others_have_many() -> None:
    images = [picture([(HERE, 0), (FAR, 1)], [(HERE, 0, 0.9)], key=str(number)) for number in range(10)]
    judgement = judge([*images, picture([(HERE, 2)], key="rare")], ("cat", "dog", "owl"))
    assert known_classes(judgement) == [0, 1]
    assert known_classes(judge(images[:3], ("cat", "dog", "owl"))) == [0, 1]
    assert charts(judgement)[0].legend[-1] == ("c0", "others")


def test_one_class_is_named_alone() -> None:
    (first, _) = charts(judge([picture([(HERE, 0)], [(HERE, 0, 0.9)])], ("cat",)))
    assert first.legend == (("c1", "cat"),)


def test_there_are_no_curves_without_things_and_none_against_confidence_without_boxes() -> None:
    assert charts(judge([picture([], [(HERE, 0, 0.9)])])) == ()
    assert [one.title[:24] for one in charts(judge([picture([(HERE, 0)])]))] == ["Precision against recall"]


def test_eighty_classes_make_a_drawing_of_modest_size() -> None:
    names = [f"class {number}" for number in range(80)]
    drawn = charts(judge(pictures(150, 80, junk=20), names))
    assert len(drawn[0].svg) < 150_000
    assert len(drawn[1].svg) < 30_000
    assert len(drawn[0].legend) == 4


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><b>', "a\x1b[31m\nb", "$x^2$", "\u202e"])
def test_strange_names_stand_in_the_legend_as_text(name: str) -> None:
    things = [picture([(HERE, 0), (FAR, 1)], [(HERE, 0, 0.9)], key=str(number)) for number in range(3)]
    for chart in charts(judge(things, (name, "dog"))):
        assert not re.search(r"<script|<b>|\x1b|\u202e", chart.svg)
        assert all("\x1b" not in word and "\n" not in word for _, word in chart.legend)
