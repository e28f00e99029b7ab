"""Logistic regression on features, its strength chosen by cross-validation.

Source: Cox, 1958; the solver is scikit-learn's.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, Int64

from saccade.data.randomness import order
from saccade.errors import BadData
from saccade.training.discriminant import fit_discriminant

STRENGTHS = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
_MIDDLE = 1e-2
_FOLDS, _STEPS, _FOLD_STEPS = 3, 200, 60
_MUCH = 3e8  # work in each step of descent, see `_cost`: above, one fold and fewer strengths are tried
_TOO_MUCH = 3e9  # above, a descent would take many minutes and gigabytes: classes get their closed form
_CUT = 8
_NEVER = -12.0
Features = Float32[np.ndarray, "images width"]
Part = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class LinearHead:
    """A dense layer that was fitted.

    Args:
        weight: For each class and feature, features as they come.
        bias: For each class.
        strength: The inverse of the pull to zero that was chosen, scikit-learn's C on features of deviation 1; 0 for
            the closed form.
        folds: On how many it was chosen; 0: there were too few images to choose, or too many.
        loss: The mean log loss on the images left out, in nats; NaN without folds.

    Source: ours.
    """

    weight: Float32[np.ndarray, "classes width"]
    bias: Float32[np.ndarray, " classes"]
    strength: float
    folds: int
    loss: float


def fit_classes(
    features: Features,
    labels: Int64[np.ndarray, " images"],
    classes: int,
    *,
    views: int = 1,
    balanced: bool = False,
    seed: int = 0,
) -> LinearHead:
    """Fit a layer that tells classes apart, one for each image.

    Args:
        features: Of the images.
        labels: Ids of the classes.
        classes: How many there are; one without an image gets a logit that never wins.
        views: How many rows each image has: first all images in one view, then all in the next. Rows of one image are
            never on both sides of a fold.
        balanced: Whether rare classes count as much as common ones.
        seed: Of the folds.

    Returns:
        The layer.

    Raises:
        BadData: If all images are of one class, or a feature is not finite.

    Source: multinomial logistic regression; where that would take many minutes, Fisher's linear discriminant.

    Example:
        >>> head = fit_classes(np.float32([[0], [1], [0.1], [0.9]]), np.array([0, 1, 0, 1]), 2)
        >>> (np.float32([[0.0], [1.0]]) @ head.weight.T + head.bias).argmax(1).tolist()
        [0, 1]
    """
    present, own = np.unique(labels, return_inverse=True)
    if len(present) < 2:
        raise BadData(
            f"got {len(labels)} training images of one class; taken are two classes or more; add images of another"
        )
    scaled, mean, deviation = _scaled(features)
    cost = _cost(features, len(present))
    if cost > _TOO_MUCH:
        rows, tops = fit_discriminant(scaled, own, balanced=balanced)
        told = 0.0, 0, float("nan")
    else:
        weights = "balanced" if balanced else None
        parts = _folds(own[: len(own) // views], views, seed)
        strength, loss, used = _chosen(scaled, own[:, None], parts, cost, weights)
        rows, tops = _rows(_fitted(scaled, own, strength, weights))
        told = strength, used, loss
    weight, bias = np.zeros((classes, features.shape[1])), np.full(classes, _NEVER)
    weight[present], bias[present] = rows, tops
    return _unscaled(weight, bias, mean, deviation, told)


def fit_labels(
    features: Features,
    labels: Bool[np.ndarray, "images classes"],
    *,
    views: int = 1,
    balanced: bool = False,
    seed: int = 0,
) -> LinearHead:
    """Fit a layer that says of each class whether it is there.

    Args:
        features: Of the images.
        labels: Which classes each has.
        views: As in `fit_classes`.
        balanced: Whether what is rare counts as much as what is common.
        seed: Of the folds.

    Returns:
        The layer; a class that all images have, or none, gets a logit that says so of any image.

    Raises:
        BadData: If a feature is not finite.

    Source: one logistic regression for each class, all of one strength.
    """
    scaled, mean, deviation = _scaled(features)
    varied = np.flatnonzero(labels.any(0) & ~labels.all(0))
    bias = np.where(labels.any(0), -_NEVER, _NEVER)
    weight = np.zeros((labels.shape[1], features.shape[1]))
    weights = "balanced" if balanced else None
    parts = _folds(np.zeros(len(labels) // views, np.int64), views, seed)
    chosen = labels[:, varied].astype(np.int64)
    strength, loss, used = _chosen(scaled, chosen, parts, _cost(features, len(varied)), weights)
    for column, kind in enumerate(varied):
        model = _fitted(scaled, chosen[:, column], strength, weights)
        weight[kind], bias[kind] = model.coef_[0], model.intercept_[0]
    return _unscaled(weight, bias, mean, deviation, (strength, used, loss))


def _cost(features: Features, classes: int) -> float:
    """Multiplications in each step of descent; a logit costs as much as 64 more features."""
    images, width = features.shape
    return float(images) * classes * (width + 64)


def _folds(classes: Int64[np.ndarray, " images"], views: int, seed: int) -> list[Part]:
    """Cut the images so that each class is spread over all folds; none where no class has two images.

    Every view of some images is learnt from, and the first view of the others judged.
    """
    images = len(classes)
    if images < 2 or np.bincount(classes).max() < 2:
        return []
    shuffled = order(images, seed, _CUT)
    together = shuffled[np.argsort(classes[shuffled], kind="stable")]
    folds = np.empty(images, np.int64)
    folds[together] = np.arange(images) % _FOLDS
    parts = []
    for fold in range(min(_FOLDS, images)):
        learnt = np.flatnonzero(folds != fold)
        rows = np.concatenate([learnt + view * images for view in range(views)])
        parts.append((rows, np.flatnonzero(folds == fold)))
    return parts


def _scaled(features: Features) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mean = features.mean(0, dtype=np.float64)
    if not np.isfinite(mean).all():
        raise BadData(
            "got features that are not finite; taken are finite ones; use other weights, or --precision float32"
        )
    deviation = features.std(0, dtype=np.float64)
    deviation = np.where(deviation > 1e-6, deviation, 1.0)
    return ((features - mean) / deviation).astype(np.float32), mean, deviation


def _rows(model: Any) -> tuple[np.ndarray, np.ndarray]:
    """The weights and the bias of each class; scikit-learn has one row for two classes."""
    if len(model.classes_) > 2:
        return model.coef_, model.intercept_
    return np.concatenate([-model.coef_, model.coef_]) / 2, np.concatenate([-model.intercept_, model.intercept_]) / 2


def _unscaled(
    weight: Float[np.ndarray, "classes width"], bias: Float[np.ndarray, " classes"], mean: np.ndarray,
    deviation: np.ndarray, told: tuple[float, int, float],
) -> LinearHead:  # fmt: skip
    """Fold the scaling of the features into the layer."""
    plain = weight / deviation
    shifted = bias - plain @ mean
    return LinearHead(plain.astype(np.float32), shifted.astype(np.float32), *told)


def _fitted(features: np.ndarray, labels: np.ndarray, strength: float, weights: Any, steps: int = _STEPS) -> Any:
    from sklearn.exceptions import ConvergenceWarning  # it takes a second to import: only who fits pays for it
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(C=strength, class_weight=weights, max_iter=steps)
    # on products as small as these, threads wait for each other ten times as long as they work; and one gives the same
    # bits on any machine
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near the best is as good here
        warnings.filterwarnings("ignore", "The number of unique classes")  # they are classes, however many
        return model.fit(features, labels)


def _chosen(
    features: np.ndarray, columns: np.ndarray, parts: Sequence[Part], cost: float, weights: Any
) -> tuple[float, float, int]:
    """The strength with the least log loss on what is left out, that loss, and the number of folds."""
    much = cost > _MUCH
    parts, strengths = (parts[:1], STRENGTHS[1::2]) if much else (parts, STRENGTHS)
    losses = [
        [loss for part in parts for loss in _left_out(features, columns, part, strength, weights)]
        for strength in strengths
    ]
    if not losses[0]:  # nothing can be both learnt and judged
        return _MIDDLE, float("nan"), 0
    means = [float(np.mean(one)) for one in losses]
    best = int(np.argmin(means))
    return strengths[best], means[best], len(parts)


def _left_out(features: np.ndarray, columns: np.ndarray, part: Part, strength: float, weights: Any) -> list[float]:
    """The mean log loss on one fold, for each column of labels of which something can be learnt there."""
    learnt, judged = part
    losses = []
    for labels in columns.T:
        if len(np.unique(labels[learnt])) < 2:
            continue
        model = _fitted(features[learnt], labels[learnt], strength, weights, _FOLD_STEPS)
        rows = np.searchsorted(model.classes_, labels[judged]).clip(max=len(model.classes_) - 1)
        known = model.classes_[rows] == labels[judged]
        if known.any():
            told = model.predict_proba(features[judged[known]])[np.arange(known.sum()), rows[known]]
            losses.append(float(-np.log(np.clip(told, 1e-7, None)).mean()))
    return losses
