"""The fitted layers beside scikit-learn called directly, on features scaled by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

from saccade.training.discriminant import fit_discriminant
from saccade.training.linear_head import fit_classes, fit_labels


def data(classes: int, count: int = 90, width: int = 5) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(classes)
    labels = np.sort(generator.integers(0, classes, count))
    centres = generator.standard_normal((classes, width))
    return (3 * generator.standard_normal((count, width)) + 4 * centres[labels] + 10).astype(np.float32), labels


def scaled(features: np.ndarray) -> np.ndarray:
    return (features - features.mean(0)) / features.std(0)


@pytest.mark.parametrize("balanced", [False, True])
@pytest.mark.parametrize("classes", [2, 3, 7])
def test_the_probabilities_are_those_of_scikit_learn(classes, balanced):
    features, labels = data(classes)
    head = fit_classes(features, labels, classes, balanced=balanced)
    weights = "balanced" if balanced else None
    model = LogisticRegression(C=head.strength, class_weight=weights, max_iter=2000, tol=1e-8)
    wanted = model.fit(scaled(features), labels).predict_proba(scaled(features))
    logits = features.astype(np.float64) @ head.weight.T + head.bias
    powers = np.exp(logits - logits.max(1, keepdims=True))
    np.testing.assert_allclose(powers / powers.sum(1, keepdims=True), wanted, atol=3e-3)


def test_each_label_is_that_of_scikit_learn():
    features, ids = data(3)
    labels = np.stack([ids == 0, ids != 2], 1)
    head = fit_labels(features, labels)
    for column in range(2):
        model = LogisticRegression(C=head.strength, max_iter=2000, tol=1e-8).fit(scaled(features), labels[:, column])
        logits = features.astype(np.float64) @ head.weight[column] + head.bias[column]
        np.testing.assert_allclose(1 / (1 + np.exp(-logits)), model.predict_proba(scaled(features))[:, 1], atol=3e-3)


def test_the_discriminant_decides_as_that_of_scikit_learn():
    """Of classes of equal size, whose covariance differs from ours by one factor alone."""
    generator = np.random.default_rng(0)
    labels = np.arange(120) % 6
    features = generator.standard_normal((120, 8)) + 2 * generator.standard_normal((6, 8))[labels]
    weight, bias = fit_discriminant(features, labels)
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1).fit(features, labels)
    new = 3 * generator.standard_normal((500, 8))
    assert ((new @ weight.T + bias).argmax(1) == model.predict(new)).mean() > 0.97
