"""The task of any number of classes for each image: values a hand can check."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
import torch
from torch import nn

from saccade.errors import BadConfig, BadLabel, UnknownName
from saccade.tasks.multi_label import multi_label
from saccade.types.batch import Batch
from saccade.types.sample import Sample

TASK = multi_label(["cat", "dog", "owl"])


def batch(targets: torch.Tensor | None, count: int) -> Batch:
    return Batch(torch.zeros(count, 1, 2, 2), torch.full((count, 2), 2), targets, tuple("abcdef"[:count]))


def test_targets_are_zeros_and_ones() -> None:
    encoded = TASK.targets([(0, 2), (), [1], {2, 1}, (np.int64(0), 0)])
    assert encoded.tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 0], [0, 1, 1], [1, 0, 0]]


def test_weights_reach_the_presence_of_a_class() -> None:
    task = multi_label(["cat", "dog"], class_weights=(4, 1))
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    nn.init.zeros_(network[1].weight), nn.init.zeros_(network[1].bias)  # pyright: ignore
    one = batch(torch.tensor([[1.0, 0.0]]), 1)
    assert task.loss(network, one)["binary_cross_entropy"].item() == pytest.approx((4 + 1) * log(2) / 2)


def test_predictions_are_sigmoids_each_on_its_own() -> None:
    first, second = TASK.decode(torch.tensor([[log(3), 0.0, -9.0], [-9.0, -9.0, -9.0]]), batch(None, 2))
    assert first.probabilities.tolist()[:2] == pytest.approx([0.75, 0.5])
    assert first.labels == ("cat", "dog")
    assert second.labels == ()


def test_the_threshold_reaches_predictions_and_metric() -> None:
    task = multi_label(["cat", "dog"], threshold=0.8)
    logits, targets = torch.tensor([[1.0, 3.0]]), torch.tensor([[0.0, 1.0]])
    assert task.decode(logits, batch(None, 1))[0].labels == ("dog",)
    metric = task.metric()
    metric.update(logits, batch(targets, 1))
    assert metric.compute()["exact_match"] == 1


def test_a_drawing_has_a_line_for_each_class_said_or_missed() -> None:
    image = np.full((100, 200, 3), 128, np.uint8)
    (said,) = TASK.decode(torch.tensor([[3.0, 2.0, -3.0]]), batch(None, 1))
    heights = [TASK.draw(Sample(image, target, ""), said).height for target in (None, (0,), (0, 1, 2))]
    assert heights[0] == heights[1] < heights[2]
    (nothing,) = TASK.decode(torch.tensor([[-3.0, -2.0, -3.0]]), batch(None, 1))
    assert TASK.draw(Sample(image, (), ""), nothing).height < heights[0]


@pytest.mark.bad_input
def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadLabel, match=r"got 1, \(3,\) as classes of 2 of 3 images; taken are tuples of whole numbers"):
        TASK.targets([(0,), 1, (3,)])
    with pytest.raises(BadConfig, match="got a multi_label task without labels"):
        multi_label().targets([(0,)])
    with pytest.raises(UnknownName, match="did you mean 'owl'"):
        TASK.score(torch.eye(3), "owls")
    with pytest.raises(BadConfig, match=r"got threshold=-1"):
        multi_label(threshold=-1)
