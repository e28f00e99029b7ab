"""The search for near hashes against comparing each with each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from saccade.data.checking.near_pairs import near_matches, near_pairs


def slowly(hashes):
    numbers = [int(one) for one in hashes]
    pairs = ((i, j) for j in range(len(numbers)) for i in range(j))
    return sorted([i, j] for i, j in pairs if (numbers[i] ^ numbers[j]).bit_count() <= 7)


@pytest.mark.parametrize("flips", [0, 3, 7, 8, 20])
def test_pairs_are_those_of_the_slow_search(flips):
    generator = np.random.default_rng(flips)
    hashes = generator.integers(0, 2**63, 300, dtype=np.uint64)
    for row in range(0, 300, 3):
        hashes[row + 1] = hashes[row]
        for bit in generator.choice(64, flips, replace=False):
            hashes[row + 1] ^= np.uint64(1) << np.uint64(bit)
    hashes = np.unique(hashes)
    found = near_pairs(hashes).tolist()
    assert found == slowly(hashes)
    assert (len(found) >= 90) == (0 < flips <= 7)


@settings(deadline=None)
@given(some.lists(some.integers(0, 2**64 - 1) | some.integers(0, 300), unique=True, max_size=40))
def test_any_hashes_give_the_pairs_of_the_slow_search(numbers):
    hashes = np.array(numbers, np.uint64)
    assert near_pairs(hashes).tolist() == slowly(hashes)


@settings(deadline=None)
@given(*(some.lists(some.integers(0, 2**64 - 1) | some.integers(0, 300), max_size=30) for _ in range(2)))
def test_any_two_lists_of_hashes_give_each_match_of_the_slow_search_once(first, second):
    found = [
        tuple(pair)
        for pairs in near_matches(*(np.array(one, np.uint64) for one in (first, second)))
        for pair in pairs.tolist()
    ]
    assert sorted(found) == [
        (i, j) for i, a in enumerate(first) for j, b in enumerate(second) if (a ^ b).bit_count() <= 7
    ]
