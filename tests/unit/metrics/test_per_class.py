"""Precision, recall and F1, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, precision_recall_fscore_support

from saccade.errors import BadData, BadShape
from saccade.metrics.per_class import macro, per_class, weighted

# class 1 has two images and is never predicted; class 3 has none and is predicted once
LABELS, PREDICTED = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 2, 2, 3, 2])


def test_each_figure_by_hand() -> None:
    figures = per_class(LABELS, PREDICTED, 4)
    assert figures.support.tolist() == [3, 2, 1, 0]
    assert figures.predicted.tolist() == [2, 0, 3, 1]
    assert figures.precision[:3].tolist() == pytest.approx([1, 0, 1 / 3])
    assert figures.recall[:3].tolist() == pytest.approx([2 / 3, 0, 1])
    assert figures.f1[:3].tolist() == pytest.approx([4 / 5, 0, 1 / 2])


def test_a_class_without_images_has_no_figures_and_averages_leave_it_out() -> None:
    figures = per_class(LABELS, PREDICTED, 4)
    assert all(np.isnan(one[3]) for one in (figures.precision, figures.recall, figures.f1))
    assert figures.absent == 1
    assert macro(figures.f1) == pytest.approx((4 / 5 + 0 + 1 / 2) / 3)
    assert weighted(figures.f1, figures.support) == pytest.approx((3 * 4 / 5 + 0 + 1 / 2) / 6)


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_it_agrees_with_scikit_learn(classifier, average: str) -> None:
    probabilities, labels = classifier(900, 8, skill=1.0)
    labels, predicted = labels[labels != 5], probabilities.argmax(axis=1)[labels != 5]  # class 5 has no images
    present = [0, 1, 2, 3, 4, 6, 7]
    figures = per_class(labels, predicted, 8)
    expected = precision_recall_fscore_support(labels, predicted, labels=present, zero_division=0)
    for ours, theirs in zip((figures.precision, figures.recall, figures.f1, figures.support), expected, strict=True):
        assert ours[present] == pytest.approx(theirs)
    averaged = precision_recall_fscore_support(labels, predicted, labels=present, average=average, zero_division=0)
    for ours, theirs in zip((figures.precision, figures.recall, figures.f1), averaged, strict=False):
        mean = macro(ours) if average == "macro" else weighted(ours, figures.support)
        assert mean == pytest.approx(theirs)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_macro_recall_is_scikit_learns_balanced_accuracy() -> None:
    assert macro(per_class(LABELS, PREDICTED, 4).recall) == pytest.approx(balanced_accuracy_score(LABELS, PREDICTED))


def test_the_mean_of_nothing_is_nan() -> None:
    assert np.isnan(macro(np.array([np.nan, np.nan])))
    assert np.isnan(weighted(np.array([np.nan]), np.array([0])))


@pytest.mark.bad_input
def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadData, match="got no images to judge"):
        per_class(LABELS[:0], PREDICTED[:0], 4)
    with pytest.raises(BadShape, match="as many of one as of the other"):
        per_class(LABELS, PREDICTED[:2], 4)
