"""McNemar's test: do two networks err equally often? Asked of the images on which just one of them is right.

Where both are right, or both wrong, nothing tells them apart. If they are equally good, each of the other images is as
likely to go to the one as to the other, like a coin thrown once for each.

Source: McNemar, 1947, "Note on the sampling error of the difference between correlated proportions or percentages"; the
mid-p of Fagerland, Lydersen and Laake, 2013, "The McNemar test for binary matched-pairs data".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy import special

from saccade.errors import BadConfig, BadShape
from saccade.metrics.judgement import plain

Counts = Int[np.ndarray, " tests"]
Shares = Float[np.ndarray, " tests"]
_HALVINGS = 24


@dataclass(frozen=True)
class McNemar:
    """How two networks divide the images on which just one of them is right.

    Args:
        only_first: Images that only the first has right.
        only_second: Images that only the second has right.
        exact: How often equal networks would divide them as unevenly as this, or more so.
        mid: The same, with half the weight on exactly this; `exact` errs towards 1, and this hardly.

    Source: as the file.
    """

    only_first: int
    only_second: int
    exact: float
    mid: float

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        counts = {"only_first": self.only_first, "only_second": self.only_second}
        return {**counts, "exact_p": plain(self.exact), "mid_p": plain(self.mid)}


def mcnemar(first: Bool[np.ndarray, " images"], second: Bool[np.ndarray, " images"]) -> McNemar:
    """Compare which images two networks have right.

    Args:
        first: Whether the first network is right, for each image.
        second: Whether the second is, for the same images.

    Returns:
        The counts and both p.

    Raises:
        BadShape: If there are not as many of one as of the other.

    Source: as the file.

    Example:
        >>> first, second = np.array([True] * 9 + [False]), np.array([True] * 2 + [False] * 7 + [True])
        >>> mcnemar(first, second)
        McNemar(only_first=7, only_second=1, exact=0.0703125, mid=0.0390625)
    """
    if first.shape != second.shape:
        raise BadShape(
            f"got answers about {first.shape} and {second.shape} images; taken are answers about the same images; "
            "judge both networks on one split"
        )
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    exact, mid = p_values(np.array([only_first]), np.array([only_second]))
    return McNemar(only_first, only_second, exact.item(), mid.item())


def p_values(only_first: Counts, only_second: Counts) -> tuple[Shares, Shares]:
    """Work out McNemar's p for many pairs of networks at once.

    Args:
        only_first: Images that only the first has right.
        only_second: Images that only the second has right.

    Returns:
        The exact two-sided p and the mid-p, each from 0 to 1.

    Source: as the file.

    Example:
        >>> [one.tolist() for one in p_values(np.array([0, 5]), np.array([5, 5]))]
        [[0.0625, 1.0], [0.03125, 1.0]]
    """
    total, fewer = only_first + only_second, np.minimum(only_first, only_second)
    tail, below = (_binomial(count, total, 0.5) for count in (fewer, fewer - 1))
    return np.minimum(2 * tail, 1.0), tail + below


def relabelled(
    first: Bool[np.ndarray, "runs images"], second: Bool[np.ndarray, "others images"]
) -> tuple[float, float]:
    """Compare two groups of networks: McNemar's test for several runs of each.

    If all runs are equally good, then of those that are right about an image it is chance which are of the first group.
    The number of right answers in that group then is a sum, over the images, of hypergeometric numbers; its
    distribution is worked out in full. One run against one run is McNemar's own test.

    Args:
        first: Whether each run of the first group is right, for each image.
        second: The same of the second group.

    Returns:
        The exact two-sided p and the mid-p.

    Raises:
        BadShape: If they are not about as many images.

    Source: ours; the test of Mantel and Haenszel, 1959, with a stratum for each image, done exactly.

    Example:
        >>> one = np.array([[True] * 9 + [False]])
        >>> other = np.array([[True] * 2 + [False] * 7 + [True]])
        >>> [round(p, 5) for p in relabelled(one, other)]
        [0.07031, 0.03906]
    """
    if first.shape[1] != second.shape[1]:
        raise BadShape(
            f"got answers about {first.shape[1]} and {second.shape[1]} images; taken are answers about the same "
            "images; judge all networks on one split"
        )
    right = first.sum(axis=0) + second.sum(axis=0)
    lowest, chances = _sum_of_draws(np.bincount(right, minlength=len(first) + len(second) + 1), len(first))
    place = int(first.sum()) - lowest
    below, here, above = chances[:place].sum(), chances[place], chances[place + 1 :].sum()
    exact, mid = (2 * (min(below, above) + weight * here) for weight in (1.0, 0.5))
    return min(1.0, float(exact)), min(1.0, float(mid))


def power(images: int, disagreement: float, difference: float, level: float = 0.05) -> float:
    """Say how often McNemar's test (by its mid-p) finds a real difference.

    Args:
        images: How many are judged.
        disagreement: The share of images on which just one of the two is right.
        difference: How much larger the share of right answers of the one is; the disagreement is at least that.
        level: How often the test may cry wolf.

    Returns:
        A share in [0, 1], worked out in full.

    Raises:
        BadConfig: If a share is none.

    Source: ours, by summing over all ways in which the images can fall; Connor, 1987, approximates it.

    Example:
        >>> round(power(1000, 0.1, 0.03), 3), round(power(1000, 0.1, 0.0), 3)
        (0.857, 0.049)
    """
    if images < 1 or not 0 <= difference <= 1 or not 0 <= disagreement <= 1 or not 0 < level < 1:
        raise BadConfig(
            f"got images={images}, disagreement={disagreement}, difference={difference}, level={level}; taken are at "
            "least one image and shares from 0 to 1; change them"
        )
    apart = max(disagreement, difference)
    if not apart:
        return 0.0
    centre, reach = images * apart, 8 * (images * apart * (1 - apart)) ** 0.5 + 10
    totals = np.arange(max(0, int(centre - reach)), min(images, int(centre + reach)) + 1)
    few = _most_rejected(totals, level)
    share = (apart + difference) / (2 * apart)
    found = _binomial(few, totals, share) + _binomial(few, totals, 1 - share)
    every = np.full(len(totals), images)
    chances = _binomial(totals, every, apart) - _binomial(totals - 1, every, apart)
    return float((chances * np.where(few >= 0, found, 0)).sum())


def smallest_difference(images: int, disagreement: float, level: float = 0.05, *, often: float = 0.8) -> float:
    """Find the smallest difference that so many images would most likely show.

    Args:
        images: How many are judged.
        disagreement: The share of images on which just one of the two is right; where the difference sought is
            larger, that is taken.
        level: How often the test may cry wolf.
        often: How often it is to find the difference.

    Returns:
        A difference of shares in (0, 1]; NaN when so few images cannot show any.

    Raises:
        BadConfig: If a share is none.

    Source: ours; see `power`.

    Example:
        >>> round(smallest_difference(1000, 0.1), 4), smallest_difference(4, 0.5)
        (0.0278, nan)
    """
    if power(images, disagreement, 1.0, level) < often:
        return float("nan")
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if power(images, disagreement, middle, level) >= often else (middle, high)
    return high


def _binomial(at_most: Counts, trials: Counts, share: float) -> Shares:
    """The chance of so many successes or fewer; 0 below none."""
    values = special.bdtr(np.maximum(at_most, 0).astype(float), trials, share)
    return np.where(at_most < 0, 0.0, np.where(at_most >= trials, 1.0, values))


def _most_rejected(totals: Counts, level: float) -> Counts:
    """Of so many images apart, how many may go to the weaker network for the test to reject; −1 for never."""
    few = np.floor(totals / 2 - 0.5 * np.sqrt(totals) * special.ndtri(1 - level / 2)).astype(int) + 2
    few = np.clip(few, -1, totals // 2)
    for _ in range(6):
        too_many = (few >= 0) & (p_values(few, totals - few)[1] > level)
        if not too_many.any():
            break
        few = np.where(too_many, few - 1, few)
    return few


def _sum_of_draws(images: Int[np.ndarray, " numbers"], drawn: int) -> tuple[int, Float[np.ndarray, " sums"]]:
    """The distribution of how many right answers fall to a group, over all images.

    Takes how many images so many runs have right, from none to all, and the size of the group. Gives the lowest sum
    that has a chance, and the chances from there on.
    """
    runs = len(images) - 1
    lowest, width, parts = 0, 1, []
    for right in range(runs + 1):
        low, high = max(0, right - (runs - drawn)), min(right, drawn)
        counts = np.arange(low, high + 1)
        ways = special.binom(right, counts) * special.binom(runs - right, drawn - counts)
        parts.append((ways / ways.sum(), int(images[right])))
        lowest, width = lowest + low * int(images[right]), width + (high - low) * int(images[right])
    spectrum = np.ones(width // 2 + 1, complex)
    for chances, times in parts:
        spectrum = spectrum * np.fft.rfft(chances, width) ** times if times and len(chances) > 1 else spectrum
    return lowest, np.clip(np.fft.irfft(spectrum, width), 0, 1) if width > 1 else np.ones(1)
