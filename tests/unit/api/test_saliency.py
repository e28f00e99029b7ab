"""Maps of the worst mistakes and of the best cases: which pictures, what is asked, and what there is no time for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from judged_detectors import judge as judge_boxes
from made_detections import picture
from saccade.api import saliency
from saccade.api.saliency import saliency_of
from saccade.errors import BadConfig
from saccade.metrics.classification import ClassificationMetric
from saccade.metrics.multi_label import MultiLabelMetric
from saccade.types.batch import Batch
from tiny_predictors import Colour, predictor

LABELS = ("red", "green", "blue")
RED, GREEN = ((220, 0, 0), (0, 220, 0))


class Mapped(nn.Module):
    """A convolution whose maps are the colours, each averaged."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Conv2d(3, 3, 1, bias=False)
        self.features.weight.data = 4 * torch.eye(3)[:, :, None, None]

    def forward(self, images: Tensor) -> Tensor:
        return self.features(images).mean((2, 3))


class Spot(nn.Module):
    """A detector of one candidate, as sure as the middle of the picture is bright."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Conv2d(3, 2, 1, bias=False)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        sure = self.features(images).mean((2, 3)).sigmoid()
        return {"boxes": torch.tensor([[1.0, 1, 6, 6]]).repeat(len(images), 1, 1), "scores": sure[:, None]}


def pictures(key: str) -> np.ndarray:
    """Half of the picture in one colour."""
    image = np.zeros((8, 8, 3), np.uint8)
    image[:, 4:] = RED if key.startswith("red") else GREEN
    return image


def judged(targets: list[int]):
    """Red pictures: whoever says that they are of another class is right about those alone that are."""
    metric = ClassificationMetric(LABELS)
    logits = torch.tensor([[3.0 + 0.1 * place, 0, 0] for place in range(len(targets))])
    keys = tuple(f"red {place}" for place in range(len(targets)))
    images, sizes = torch.zeros(len(targets), 3, 8, 8), torch.full((len(targets), 2), 8)
    metric.update(logits, Batch(images, sizes, torch.tensor(targets), keys))
    return metric.judge(50, 0)


def test_the_worst_mistakes_and_the_surest_right_answers_are_looked_at():
    found = saliency_of(predictor(Mapped(), size=(8, 8)), judged([0, 1, 0, 2, 0]), pictures, seconds=600)
    assert (found.method, found.note) == ("grad_cam", "")
    assert [(case.wrong, case.said, case.true, case.asked.key) for case in found.cases] == [
        (True, "red", "blue", "red 3"), (True, "red", "green", "red 1"),
        (False, "red", "red", "red 4"), (False, "red", "red", "red 2"), (False, "red", "red", "red 0"),
    ]  # fmt: skip
    first, best = found.cases[0], found.cases[2]
    assert (str(first.asked.asked), str(first.truth.asked), best.truth) == ("red", "blue", None)
    assert first.asked.heat[:, 5:].min() > first.asked.heat[:, :3].max() == 0
    assert first.asked.faithfulness.deletion < first.asked.faithfulness.insertion
    told = found.to_dict()["cases"][0]
    assert (told["key"], told["truth"]["asked"]) == ("red 3", "blue")
    assert told["asked"]["faithfulness"]["deletion"] == round(first.asked.faithfulness.deletion, 6)


def test_each_class_has_its_turn_among_the_best():
    found = judged([0, 0, 0, 0])
    surest = [replace(one, true=(name,)) for one, name in zip(found.surest, ("red", "red", "blue", "red"), strict=True)]
    assert saliency._varied(surest) == [surest[0], surest[2], surest[1], surest[3]]


def test_a_network_without_maps_is_asked_by_occlusion_and_it_says_why():
    found = saliency_of(predictor(Colour(), size=(8, 8)), judged([0, 1]), pictures, seconds=600)
    assert found.method == "occlusion"
    assert found.note.startswith("By occlusion, since Grad-CAM cannot use a network in which the score depends on no")
    assert [case.asked.method for case in found.cases] == ["occlusion", "occlusion"]
    assert found.cases[0].asked.settings == {"window": 2, "stride": 0}


def test_where_no_method_works_there_is_a_sentence(monkeypatch):
    def refuses(*_arguments, **_more):
        raise BadConfig("got a network of clay; taken is another; change it")

    monkeypatch.setattr(saliency, "explainer", refuses)
    found = saliency_of(predictor(Colour(), size=(8, 8)), judged([0, 1]), pictures, seconds=600)
    assert (found.cases, found.note) == ((), "Neither Grad-CAM nor occlusion can be used: a network of clay.")


def test_there_are_as_many_as_there_is_time_for(monkeypatch):
    """Each look at the clock takes a second, so a case does too: at least two looks."""
    clock = iter(np.arange(0.0, 100.0, 1.0).tolist())
    monkeypatch.setattr(saliency.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(saliency, "_needed", lambda *_: 3.0)
    model, said = predictor(Mapped(), size=(8, 8)), judged([0, 1, 0, 2, 0])
    found = saliency_of(model, said, pictures, seconds=4)
    assert [case.wrong for case in found.cases] == [True, False]
    slow = saliency_of(model, said, pictures, seconds=2)
    assert not slow.cases
    assert slow.note.startswith("A map and its check take about 3.0")


def test_of_several_labels_the_one_most_wrong_is_asked_about():
    metric = MultiLabelMetric(LABELS)
    logits = torch.tensor([[4.0, -1, 3.0], [4.0, -4, -4]])
    batch = Batch(
        torch.zeros(2, 3, 8, 8), torch.full((2, 2), 8), torch.tensor([[1.0, 0, 0], [1, 0, 0]]), ("red 0", "red 1")
    )
    metric.update(logits, batch)
    model = predictor(Mapped(), size=(8, 8), task="multi_label")
    wrong, right = saliency_of(model, metric.judge(50, 0), pictures, seconds=600).cases
    assert (wrong.wrong, wrong.said, wrong.true, str(wrong.asked.asked)) == (True, "red + blue", "red", "blue")
    assert (right.wrong, str(right.asked.asked)) == (False, "red")


def test_of_a_detector_the_very_box_is_asked_about():
    there = (1.0, 1.0, 6.0, 6.0)
    wrong = picture([(there, 0)], [(there, 1, 0.9)], key="green 0")
    right = picture([(there, 0)], [(there, 0, 0.8)], key="red 0")
    missed = picture([((2.0, 2.0, 5.0, 5.0), 1)], key="red 1")
    judgement = judge_boxes([wrong, right, missed], size=(8, 8))
    model = predictor(Spot(), ("cat", "dog"), size=(8, 8), task="detection")
    found = saliency_of(model, judgement, pictures, seconds=600)
    assert [(case.wrong, case.said, case.true, case.asked.key) for case in found.cases] == [
        (True, "dog", "cat", "green 0"), (True, "nothing", "dog", "red 1"), (False, "cat", "cat", "red 0"),
    ]  # fmt: skip
    assert found.cases[0].asked.box == pytest.approx(there)
    assert found.cases[1].asked.box == pytest.approx((2, 2, 5, 5)) == found.cases[1].box


def test_there_may_be_nothing_to_look_at():
    assert saliency_of(predictor(Mapped()), _Nothing(), pictures, seconds=1).note


class _Nothing:
    """A judgement of no known kind."""

    def numbers(self):
        return {}

    def to_dict(self):
        return {}
