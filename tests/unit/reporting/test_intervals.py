from __future__ import annotations

import math

from saccade.reporting.intervals import numbers_section


def test_shares_come_first_on_one_scale_and_losses_have_no_place_on_it() -> None:
    section = numbers_section({"loss": (0.3, 0.2, 0.4), "accuracy": (0.8, 0.7, 0.9), "macro_f1": (0.75, 0.65, 0.85)})
    assert section is not None
    assert [row.name for row in section.intervals] == ["Accuracy", "F1, macro", "Loss"]
    assert section.scale == ("60\xa0%", "100\xa0%")
    assert section.intervals[0].places == (50.0, 25.0, 75.0)
    assert section.intervals[2].places is None
    assert (section.intervals[2].value, section.intervals[2].low) == ("0.300", "0.200")


def test_scale_reaches_down_to_nothing_when_a_figure_does() -> None:
    section = numbers_section({"accuracy": (0.5, 0.0, 1.0)})
    assert section is not None
    assert section.scale[0] == "0\xa0%"
    assert section.intervals[0].places == (50.0, 0.0, 100.0)


def test_perfect_figure_has_a_scale_too() -> None:
    section = numbers_section({"accuracy": (1.0, 1.0, 1.0)})
    assert section is not None
    assert section.intervals[0].places == (100.0, 100.0, 100.0)


def test_figure_that_is_unknown_is_shown_as_a_dash() -> None:
    section = numbers_section({"macro_f1": (math.nan, math.nan, math.nan)})
    assert section is not None
    assert (section.intervals[0].value, section.intervals[0].places) == ("–", None)


def test_no_figures_make_no_section() -> None:
    assert numbers_section({}) is None
