"""The task of one class for each image: values a hand can check."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
import torch
from torch import nn

from saccade.errors import BadConfig, BadLabel, BadShape, UnknownName
from saccade.tasks.classification import ClassificationTask, classification
from saccade.types.batch import Batch
from saccade.types.sample import Sample


class Fixed(nn.Module):
    """Gives the same logits whatever it sees."""

    def __init__(self, logits: list[list[float]]) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.tensor(logits))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.logits[: len(images)]


def batch(targets: torch.Tensor | None, count: int) -> Batch:
    return Batch(torch.zeros(count, 1, 2, 2), torch.full((count, 2), 2), targets, tuple("abcdef"[:count]))


def test_targets_are_ids() -> None:
    encoded = classification(["cat", "dog"]).targets([1, np.int64(0)])
    assert encoded.tolist() == [1, 0]
    assert encoded.dtype == torch.int64
    assert classification().targets([]).shape == (0,)


def test_smoothing_and_weights_reach_the_loss() -> None:
    network, one = Fixed([[0.0, 0.0], [0.0, 0.0]]), batch(torch.tensor([0, 1]), 2)
    assert classification().loss(network, one)["cross_entropy"].item() == pytest.approx(log(2))
    network = Fixed([[0.0, 0.0], [0.0, 2.0]])
    cheap, dear = log(1 + np.exp(-2)), log(2)
    weighted = classification(class_weights=(3, 1)).loss(network, one)["cross_entropy"].item()
    assert weighted == pytest.approx((3 * dear + cheap) / 4)
    smoothed = classification(label_smoothing=0.5).loss(network, one)["cross_entropy"].item()
    assert smoothed == pytest.approx(
        (dear + cheap + 0.5) / 2
    )  # the wrong class of image 2 costs 2 more, a quarter of it


def test_predictions_are_softmax() -> None:
    first, second = classification(["cat", "dog"]).decode(torch.tensor([[0.0, log(3)], [50.0, 0.0]]), batch(None, 2))
    assert (first.key, first.label) == ("a", "dog")
    assert first.probabilities.tolist() == pytest.approx([0.25, 0.75])
    assert second.confidence == 1


def test_without_labels_classes_are_called_by_number() -> None:
    assert classification().decode(torch.eye(3), batch(None, 3))[2].label == "2"


def test_the_score_is_the_logit() -> None:
    logits = torch.tensor([[1.0, 3.0], [2.0, 0.0]])
    task = classification(["cat", "dog"])
    assert task.score(logits, "dog").tolist() == [3, 0]
    assert task.score(logits, [1, 0]).tolist() == [3, 2]
    assert task.score(logits).tolist() == [3, 2]


def test_it_is_a_value() -> None:
    assert classification(["a", "b"], class_weights=[1, 2]) == ClassificationTask(("a", "b"), 0.0, (1, 2))
    assert hash(classification(["a"])) == hash(classification(["a"]))


def test_a_drawing_says_whether_it_is_right() -> None:
    """Green or red below the picture, one line or two."""
    task, image = classification(["cat", "dog"]), np.full((100, 200, 3), 128, np.uint8)
    (said,) = task.decode(torch.tensor([[0.0, 3.0]]), batch(None, 1))
    right, wrong = (np.asarray(task.draw(Sample(image, target, ""), said)).astype(int) for target in (1, 0))
    greener = lambda picture: (picture[100:, :, 1] - picture[100:, :, 0]).max()  # noqa: E731
    redder = lambda picture: (picture[100:, :, 0] - picture[100:, :, 1]).max()  # noqa: E731
    assert greener(right) > 60 > redder(right)
    assert redder(wrong) > 60 > greener(wrong)
    assert wrong.shape[0] > right.shape[0]


@pytest.mark.bad_input
def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadLabel, match=r"got 2, 'dog' as class of 2 of 3 images; taken are whole numbers from 0 to 1"):
        classification(["cat", "dog"]).targets([0, 2, "dog"])
    with pytest.raises(BadLabel, match=r"got labels 2 \(1 of 2 images\) for 2 classes"):
        classification().loss(Fixed([[0.0, 0.0]] * 2), batch(torch.tensor([0, 2]), 2))
    with pytest.raises(UnknownName, match="did you mean 'dog'"):
        classification(["cat", "dog"]).score(torch.eye(2), "dogg")
    with pytest.raises(BadShape, match="got 2 labels and a network with 3 outputs"):
        classification(["cat", "dog"]).decode(torch.eye(3), batch(None, 3))
    with pytest.raises(BadConfig, match=r"got label_smoothing=2; .*\ngot 1 class_weights for 2 labels"):
        classification(["cat", "dog"], label_smoothing=2, class_weights=[1.0])
