"""What judgements are made of."""

from __future__ import annotations

import json

import numpy as np
import pytest

from saccade.metrics.bootstrap import wilson
from saccade.metrics.judgement import ClassRow, Verdict, as_html, as_text, plain_figure, share_interval


def test_a_share_without_any_doubt_in_its_draws_gets_wilsons() -> None:
    assert share_interval(1.0, np.ones(50), 36) == (1.0, *wilson(36, 36))
    assert share_interval(0.0, np.zeros(50), 36) == (0.0, *wilson(0, 36))
    assert share_interval(1.0, np.array([1.0, np.nan]), 3) == (1.0, *wilson(3, 3))


def test_a_share_with_doubt_gets_the_percentiles() -> None:
    assert share_interval(1.0, np.linspace(0.9, 1.0, 101), 36)[1] == pytest.approx(0.9025)


def test_a_figure_that_does_not_exist_is_null_in_json() -> None:
    figure = share_interval(float("nan"), np.full(5, np.nan), 0)
    assert json.dumps(plain_figure(figure), allow_nan=False) == '{"value": null, "low": null, "high": null}'


def test_a_verdict_reads_as_a_sentence() -> None:
    wrong = Verdict(3, "a\nb.jpg", ("cat",), ("dog",), 0.875, 2.0)
    assert str(wrong) == "a\\nb.jpg: dog (87.5 %), in truth cat"
    assert str(Verdict(0, "c.jpg", ("cat", "owl"), (), 0.5, 1.0)) == "c.jpg: nothing (50.0 %), in truth cat + owl"


def test_text_and_page_show_missing_figures_as_dashes_and_escape_names() -> None:
    missing = (float("nan"),) * 3
    row = ClassRow("<b>cat</b>", 0, 2, {"precision": missing})
    wrong = Verdict(0, "<i>.jpg", ("cat",), ("dog",), 0.9, 2.0)
    page = as_html({"accuracy": (0.5, 0.25, 0.75)}, [row] * 25, [wrong], 8)
    assert "<b>cat" not in page
    assert "<i>.jpg" not in page
    assert "and 5 more classes" in page
    assert "– <small>– – –</small>" in page
    assert "accuracy              0.5000  (0.2500 to 0.7500)" in as_text({"accuracy": (0.5, 0.25, 0.75)}, 8)
