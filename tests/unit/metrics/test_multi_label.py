"""The metric of a network that names several classes: figures by hand and against scikit-learn, and edge cases."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, hamming_loss, log_loss

from saccade.errors import BadConfig, BadData, BadShape
from saccade.metrics.calibration import expected_calibration_error
from saccade.metrics.multi_label import MultiLabelMetric
from saccade.types.batch import Batch


def batch(targets: np.ndarray | None, keys: tuple[str, ...] = (), size: int = 0) -> Batch:
    count = size or (0 if targets is None else len(targets))
    encoded = None if targets is None else torch.from_numpy(targets).float()
    return Batch(torch.zeros(count, 1, 2, 2), torch.full((count, 2), 2), encoded, keys)


def judged(
    probabilities: np.ndarray,
    targets: np.ndarray,
    names: Sequence[str] = (),
    *,
    threshold: float = 0.5,
    resamples: int = 200,
):
    """Feed probabilities in two batches, as logits, and judge."""
    metric = MultiLabelMetric(names, threshold=threshold)
    logits = torch.from_numpy(np.log(probabilities) - np.log1p(-probabilities))
    for part in np.array_split(np.arange(len(targets)), 2):
        metric.update(logits[part], batch(targets[part], tuple(f"image {number}.png" for number in part)))
    return metric.judge(resamples, seed=0)


def test_the_running_figures_by_hand() -> None:
    metric = MultiLabelMetric(["cat", "dog"])
    metric.update(torch.tensor([[1.0, -1.0], [-1.0, 1.0]]), batch(np.array([[True, False], [True, True]])))
    figures = metric.compute()
    assert figures["mean_average_precision"] == 1
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 1) / 2)
    assert figures["micro_f1"] == pytest.approx(2 * 2 / (2 + 3))
    assert figures["exact_match"] == 0.5
    right, wrong = np.log1p(np.exp(-1)), np.log1p(np.exp(1))
    assert figures["loss"] == pytest.approx((3 * right + wrong) / 4)


def test_the_numbers_agree_with_scikit_learn(tagger) -> None:
    probabilities, targets = tagger(300, 5)
    numbers, said = judged(probabilities, targets, threshold=0.4).numbers(), probabilities >= 0.4
    expected = {
        "mean_average_precision": average_precision_score(targets, probabilities, average="macro"),
        "macro_f1": f1_score(targets, said, average="macro"),
        "micro_f1": f1_score(targets, said, average="micro"),
        "exact_match": accuracy_score(targets, said),
        "hamming_loss": hamming_loss(targets, said),
        "loss": np.mean([log_loss(targets[:, at], probabilities[:, at]) for at in range(5)]),
        "calibration_error": expected_calibration_error(probabilities.ravel(), targets.ravel()),
    }
    for name, value in expected.items():
        assert numbers[name][0] == pytest.approx(value, abs=1e-5), name
    assert all(low <= value <= high for value, low, high in numbers.values())


def test_each_class_agrees_with_scikit_learn(tagger) -> None:
    probabilities, targets = tagger(200, 4)
    rows = judged(probabilities, targets, list("abcd")).per_class
    for at, row in enumerate(rows):
        assert row.support == targets[:, at].sum()
        assert row.predicted == (probabilities[:, at] >= 0.5).sum()
        expected = average_precision_score(targets[:, at], probabilities[:, at])
        assert row.figures["average_precision"][0] == pytest.approx(expected)
        assert row.figures["f1"][0] == pytest.approx(f1_score(targets[:, at], probabilities[:, at] >= 0.5))


def test_the_intervals_are_those_of_drawing_images_again_one_by_one(tagger) -> None:
    probabilities, targets = tagger(120, 2)
    numbers = judged(probabilities, targets, resamples=2000).numbers()
    generator, slow = np.random.default_rng(1), []
    for _ in range(500):
        drawn = generator.integers(0, 120, 120)
        slow.append(average_precision_score(targets[drawn], probabilities[drawn], average="macro"))
    assert numbers["mean_average_precision"][1:] == pytest.approx(np.quantile(slow, [0.025, 0.975]), abs=0.025)


def test_sure_logits_still_rank() -> None:
    """Sigmoid gives 1 for both in float32; the logits tell them apart."""
    metric = MultiLabelMetric()
    metric.update(torch.tensor([[30.0], [40.0]]), batch(np.array([[True], [False]])))
    assert metric.compute()["mean_average_precision"] == 0.5


def test_a_class_that_no_image_has_is_null_and_counted() -> None:
    probabilities, targets = np.tile([[0.9, 0.2], [0.2, 0.1]], (5, 1)), np.tile([[True, False], [False, False]], (5, 1))
    told = json.loads(json.dumps(judged(probabilities, targets, ["cat", "dog"]).to_dict(), allow_nan=False))
    assert told["absent_classes"] == ["dog"]
    assert told["per_class"][1]["average_precision"]["value"] is None
    assert told["numbers"]["mean_average_precision"]["value"] == 1


def test_mistakes_name_what_was_said_and_what_is_true() -> None:
    probabilities = np.array([[0.9, 0.8, 0.1], [0.9, 0.1, 0.1], [0.1, 0.2, 0.4]])
    targets = np.array([[True, False, False], [True, False, False], [False, False, True]])
    judgement = judged(probabilities, targets, ["cat", "dog", "owl"])
    assert [verdict.key for verdict in judgement.mistakes] == ["image 0.png", "image 2.png"]
    extra, missed = judgement.mistakes
    assert (extra.true, extra.predicted) == (("cat",), ("cat", "dog"))
    assert extra.confidence == pytest.approx(0.8)
    assert (missed.true, missed.predicted) == (("owl",), ())
    assert missed.confidence == pytest.approx(0.6)
    assert [verdict.key for verdict in judgement.surest] == ["image 1.png"]
    assert "in truth owl" in judgement._repr_html_()


@pytest.mark.bad_input
def test_what_does_not_fit_is_refused() -> None:
    two = np.array([[True, False], [False, True]])
    with pytest.raises(BadData, match=r"got NaN or infinity for b\.jpg"):
        MultiLabelMetric().update(torch.tensor([[1.0, 2.0], [float("nan"), 1.0]]), batch(two, ("a.jpg", "b.jpg")))
    with pytest.raises(BadShape, match=r"taken are two of \(images, classes\)"):
        MultiLabelMetric().update(torch.zeros(2, 3), batch(two))
    with pytest.raises(BadShape, match=r"got 3 labels and a network with 2 outputs"):
        MultiLabelMetric(["a", "b", "c"]).update(torch.eye(2), batch(two))
    with pytest.raises(BadData, match="got a batch without labels"):
        MultiLabelMetric().update(torch.zeros(2, 3), batch(None, ("a.jpg", "b.jpg"), 2))
    with pytest.raises(BadConfig, match=r"got threshold=2"):
        MultiLabelMetric(threshold=2)


@pytest.mark.bad_input
def test_nothing_is_no_figure() -> None:
    with pytest.raises(BadData, match="got no images to judge"):
        MultiLabelMetric().compute()
    metric = MultiLabelMetric()
    metric.update(torch.zeros(2, 2), batch(np.zeros((2, 2), bool)))
    with pytest.raises(BadData, match="got 2 images, none of which has any class"):
        metric.compute()
