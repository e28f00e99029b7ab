"""Comparing networks on the same images: how large a difference is, how sure, and when none can be shown.

A difference is called shown only where two things agree. One is the spread: images drawn again and again leave the sign
of the difference as it is (the paired bootstrap), or, with several seeds, the difference is large beside the spread of
images and seeds together. The other is a test that holds for few images too: if the networks were equally good, it
would be chance which of them gave which of its answers (McNemar's test for shares of images, answers swapped at random
for other figures). Each alone would cry wolf too often somewhere: the bootstrap where few images tell the networks
apart, the swapping where networks are equally good in different ways.

Source: ours; Efron, 1979, "Bootstrap methods: another look at the jackknife"; Noreen, 1989, "Computer-intensive methods
for testing hypotheses" (swapping).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from scipy import special

from saccade.errors import BadConfig
from saccade.metrics.bootstrap import Draws, interval, wilson
from saccade.metrics.judgement import plain
from saccade.metrics.mcnemar import McNemar, mcnemar, relabelled, smallest_difference
from saccade.metrics.seed_spread import Runs, SeedSpread

Figures = Callable[[Draws], Float[np.ndarray, "draws figures"]]
Interval = tuple[float, float]
LEVEL, OFTEN = 0.05, 0.8
_CELLS = 1 << 21


@dataclass(frozen=True)
class Effect:
    """How much better or worse one model is than another, in one figure.

    Args:
        difference: The second's figure less the first's; means over their runs.
        low: Where the interval at 95 % begins.
        high: Where it ends; it holds 0 exactly where `p` is above 0.05.
        p: How often equal models would differ as much: the larger of what the two ways of asking say.
        mcnemar: How two single runs divide the images, for a figure that is a share of images.

    Source: ours.
    """

    difference: float
    low: float
    high: float
    p: float
    mcnemar: McNemar | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        figures = {name: plain(getattr(self, name)) for name in ("difference", "low", "high", "p")}
        return {**figures, **({"mcnemar": self.mcnemar.to_dict()} if self.mcnemar else {})}


def share_draws(
    right: Bool[np.ndarray, "runs images"], *, resamples: int = 1000, generator: np.random.Generator
) -> Float[np.ndarray, "draws runs"]:
    """Draw the images again for a share of them, much faster than image by image.

    Images that the same runs have right are of one kind; how many of each kind a draw holds is multinomial.

    Args:
        right: Whether each run is right about each image.
        resamples: How many draws.
        generator: Where the randomness comes from.

    Returns:
        The share of right answers of each run on each draw.

    Raises:
        BadConfig: If there are no draws.

    Source: Efron, 1979.

    Example:
        >>> right = np.array([[True, True, False, True], [True, True, True, True]])
        >>> share_draws(right, resamples=3, generator=np.random.default_rng(0))[:, 1].tolist()
        [1.0, 1.0, 1.0]
    """
    if resamples < 1:
        raise BadConfig(f"got resamples={resamples}; taken is 1 or more; 1000 is usual")
    images = right.shape[1]
    packed, places = np.packbits(right, axis=0).T.copy(), np.arange(images)
    _, places, counts = np.unique(packed, axis=0, return_index=True, return_counts=True)
    return generator.multinomial(images, counts / images, resamples) @ right[:, places].T / images


def swapped(
    stacked: Figures, runs: tuple[int, int], images: int, *, resamples: int = 1000, generator: np.random.Generator
) -> Float[np.ndarray, " figures"]:
    """Ask of any figures how often equal networks would differ as much, by swapping answers at random.

    For each image, the answers of all runs are dealt out anew among them. As often as that makes a difference between
    the two groups at least as large as theirs, chance alone can.

    Args:
        stacked: The figures of all answers together: those of the first run to all images, then those of the next.
        runs: How many runs there are of each of the two groups.
        images: How many images each run answered.
        resamples: How often to deal.
        generator: Where the randomness comes from.

    Returns:
        p for each figure; NaN where a figure is.

    Raises:
        BadConfig: If there are no deals.

    Source: Noreen, 1989, "Computer-intensive methods for testing hypotheses".

    Example:
        >>> right = np.array([0.0] * 8 + [1.0] * 8)  # one network has all eight images wrong, the other all right
        >>> p = swapped(lambda counts: (counts @ right / 16)[:, None], (1, 1), 8, generator=np.random.default_rng(0))
        >>> bool(p[0] < 0.05)
        True
    """
    if resamples < 1:
        raise BadConfig(f"got resamples={resamples}; taken is 1 or more; 1000 is usual")
    total = sum(runs)
    seen = np.abs(_dealt(stacked, runs, np.arange(total)[None, :, None].repeat(images, axis=2)))[0]
    block, reached = max(1, _CELLS // (total * images)), np.zeros(len(seen))
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        owners = generator.random((rows, total, images)).argsort(axis=1)
        reached += (np.abs(_dealt(stacked, runs, owners)) >= seen - 1e-9).sum(axis=0)
    return np.where(np.isnan(seen), np.nan, (reached + 1) / (resamples + 1))


def share_effect(
    first: Bool[np.ndarray, "runs images"],
    second: Bool[np.ndarray, "others images"],
    *,
    resamples: int = 10_000,
    generator: np.random.Generator,
) -> Effect:
    """Compare two models in a share of images, such as the accuracy.

    Args:
        first: Whether each run of the first model is right about each image.
        second: The same of the second, about the same images.
        resamples: On how many draws of the images the spread rests.
        generator: Where the randomness comes from.

    Returns:
        The difference with its interval and p; see `figure_effect`, whose test here is McNemar's, by its mid-p.

    Raises:
        BadShape: If they are not about as many images.

    Source: ours.

    Example:
        >>> first, second = np.arange(100)[None] < 80, np.arange(100)[None] < 90
        >>> found = share_effect(first, second, generator=np.random.default_rng(0))
        >>> round(found.difference, 2), found.mcnemar.only_second, found.p < 0.05
        (0.1, 10, True)
    """
    single = mcnemar(first[0], second[0]) if len(first) == len(second) == 1 else None
    test = single.mid if single else relabelled(first, second)[1]
    draws = share_draws(np.concatenate([first, second]), resamples=resamples, generator=generator)
    groups = [(first, draws[:, : len(first)]), (second, draws[:, len(first) :])]
    images, even = first.shape[1], bool((first == first[0]).all() and (second == first[0]).all())
    apart = (single.only_first, single.only_second) if single else (0, 0)
    widest = wilson_difference(*apart, images) if single or even else (0.0, 0.0)
    return figure_effect(
        *(Runs(right.mean(axis=1), part) for right, part in groups), test=test, widest=widest, mcnemar=single
    )


def figure_effect(
    first: Runs, second: Runs, *, test: float, widest: Interval = (0.0, 0.0), mcnemar: McNemar | None = None
) -> Effect:
    """Put together what is known of the difference between two models in any figure.

    Args:
        first: The figure of the first model's runs.
        second: The same of the second's, on the same draws.
        test: p of a test that holds for few images: `mcnemar`, `relabelled` or `swapped`.
        widest: Where p is above 0.05, the interval is widened to hold this, and 0.
        mcnemar: To be kept with the rest.

    Returns:
        The difference, its interval and its p. One run of each: percentiles of the paired bootstrap; else `SeedSpread`.

    Source: ours.

    Example:
        >>> values, draws = np.array([0.5]), np.linspace(0.4, 0.6, 1001)[:, None]
        >>> found = figure_effect(Runs(values, draws), Runs(values + 0.3, draws[::-1] + 0.3), test=0.01)
        >>> round(found.difference, 3), round(found.low, 3), round(found.high, 3), found.p
        (0.3, 0.11, 0.49, 0.01)
    """
    difference = float(second.values.mean() - first.values.mean())
    if math.isnan(difference):
        return Effect(math.nan, math.nan, math.nan, math.nan, mcnemar)
    if len(first.values) == len(second.values) == 1:
        moved = _moved(first, second)
        spread = _p_of_draws(difference, moved)
        low, high = interval(difference, moved)
    else:
        seeds = SeedSpread(first, second)
        spread, half = seeds.p(difference), seeds.half(LEVEL)
        low, high = difference - half, difference + half
    p = max(float(test), spread)
    if p > LEVEL:
        low, high = min(low, 0.0, widest[0]), max(high, 0.0, widest[1])
    return Effect(difference, low, high, p, mcnemar)


def wilson_difference(only_first: int, only_second: int, images: int) -> Interval:
    """Give an interval of the difference of two shares that is honest where few images tell them apart, or none.

    Args:
        only_first: Images that only the first has right.
        only_second: Images that only the second has right.
        images: How many were judged.

    Returns:
        (low, high) of the second's share less the first's, at 95 %.

    Source: Newcombe, 1998, "Improved confidence intervals for the difference between binomial proportions based on
        paired data", who adds the squares of the half-widths of Wilson's intervals; here of the two kinds of images.

    Example:
        >>> [round(end, 4) for end in wilson_difference(0, 0, 100)]
        [-0.037, 0.037]
    """
    shares = only_first / images, only_second / images
    (first_low, first_high), (second_low, second_high) = (wilson(n, images) for n in (only_first, only_second))
    low = math.hypot(shares[1] - second_low, first_high - shares[0])
    high = math.hypot(second_high - shares[1], shares[0] - first_low)
    return shares[1] - shares[0] - low, shares[1] - shares[0] + high


def detectable(first: Runs, second: Runs, found: Effect, images: int, *, level: float = LEVEL) -> float:
    """Find the smallest difference that so many images, and seeds, would show four times out of five.

    Args:
        first: The figure of the first model's runs.
        second: The same of the second's.
        found: What was found.
        images: How many were judged.
        level: How often the comparison may cry wolf; less than 0.05 where it is one of several.

    Returns:
        A difference above 0; NaN when so few images cannot show any.

    Source: ours; see `mcnemar.power` for shares of two single runs, and else Student's t or the normal distribution.

    Example:
        >>> first, second = np.arange(1000)[None] < 800, np.arange(1000)[None] < 805
        >>> found = share_effect(first, second, generator=np.random.default_rng(0))
        >>> runs = [Runs(one.mean(axis=1), np.zeros((1, 1))) for one in (first, second)]
        >>> round(detectable(*runs, found, 1000), 4)
        0.0067
    """
    if found.mcnemar:
        apart = (found.mcnemar.only_first + found.mcnemar.only_second) / images
        return smallest_difference(images, apart, level, often=OFTEN)
    if len(first.values) == len(second.values) == 1:
        moved = _moved(first, second)
        reach = special.ndtri(1 - level / 2) + special.ndtri(OFTEN)
        return float(reach * moved.std()) if len(moved) and moved.std() else math.nan
    seeds = SeedSpread(first, second)
    return seeds.half(level) + seeds.half(2 * (1 - OFTEN)) or math.nan


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Correct several p for being several, so that a false alarm among them all stays as rare as in one.

    Args:
        p_values: Of each comparison; NaN counts as 1.

    Returns:
        The corrected p, in the same order; each is at least as large as it was.

    Source: Holm, 1979, "A simple sequentially rejective multiple test procedure".

    Example:
        >>> holm([0.01, 0.04, 0.03])
        (0.03, 0.06, 0.06)
    """
    values = np.nan_to_num(np.array(p_values, float), nan=1.0)
    order = np.argsort(values, kind="stable")
    raised = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    corrected = np.empty(len(values))
    corrected[order] = np.minimum(raised, 1.0)
    return tuple(corrected.tolist())


