"""Who takes part: recipes, networks with settings, and logs of others."""

from __future__ import annotations

import pytest

from saccade.api.races.contenders import Mark, read_contender, read_log
from saccade.errors import BadConfig, BadData, SaccadeError


def test_a_recipe_names_its_network():
    found = read_contender("a", "fast")
    assert (found.model, found.settings.lookahead, found.settings.epochs) == ("airbench94", 5, 10)


def test_settings_go_before_those_of_the_recipe():
    found = read_contender("a", {"recipe": "fast", "model": "resnet20", "epochs": 3})
    assert (found.model, found.settings.lookahead, found.settings.epochs) == ("resnet20", 5, 3)


def test_a_network_alone_has_usual_settings():
    found = read_contender("a", "resnet20")
    assert (found.model, found.settings.recipe) == ("resnet20", "")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("resnet2000", "did you mean"),
        ({"model": "resnet20", "optimizer": "momentun"}, "momentun"),
        ({"model": 3}, "got a model of type int"),
        (["resnet20"], "got a contender of type list"),
        ({"budget": "60s"}, "train epoch by epoch"),
        ({"model": "squeezenet1_1", "weights": "imagenet", "transfer": "features"}, "train epoch by epoch"),
    ],
)
def test_who_cannot_take_part_is_refused(given, wanted):
    with pytest.raises(SaccadeError, match=wanted):
        read_contender("a", given)


@pytest.mark.parametrize("sign", ["\t", ","])
def test_a_log_is_read_as_dawnbench_writes_it(tmp_path, sign):
    path = tmp_path / "log.tsv"
    lines = ["epoch,hours,top1Accuracy,top5Accuracy", "1,0.5,50.0,90.0", "2,1.0,75.5,99.0"]
    path.write_text("\n".join(lines).replace(",", sign))
    assert read_log(path) == (Mark(1, 1800.0, None, 0.5), Mark(2, 3600.0, None, 0.755))


def test_operations_are_read_where_a_log_has_them(tmp_path):
    path = tmp_path / "log.tsv"
    path.write_text("epoch,hours,top1Accuracy,operations\n1,0.5,50,1e12\n")
    assert read_log(path)[0].operations == 1e12


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "which has no lines"),
        ("epoch,hours,top1Accuracy\n", "which has no lines"),
        ("epoch,hours\n1,2\n", "line 2 of .* without a number"),
        ("epoch,hours,top1Accuracy\n1,2\n", "line 2 of .* without a number"),
        ("epoch,hours,top1Accuracy\n1,2,nan\n", "numbers that cannot be"),
        ("epoch,hours,top1Accuracy\n1,2,101\n", "numbers that cannot be"),
        ("epoch,hours,top1Accuracy\n1,2,50\n2,1,60\n", "whose hours go back"),
    ],
)
def test_a_log_that_is_none_is_refused(tmp_path, text, wanted):
    path = tmp_path / "log.csv"
    path.write_text(text)
    with pytest.raises(BadData, match=wanted):
        read_log(path)


@pytest.mark.bad_input
def test_a_log_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadData, match="cannot be read as text"):
        read_log(tmp_path / "none.tsv")
    with pytest.raises(BadConfig, match="taken are the name of a recipe"):
        read_contender("a", None)
