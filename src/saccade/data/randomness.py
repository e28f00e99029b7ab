"""Random numbers that are a function of their names: the same words give the same numbers on any machine, in any order.

Nothing here has a state that must be saved. What is drawn for sample 12 in epoch 3 depends on (seed, 3, 12) alone, so
a run can stop anywhere and go on, with any number of workers.

Source: the finaliser of splitmix64 (Steele, Lea and Flood, 2014; Vigna's constants).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable

import numpy as np
from jaxtyping import Float32, Int64, UInt64

_MASK = 0xFFFFFFFFFFFFFFFF
_GOLDEN = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def mix(*words: int) -> int:
    """Hash whole numbers to 64 bits.

    Args:
        words: Any whole numbers; their order matters.

    Returns:
        A number from 0 to 2⁶⁴ − 1.

    Source: splitmix64, one round for each word.

    Example:
        >>> mix(1, 2) == mix(1, 2), mix(1, 2) == mix(2, 1)
        (True, False)
    """
    state = 0
    for word in words:
        state = (state + word + _GOLDEN) & _MASK
        state = ((state ^ (state >> 30)) * _FIRST) & _MASK
        state = ((state ^ (state >> 27)) * _SECOND) & _MASK
        state ^= state >> 31
    return state


class Draws:
    """A small generator named by some words, such as (seed, epoch, index); made and used within a few microseconds.

    Args:
        words: Its name.

    Source: splitmix64.

    Example:
        >>> Draws(0, 3, 12).below(10) == Draws(0, 3, 12).below(10)
        True
    """

    __slots__ = ("_state",)

    def __init__(self, *words: int) -> None:
        self._state = mix(*words)

    def bits(self) -> int:
        """Draw 64 bits."""
        self._state = state = (self._state + _GOLDEN) & _MASK
        state = ((state ^ (state >> 30)) * _FIRST) & _MASK
        state = ((state ^ (state >> 27)) * _SECOND) & _MASK
        return state ^ (state >> 31)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """Draw a number from low up to, not including, high."""
        return low + (high - low) * ((self.bits() >> 11) * 2.0**-53)

    def below(self, count: int) -> int:
        """Draw a whole number from 0 to count − 1."""
        return (self.bits() * count) >> 64

    def normal(self) -> float:
        """Draw from the normal distribution of mean 0 and deviation 1, by Box and Muller."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.uniform()))
        return radius * math.cos(2.0 * math.pi * self.uniform())


class Visit(Draws):
    """The generator of one sample in one epoch, which also knows what stays the same from epoch to epoch.

    Args:
        seed: Of the run.
        purpose: What is drawn for.
        epoch: Counted from 0.
        row: The number of the sample.

    Source: ours.

    Example:
        >>> Visit(0, 2, 3, 12).below(10) == Draws(0, 2, 3, 12).below(10)
        True
        >>> len({Visit(0, 2, epoch, 12).sample for epoch in range(9)})
        1
    """

    __slots__ = ("_name", "epoch")

    def __init__(self, seed: int, purpose: int, epoch: int, row: int) -> None:
        super().__init__(seed, purpose, epoch, row)
        self.epoch, self._name = epoch, (seed, purpose, row)

    @property
    def sample(self) -> int:
        """A number of 64 bits that is the sample's own, the same in every epoch."""
        return mix(*self._name)


def order(count: int, *words: int) -> Int64[np.ndarray, " count"]:
    """Shuffle the numbers 0 … count − 1.

    Args:
        count: How many.
        words: The name of this order, such as (seed, epoch).

    Returns:
        The numbers, sorted by their hashes.

    Source: ours.

    Example:
        >>> sorted(order(5, 0, 1).tolist())
        [0, 1, 2, 3, 4]
    """
    return np.argsort(_hashes(count, mix(*words)), kind="stable").astype(np.int64, copy=False)


def noise(shape: tuple[int, ...], *words: int) -> Float32[np.ndarray, " *shape"]:
    """Draw an array of noise with mean 0 and deviation 1, near to normal (the sum of four uniform numbers).

    Args:
        shape: Of the array.
        words: The name of this noise.

    Returns:
        The array.

    Source: ours; Irwin and Hall's distribution with n = 4, scaled by √3.
    """
    quarters = _hashes(math.prod(shape), mix(*words)).view(np.uint16).reshape(-1, 4)
    sums = quarters.sum(axis=1, dtype=np.float32) / np.float32(65536)
    return ((sums - np.float32(2)) * np.float32(math.sqrt(3))).reshape(shape)


def ranks(names: Iterable[str], seed: int) -> UInt64[np.ndarray, " names"]:
    """Hash names, so that sorting by the hashes shuffles them.

    A name keeps its hash when others come or go: a split made by rank stays nearly the same when a data set grows.

    Args:
        names: Any text.
        seed: Another seed gives other hashes.

    Returns:
        One hash for each name.

    Source: ours, on BLAKE2b.
    """
    salt = mix(seed).to_bytes(8, "little")
    digests = [
        hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8, key=salt).digest() for name in names
    ]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def _hashes(count: int, key: int) -> UInt64[np.ndarray, " count"]:
    """Hash the numbers 0 … count − 1 under a key: splitmix64's stream, all at once."""
    state = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN) + np.uint64(key)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(_FIRST)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(_SECOND)
    return state ^ (state >> np.uint64(31))