def _p_of_draws(difference: float, moved: Float[np.ndarray, " draws"]) -> float:
    """Twice the share of draws on the other side of 0; beyond all of them the normal distribution goes on."""
    fewer = int(min((moved <= 0).sum(), (moved >= 0).sum()))
    p = min(1.0, 2 * (fewer + 1) / (len(moved) + 1))
    spread = float(moved.std()) if len(moved) else 0.0
    return min(p, float(2 * special.ndtr(-abs(difference) / spread))) if not fewer and spread else p


def _moved(first: Runs, second: Runs) -> Float[np.ndarray, " draws"]:
    """The difference between two single runs on each draw where it has a meaning."""
    moved = second.draws[:, 0] - first.draws[:, 0]
    return moved[~np.isnan(moved)]


def _dealt(stacked: Figures, runs: tuple[int, int], owners: np.ndarray) -> Float[np.ndarray, "draws figures"]:
    """The difference between the groups when run `r` has, of each image, the answer of run `owners[:, r]`."""
    total, images = owners.shape[1:]
    sums = []
    for run in range(total):
        counts = np.zeros((len(owners), total, images), np.float32)
        np.put_along_axis(counts, owners[:, run : run + 1], float(total), axis=1)  # of total × images, each counts so
        sums.append(stacked(counts.reshape(len(owners), -1)))
    values = np.stack(sums)
    return values[runs[0] :].mean(axis=0) - values[: runs[0]].mean(axis=0)
