from __future__ import annotations

import math

from saccade.metrics.judgement import ClassRow
from saccade.reporting.classes import classes_section


def row(label: str, recall: float, support: int = 20) -> ClassRow:
    return ClassRow(label, support, support, {"recall": (recall, recall, recall), "f1": (0.5, 0.4, 0.6)})


def test_weakest_class_comes_first_and_one_without_images_last() -> None:
    section = classes_section([row("good", 0.9), row("none", math.nan, 0), row("bad", 0.2), row("rare", 0.5, 9)])
    assert section is not None
    assert [line.label for line in section.shown] == ["bad", "rare", "good", "none"]
    assert [line.few for line in section.shown] == [False, True, False, True]
    assert section.shown[3].cells[0] == ("–", "")
    assert [line.bar for line in section.shown] == [20, 50, 90, 0]
    assert (section.by, section.columns) == ("recall", ("recall", "F1"))


def test_classes_beyond_the_twentieth_are_folded() -> None:
    section = classes_section([row(str(number), number / 50) for number in range(50)])
    assert section is not None
    assert (len(section.shown), len(section.folded)) == (20, 30)
    assert section.folded[0].label == "20"


def test_no_classes_make_no_section() -> None:
    assert classes_section([]) is None
