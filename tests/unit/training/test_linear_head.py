"""A layer fitted on features: who wins, what is chosen, and what cannot be fitted."""

from __future__ import annotations

import time

import numpy as np
import pytest

from saccade.errors import BadData
from saccade.training import linear_head
from saccade.training.linear_head import STRENGTHS, LinearHead, fit_classes, fit_labels


def clouds(
    count: int, classes: int, width: int = 4, apart: float = 6.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Images in turn from clouds of deviation 1 whose centres are about so far from each other."""
    generator = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    centres = apart * np.random.default_rng(99).standard_normal((classes, width)) / np.sqrt(2 * width)
    return (centres[labels] + generator.standard_normal((count, width))).astype(np.float32), labels


def logits(head: LinearHead, features: np.ndarray) -> np.ndarray:
    return features @ head.weight.T + head.bias


def test_the_boundary_between_two_values_lies_in_the_middle():
    head = fit_classes(np.array([[2], [4]] * 10, np.float32), np.array([0, 1] * 10), 2)
    low, middle, high = logits(head, np.array([[2], [3], [4]], np.float32))
    assert low[0] > low[1]
    assert high[0] < high[1]
    assert middle[0] == pytest.approx(middle[1], abs=1e-4)
    assert low[0] == pytest.approx(high[1], abs=1e-4)


def test_three_classes_are_told_apart_on_images_never_seen():
    head = fit_classes(*clouds(90, 3), 3)
    features, labels = clouds(300, 3, seed=1)
    assert (logits(head, features).argmax(1) == labels).mean() > 0.95
    assert head.folds == 3
    assert 0 < head.loss < np.log(3)


def test_a_feature_that_never_changes_does_no_harm():
    features, labels = clouds(60, 3)
    with_constant = np.c_[features, np.full(60, 7, np.float32)]
    one, other = fit_classes(features, labels, 3), fit_classes(with_constant, labels, 3)
    np.testing.assert_allclose(logits(other, with_constant), logits(one, features), atol=1e-3)
    assert np.isfinite(other.weight).all()


def test_scale_and_place_of_a_feature_do_not_matter():
    features, labels = clouds(60, 3)
    moved = features * np.array([1, 100, 0.01, 1], np.float32) + np.array([0, 50, 0, -3], np.float32)
    one, other = fit_classes(features, labels, 3), fit_classes(moved, labels, 3)
    np.testing.assert_allclose(logits(other, moved), logits(one, features), atol=2e-2)


@pytest.mark.parametrize("present", [(1, 3), (0, 2, 4)])
def test_a_class_without_images_never_wins(present):
    features, labels = clouds(40, len(present))
    head = fit_classes(features, np.array(present)[labels], 6)
    told = logits(head, 100 * features)
    assert set(told.argmax(1)) <= set(present)
    missing = sorted(set(range(6)) - set(present))
    assert (head.bias[missing] == -12).all()
    assert not head.weight[missing].any()


def test_one_image_in_a_class_is_learnt_and_the_others_choose_the_strength():
    features, labels = clouds(60, 3)
    kept = np.flatnonzero((labels != 2) | (np.arange(60) == 2))
    head = fit_classes(features[kept], labels[kept], 3, balanced=True)
    assert head.folds == 3
    assert logits(head, features[[2]]).argmax() == 2


def test_where_no_class_has_two_images_the_strength_is_the_middle_one():
    head = fit_classes(np.eye(3, dtype=np.float32), np.arange(3), 3)
    assert (head.strength, head.folds) == (0.01, 0)
    assert np.isnan(head.loss)
    assert logits(head, np.eye(3, dtype=np.float32)).argmax(1).tolist() == [0, 1, 2]


def test_two_images_in_each_of_two_classes_are_enough():
    head = fit_classes(np.array([[0, 1], [1, 0], [0, 1.1], [1.1, 0]], np.float32), np.array([0, 1, 0, 1]), 2)
    assert logits(head, np.array([[0, 1], [1, 0]], np.float32)).argmax(1).tolist() == [0, 1]
    assert head.folds > 0


def test_noise_is_pulled_to_zero_and_what_is_clear_is_not():
    generator = np.random.default_rng(0)
    noise = generator.standard_normal((120, 40)).astype(np.float32)
    assert fit_classes(noise, generator.integers(0, 2, 120), 2).strength == STRENGTHS[0]
    assert fit_classes(*clouds(120, 3, apart=12), 3).strength == STRENGTHS[-1]


def test_a_rare_class_counts_as_much_when_balanced():
    """At a place where both clouds are equally dense, the one with nine times as many images wins, or neither."""
    generator = np.random.default_rng(0)
    labels = (np.arange(400) % 10 == 0).astype(np.int64)
    features = (generator.standard_normal((400, 1)) + 2 * labels[:, None]).astype(np.float32)
    plain, balanced = (fit_classes(features, labels, 2, balanced=one) for one in (False, True))
    middle = np.array([[1.0]], np.float32)
    assert np.ptp(logits(plain, middle)) > 1
    assert np.ptp(logits(balanced, middle)) < 0.4


def test_folds_spread_each_class_and_never_part_the_views_of_an_image():
    classes = np.array([0] * 6 + [1] * 3 + [2])
    parts = linear_head._folds(classes, 2, 0)
    assert len(parts) == 3
    assert sorted(np.concatenate([judged for _, judged in parts]).tolist()) == list(range(10))
    for learnt, judged in parts:
        assert np.bincount(classes[judged], minlength=3)[:2].tolist() == [2, 1]
        assert not set(learnt % 10) & set(judged.tolist())
        assert sorted(learnt.tolist()) == sorted([*(learnt[learnt < 10]), *(learnt[learnt < 10] + 10)])


def test_the_seed_makes_the_folds():
    classes = np.zeros(20, np.int64)
    first, same, other = (linear_head._folds(classes, 1, seed) for seed in (0, 0, 1))
    assert all(np.array_equal(one[1], two[1]) for one, two in zip(first, same, strict=True))
    assert not all(np.array_equal(one[1], two[1]) for one, two in zip(first, other, strict=True))


def test_views_of_an_image_are_no_proof():
    """Labels are noise and each image has two views that are the same: only whoever parts them finds something."""
    generator = np.random.default_rng(0)
    features, labels = generator.standard_normal((40, 100)).astype(np.float32), generator.integers(0, 2, 40)
    both = np.concatenate([features, features]), np.concatenate([labels, labels])
    assert fit_classes(*both, 2, views=2).loss > 0.65
    assert fit_classes(*both, 2).loss < 0.5


def test_several_labels_are_fitted_each_by_itself():
    features, ids = clouds(120, 3)
    labels = np.stack([ids == 0, ids != 1, ids == 2, np.ones(120, bool), np.zeros(120, bool)], 1)
    head = fit_labels(features, labels)
    new, new_ids = clouds(300, 3, seed=1)
    told = logits(head, new) > 0
    assert (told[:, 0] == (new_ids == 0)).mean() > 0.9
    assert (told[:, 1] == (new_ids != 1)).mean() > 0.9
    assert told[:, 3].all()
    assert not told[:, 4].any()
    assert head.folds == 3


def test_labels_that_never_change_leave_nothing_to_learn():
    head = fit_labels(np.eye(3, dtype=np.float32), np.tile([True, False], (3, 1)))
    assert head.bias.tolist() == [12, -12]
    assert not head.weight.any()
    assert (head.strength, head.folds) == (0.01, 0)


def test_one_image_with_several_labels_says_what_it_has():
    head = fit_labels(np.ones((1, 2), np.float32), np.array([[True, False]]))
    assert head.bias.tolist() == [12, -12]


def test_a_label_of_a_single_image_is_judged_where_it_can_be():
    """In one fold nothing of it can be learnt; the others say what strength is good."""
    labels = np.zeros((9, 1), bool)
    labels[4] = True
    head = fit_labels(np.arange(9, dtype=np.float32)[:, None], labels)
    assert np.isfinite(head.loss)


def test_where_there_is_much_to_do_one_fold_is_enough(monkeypatch):
    monkeypatch.setattr(linear_head, "_MUCH", 0)
    head = fit_classes(*clouds(90, 3), 3)
    assert head.folds == 1
    assert head.strength in STRENGTHS[1::2]


def test_ten_thousand_classes_take_seconds():
    features, labels = clouds(20_000, 10_000, width=16, apart=40)
    started = time.process_time()
    head = fit_classes(features, labels, 10_000)
    assert time.process_time() - started < 20
    assert (head.strength, head.folds) == (0.0, 0)
    some = np.arange(0, 20_000, 97)
    assert (logits(head, features[some]).argmax(1) == labels[some]).mean() > 0.9


def test_the_closed_form_leaves_missing_classes_out_too(monkeypatch):
    monkeypatch.setattr(linear_head, "_TOO_MUCH", 0)
    features, labels = clouds(60, 3)
    head = fit_classes(features, 2 * labels, 6)
    assert set(logits(head, 100 * features).argmax(1)) == {0, 2, 4}
    assert (logits(head, features).argmax(1) == 2 * labels).mean() > 0.9


@pytest.mark.bad_input
def test_one_class_is_refused():
    with pytest.raises(BadData, match="got 3 training images of one class; taken are two classes or more; add images"):
        fit_classes(np.eye(3, dtype=np.float32), np.ones(3, np.int64), 2)


@pytest.mark.bad_input
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused(bad):
    features = np.eye(4, dtype=np.float32)
    features[1, 2] = bad
    with pytest.raises(BadData, match=r"got features that are not finite.*--precision float32"):
        fit_classes(features, np.arange(4) % 2, 2)
    with pytest.raises(BadData, match="not finite"):
        fit_labels(features, np.eye(4, dtype=bool))
