"""What a race says, in numbers that a hand can check."""

from __future__ import annotations

from pathlib import Path

import pytest

from saccade.api.ensembles.latency import Latency
from saccade.api.races.contenders import Mark
from saccade.api.races.race import Attempt, Race, Standing
from saccade.inspect.operations import Operations


def marks(*figures, step=1800.0, each=1e12):
    return tuple(Mark(n, n * step, n * each if each else None, figure) for n, figure in enumerate(figures, 1))


@pytest.fixture
def race():
    ours = Standing(
        "ours", (Attempt(0, marks(0.5, 0.9, 0.8)), Attempt(1, marks(0.5, 0.8, 0.95))), Operations(10, 30),
        Latency(4.0, 2.0),
    )  # fmt: skip
    return Race(
        ("accuracy", True), 0.9, (ours, Standing("theirs", (Attempt(0, marks(0.5, 0.6, each=None)),))), Path("x")
    )


def test_the_first_epoch_that_reaches_the_target_counts(race):
    ours, _ = race.summaries(price=2.0)
    assert (ours["reached"], ours["seeds"]) == (2, 2)
    assert (ours["epochs"], ours["seconds"], ours["operations"]) == (2.5, 4500.0, 2.5e12)
    assert ours["cost"] == pytest.approx(2.5)  # an hour and a quarter
    assert ours["at_the_end"] == pytest.approx(0.875)


def test_what_predictions_cost_is_told(race):
    ours, _ = race.summaries(price=3.6)
    assert (ours["milliseconds"], ours["seconds_for_10000"]) == (4.0, 20.0)
    assert ours["cost_of_10000"] == pytest.approx(0.02)


def test_one_who_never_reaches_it_costs_nothing_that_is_known(race):
    theirs = race.summaries(price=2.0)[1]
    assert (theirs["reached"], theirs["seconds"], theirs["cost"], theirs["milliseconds"]) == (0, None, None, None)
    assert theirs["at_the_end"] == 0.6


def test_means_are_over_the_seeds_that_reached_it(race):
    from dataclasses import replace

    ours = replace(race, target=0.93).summaries()[0]
    assert (ours["reached"], ours["epochs"]) == (1, 3)


def test_lower_may_be_better():
    race = Race(("loss", False), 0.5, (Standing("a", (Attempt(0, marks(0.8, 0.5)),)),), Path("x"))
    assert race.summaries()[0]["epochs"] == 2


def test_rows_and_dictionary_say_the_same(race):
    rows, told = race.rows(), race.to_dict()
    assert [len(row) for row in rows] == [len(race.head)] * 2
    assert rows[0][:4] == ["ours", "2 of 2", "2.5", "4500.0 s"]
    assert rows[1][1:6] == ["0 of 1", "", "", "", ""]
    assert told["contenders"][0]["attempts"][1]["marks"][2]["figure"] == 0.95
    assert told["contenders"][1]["operations_of_an_image"] is None
    assert repr(race) == "Race(accuracy 0.9: ours after 4500.0 s)"


def test_the_drawing_has_a_line_for_each_attempt(race):
    over_time, over_operations = race.plot().axes
    assert len(over_time.lines) == 3 + 1  # and the target
    assert over_time.lines[0].get_xdata().tolist() == [30, 60, 90]
    assert over_operations.lines[2].get_xdata().tolist() == []  # nobody counted theirs
