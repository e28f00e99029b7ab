from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from saccade.data.grouping import divide_groups
from saccade.data.splitting import Splitting


@settings(deadline=None, max_examples=60)
@given(
    some.lists(some.integers(1, 6), min_size=8, max_size=60), some.integers(0, 99), some.integers(1, 4), some.booleans()
)
def test_groups_are_never_parted_and_totals_stay_near_the_shares(sizes, seed, classes, stratify):
    groups = [f"g{number}" for number, size in enumerate(sizes) for _ in range(size)]
    labels = [(row % classes,) for row in range(len(groups))]
    parts = divide_groups(groups, labels, Splitting(seed), stratify=stratify)
    assert all(
        len({part for part, name in zip(parts.tolist(), groups, strict=True) if name == one}) == 1
        for one in set(groups)
    )
    if not stratify:
        wanted = np.array([0.8, 0.1, 0.1]) * len(groups)
        counts = Counter(parts.tolist())
        assert all(abs(counts[part] - wanted[part]) <= 2 * max(sizes) for part in range(3))
