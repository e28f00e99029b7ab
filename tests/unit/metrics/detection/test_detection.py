"""The metric of a detector: from outputs and batches to a judgement."""

from __future__ import annotations

import json
import math
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from made_detections import pictures
from saccade.errors import BadConfig, BadData, BadShape
from saccade.metrics.bootstrap import wilson
from saccade.metrics.detection.detection import DetectionMetric
from saccade.metrics.detection.judged import Judged
from saccade.metrics.detection.judgement import DetectionJudgement
from saccade.types.annotations import Annotations
from saccade.types.batch import Batch
from saccade.types.boxes import Boxes
from saccade.types.detections import Detections
from saccade.types.task import Judgement, Metric
from saccade.types.warp import Warp

NAMES, SIZE = ("cat", "dog"), (600, 600)


def decode(outputs: Any, batch: Batch) -> list[Detections]:
    return outputs


def batch(images: list[Judged], scale: float = 1.0, size: tuple[int, int] = SIZE) -> tuple[list[Detections], Batch]:
    """What a network would see of pictures, each made smaller."""
    found = [Detections(one.key, NAMES, SIZE, one.found, one.confidence, one.found_ids) for one in images]
    targets = [
        Annotations(
            size,
            torch.from_numpy(one.class_ids),
            Boxes(torch.from_numpy(one.boxes * scale), size),
            crowd=torch.from_numpy(one.crowd),
            attributes={"area": torch.from_numpy(one.area)},
        )
        for one in images
    ]
    placed = tuple(Warp(np.diag([scale, scale, 1.0]), SIZE, size) for _ in images) if scale != 1 else ()
    pixels, sizes = torch.zeros(len(images), 3, 0, 0), torch.tensor([size]).expand(len(images), 2)
    return found, Batch(pixels, sizes, targets, tuple(one.key for one in images), placements=placed)


def judged(images: list[Judged], resamples: int = 100, scale: float = 1.0) -> DetectionJudgement:
    metric = DetectionMetric(NAMES, decode)
    size = (int(600 * scale), int(600 * scale))
    for part in (images[:5], [], images[5:]):
        metric.update(*batch(part, scale, size))
    return metric.judge(resamples, seed=0)


@pytest.fixture(scope="module")
def judgement() -> DetectionJudgement:
    return judged(pictures(12, 2, seed=1))


def test_it_is_a_metric_and_gives_a_judgement(judgement: DetectionJudgement) -> None:
    assert isinstance(DetectionMetric(NAMES, decode), Metric)
    assert isinstance(judgement, Judgement)


def test_figures_while_training_are_those_of_the_judgement(judgement: DetectionJudgement) -> None:
    metric = DetectionMetric(NAMES, decode)
    metric.update(*batch(pictures(12, 2, seed=1)))
    assert list(metric.compute())[:3] == ["map", "map50", "map75"]
    for name, value in metric.compute().items():
        assert judgement.numbers()[name][0] == pytest.approx(value, abs=1e-12, nan_ok=True), name


def test_intervals_hold_their_figures(judgement: DetectionJudgement) -> None:
    assert judgement.resamples == 100
    for name, (value, low, high) in judgement.numbers().items():
        assert 0 <= low <= value <= high <= 1, name
    assert judgement.numbers()["map"][1] < judgement.numbers()["map"][2]


def test_a_perfect_detector_is_perfect_but_not_certain() -> None:
    metric = DetectionMetric(NAMES, decode)
    rows = np.array([[float(x), 0, x + 50, 50] for x in range(0, 500, 50)])
    for key in range(4):
        found = Detections(f"{key}", NAMES, SIZE, rows, np.linspace(0.9, 0.6, 10), np.arange(10) % 2)
        truth = Annotations(SIZE, torch.arange(10) % 2, Boxes(torch.from_numpy(rows), SIZE))
        metric.update([found], Batch(torch.zeros(1, 3, 0, 0), torch.tensor([SIZE]), [truth]))
    judgement = metric.judge(50, 0)
    for name in ("map", "map50", "map_medium", "mar100", "precision", "f1"):
        value, low, high = judgement.numbers()[name]
        assert (value, high) == (1, 1), name
        assert low == pytest.approx(wilson(4, 4)[0]), name
    assert judgement.mistakes == ()
    assert judgement.voc.numbers() == {"voc2007": 1, "voc2010": 1}
    assert judgement.confusion.tolist() == [[20, 0, 0], [0, 20, 0], [0, 0, 0]]


def test_truth_on_smaller_images_gives_the_same(judgement: DetectionJudgement) -> None:
    smaller = judged(pictures(12, 2, seed=1), scale=0.25)
    assert smaller.numbers() == judgement.numbers()
    assert smaller.images[0].boxes == pytest.approx(judgement.images[0].boxes)


def test_things_cut_off_altogether_do_not_count() -> None:
    metric = DetectionMetric(NAMES, decode)
    boxes = Boxes(torch.tensor([[0.0, 0, 10, 10], [600, 5, 600, 50]]), SIZE)
    found = Detections("a.jpg", NAMES, SIZE, np.array([[0.0, 0, 10, 10]]), np.array([0.9]), np.array([0]))
    targets = [Annotations(SIZE, torch.tensor([0, 0]), boxes)]
    metric.update([found], Batch(torch.zeros(1, 3, 0, 0), torch.tensor([SIZE]), targets))
    assert metric.compute()["mar100"] == 1


