from __future__ import annotations

import math

import pytest

from saccade.reporting.phrases import decimal, duration, is_better_low, is_share, named, per_cent, per_second, threshold


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (1, "100 %"), (0.5, "50.0 %"), (0.99999, "99.9 %"), (0.0001, "< 0.1 %"), (math.nan, "–")],
)
def test_share_is_never_rounded_to_all_or_nothing(share: float, text: str) -> None:
    assert per_cent(share).replace("\xa0", " ") == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "0.500"), (0, "0.00"), (-0.25, "−0.250"), (12345.6, "12,346"), (math.nan, "–")]
)
def test_number_has_three_digits(value: float, text: str) -> None:
    assert decimal(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1.23e-5, "0.0123 ms"), (0.25, "250 ms"), (0.9996, "1.0 s"), (61, "1 min 1 s"), (7200, "2 h 0 min")],
)
def test_time_is_in_the_unit_that_suits_it(seconds: float, text: str) -> None:
    assert duration(seconds).replace("\xa0", " ") == text


def test_rate_has_three_digits() -> None:
    assert [per_second(rate) for rate in (0.1234, 99.96, 1234.5)] == ["0.123", "100", "1,230"]


def test_figures_of_both_judgements_have_a_name_and_a_meaning() -> None:
    figures = (
        "accuracy", "top_5", "loss", "brier", "calibration_error", "macro_precision", "macro_recall", "macro_f1",
        "weighted_f1", "mean_average_precision", "micro_f1", "exact_match", "hamming_loss",
    )  # fmt: skip
    assert all(named(figure)[1] for figure in figures)
    assert named("new_figure") == ("New figure", "")


def test_losses_are_no_shares_and_are_better_low() -> None:
    figures = ("accuracy", "loss", "brier", "hamming_loss", "calibration_error")
    assert [figure for figure in figures if is_share(figure)] == ["accuracy", "hamming_loss", "calibration_error"]
    assert [figure for figure in figures if not is_better_low(figure)] == ["accuracy"]


@pytest.mark.parametrize("confidence", [1.0, 0.57, 0.99999, 0.1, 0.0999999, 1e-3, 3.3e-7])
def test_threshold_keeps_every_box_as_sure_as_that(confidence: float) -> None:
    assert 0.98 * confidence < float(threshold(confidence)) <= confidence


def test_figures_of_detectors_have_names_in_words() -> None:
    assert named("map50") == ("mAP50", "the same at an IoU of 0.5 alone: a loose box will do")
    assert named("mar_small")[1] == "with 100 boxes, of things below 32² square pixels"
    assert all(is_share(name) and not is_better_low(name) for name in ("map", "mar100", "map_large", "localised"))
