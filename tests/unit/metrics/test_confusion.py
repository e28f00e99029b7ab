"""The confusion matrix, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as reference

from saccade.errors import BadLabel, BadShape
from saccade.metrics.confusion import confusion_matrix, most_confused, shares

LABELS, PREDICTED = np.array([0, 0, 0, 2, 2]), np.array([0, 2, 2, 2, 0])


def test_rows_are_true_and_columns_predicted() -> None:
    assert confusion_matrix(LABELS, PREDICTED, 3).tolist() == [[1, 0, 2], [0, 0, 0], [1, 0, 1]]


def test_it_agrees_with_scikit_learn(classifier) -> None:
    probabilities, labels = classifier(700, 9, skill=0.5)
    predicted = probabilities.argmax(axis=1)
    assert (confusion_matrix(labels, predicted, 9) == reference(labels, predicted, labels=range(9))).all()


def test_small_integers_do_not_overflow() -> None:
    ids = np.array([120], np.int8)
    assert confusion_matrix(ids, ids, 121)[120, 120] == 1


def test_the_shares_of_a_class_without_images_are_nan() -> None:
    rows = shares(confusion_matrix(LABELS, PREDICTED, 3))
    assert rows[0].tolist() == pytest.approx([1 / 3, 0, 2 / 3])
    assert np.isnan(rows[1]).all()


def test_the_most_frequent_mistakes_come_first() -> None:
    assert most_confused(confusion_matrix(LABELS, PREDICTED, 3)) == [(0, 2, 2), (2, 0, 1)]
    assert most_confused(confusion_matrix(LABELS, PREDICTED, 3), count=1) == [(0, 2, 2)]


@pytest.mark.bad_input
def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadLabel, match="got label 3 for image 1"):
        confusion_matrix(np.array([0, 1]), np.array([0, 3]), 3)
    with pytest.raises(BadLabel, match="got label -1 for image 0"):
        confusion_matrix(np.array([-1]), np.array([0]), 3)
    with pytest.raises(BadShape, match="as many of one as of the other"):
        confusion_matrix(np.array([0, 1]), np.array([0]), 3)