def test_the_same_seed_gives_the_same_judgement_also_after_pickling(judgement: DetectionJudgement) -> None:
    metric = DetectionMetric(NAMES, decode)
    metric.update(*batch(pictures(12, 2, seed=1)))
    copied = pickle.loads(pickle.dumps(metric))
    again = copied.judge(100, seed=0)
    assert again.to_dict() == judgement.to_dict() == pickle.loads(pickle.dumps(judgement)).to_dict()


def test_a_judgement_is_plain_and_whole(judgement: DetectionJudgement) -> None:
    told = json.loads(json.dumps(judgement.to_dict(), allow_nan=False))
    assert (told["images"], told["resamples"], told["absent_classes"]) == (12, 100, [])
    assert told["confidence"] == pytest.approx(judgement.curve.best[0], abs=1e-6)
    assert [row["label"] for row in told["per_class"]] == ["cat", "dog"]
    assert [row["size"] for row in told["per_size"]] == ["small", "medium", "large"]
    assert np.shape(told["confusion"]) == (3, 3)
    assert [one["kind"] for one in told["errors"]][-1] == "missed"
    assert len(told["precision_at_recall"][0]["precision"]) == 101
    assert set(told["voc"]) == {"voc2007", "voc2010"}


def test_figures_at_the_best_confidence_agree_with_its_curve(judgement: DetectionJudgement) -> None:
    confidence, f1 = judgement.curve.best
    at = judgement.curve.confidence.tolist().index(confidence)
    told = judgement.numbers()
    assert told["f1"][0] == pytest.approx(f1)
    assert told["precision"][0] == pytest.approx(judgement.curve.precision[at])
    assert told["recall"][0] == pytest.approx(judgement.curve.recall[at])
    wrong = sum(one.count for one in judgement.errors if one.kind != "missed")
    assert wrong == sum(row.predicted for row in judgement.per_class) - round(
        told["recall"][0] * sum(row.support for row in judgement.per_class)
    )


def test_of_very_many_classes_the_large_tables_are_not_told(judgement: DetectionJudgement) -> None:
    told = replace(judgement, labels=tuple(map(str, range(101)))).to_dict()
    assert (told["confusion"], told["precision_at_recall"]) == (None, None)


def test_it_reads_well(judgement: DetectionJudgement) -> None:
    assert repr(judgement).startswith("<DetectionJudgement of 12 images, mAP 0.")
    assert str(judgement).startswith("12 images\nmap ")
    assert str(judgement).endswith(f"from confidence {judgement.confidence:.3f} on")
    page = judgement._repr_html_()
    assert "<td>background</td>" in page
    assert "worst mistakes" in page


def test_names_are_escaped_in_a_notebook() -> None:
    metric = DetectionMetric(("<b>", "x"), decode)
    found = Detections("<i>", ("<b>", "x"), SIZE, np.array([[0.0, 0, 9, 9]]), np.array([0.9]), np.array([0]))
    thing = Boxes(torch.tensor([[0.0, 0.0, 9.0, 9.0]]), SIZE)
    targets = [Annotations(SIZE, torch.tensor([1]), thing)]
    metric.update([found], Batch(torch.zeros(1, 3, 0, 0), torch.tensor([SIZE]), targets))
    page = metric.judge(1, 0)._repr_html_()
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "<i>" not in page


@pytest.mark.parametrize(("things", "boxes", "expected"), [(1, 0, 0.0), (0, 1, math.nan), (0, 0, math.nan)])
def test_without_boxes_it_is_zero_and_without_things_nan(things: int, boxes: int, expected: float) -> None:
    metric = DetectionMetric(NAMES, decode)
    rows = np.array([[0.0, 0, 50, 50]])
    found = Detections("a.jpg", NAMES, SIZE, rows[:boxes], np.full(boxes, 0.9), np.zeros(boxes, int))
    there = Boxes(torch.from_numpy(rows[:things]), SIZE)
    targets = [Annotations(SIZE, torch.zeros(things, dtype=torch.int64), there)]
    metric.update([found], Batch(torch.zeros(1, 3, 0, 0), torch.tensor([SIZE]), targets))
    judgement = metric.judge(10, 0)
    for name in ("map", "map50", "mar100", "precision", "recall", "f1"):
        assert judgement.numbers()[name][0] == pytest.approx(expected, nan_ok=True), name
    assert metric.compute()["map"] == pytest.approx(expected, nan_ok=True)
    json.dumps(judgement.to_dict(), allow_nan=False)
    assert "nan" not in str(judgement) + judgement._repr_html_()


@pytest.mark.bad_input
def test_what_cannot_be_judged_is_refused() -> None:
    metric = DetectionMetric(NAMES, decode)
    with pytest.raises(BadData, match="no images to judge"):
        metric.compute()
    with pytest.raises(BadData, match="no images to judge"):
        metric.judge(10, 0)
    pixels, sizes = torch.zeros(1, 3, 0, 0), torch.tensor([SIZE])
    with pytest.raises(BadData, match=r"without labels \('b.jpg'\)"):
        metric.update([], Batch(pixels, sizes, None, ("b.jpg",)))
    found = Detections("a.jpg", ("cat",), SIZE, np.zeros((0, 4)), np.zeros(0), np.zeros(0, int))
    with pytest.raises(BadShape, match="of 1 classes and 2 labels"):
        metric.update([found], Batch(pixels, sizes, [Annotations(SIZE)]))
    with pytest.raises(BadShape, match="in 0 images, what is there in 1"):
        metric.update([], Batch(pixels, sizes, [Annotations(SIZE)]))
    metric.update(*batch(pictures(2, 2)))
    with pytest.raises(BadConfig, match="resamples=0"):
        metric.judge(0, 0)
    with pytest.raises(BadConfig, match="no labels"):
        DetectionMetric((), decode)
