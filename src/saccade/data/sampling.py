"""In which order samples come where one shuffle of all will not do: kinds that take turns.

A batch cut from such an order has as many samples of each kind, or one less. The rarer kinds come again, in another
order, until the most common one is through: no sample is left out of an epoch.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64

from saccade.data.randomness import order
from saccade.types.sample import Source, class_lists


def kinds_of(source: Source) -> tuple[int, ...]:
    """List the kind of every sample: its first class.

    Args:
        source: Any source.

    Returns:
        One number for each; a sample of no class is of kind −1.

    Source: ours.
    """
    return tuple(classes[0] if classes else -1 for classes in class_lists(source))


def in_turn_count(kinds: Sequence[int]) -> int:
    """Count the samples of an epoch in which kinds take turns.

    Args:
        kinds: Of each sample.

    Returns:
        As many of each kind as there are of the most common one.

    Source: ours.

    Example:
        >>> in_turn_count([0, 0, 0, 1])
        6
    """
    found, counts = np.unique(np.asarray(kinds, np.int64), return_counts=True)
    return len(found) * int(counts.max(initial=0))


def in_turn_order(kinds: Sequence[int], *words: int) -> Int64[np.ndarray, " samples"]:
    """Shuffle samples so that kinds take turns.

    Args:
        kinds: Of each sample.
        words: The name of this order, such as (seed, epoch).

    Returns:
        The numbers of the samples, of the first kind, the second, … and the first again.

    Source: ours.

    Example:
        >>> kinds = [0, 0, 0, 1]
        >>> rows = in_turn_order(kinds, 7)
        >>> [kinds[row] for row in rows], sorted(set(rows.tolist()))
        ([0, 1, 0, 1, 0, 1], [0, 1, 2, 3])
    """
    given = np.asarray(kinds, np.int64)
    found, counts = np.unique(given, return_counts=True)
    longest = int(counts.max(initial=0))
    columns = [
        np.concatenate([
            np.flatnonzero(given == kind)[order(int(count), *words, number, lap)] for lap in range(-(-longest // count))
        ])[:longest]
        for number, (kind, count) in enumerate(zip(found.tolist(), counts.tolist(), strict=True))
    ]  # fmt: skip
    return np.stack(columns, 1).ravel() if columns else np.zeros(0, np.int64)
