from __future__ import annotations

from collections.abc import Callable

import numpy as np

from saccade.metrics.classification import ClassificationJudgement
from saccade.reporting.pictures import one_of_each, show_verdicts
from saccade.reporting.thumbnails import Album

Judge = Callable[..., ClassificationJudgement]


def album() -> Album:
    return Album(lambda _: np.zeros((2, 2, 1), np.uint8))


def test_surest_right_answer_of_each_class_is_shown(judge: Judge) -> None:
    shown = one_of_each(judge(), 12, album())
    assert [(image.true, image.key) for image in shown] == [
        ("cat", "photos/cat/3.png"), ("dog", "photos/dog/6.png"), ("owl", "photos/owl/7.png"),
    ]  # fmt: skip


def test_class_of_which_nothing_was_right_is_left_out(judge: Judge) -> None:
    shown = one_of_each(judge(targets=(0, 1, 2), predicted=(0, 0, 2)), 12, album())
    assert [image.true for image in shown] == ["cat", "owl"]
    assert one_of_each(judge(targets=(0, 1, 2), predicted=(1, 2, 0)), 12, album()) == ()


def test_classes_are_chosen_evenly_when_there_are_many(judge: Judge) -> None:
    numbers = tuple(range(9))
    shown = one_of_each(judge([str(number) for number in numbers], numbers, numbers), 3, album())
    assert [image.true for image in shown] == ["0", "4", "8"]


def test_mistake_is_described_in_words(judge: Judge) -> None:
    shown = show_verdicts(judge().mistakes, album())
    assert shown[0].words.startswith("true: owl, predicted: cat (")
    assert shown[0].words.endswith("%), photos/owl/8.png")
