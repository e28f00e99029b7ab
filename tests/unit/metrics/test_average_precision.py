"""Average precision, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from saccade.errors import BadData, BadShape
from saccade.metrics.average_precision import RankedImages, average_precision, mean_average_precision


def one_class(*pairs: tuple[float, int]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([[probability] for probability, _ in pairs]), np.array([[bool(true)] for _, true in pairs])


def test_by_hand() -> None:
    # positives are first and third: (1/1 + 2/3) / 2
    assert average_precision(*one_class((0.9, 1), (0.8, 0), (0.7, 1), (0.6, 0)))[0] == pytest.approx(5 / 6)


def test_ties_enter_together() -> None:
    # at 0.9: 1 of 2 found, precision 1/2; at 0.1: the other, precision 2/3
    assert average_precision(*one_class((0.9, 0), (0.9, 1), (0.1, 1)))[0] == pytest.approx(0.5 / 2 + (2 / 3) / 2)


def test_the_best_and_the_worst_ranking() -> None:
    assert average_precision(*one_class((0.9, 1), (0.1, 0)))[0] == 1
    assert average_precision(*one_class((0.9, 0), (0.1, 1)))[0] == 0.5


def test_a_class_that_no_image_has_is_nan_and_left_out_of_the_mean() -> None:
    probabilities, targets = np.array([[0.9, 0.5], [0.1, 0.5]]), np.array([[True, False], [False, False]])
    figures = average_precision(probabilities, targets)
    assert figures[0] == 1
    assert np.isnan(figures[1])
    assert mean_average_precision(probabilities, targets) == 1
    assert np.isnan(mean_average_precision(probabilities, targets[[1, 1]]))


@pytest.mark.parametrize("ties", [False, True])
def test_it_agrees_with_scikit_learn(tagger, ties: bool) -> None:
    probabilities, targets = tagger(400, 6, ties=ties)
    expected = [average_precision_score(targets[:, at], probabilities[:, at]) for at in range(6)]
    assert average_precision(probabilities, targets) == pytest.approx(expected)
    assert mean_average_precision(probabilities, targets) == pytest.approx(np.mean(expected))


@pytest.mark.parametrize("ties", [False, True])
def test_counting_an_image_twice_is_having_it_twice(tagger, ties: bool) -> None:
    probabilities, targets = tagger(60, 3, ties=ties)
    drawn = np.random.default_rng(1).integers(0, 60, (5, 60))
    counts = np.stack([np.bincount(row, minlength=60) for row in drawn]).astype(float)
    expected = [[average_precision_score(targets[row, at], probabilities[row, at]) for at in range(3)] for row in drawn]
    assert RankedImages(probabilities, targets)(counts) == pytest.approx(np.array(expected))


@pytest.mark.bad_input
def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadData, match="got NaN or infinity for image 1"):
        average_precision(*one_class((0.9, 1), (float("nan"), 0)))
    with pytest.raises(BadShape, match=r"taken are two of \(images, classes\)"):
        average_precision(np.zeros((2, 3)), np.zeros((3, 2), bool))
