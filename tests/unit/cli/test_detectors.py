from __future__ import annotations

import json

import pytest

import saccade
from judged_detectors import judge
from made_detections import picture, pictures
from saccade.api.evaluation import Evaluation
from saccade.cli._detectors import print_detector

HERE, FAR = (0.0, 0.0, 100.0, 100.0), (400.0, 400.0, 500.0, 500.0)


@pytest.fixture
def evaluated(monkeypatch):
    """What `saccade.evaluate` will return: one cat found, one missed, a class without things."""
    images = [picture([(HERE, 0), (FAR, 0)], [(HERE, 0, 0.9)])]
    evaluation = Evaluation(judge(images, ("cat", "dog\n")), "test", 1)
    monkeypatch.setitem(vars(saccade), "evaluate", lambda *_, **__: evaluation)
    return evaluation


def test_classes_and_mistakes_are_printed_after_the_figures(saccade_command, evaluated):
    done = saccade_command("evaluate", "runs/a")
    assert (done.code, done.err) == (0, "")
    assert "nan" not in done.out
    lines = done.out.splitlines()
    assert lines[0] == "1 images of the test split"
    assert "map small        –" in lines
    assert "precision, recall and f1 from confidence 0.900 on, the best for f1 on these images" in lines
    assert "class  things      ap    ap50  precision  recall      f1" in lines
    assert "cat         2  0.5050  0.5050     1.0000  0.5000  0.6667" in lines
    assert "dog\\n       0       –       –          –       –       –" in lines
    assert "missed            1                  0.4950" in lines


def test_json_has_no_number_that_json_does_not_have(saccade_command, evaluated):
    def refuse(word):
        raise AssertionError(word)

    told = json.loads(saccade_command("evaluate", "runs/a", "--json").out, parse_constant=refuse)
    assert told["numbers"]["map_small"] == {"value": None, "low": None, "high": None}
    assert told["numbers"]["recall"]["value"] == 0.5


def test_evaluation_reads_well_where_there_is_no_figure(evaluated):
    assert "nan" not in str(evaluated) + evaluated._repr_html_()
    assert str(evaluated).endswith("precision, recall and f1 from confidence 0.900 on")


def test_of_very_many_classes_the_first_hundred_are_printed(capsys):
    print_detector(judge(pictures(20, 101), [f"class {number}" for number in range(101)]))
    out = capsys.readouterr().out
    assert "the first 100 of 101 classes; --json gives all" in out
    assert "class 99 " in out
    assert "class 100" not in out
