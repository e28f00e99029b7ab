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
    found = [np.zeros((0, 2), np.int64)]
    for word in range(4):
        words = (hashes >> np.uint64(16 * word)).astype(np.uint16)
        order = np.argsort(words, kind="stable")
        for first, second in _candidates(words, order):
            near = distances(hashes[first], hashes[second]) <= MOST_BITS
            found.append(np.stack([first[near], second[near]], 1))
    return np.unique(np.concatenate(found), axis=0)


def _candidates(words: np.ndarray, order: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs (smaller, larger number) whose words are equal or differ in one bit, in pieces that fit into memory."""
    ordered = words[order]
    for flip in (0, *(1 << bit for bit in range(16))):
        wanted = ordered ^ np.uint16(flip)
        start = np.searchsorted(ordered, wanted, "left")
        counts = np.searchsorted(ordered, wanted, "right") - start
        ends = np.cumsum(counts)
        begin = 0
        while begin < len(ordered):
            before = int(ends[begin - 1]) if begin else 0
            end = max(begin + 1, int(np.searchsorted(ends, before + _CHUNK, "right")))
            here = counts[begin:end]
            left = np.repeat(np.arange(begin, end), here)
            right = np.arange(len(left)) - np.repeat(np.cumsum(here) - here, here) + np.repeat(start[begin:end], here)
            first, second = order[left], order[right]
            once = first < second
            yield first[once].astype(np.int64), second[once].astype(np.int64)
            begin = end
