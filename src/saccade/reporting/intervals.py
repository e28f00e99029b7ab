"""Every figure with its interval.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from saccade.metrics.judgement import Figure
from saccade.reporting.phrases import is_better_low, named, written


@dataclass(frozen=True)
class Interval:
    """One figure with its interval, and where they lie on the common scale, in hundredths of it."""

    name: str
    meaning: str
    value: str
    low: str
    high: str
    places: tuple[float, float, float] | None


@dataclass(frozen=True)
class Numbers:
    """The figures: those that are shares, on a common scale, and the others; lower ones being better is said."""

    intervals: tuple[Interval, ...]
    scale: tuple[str, str]


def numbers_section(figures: Mapping[str, Figure]) -> Numbers | None:
    r"""Lay out every figure with its interval: first the shares, on one scale, so that they can be compared.

    Args:
        figures: (value, low, high) by name.

    Returns:
        The section; None without figures.

    Source: ours.

    Example:
        >>> section = numbers_section({"accuracy": (0.9, 0.85, 0.95)})
        >>> section.scale, section.intervals[0].places
        (('80\xa0%', '100\xa0%'), (50.0, 25.0, 75.0))
    """
    if not figures:
        return None
    drawn = {
        name: figure
        for name, figure in figures.items()
        if not is_better_low(name) and all(0 <= number <= 1 for number in figure)
    }
    lowest = min((low for _, low, _ in drawn.values()), default=0.0)
    start = max(0.0, math.floor(lowest * 10 - 0.25) / 10)
    rows = []
    for name, figure in sorted(figures.items(), key=lambda named_figure: named_figure[0] not in drawn):
        value, low, high = (written(name, number) for number in figure)
        places = tuple(round(100 * (number - start) / (1 - start), 2) for number in figure) if name in drawn else None
        title, meaning = named(name)
        rows.append(Interval(title, meaning, value, low, high, places))  # pyright: ignore[reportArgumentType]
    return Numbers(tuple(rows), (f"{100 * start:.0f}\xa0%", "100\xa0%"))
