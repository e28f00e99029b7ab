"""The drawing of a lineage: every point is named, no name covers another, and bars add up."""

from __future__ import annotations

import itertools

import pytest
from matplotlib.text import Annotation

from saccade.lab.lineage import LINEAGE
from saccade.lab.lineage_drawing import draw_lineage
from saccade.lab.stepping import Standing


def standing(step, place, map50, images_per_second, **stages):
    figures = {"map50": (map50, map50 - 0.1, map50 + 0.1), "map": (map50 / 2, 0.0, 1.0)}
    return Standing(step.name, step.title, step.model, figures, stages, images_per_second, 1, 1, 1, place)


@pytest.fixture(scope="module")
def standings():
    """All of one accuracy and nearly one speed, as badly as it can be."""
    return [
        standing(step, place, 0.7 + 0.01 * (place % 3), 20 + place, training=10.0, evaluation=place)
        for place, step in enumerate(LINEAGE.values(), 1)
    ]


def test_every_step_is_named_and_no_name_covers_another(standings):
    figure = draw_lineage(standings)
    names = [text for text in figure.axes[0].texts if isinstance(text, Annotation)]
    assert [text.get_text() for text in names] == [one.title for one in standings]
    renderer = figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in names]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))


def test_points_lie_where_they_were_measured(standings):
    points = [line for line in draw_lineage(standings).axes[0].lines if line.get_marker() == "o"]
    drawn = [(line.get_xdata()[0], line.get_ydata()[0]) for line in points]
    assert drawn == [(one.images_per_second, one.figures["map50"][0]) for one in standings]


def test_bars_are_as_long_as_all_stages(standings):
    bars = draw_lineage(standings).axes[1]
    ends = [max(bar.get_x() + bar.get_width() for bar in bars.patches if round(bar.get_y() + 0.31) == row)
            for row in range(len(standings))]  # fmt: skip
    assert ends == [pytest.approx(sum(one.stages.values())) for one in standings]
    assert [text.get_text() for text in bars.texts] == [f"{sum(one.stages.values()):.0f} s" for one in standings]


def test_a_figure_that_is_not_known_is_drawn_at_zero(standings):
    unknown = standing(LINEAGE["yolo"], 1, float("nan"), 3.0, training=1.0, evaluation=1.0)
    points = [line for line in draw_lineage([unknown]).axes[0].lines if line.get_marker() == "o"]
    assert [line.get_ydata()[0] for line in points] == [0.0]
