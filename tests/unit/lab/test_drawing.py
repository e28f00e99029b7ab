"""The drawing: what is on its axes is what was recorded."""

from __future__ import annotations

import pytest

from saccade.lab.arm import Record
from saccade.lab.drawing import draw_comparison


def record(errors, norms):
    epochs = tuple(
        {"epoch": number + 1, "training_error": error, "test_error": error + 0.1} for number, error in enumerate(errors)
    )
    return Record(epochs, tuple({"step": 1, "norms": dict(enumerate(one))} for one in norms), 1, True)


@pytest.fixture
def axes():
    figure = draw_comparison({
        ("plain", 20): [record([0.9, 0.5], [[1, 2], [3, 4], [5, 6]]), record([0.8, 0.4], [])],
        ("residual", 20): [record([0.9, 0.2], [])],
    })  # fmt: skip
    return figure.axes


def lines(axes):
    return [list(line.get_ydata()) for line in axes.lines]


def test_each_kind_has_a_column_and_both_have_one_scale(axes):
    assert [one.get_title() for one in axes[:2]] == ["plain networks", "residual networks"]
    assert axes[0].get_ylim() == axes[1].get_ylim() == (-2, 100)


def test_training_and_test_errors_of_every_seed_are_drawn_in_per_cent(axes):
    assert lines(axes[0]) == [pytest.approx(values) for values in ([90, 50], [100, 60], [80, 40], [90, 50])]


def test_gradients_of_the_first_and_the_middle_step_are_drawn_by_layer(axes):
    assert lines(axes[2]) == [[1, 2], [3, 4]]
    assert list(axes[2].lines[0].get_xdata()) == [1, 2]
    assert lines(axes[3]) == []
