"""The metric of a classifier: figures by hand and against scikit-learn, edge cases, and what the model card needs."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, log_loss

from saccade.errors import BadConfig, BadData, BadLabel, BadShape
from saccade.metrics.bootstrap import wilson
from saccade.metrics.calibration import expected_calibration_error
from saccade.metrics.classification import ClassificationMetric
from saccade.types.batch import Batch


def batch(labels: Sequence[int] | None, keys: tuple[str, ...] = (), size: int = 0) -> Batch:
    count = size or len(labels or [])
    targets = None if labels is None else torch.tensor(labels, dtype=torch.int64)
    return Batch(torch.zeros(count, 1, 2, 2), torch.full((count, 2), 2), targets, keys)


def judged(probabilities: np.ndarray, labels: np.ndarray, names: Sequence[str] = (), resamples: int = 200):
    """Feed probabilities in three batches, as logits moved by a constant, and judge."""
    metric = ClassificationMetric(names)
    logits = torch.from_numpy(np.log(probabilities)) + 3
    for part in np.array_split(np.arange(len(labels)), 3):
        metric.update(logits[part], batch(labels[part].tolist(), tuple(f"image {number}.png" for number in part)))
    return metric.judge(resamples, seed=0)


def test_the_running_figures_by_hand() -> None:
    metric = ClassificationMetric(["cat", "dog"])
    metric.update(torch.tensor([[0.0, 0.0], [0.0, 2.0]]), batch([0, 0]))
    metric.update(torch.tensor([[0.0, 0.0]]), batch([1]))
    figures = metric.compute()
    assert list(figures) == ["accuracy", "loss"]
    assert figures["accuracy"] == pytest.approx(1 / 3)
    assert figures["loss"] == pytest.approx((2 * np.log(2) + np.log(1 + np.exp(2))) / 3)


def test_more_than_five_classes_bring_the_top_five() -> None:
    metric = ClassificationMetric()
    metric.update(torch.arange(7.0).repeat(2, 1), batch([2, 1]))
    assert metric.compute()["top_5"] == 0.5


def test_computing_in_between_changes_nothing() -> None:
    metric = ClassificationMetric()
    for _ in range(3):
        metric.update(torch.eye(3), batch([0, 1, 0]))
        assert metric.compute()["accuracy"] == pytest.approx(2 / 3)
    assert len(metric.judge(10, seed=0).keys) == 9


def test_the_numbers_agree_with_scikit_learn(classifier) -> None:
    probabilities, labels = classifier(400, 7)
    numbers, predicted = judged(probabilities, labels).numbers(), probabilities.argmax(axis=1)
    expected = {
        "accuracy": accuracy_score(labels, predicted),
        "loss": log_loss(labels, probabilities),
        "macro_recall": balanced_accuracy_score(labels, predicted),
        "macro_f1": f1_score(labels, predicted, average="macro"),
        "weighted_f1": f1_score(labels, predicted, average="weighted"),
        "calibration_error": expected_calibration_error(probabilities.max(axis=1), predicted == labels),
    }
    for name, value in expected.items():
        assert numbers[name][0] == pytest.approx(value, abs=1e-6), name
    assert all(low <= value <= high for value, low, high in numbers.values())


def test_the_intervals_are_those_of_drawing_images_again_one_by_one(classifier) -> None:
    """The slow obvious bootstrap, with indices and scikit-learn, agrees within its own noise."""
    probabilities, labels = classifier(150, 3, skill=1.0)
    numbers, predicted = judged(probabilities, labels, resamples=2000).numbers(), probabilities.argmax(axis=1)
    generator, slow = np.random.default_rng(1), []
    for _ in range(600):
        drawn = generator.integers(0, 150, 150)
        slow.append(
            (
                accuracy_score(labels[drawn], predicted[drawn]),
                f1_score(labels[drawn], predicted[drawn], average="macro"),
            )
        )
    for name, draws in zip(("accuracy", "macro_f1"), np.array(slow).T, strict=True):
        assert numbers[name][1:] == pytest.approx(np.quantile(draws, [0.025, 0.975]), abs=0.02), name


def test_the_same_seed_gives_the_same_intervals(classifier) -> None:
    assert judged(*classifier(80, 4)).numbers() == judged(*classifier(80, 4)).numbers()


def test_all_right_is_not_all_certain() -> None:
    judgement = judged(np.tile([[0.9, 0.1]], (36, 1)), np.zeros(36, np.int64), ["cat", "dog"])
    assert judgement.numbers()["accuracy"] == (1.0, *wilson(36, 36))
    assert judgement.per_class[0].figures["recall"] == (1.0, *wilson(36, 36))
    assert judgement.mistakes == ()


def test_a_class_without_images_is_null_and_counted() -> None:
    judgement = judged(np.tile([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1]], (9, 1)), np.tile([0, 1], 9), ["cat", "dog", "owl"])
    told = json.loads(json.dumps(judgement.to_dict(), allow_nan=False))
    assert told["absent_classes"] == ["owl"]
    assert told["per_class"][2]["recall"] == {"value": None, "low": None, "high": None}
    assert told["numbers"]["macro_f1"]["value"] == 1


def test_a_single_image_is_judged() -> None:
    judgement = judged(np.array([[0.6, 0.4]]), np.array([1]), resamples=20)
    assert judgement.numbers()["accuracy"] == (0.0, *wilson(0, 1))


def test_mistakes_come_dearest_first_and_right_answers_cheapest_first() -> None:
    probabilities = np.array([[0.6, 0.4], [0.99, 0.01], [0.3, 0.7], [0.1, 0.9], [0.8, 0.2]])
    judgement = judged(probabilities, np.array([1, 1, 1, 1, 1]), ["cat", "dog"])
    assert [verdict.key for verdict in judgement.mistakes] == ["image 1.png", "image 4.png", "image 0.png"]
    worst = judgement.mistakes[0]
    assert (worst.index, worst.true, worst.predicted) == (1, ("dog",), ("cat",))
    assert worst.confidence == pytest.approx(0.99)
    assert worst.loss == pytest.approx(-np.log(0.01))
    assert [verdict.key for verdict in judgement.surest] == ["image 3.png", "image 2.png"]


def test_the_images_behind_a_cell_are_found_surest_first() -> None:
    probabilities = np.array([[0.6, 0.4], [0.99, 0.01], [0.3, 0.7]])
    judgement = judged(probabilities, np.array([1, 1, 1]))
    assert judgement.confusion.tolist() == [[0, 0], [2, 1]]
    assert judgement.images_in(1, 0).tolist() == [1, 0]
    assert judgement.images_in(0, 1).tolist() == []


def test_everything_the_card_shows_is_there(classifier) -> None:
    judgement = judged(*classifier(120, 6), names=list("abcdef"))
    assert judgement.labels == tuple("abcdef")
    assert judgement.probabilities.shape == (120, 6)
    assert (judgement.predicted == judgement.probabilities.argmax(axis=1)).all()
    assert judgement.confusion.sum() == judgement.reliability.count.sum() == 120
    assert sum(row.support for row in judgement.per_class) == 120
    told = json.loads(json.dumps(judgement.to_dict(), allow_nan=False))
    assert told["wrong"] == len(judgement.mistakes) == 120 - np.trace(judgement.confusion)
    assert "accuracy" in str(judgement)
    assert "120 images" in judgement._repr_html_()


def test_images_without_names_are_called_by_number() -> None:
    metric = ClassificationMetric()
    metric.update(torch.eye(2), batch([0, 1]))
    metric.update(torch.eye(2), batch([0, 0]))
    assert metric.judge(10, seed=0).mistakes[0].key == "image 3"


def test_ten_thousand_images_are_judged_within_seconds(classifier) -> None:
    import time

    probabilities, labels = classifier(10_000, 10)
    start = time.perf_counter()
    judged(probabilities, labels, resamples=1000)
    assert time.perf_counter() - start < 10


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), float("-inf")])
def test_a_logit_that_is_not_finite_names_its_image(wrong: float) -> None:
    with pytest.raises(BadData, match=r"got NaN or infinity for b\.jpg; taken are finite numbers"):
        ClassificationMetric().update(torch.tensor([[1.0, 2.0], [wrong, 1.0]]), batch([0, 1], ("a.jpg", "b.jpg")))


@pytest.mark.bad_input
def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadLabel, match=r"got label 5 for b\.jpg; taken are 0 to 1"):
        ClassificationMetric().update(torch.eye(2), batch([0, 5], ("a.jpg", "b.jpg")))
    with pytest.raises(BadData, match=r"got a batch without labels \(a\.jpg, b\.jpg\)"):
        ClassificationMetric().update(torch.eye(2), batch(None, ("a.jpg", "b.jpg"), 2))
    with pytest.raises(BadShape, match=r"got 3 labels and a network with 2 outputs"):
        ClassificationMetric(["a", "b", "c"]).update(torch.eye(2), batch([0, 1]))


@pytest.mark.bad_input
def test_nothing_is_no_figure() -> None:
    with pytest.raises(BadData, match="got no images to judge"):
        ClassificationMetric().compute()
    with pytest.raises(BadData, match="got no images to judge"):
        ClassificationMetric().judge(100, seed=0)
    metric = ClassificationMetric()
    metric.update(torch.eye(2), batch([0, 1]))
    with pytest.raises(BadConfig, match="got resamples=0"):
        metric.judge(0, seed=0)
