from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from judged_detectors import judge as judge_boxes
from made_detections import pictures
from saccade.metrics.classification import ClassificationJudgement
from saccade.reporting.facts import CardFacts
from saccade.reporting.layers import Layers
from saccade.reporting.summary import tiles, what_it_is, where_it_fails

Judge = Callable[..., ClassificationJudgement]


def test_sentence_says_what_the_model_is(facts: CardFacts) -> None:
    assert what_it_is(facts, 61706).replace("\xa0", " ") == (
        "A lenet5 with 61,706 parameters that tells apart 3 classes in grey images of 4 × 4 pixels, trained on photos."
    )
    alexnet = replace(facts, description={"model": {"architecture": "alexnet"}}, judgement=None)
    assert what_it_is(alexnet, 0) == "An alexnet."
    assert what_it_is(replace(facts, description={}, judgement=None), 0) == ""


def test_module_without_a_name_is_called_a_network(facts: CardFacts) -> None:
    unnamed = replace(facts, description={"model": {"architecture": "", "arguments": {}}})
    assert what_it_is(unnamed, 0).replace("\xa0", " ") == "A network that tells apart 3 classes."


def test_class_that_is_found_least_is_named_with_what_it_is_taken_for(judge: Judge) -> None:
    found = where_it_fails(judge(targets=(0, 0, 1, 1, 1, 2), predicted=(0, 1, 2, 2, 0, 2)))
    assert found is not None
    row, taken_for, times = found
    assert (row.label, taken_for, times) == ("dog", "owl", 2)
    assert where_it_fails(judge(targets=(0, 1), predicted=(0, 1))) is None


def test_key_figures_have_their_intervals(facts: CardFacts) -> None:
    shown = tiles(facts, Layers((), (), 61706, 416520))
    assert [tile.name for tile in shown] == [
        "Accuracy",
        "Calibration error",
        "F1, macro",
        "Parameters",
        "Time for one image",
    ]
    assert shown[0].value == "77.8\xa0%"
    assert (shown[3].value, shown[3].under) == ("61.7\xa0k", "417\xa0k multiply-adds an image")
    assert (shown[4].value, shown[4].under) == ("2\xa0ms", "2,000 images a second, 32 at once")


def test_detector_finds_boxes_and_has_its_own_key_figures(facts: CardFacts) -> None:
    judged = replace(facts, judgement=judge_boxes(pictures(4, 2)))
    assert "A lenet5 that finds boxes of 2 classes in grey images" in what_it_is(judged, 0).replace("\xa0", " ")
    assert [tile.name for tile in tiles(judged, None)] == ["mAP", "mAP50", "Time for one image"]
    unjudged = replace(facts, judgement=None, description={**facts.description, "task": "detection"})
    assert "that finds boxes of 3 classes" in what_it_is(unjudged, 0).replace("\xa0", " ")
