from __future__ import annotations

import re

import numpy as np

from saccade.metrics.calibration import ReliabilityCurve
from saccade.reporting.figures import Curve, draw_confidences, draw_curves, draw_reliability


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_epochs_are_whole_and_shares_are_in_per_cent() -> None:
    written = texts(
        draw_curves([Curve("validation", [1, 2, 3], [0.5, 0.75, 1.0], 2)], "a", "Rises.", best=3, rates=True)
    )
    assert {"1", "2", "3"} <= set(written)
    assert not {"1.5", "2.5"} & set(written)
    assert any(text.endswith("%") for text in written)


def test_curve_of_one_epoch_can_be_drawn() -> None:
    assert "epoch" in texts(draw_curves([Curve("training", [1], [0.5])], "a", "One point."))


def test_each_curve_has_its_own_colour() -> None:
    svg = draw_curves([Curve("training", [1, 2], [1, 0]), Curve("validation", [1, 2], [1, 1], 2)], "a", "Two.")
    assert 'stroke="var(--curve-1)"' in svg
    assert 'stroke="var(--curve-2)"' in svg


def test_empty_bins_are_left_out_of_the_reliability() -> None:
    nothing = np.nan
    curve = ReliabilityCurve(
        np.array([0, 0.25, 0.5, 1.0]), np.array([0.2, nothing, 0.9]), np.array([0.1, nothing, 1.0]), np.array([1, 0, 3])
    )
    svg = draw_reliability(curve, "reliability", "Near the diagonal.")
    assert "nan" not in svg.lower()
    assert "how often it was right" in texts(svg)
    assert "answers" in texts(draw_confidences(curve, "confidences", "Mostly sure."))
