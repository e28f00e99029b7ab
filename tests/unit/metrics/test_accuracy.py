"""Accuracy, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import top_k_accuracy_score

from saccade.errors import BadConfig, BadData, BadLabel, BadShape
from saccade.metrics.accuracy import hits, ranks, top_k_accuracy

PROBABILITIES = np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.4, 0.4, 0.2]])
LABELS = np.array([0, 1, 1])


def test_the_rank_of_the_likeliest_is_zero_and_ties_go_by_id() -> None:
    assert ranks(PROBABILITIES, LABELS).tolist() == [0, 1, 1]
    assert ranks(PROBABILITIES, np.array([2, 0, 0])).tolist() == [2, 2, 0]


def test_one_of_three_is_right_and_all_are_among_the_first_two() -> None:
    assert top_k_accuracy(PROBABILITIES, LABELS) == pytest.approx(1 / 3)
    assert top_k_accuracy(PROBABILITIES, LABELS, k=2) == 1
    assert hits(PROBABILITIES, LABELS, k=2).tolist() == [True, True, True]


def test_the_first_rank_is_argmax(classifier) -> None:
    probabilities, labels = classifier(500, 7)
    tied = probabilities.round(1)
    assert (hits(tied, labels) == (tied.argmax(axis=1) == labels)).all()


@pytest.mark.parametrize("k", [1, 2, 5])
def test_it_agrees_with_scikit_learn(classifier, k: int) -> None:
    probabilities, labels = classifier(1000, 12)
    expected = top_k_accuracy_score(labels, probabilities, k=k, labels=range(12))
    assert top_k_accuracy(probabilities, labels, k) == pytest.approx(expected)


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_never_scored(wrong: float) -> None:
    broken = PROBABILITIES.copy()
    broken[[1, 2], 0] = wrong
    with pytest.raises(BadData, match="got NaN or infinity for image 1, image 2; taken are finite numbers"):
        top_k_accuracy(broken, LABELS)


@pytest.mark.bad_input
def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadLabel, match="got label 3 for image 2; taken are 0 to 2"):
        top_k_accuracy(PROBABILITIES, np.array([0, 1, 3]))
    with pytest.raises(BadShape, match=r"got values of shape \(3, 3\) and labels of shape \(2,\)"):
        top_k_accuracy(PROBABILITIES, LABELS[:2])
    with pytest.raises(BadData, match="got no images to judge"):
        top_k_accuracy(PROBABILITIES[:0], LABELS[:0])
    with pytest.raises(BadConfig, match="got k=0"):
        top_k_accuracy(PROBABILITIES, LABELS, k=0)
