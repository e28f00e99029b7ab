"""How much each class should count, so that a rare one counts as much as a common one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from saccade.errors import BadLabel


def balanced_weights(targets: Iterable[Any], num_classes: int, *, limit: float = 100.0) -> tuple[float, ...]:
    """Weigh each class by how rare it is among the targets.

    With one class for each image, the weight of a class is n / (C · n_c): n images, C classes that occur, n_c images of
    the class; the mean weight of an image is then 1. With several classes for each image it is (n − n_c) / n_c,
    absences for each presence, as `binary_cross_entropy` takes it.

    Args:
        targets: Ints, or tuples of ints, as a data set has them.
        num_classes: How many classes there are.
        limit: The largest weight, so that a class seen once does not drown the rest.

    Returns:
        One weight for each class, 0 for one that never occurs.

    Raises:
        BadLabel: If a target is no class.

    Source: King and Zeng, 2001, "Logistic regression in rare events data", as scikit-learn's `balanced` has it.

    Example:
        >>> balanced_weights([0, 0, 0, 1], 3)
        (0.6666666666666666, 2.0, 0.0)
        >>> balanced_weights([(0,), (0, 1), (), (0,)], 2)
        (0.3333333333333333, 3.0)
    """
    listed = list(targets)
    several = any(isinstance(target, Sequence) for target in listed)
    ids = [label for target in listed for label in set(target)] if several else listed
    wrong = [label for label in ids if not 0 <= label < num_classes]
    if wrong:
        raise BadLabel(f"got class {wrong[0]}; taken are 0 to {num_classes - 1}; mend the labels or name more classes")
    counts = np.bincount(np.array(ids, dtype=np.int64), minlength=num_classes).astype(float)
    some = np.maximum(counts, 1)
    weights = (len(listed) - counts) / some if several else len(listed) / (max(np.count_nonzero(counts), 1) * some)
    return tuple(np.where(counts > 0, np.minimum(weights, limit), 0.0).tolist())
