from collections import Counter

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from saccade.data.arrays import Arrays
from saccade.data.splitting import divide
from saccade.errors import BadData

shares = st.sampled_from([(0.8, 0.1, 0.1), (0.5, 0.5, 0.0), (0.7, 0.0, 0.3), (0.34, 0.33, 0.33), (0.98, 0.01, 0.01)])


def parts_of(labels, cut, seed):
    source = Arrays(np.zeros((len(labels), 1, 1, 1), np.uint8), tuple(labels), "x", np.arange(len(labels)))
    try:
        return divide(source, cut, seed)
    except BadData:
        assume(False)
        raise


def rows(part):
    return part.rows.tolist()


@given(st.lists(st.integers(0, 6), min_size=3, max_size=300), shares, st.integers(0, 5))
def test_every_image_is_in_one_part_and_every_class_is_learnt(labels, cut, seed):
    parts = parts_of(labels, cut, seed)
    assert sorted(row for part in parts for row in rows(part)) == list(range(len(labels)))
    assert {labels[row] for row in rows(parts[0])} == set(labels)
    assert all(bool(len(part)) == (share > 0) for part, share in zip(parts, cut, strict=True))
    assert all(rows(part) == sorted(rows(part)) for part in parts)


@given(st.lists(st.integers(0, 6), min_size=40, max_size=300), shares, st.integers(0, 5))
def test_classes_keep_their_shares_to_one_image_and_some(labels, cut, seed):
    parts = parts_of(labels, cut, seed)
    sizes = Counter(labels)
    for part, share in zip(parts, cut, strict=True):
        found = Counter(labels[row] for row in rows(part))
        assert all(abs(found[label] - size * share) <= 2.5 for label, size in sizes.items())


@given(st.lists(st.sets(st.integers(0, 4), max_size=3), min_size=3, max_size=100), st.integers(0, 5))
def test_every_one_of_several_labels_is_learnt(several, seed):
    labels = [tuple(sorted(label)) for label in several]
    parts = parts_of(labels, (0.6, 0.2, 0.2), seed)
    assert sorted(row for part in parts for row in rows(part)) == list(range(len(labels)))
    assert {one for row in rows(parts[0]) for one in labels[row]} == {one for label in labels for one in label}
