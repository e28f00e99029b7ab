from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from judged_detectors import judge as judge_boxes
from made_detections import picture, pictures
from saccade.metrics.classification import ClassificationJudgement
from saccade.reporting.curves import training_section
from saccade.reporting.facts import CardFacts
from saccade.reporting.flags import flags
from saccade.training.events import RunStopped

Judge = Callable[..., ClassificationJudgement]


def shorts(facts: CardFacts) -> list[str]:
    return [short.replace("\xa0", " ") for short, _ in flags(facts, training_section(facts.events))]


def test_small_test_split_and_rare_classes_are_flagged(facts: CardFacts) -> None:
    assert shorts(facts) == ["Few test images.", "3 classes with fewer than 10 test images."]
    assert "There are 9: a single one weighs 11.1 %" in flags(facts, None)[0][1].replace("\xa0", " ")


def test_large_test_split_has_no_flag(facts: CardFacts, judge: Judge) -> None:
    large = judge(targets=(0, 1, 2) * 200, predicted=(0, 1, 2) * 200)
    assert shorts(replace(facts, judgement=large)) == []


def test_judging_on_anything_but_a_test_split_is_flagged(facts: CardFacts) -> None:
    assert shorts(replace(facts, split="val"))[0] == "Judged on validation images."
    assert shorts(replace(facts, split="train"))[0] == "Judged on its own training images."
    assert shorts(replace(facts, judgement=None)) == ["Not judged."]


def test_class_without_images_is_flagged_by_name(facts: CardFacts, judge: Judge) -> None:
    judged = judge(targets=(0, 1) * 300, predicted=(0, 1) * 300)
    short, long = flags(replace(facts, judgement=judged), None)[0]
    assert short == "1\xa0class without test images."
    assert "owl" in long


def test_run_that_was_stopped_is_flagged_with_its_reason(facts: CardFacts) -> None:
    stopped = replace(facts, events=[*facts.events[:-1], RunStopped(3, 30, "got signal 2\x1b")])
    assert flags(stopped, training_section(stopped.events))[-1] == (
        "Training was stopped early.", "The reason: got signal 2\\x1b.",
    )  # fmt: skip


def test_few_things_of_a_class_and_absent_classes_of_a_detector_are_flagged(facts: CardFacts) -> None:
    box = ((0.0, 0.0, 50.0, 50.0), 0)
    few = judge_boxes([picture([box], [(*box, 0.9)])], ("cat", "dog"))
    assert shorts(replace(facts, judgement=few)) == [
        "Few test images.",
        "1 class with fewer than 10 things in the test images.",
        "1 class without things in the test images.",
    ]
    many = judge_boxes(pictures(500, 1, junk=0), ("cat",))
    assert shorts(replace(facts, judgement=many)) == []


def test_detector_that_has_nothing_to_find_or_nothing_right_is_flagged(facts: CardFacts) -> None:
    box = ((0.0, 0.0, 50.0, 50.0), 0)
    nothing = judge_boxes([picture([], [(*box, 0.9)])])
    assert shorts(replace(facts, judgement=nothing)) == ["Few test images.", "Nothing to find."]
    wrong = judge_boxes([picture([box], [((300.0, 300.0, 350.0, 350.0), 0, 0.9)])], ("cat",))
    assert shorts(replace(facts, judgement=wrong))[-1] == "No box is right."
