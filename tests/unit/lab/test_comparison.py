"""What was found: the table, the numbers and the sentence, from records that a hand made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from saccade.lab.arm import Record
from saccade.lab.comparison import Comparison


def record(training, test=0.5, gradients=()):
    figures = {"training_error": training, "running_error": training, "test_error": test}
    epochs = ({"epoch": 1, **dict.fromkeys(figures, 0.9)}, {"epoch": 2, **figures})
    return Record(epochs, tuple({"step": 1, "norms": norms} for norms in gradients), 1234, True)


@pytest.fixture
def made():
    norms = {"conv1": 4.0, "conv2": 1.0, "conv3": 2.0, "linear": 7.0}
    records = {
        "plain20-0": record(0.2, gradients=[norms]), "plain56-0": record(0.5), "plain56-1": record(0.3),
        "residual20-0": record(0.1), "residual56-0": record(0.05),
    }  # fmt: skip
    return Comparison("degradation", {}, {}, records, Path("nowhere"))


def test_the_table_has_a_row_for_each_network(made):
    assert [row[0] for row in made.rows()] == ["plain 20", "plain 56", "residual 20", "residual 56"]
    assert made.rows()[0] == ["plain 20", "1,234", "2", "20.0 %", "20.0 %", "50.0 %", "2"]
    assert all(len(row) == len(made.head) for row in made.rows())


def test_several_seeds_are_one_row_with_their_mean_and_range(made):
    assert made.rows()[1][3] == "40.0 % (30.0 to 50.0)"


def test_the_finding_is_what_the_errors_say(made):
    assert made.finding() == [
        "plain: 56 layers have 20.0 points more training error than 20",
        "residual: 56 layers have 5.0 points less training error than 20",
    ]


def test_one_depth_has_no_finding(made):
    alone = Comparison("x", {}, {}, {"plain20-0": made.records["plain20-0"]}, Path())
    assert alone.finding() == []


def test_the_folder_holds_the_numbers_and_the_drawing(compared):
    values = json.loads(compared.numbers.read_text())
    assert list(values["networks"]) == ["plain8-0", "residual8-0", "plain20-0", "residual20-0"]
    plain = values["networks"]["plain20-0"]
    assert [row["epoch"] for row in plain["epochs"]] == [1, 2]
    assert {"training_error", "running_error", "test_error", "cross_entropy"} <= set(plain["epochs"][0])
    assert [probe["step"] for probe in plain["gradients"]] == [1, 3, 6]
    assert len(plain["gradients"][0]["norms"]) == 20
    assert values["finding"] == compared.finding()
    with Image.open(compared.drawing) as picture:
        assert picture.size[0] > 600


def test_the_gradients_are_in_the_order_of_the_layers(compared):
    names = list(compared.records["residual8-0"].gradients[0]["norms"])
    assert (names[0], names[-1]) == ("conv1.weight", "linear.weight")


def test_a_notebook_shows_the_drawing(compared):
    assert compared._repr_png_().startswith(b"\x89PNG")
    assert repr(compared).startswith("Comparison('degradation': plain: 20 layers have")
