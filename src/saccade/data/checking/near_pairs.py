"""All pairs of hashes that differ in a few bits, without comparing each with each.

A hash of 64 bits is four words of 16. Where two hashes differ in at most 7 bits, one of the four words differs in at
most one; so it is enough to compare hashes that share a word, or a word but for one bit.

Source: Norouzi, Punjani & Fleet, "Fast search in Hamming space with multi-index hashing", 2012 (arXiv 1307.2982).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from jaxtyping import Int64, UInt64

from saccade.data.checking.perceptual import distances

MOST_BITS = 7
_CHUNK = 1 << 20


def near_pairs(hashes: UInt64[np.ndarray, " hashes"]) -> Int64[np.ndarray, "pairs 2"]:
    """Find the pairs of hashes that differ in at most 7 bits.

    Args:
        hashes: All different.

    Returns:
        Each pair once, the smaller number first, sorted.

    Source: Norouzi, Punjani & Fleet, 2012.

    Example:
        >>> near_pairs(np.array([0, 2**63 + 1, 2**40 - 1], np.uint64)).tolist()
        [[0, 1]]
    """
    found = [pairs[pairs[:, 0] < pairs[:, 1]] for pairs in near_matches(hashes, hashes)]
    return np.unique(np.concatenate([np.zeros((0, 2), np.int64), *found]), axis=0)


def near_matches(
    first: UInt64[np.ndarray, " some"], second: UInt64[np.ndarray, " others"]
) -> Iterator[Int64[np.ndarray, "pairs 2"]]:
    """Find which of some hashes differ from which of others in at most 7 bits.

    Args:
        first: Some, in any order.
        second: The others.

    Yields:
        Pairs (number in the first, number in the second), in pieces that fit into memory; each once.

    Source: Norouzi, Punjani & Fleet, 2012.

    Example:
        >>> some, others = np.array([0, 2**40 - 1], np.uint64), np.array([2**63, 5], np.uint64)
        >>> sorted({(a, b) for pairs in near_matches(some, others) for a, b in pairs.tolist()})
        [(0, 0), (0, 1)]
    """
    for word in range(4):
        words = [(hashes >> np.uint64(16 * word)).astype(np.uint16) for hashes in (first, second)]
        for left, right in _candidates(*words):
            near = distances(first[left], second[right]) <= MOST_BITS
            pairs = np.stack([left[near], right[near]], 1)
            yield pairs[_first_in(first[pairs[:, 0]] ^ second[pairs[:, 1]], word)]


def _first_in(differences: np.ndarray, word: int) -> np.ndarray:
    """Which pairs no earlier word has found."""
    new = np.ones(len(differences), bool)
    for earlier in range(word):
        part = (differences >> np.uint64(16 * earlier)).astype(np.uint16)
        new &= (part & (part - np.uint16(1))) != 0  # two bits or more
    return new


def _candidates(first: np.ndarray, second: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs whose words are equal or differ in one bit, in pieces that fit into memory."""
    order, places = np.argsort(second, kind="stable"), np.arange(len(first))
    starts = np.concatenate([[0], np.cumsum(np.bincount(second, minlength=1 << 16))])
    for flip in (0, *(1 << bit for bit in range(16))):
        wanted = (first ^ np.uint16(flip)).astype(np.int64)
        start, counts = starts[wanted], starts[wanted + 1] - starts[wanted]
        ends, begin = np.cumsum(counts), 0
        while begin < len(first):
            before = int(ends[begin - 1]) if begin else 0
            end = max(begin + 1, int(np.searchsorted(ends, before + _CHUNK, "right")))
            here = counts[begin:end]
            left = np.repeat(places[begin:end], here)
            right = np.arange(len(left)) - np.repeat(np.cumsum(here) - here, here) + np.repeat(start[begin:end], here)
            yield left, order[right]
            begin = end
