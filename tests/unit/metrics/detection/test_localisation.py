import math

import numpy as np
import pytest
import torch

from saccade.errors import BadConfig, BadData
from saccade.metrics.bootstrap import wilson
from saccade.metrics.detection.localisation import LocalisationMetric
from saccade.types.annotations import Annotations
from saccade.types.batch import Batch
from saccade.types.boxes import Boxes
from saccade.types.detections import Detections

LABELS, SIZE = ("cat", "dog"), (100, 100)
HALF = (0.0, 0.0, 10.0, 5.0)  # half of the object
WHOLE = (0.0, 0.0, 10.0, 10.0)


def guess(outputs, batch):
    """Outputs are rows (confidence, class, box)."""
    return [
        Detections(str(at), LABELS, SIZE, np.array([row[2:]], float), np.array(row[:1], float), np.array([int(row[1])]))
        for at, row in enumerate(outputs)
    ]


def decode(outputs, batch):
    return [one[one.confidence >= 0.5] for one in guess(outputs, batch)]


def truth(class_id=None):
    boxes = [] if class_id is None else [list(WHOLE)]
    ids = torch.tensor([] if class_id is None else [class_id], dtype=torch.int64)
    return Annotations(SIZE, ids, Boxes(torch.tensor(boxes).reshape(-1, 4), SIZE))


def metric_of(rows, targets):
    metric = LocalisationMetric(LABELS, guess, decode)
    metric.update(rows, Batch(torch.zeros(len(rows), 3, 0, 0), torch.tensor([SIZE] * len(rows)), tuple(targets)))
    return metric


ROWS = [
    (0.9, 0, *WHOLE),  # right
    (0.9, 1, *WHOLE),  # of another class
    (0.9, 0, *HALF),  # half of it, which is enough
    (0.9, 0, 0.0, 0.0, 10.0, 4.0),  # too little of it
    (0.4, 0, *WHOLE),  # not found
    (0.9, 0, *WHOLE),  # found where nothing is
    (0.1, 0, *WHOLE),  # nothing, and none found
]
TARGETS = [truth(0)] * 5 + [truth(), truth()]


def test_an_image_is_right_when_all_of_it_is():
    figures = metric_of(ROWS, TARGETS).compute()
    assert figures["localised"] == pytest.approx(3 / 7)
    assert figures["presence_accuracy"] == pytest.approx(5 / 7)


def test_the_overlap_is_that_of_the_guess_in_images_with_an_object():
    assert metric_of(ROWS, TARGETS).compute()["mean_iou"] == pytest.approx((1 + 1 + 0.5 + 0.4 + 1) / 5)
    assert math.isnan(metric_of(ROWS[5:], TARGETS[5:]).compute()["mean_iou"])


def test_the_figures_of_detection_are_there_too():
    figures = metric_of(ROWS[:1], TARGETS[:1]).compute()
    assert figures["map"] == pytest.approx(1)
    assert list(figures)[:3] == ["localised", "presence_accuracy", "mean_iou"]


def test_a_judgement_has_intervals():
    judgement = metric_of(ROWS, TARGETS).judge(200, seed=0)
    numbers = judgement.numbers()
    assert numbers["localised"] == pytest.approx((3 / 7, *wilson(3, 7)))
    value, low, high = numbers["mean_iou"]
    assert 0.4 <= low < value < high <= 1
    assert len(judgement.images) == 7
    assert all(map(math.isnan, metric_of(ROWS[5:], TARGETS[5:]).judge(9, seed=0).numbers()["mean_iou"]))


def test_an_empty_batch_changes_nothing():
    metric = metric_of(ROWS, TARGETS)
    metric.update([], Batch(torch.zeros(0, 3, 0, 0), torch.zeros(0, 2, dtype=torch.int64), ()))
    assert metric.compute()["localised"] == pytest.approx(3 / 7)


@pytest.mark.bad_input
def test_nothing_to_judge_is_refused():
    with pytest.raises(BadConfig, match="no labels"):
        LocalisationMetric((), guess, decode)
    with pytest.raises(BadData, match="no images"):
        LocalisationMetric(LABELS, guess, decode).compute()
    with pytest.raises(BadData, match="without labels"):
        metric_of(ROWS, [3] * 7)
