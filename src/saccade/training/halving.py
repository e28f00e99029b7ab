"""Successive halving: many runs begin, and of those that are compared at each halt a third goes on.

Source: Jamieson & Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization",
arXiv 1502.07943, algorithm 1; a third instead of a half, Li et al., "Hyperband", arXiv 1603.06560, section 3.6.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from saccade.training.events import CheckpointSaved, EpochDone, Event

PART = 3


class Halted(Exception):
    """A run has come to its halt; it is no mistake, and whoever began the run catches it."""


class Halt:
    """A listener that ends a run after so many epochs, once they are saved; it can be resumed to the same bits.

    Args:
        epochs: Done in all.

    Source: ours.
    """

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs

    def __call__(self, event: Event) -> None:
        """Take one event in.

        Args:
            event: Of the run.

        Raises:
            Halted: When the state after the last of the epochs is saved.
        """
        if isinstance(event, CheckpointSaved) and event.epoch >= self._epochs:
            raise Halted


def halts(count: int, epochs: int) -> tuple[int, ...]:
    """Say after how many epochs runs are compared.

    Args:
        count: How many begin.
        epochs: Of those that go on to the end.

    Returns:
        Rising numbers of epochs, each three times the one before; the last is the end.

    Source: Jamieson & Talwalkar 2016, algorithm 1.

    Example:
        >>> halts(9, 27), halts(4, 10), halts(2, 10)
        ((3, 9, 27), (3, 10), (10,))
    """
    levels = 0
    while PART ** (levels + 1) <= count:
        levels += 1
    return tuple(sorted({max(1, round(epochs / PART**level)) for level in range(levels + 1)}))


def going_on(scores: Mapping[str, float | None]) -> list[str]:
    """Choose the runs that go on: the best third, rounded up, of those that have a score.

    Args:
        scores: Of each run, higher is better; None where it diverged.

    Returns:
        Their names, the best first; of equals the earlier.

    Source: Jamieson & Talwalkar 2016, algorithm 1.

    Example:
        >>> going_on({"a": 0.5, "b": 0.75, "c": None, "d": 0.5})
        ['b', 'a']
    """
    return [name for name in ranked(scores) if scores[name] is not None][: -(-len(scores) // PART)]


def ranked(scores: Mapping[str, float | None]) -> list[str]:
    """Order runs by their scores, the best first.

    Args:
        scores: Of each run, higher is better; None where it diverged, which comes last.

    Returns:
        Their names; of equals the earlier first.

    Source: ours.

    Example:
        >>> ranked({"a": None, "b": 0.5, "c": 0.75})
        ['c', 'b', 'a']
    """
    known = {name: -math.inf if score is None else score for name, score in scores.items()}
    return sorted(known, key=lambda name: -known[name])


def best_score(events: Sequence[Event], epochs: int, headline: tuple[str, bool]) -> float | None:
    """Find the best that a run was within its first epochs.

    Args:
        events: Of the run.
        epochs: How many.
        headline: The figure that decides, and whether higher is better.

    Returns:
        The figure, or its negative where lower is better; without validation the negative training loss. None where no
        epoch is done.

    Source: ours.
    """
    return max(_scores(events, epochs, headline), default=None)


def _scores(events: Sequence[Event], epochs: int, headline: tuple[str, bool]) -> Iterator[float]:
    name, higher = headline
    for event in events:
        if isinstance(event, EpochDone) and event.epoch < epochs:
            if name in event.validation:
                yield event.validation[name] * (1 if higher else -1)
            else:
                yield -sum(event.losses.values())
