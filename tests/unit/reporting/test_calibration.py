from __future__ import annotations

import numpy as np

from saccade.metrics.calibration import reliability_curve
from saccade.reporting.calibration import calibration_section


def test_over_confidence_is_said_in_points() -> None:
    curve = reliability_curve(np.array([0.9] * 10), np.array([True] * 6 + [False] * 4))
    section = calibration_section(curve)
    words = section.sentence.replace("\xa0", " ")
    assert "90.0 % sure of its answer and right in 60.0 % of cases: it is over-confident by 30.0 points" in words
    assert "differ by 30.0 %" in words
    assert [row[4] for row in section.rows] == ["10"]


def test_confidence_that_holds_is_neither_over_nor_under() -> None:
    curve = reliability_curve(np.array([0.75] * 4), np.array([True, True, True, False]))
    assert "neither over- nor under-confident" in calibration_section(curve).sentence


def test_labels_that_stand_each_for_itself_are_spoken_of_as_such() -> None:
    curve = reliability_curve(np.array([0.2, 0.2]), np.array([False, True]))
    words = calibration_section(curve, by_label=True).sentence.replace("\xa0", " ")
    assert words.startswith("On average the model gave a label a probability of 20.0 %, and 50.0 % of the labels")
