"""What holds of every metric, whatever a network says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from saccade.metrics.accuracy import ranks, top_k_accuracy
from saccade.metrics.average_precision import RankedImages, average_precision
from saccade.metrics.bootstrap import interval, wilson
from saccade.metrics.calibration import expected_calibration_error, log_losses
from saccade.metrics.confusion import confusion_matrix
from saccade.metrics.per_class import class_figures, macro, per_class

shares = st.floats(0, 1, width=32)


@st.composite
def answers(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    images, classes = draw(st.integers(1, 12)), draw(st.integers(1, 5))
    probabilities = draw(arrays.arrays(np.float64, (images, classes), elements=shares))
    return probabilities, draw(arrays.arrays(np.int64, images, elements=st.integers(0, classes - 1)))


@st.composite
def sets(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(st.integers(1, 12)), draw(st.integers(1, 4))
    return draw(arrays.arrays(np.float64, shape, elements=shares)), draw(arrays.arrays(bool, shape))


@given(answers())
def test_more_tries_are_never_worse_and_all_tries_always_right(given_answers: tuple[np.ndarray, np.ndarray]) -> None:
    probabilities, labels = given_answers
    classes = probabilities.shape[1]
    accuracies = [top_k_accuracy(probabilities, labels, k) for k in range(1, classes + 1)]
    assert accuracies == sorted(accuracies)
    assert accuracies[-1] == 1
    assert (ranks(probabilities, labels) < classes).all()


@given(answers())
def test_the_confusion_matrix_holds_accuracy_recall_and_precision(given_answers: tuple[np.ndarray, np.ndarray]) -> None:
    probabilities, labels = given_answers
    predicted, classes = probabilities.argmax(axis=1), probabilities.shape[1]
    matrix, figures = confusion_matrix(labels, predicted, classes), per_class(labels, predicted, classes)
    assert matrix.sum() == len(labels)
    assert np.trace(matrix) / len(labels) == top_k_accuracy(probabilities, labels)
    again = class_figures(np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1))
    np.testing.assert_array_equal(again.f1, figures.f1)
    low, high = np.minimum(figures.precision, figures.recall), np.maximum(figures.precision, figures.recall)
    there = figures.support > 0
    assert (low[there] - 1e-9 <= figures.f1[there]).all()
    assert (figures.f1[there] <= high[there] + 1e-9).all()
    assert 0 <= macro(figures.f1) <= 1


@given(sets(), st.randoms(use_true_random=False))
def test_average_precision_depends_on_the_ranking_alone(given_sets: tuple[np.ndarray, np.ndarray], random) -> None:
    probabilities, targets = given_sets
    figures = average_precision(probabilities, targets)
    assert ((figures >= 0) & (figures <= 1) | np.isnan(figures)).all()
    assert (np.isnan(figures) == ~targets.any(axis=0)).all()
    order = list(range(len(targets)))
    random.shuffle(order)
    np.testing.assert_allclose(average_precision(probabilities[order], targets[order]), figures)
    levels = np.unique(probabilities, return_inverse=True)[1].reshape(probabilities.shape)
    np.testing.assert_allclose(average_precision(levels.astype(float), targets), figures)


@given(sets(), st.integers(0, 2**31))
def test_an_image_counted_twice_is_an_image_given_twice(given_sets: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    probabilities, targets = given_sets
    counts = np.random.default_rng(seed).integers(0, 3, len(targets))
    if counts.sum():
        repeated = np.repeat(np.arange(len(targets)), counts)
        ours = RankedImages(probabilities, targets)(counts[None].astype(float))[0]
        np.testing.assert_allclose(ours, average_precision(probabilities[repeated], targets[repeated]))


@given(arrays.arrays(np.float64, st.integers(1, 30), elements=shares), st.integers(1, 20), st.booleans(), st.data())
def test_calibration_errors_are_shares(confidence: np.ndarray, bins: int, adaptive: bool, data: st.DataObject) -> None:
    correct = data.draw(arrays.arrays(bool, len(confidence)))
    error = expected_calibration_error(confidence, correct, bins=bins, adaptive=adaptive)
    assert 0 <= error <= 1
    # no binning shows less than the gap between the two means
    assert error >= abs(confidence.mean() - correct.mean()) - 1e-9


@given(answers())
def test_log_losses_are_finite_and_never_negative(given_answers: tuple[np.ndarray, np.ndarray]) -> None:
    losses = log_losses(*given_answers)
    assert (losses >= 0).all()
    assert np.isfinite(losses).all()


@given(st.integers(0, 200), st.integers(1, 200), arrays.arrays(np.float64, st.integers(1, 40), elements=shares))
def test_intervals_are_in_order_and_hold_their_figure(successes: int, more: int, draws: np.ndarray) -> None:
    trials = successes + more
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    low, high = interval(successes / trials, draws)
    assert low <= successes / trials <= high
