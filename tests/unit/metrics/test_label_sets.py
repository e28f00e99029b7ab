"""Figures that compare sets of labels, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score
from sklearn.metrics import f1_score as reference_f1
from sklearn.metrics import hamming_loss as reference_hamming

from saccade.errors import BadConfig, BadData
from saccade.metrics.label_sets import exact_match, f1_score, hamming_loss, label_figures, present

PROBABILITIES = np.array([[0.9, 0.6, 0.1], [0.2, 0.5, 0.4]])
TARGETS = np.array([[True, False, False], [False, True, True]])


def test_by_hand() -> None:
    # said: {0, 1} and {1}; true: {0} and {1, 2}; hits: 0, 1; said without truth: 1; missed: 2
    assert f1_score(PROBABILITIES, TARGETS, average="micro") == pytest.approx(2 * 2 / (3 + 3))
    assert f1_score(PROBABILITIES, TARGETS) == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert hamming_loss(PROBABILITIES, TARGETS) == pytest.approx(2 / 6)
    assert exact_match(PROBABILITIES, TARGETS) == 0
    assert exact_match(PROBABILITIES, TARGETS, threshold=0.4) == 0.5


def test_the_threshold_itself_counts_as_present() -> None:
    assert present(PROBABILITIES, 0.5).tolist() == [[True, True, False], [False, True, False]]


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.8])
def test_it_agrees_with_scikit_learn(tagger, threshold: float) -> None:
    probabilities, targets = tagger(300, 5)
    said = probabilities >= threshold
    for average in ("macro", "micro"):
        expected = reference_f1(targets, said, average=average, zero_division=0)
        assert f1_score(probabilities, targets, average=average, threshold=threshold) == pytest.approx(expected)
    assert hamming_loss(probabilities, targets, threshold=threshold) == pytest.approx(reference_hamming(targets, said))
    assert exact_match(probabilities, targets, threshold=threshold) == pytest.approx(accuracy_score(targets, said))


def test_a_class_that_no_image_has_is_left_out_of_macro_but_not_of_micro() -> None:
    probabilities, targets = np.array([[0.9, 0.9]]), np.array([[True, False]])
    assert label_figures(probabilities, targets).absent == 1
    assert f1_score(probabilities, targets) == 1
    assert f1_score(probabilities, targets, average="micro") == pytest.approx(2 / 3)


@pytest.mark.bad_input
def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadConfig, match=r"got threshold=1\.5"):
        exact_match(PROBABILITIES, TARGETS, threshold=1.5)
    with pytest.raises(BadConfig, match="got average='median'; taken are 'macro' and 'micro'"):
        f1_score(PROBABILITIES, TARGETS, average="median")
    with pytest.raises(BadData, match="got NaN or infinity for image 0"):
        hamming_loss(PROBABILITIES * np.nan, TARGETS)
    with pytest.raises(BadData, match="got no images"):
        hamming_loss(PROBABILITIES[:0], TARGETS[:0])
