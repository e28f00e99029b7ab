"""Rows of places that see pixels of an image, periodically: the arithmetic behind receptive fields.

Place i of a row sees the pixels from `low` up to `high` (pixel k covers k to k + 1), and one period of places further
it is the same, moved by a step. The image has one place a pixel; a convolution or a pooling makes one place from
several; upsampling makes a period of several places. All of it is whole numbers, so nothing is rounded, and the plane
is taken as endless: padding counts as seen.

Source: ours; for a line of convolutions it is the arithmetic of Araujo, Norris & Sim, Distill 2019.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_PHASES = 4096

Span = tuple[int, int]
"""The pixels from the first number up to the second, without it."""


@dataclass(frozen=True)
class Pattern:
    """What the places of a row see: place q · period + p sees spans[p], moved by q · step.

    Args:
        spans: For each place of the first period; None for one that sees nothing.
        step: Pixels from one period to the next.

    Source: ours.
    """

    spans: tuple[Span | None, ...]
    step: int

    def at(self, place: int) -> Span | None:
        """Give what one place sees.

        Args:
            place: Its number; below 0 or beyond the end for padding.

        Returns:
            The pixels, or None.

        Source: ours.

        Example:
            >>> Pattern(((0, 3),), 2).at(5)
            (10, 13)
        """
        period, phase = divmod(place, len(self.spans))
        span = self.spans[phase]
        return span and (span[0] + period * self.step, span[1] + period * self.step)

    def through(self, reads: Sequence[Iterable[int]], advance: int) -> Pattern | None:
        """Give what the places of a next row see, each of which reads some of these.

        Args:
            reads: For each place of the next row's first period, the places that it reads.
            advance: How far what is read moves from one period of the next row to the following.

        Returns:
            The pattern of the next row; None if it is too long to be told.

        Source: ours.

        Example:
            >>> Pattern(((0, 1),), 1).through([(-1, 0, 1)], 2)
            Pattern(spans=((-1, 2),), step=2)
        """
        rounds = len(self.spans) // math.gcd(len(self.spans), advance)
        if rounds * len(reads) > MOST_PHASES:
            return None
        spans = tuple(
            cover(self.at(advance * number + place) for place in places) for number in range(rounds) for places in reads
        )
        return Pattern(spans, self.step * advance * rounds // len(self.spans))

    def over(self, count: int) -> Span | None:
        """Give what the first places see together.

        Args:
            count: How many.

        Returns:
            The smallest span that holds it all, or None.

        Source: ours.

        Example:
            >>> Pattern(((0, 3),), 2).over(4)
            (0, 9)
        """
        ends = {*range(min(count, len(self.spans))), *range(max(0, count - len(self.spans)), count)}
        return cover(self.at(place) for place in ends)

    def together(self, other: Pattern) -> Pattern | None:
        """Give what the places of two rows see that are laid over each other.

        Args:
            other: The other row.

        Returns:
            The pattern; None if the rows advance differently, or it is too long to be told.

        Source: ours.

        Example:
            >>> Pattern(((0, 1),), 1).together(Pattern(((-1, 2),), 1))
            Pattern(spans=((-1, 2),), step=1)
        """
        period = math.lcm(len(self.spans), len(other.spans))
        if self.step * len(other.spans) != other.step * len(self.spans) or period > MOST_PHASES:
            return None
        spans = tuple(cover((self.at(place), other.at(place))) for place in range(period))
        return Pattern(spans, self.step * period // len(self.spans))


def cover(spans: Iterable[Span | None]) -> Span | None:
    """Find the smallest span that holds all others.

    Args:
        spans: Any; None is empty.

    Returns:
        The span; None if all are empty.

    Source: ours.

    Example:
        >>> cover([(0, 1), None, (3, 4)])
        (0, 4)
    """
    found = [span for span in spans if span]
    return (min(low for low, _ in found), max(high for _, high in found)) if found else None
