"""Intervals by the bootstrap: how much a figure would move if other images had been drawn.

Images are drawn again, with replacement, many times. A draw is written as how often each image is in it, so a figure
takes a matrix of counts, one row for each draw, and all draws are worked out at once.

Source: Efron, 1979, "Bootstrap methods: another look at the jackknife"; percentile interval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Float, Int

from saccade.errors import BadConfig, BadData

Draws = Float[np.ndarray, "draws images"]
_CELLS = 1 << 20


def drawn(images: int, resamples: int, generator: np.random.Generator) -> Iterator[Draws]:
    """Draw the images again and again, with replacement.

    Args:
        images: How many there are.
        resamples: How many draws.
        generator: Where the randomness comes from.

    Returns:
        Blocks of draws: how often each image is in each draw. A row sums to the number of images.

    Raises:
        BadData: If there are no images.
        BadConfig: If there are no draws.

    Source: as the file.

    Example:
        >>> [block.sum(axis=1).tolist() for block in drawn(4, 2, np.random.default_rng(0))]
        [[4.0, 4.0]]
    """
    if images < 1:
        raise BadData("got no images to draw from; taken is at least one; check the split, and what was set aside")
    if resamples < 1:
        raise BadConfig(f"got resamples={resamples}; taken is 1 or more; 1000 is usual")
    block = max(1, _CELLS // images)
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        numbers = generator.integers(0, images, (rows, images), dtype=np.int32)
        cells = numbers + np.arange(rows)[:, None] * images
        counts = np.bincount(cells.ravel(), minlength=rows * images)
        yield counts.reshape(rows, images).astype(np.float32)


def bootstrap(
    figure: Callable[[Draws], Float[np.ndarray, "draws ..."]],
    images: int,
    *,
    resamples: int = 1000,
    generator: np.random.Generator,
) -> Float[np.ndarray, "resamples ..."]:
    """Work out a figure, or several, on many draws of the images.

    Args:
        figure: Takes how often each image counts, a row for each draw; gives the figures of each draw.
        images: How many there are.
        resamples: How many draws.
        generator: Where the randomness comes from; the same state gives the same bits.

    Returns:
        The figures of each draw.

    Raises:
        BadData: If there are no images.
        BadConfig: If there are no draws.

    Source: as the file.

    Example:
        >>> correct = np.array([1.0, 1.0, 0.0, 1.0])
        >>> draws = bootstrap(lambda counts: counts @ correct / 4, 4, generator=np.random.default_rng(0))
        >>> interval(0.75, draws)
        (0.25, 1.0)
    """
    return np.concatenate([figure(counts) for counts in drawn(images, resamples, generator)])


def interval(value: float, draws: Float[np.ndarray, " draws"], level: float = 0.95) -> tuple[float, float]:
    """Take the middle of the draws as the interval of a figure.

    Args:
        value: The figure on the images as they are; the interval is widened to hold it (a figure that can only err
            upwards, such as a calibration error, may lie below all of its draws).
        draws: The figure on each draw; NaN, where it had no meaning, is left out.
        level: Share of the draws to keep.

    Returns:
        (low, high); NaN when the figure or every draw is NaN.

    Raises:
        BadConfig: If the level is not between 0 and 1.

    Source: Efron, 1979; the widening is ours.

    Example:
        >>> interval(50.0, np.linspace(0.0, 100.0, 101), level=0.5)
        (25.0, 75.0)
    """
    if not 0 < level < 1:
        raise BadConfig(f"got level={level}; taken is between 0 and 1; 0.95 is usual")
    finite = draws[~np.isnan(draws)]
    if not len(finite) or np.isnan(value):
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return min(float(low), value), max(float(high), value)


def wilson(successes: float, trials: float, level_z: float = 1.959964) -> tuple[float, float]:
    """Give the interval of a share by Wilson's score, which is honest at 0 and 1, where a bootstrap sees no doubt.

    Args:
        successes: How often it came true.
        trials: How often it was tried.
        level_z: Quantile of the normal distribution; the default is for 95 %.

    Returns:
        (low, high) in [0, 1]; (0, 1) without trials.

    Source: Wilson, 1927, "Probable inference, the law of succession, and statistical inference".

    Example:
        >>> tuple(round(end, 4) for end in wilson(10, 10))
        (0.7225, 1.0)
    """
    if trials <= 0:
        return 0.0, 1.0
    share, z2 = successes / trials, level_z**2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = level_z / (1 + z2 / trials) * (share * (1 - share) / trials + z2 / (4 * trials**2)) ** 0.5
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


class GroupSums:
    """Sums over groups of images, for many draws at once.

    Args:
        groups: The group of each image.
        num_groups: How many groups there are; one without images sums to 0.

    Source: ours.

    Example:
        >>> GroupSums(np.array([1, 0, 1]), 3)(np.array([[1.0, 2.0, 3.0]])).tolist()
        [[2.0, 4.0, 0.0]]
    """

    def __init__(self, groups: Int[np.ndarray, " images"], num_groups: int) -> None:
        self._order = np.argsort(groups, kind="stable")
        sizes = np.bincount(groups, minlength=num_groups)
        self._some = np.flatnonzero(sizes)
        self._starts = np.cumsum(sizes)[self._some] - sizes[self._some]
        self._num_groups = num_groups

    def __call__(self, values: Float[np.ndarray, "draws images"]) -> Float[np.ndarray, "draws groups"]:
        """Sum the values of each group, in each row."""
        sums = np.zeros((len(values), self._num_groups), values.dtype)
        if len(self._some):
            sums[:, self._some] = np.add.reduceat(values[:, self._order], self._starts, axis=1)
        return sums
