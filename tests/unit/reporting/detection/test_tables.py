from __future__ import annotations

from dataclasses import replace

import pytest

from judged_detectors import judge
from made_detections import picture, pictures
from saccade.reporting.detection.tables import class_lines, commonest, kind_lines, number_lines, size_lines

HERE, FAR, TINY = (0.0, 0.0, 100.0, 100.0), (400.0, 400.0, 500.0, 500.0), (200.0, 200.0, 220.0, 220.0)


def test_figures_are_those_of_the_judgement_and_nothing_stands_where_there_are_no_such_things() -> None:
    judgement = judge([picture([(HERE, 0), (FAR, 0)], [(HERE, 0, 0.9)])])
    numbers, chosen = number_lines(judgement)
    assert [line.name for line in numbers][:3] == ["mAP", "mAP50", "mAP75"]
    assert len(numbers) == 12
    by_name = {line.name: line for line in (*numbers, *chosen)}
    assert by_name["mAP, small"].value == "–"
    assert (by_name["mAP, small"].places, by_name["mAP, small"].interval) == (None, "")
    value, low, high = judgement.figures["map"]
    assert by_name["mAP"].places == pytest.approx((100 * value, 100 * low, 100 * high), abs=0.01)
    assert [(line.name, line.value) for line in chosen] == [
        ("Precision", "100\xa0%"),
        ("Recall", "50.0\xa0%"),
        ("F1", "66.7\xa0%"),
    ]


def test_figures_that_a_task_adds_come_first() -> None:
    judgement = judge([picture([(HERE, 0)], [(HERE, 0, 0.9)])])
    figures = {"localised": (0.5, 0.25, 0.75), "mean_iou": (0.4, 0.2, 0.6), **judgement.figures}
    numbers, _ = number_lines(replace(judgement, figures=figures))
    assert [(line.name, line.value) for line in numbers[:2]] == [("Localised", "50.0\xa0%"), ("Mean IoU", "40.0\xa0%")]
    assert numbers[1].meaning


def test_weakest_class_comes_first_and_those_without_things_last() -> None:
    images = [picture([(HERE, 0), (FAR, 2)], [(HERE, 0, 0.9)]) for _ in range(12)]
    shown, folded = class_lines(judge(images, ("cat", "dog", "owl")))
    assert [line.label for line in shown] == ["owl", "cat", "dog"]
    assert folded == ()
    assert [line.things for line in shown] == ["12", "12", "0"]
    assert [line.cells[0][0] for line in shown] == ["0\xa0%", "100\xa0%", "–"]
    assert (shown[2].line, shown[2].cells[0][1], shown[2].few) == ("", "", False)


def test_of_many_classes_twenty_are_shown_and_the_rest_folded_away() -> None:
    shown, folded = class_lines(judge(pictures(60, 80), [str(number) for number in range(80)]))
    assert (len(shown), len(folded)) == (20, 60)
    assert any(line.few for line in shown)


def test_sizes_are_told_in_words() -> None:
    lines = size_lines(judge([picture([(HERE, 0), (TINY, 0)], [(HERE, 0, 0.9)])]))
    assert [(line.size, line.meaning, line.things) for line in lines] == [
        ("small", "below 32² square pixels", "1"),
        ("medium", "32² to 96²", "0"),
        ("large", "above 96²", "1"),
    ]
    assert [line.cells[0][0] for line in lines] == ["0\xa0%", "–", "100\xa0%"]


def test_kinds_come_first_whose_mending_would_bring_most() -> None:
    images = [picture([(HERE, 0)], [(HERE, 1, 0.99)]) for _ in range(4)]
    images += [picture([(FAR, 1)], [(FAR, 1, 0.95), (TINY, 1, 0.9)])]
    lines = kind_lines(judge(images))
    assert (lines[0].kind, lines[0].name, lines[0].count) == ("class", "wrong class", 4)
    assert (lines[0].bar, lines[0].gain[0]) == (100, "+")
    assert {line.kind for line in lines} == {"localisation", "class", "both", "duplicate", "background", "missed"}
    assert commonest(lines) == lines[0]


def test_with_one_class_nothing_can_be_of_the_wrong_one() -> None:
    lines = kind_lines(judge([picture([(HERE, 0)], [(HERE, 0, 0.9)])], ("cat",)))
    assert {line.kind for line in lines} == {"localisation", "duplicate", "background", "missed"}
    assert commonest(lines) is None


def test_gain_without_things_is_unknown() -> None:
    lines = kind_lines(judge([picture([], [(HERE, 0, 0.9)])]))
    assert {line.gain for line in lines} == {"–"}
    assert {line.bar for line in lines} == {0}
    found = commonest(lines)
    assert found is not None
    assert found.kind == "background"
