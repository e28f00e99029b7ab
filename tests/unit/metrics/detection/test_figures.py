"""The figures of a detector on many draws of the images."""

from __future__ import annotations

import numpy as np
import pytest

from made_detections import picture, pictures
from saccade.metrics.bootstrap import bootstrap
from saccade.metrics.detection.coco import NAMES
from saccade.metrics.detection.figures import DetectorFigures, _recalls_reached
from saccade.metrics.detection.matches import RECALLS, match_classes

A, B, FAR = (0, 0, 10, 10), (20, 0, 30, 10), (60, 0, 70, 10)


def test_average_precision_of_draws_by_hand() -> None:
    images = [picture([(A, 0)], [(A, 0, 0.9)]), picture([(A, 0)], [(FAR, 0, 0.95)]), picture()]
    draws = np.array([[1, 1, 1], [3, 0, 0], [0, 3, 0], [2, 1, 0], [0, 0, 3]], np.float32)
    rows = DetectorFigures(match_classes(images, 1), 3, 0.5)(draws)
    expected = [51 / 101 / 2, 1, 0, 67 / 101 * 2 / 3, np.nan]
    for name in ("map", "map50", "map75", "map_small"):
        assert rows[:, NAMES.index(name)] == pytest.approx(expected, nan_ok=True)
    assert rows[:, NAMES.index("mar1")] == pytest.approx([1 / 2, 1, 0, 2 / 3, np.nan], nan_ok=True)
    assert np.isnan(rows[:, NAMES.index("map_large")]).all()


def test_intervals_of_average_precision_are_reflected_and_those_of_recall_are_not() -> None:
    figures = DetectorFigures(match_classes(pictures(5, 1), 1), 5, 0.5)
    values, draws = np.full(20, 0.5), np.tile(np.linspace(0.5, 0.9, 101)[:, None], 20)
    whole, (row,) = figures.whole(values, draws), figures.rows(("cat",), values, draws)
    for reflected in (whole["map"], whole["map_large"], row.figures["average_precision"]):
        assert reflected == pytest.approx((0.5, 0.5 - 0.39, 0.5))
    for plain in (whole["mar1"], whole["f1"], row.figures["recall"]):
        assert plain == pytest.approx((0.5, 0.5, 0.5 + 0.39))


def test_draws_of_average_precision_err_upwards_and_those_of_recall_do_not() -> None:
    """Why those intervals are reflected."""
    figures = DetectorFigures(match_classes(pictures(60, 6), 6), 60, 0.5)
    values = figures(np.ones((1, 60), np.float32))[0]
    draws = bootstrap(figures, 60, resamples=400, generator=np.random.default_rng(0))
    excess = (draws.mean(axis=0) - values) / draws.std(axis=0)
    assert excess[NAMES.index("map")] > 0.5
    assert abs(excess[NAMES.index("mar100")]) < 0.2


def test_a_perfect_detector_is_not_certain() -> None:
    images = [picture([(A, 0)], [(A, 0, 0.9)]) for _ in range(10)]
    figures = DetectorFigures(match_classes(images, 1), 10, 0.5)
    row = figures(np.ones((1, 10), np.float32))[0]
    value, low, high = figures.whole(row, row[None])["map"]
    assert (value, high) == (1, 1)
    assert low == pytest.approx(0.7225, abs=1e-4)  # Wilson's, ten times right


@pytest.mark.parametrize("things", [7, 57, 100, 300, 999])
def test_recalls_are_reached_as_the_library_looks_them_up(things: int) -> None:
    recall = np.arange(things + 1)[:, None] / things
    assert np.array_equal(_recalls_reached(recall), np.searchsorted(RECALLS, recall, side="right"))


def test_precision_and_recall_count_boxes_from_the_confidence_on() -> None:
    images = [picture([(A, 0), (B, 1)], [(A, 0, 0.9), (FAR, 0, 0.8), (B, 1, 0.3)])]
    figures = DetectorFigures(match_classes(images, 2), 1, 0.5)
    row = figures(np.ones((1, 1), np.float32))[0]
    whole = figures.whole(row, row[None])
    assert [whole[name][0] for name in ("precision", "recall", "f1")] == pytest.approx([1 / 2, 1 / 2, 1 / 2])
    cat, dog = figures.rows(("cat", "dog"), row, row[None])
    assert (cat.support, cat.predicted, dog.support, dog.predicted) == (1, 2, 1, 0)
    assert [cat.figures[name][0] for name in ("precision", "recall", "average_precision")] == pytest.approx([0.5, 1, 1])
    assert [dog.figures[name][0] for name in ("recall", "average_precision_50")] == pytest.approx([0, 1])


def test_all_figures_have_names_in_order() -> None:
    images = pictures(5, 2)
    figures = DetectorFigures(match_classes(images, 2), 5, 0.5)
    row = figures(np.ones((1, 5), np.float32))[0]
    assert tuple(figures.whole(row, row[None])) == (*NAMES, "precision", "recall", "f1")
    assert len(row) == 12 + 3 + 2 * 5
    assert tuple(figures.rows(("a", "b"), row, row[None])[0].figures) == (
        "precision", "recall", "f1", "average_precision", "average_precision_50",
    )  # fmt: skip


def test_as_many_draws_as_can_be_afforded(monkeypatch: pytest.MonkeyPatch) -> None:
    images = pictures(5, 2)
    figures = DetectorFigures(match_classes(images, 2), 5, 0.5)
    assert figures.affordable(1000) == 1000
    monkeypatch.setattr("saccade.metrics.detection.figures._PATIENCE", 1e3)
    assert figures.affordable(1000) == 100
    assert figures.affordable(20) == 20
