"""Pieces of a search for a learning rate: batches without end, a watch that ends a run, what the losses say.

Source: Smith, "Cyclical learning rates for training neural networks", arXiv 1506.01186, section 3.3.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from saccade.training.events import Event, StepDone
from saccade.training.job import Batches
from saccade.types.batch import Batch

_KEPT, _BEYOND, _SETTLING = 0.9, 4.0, 0.1
_FALL = 0.01  # of the loss: less is no fall


class Enough(Exception):
    """A listener has seen enough of a run; it is no mistake, and whoever began the run catches it."""


@dataclass(frozen=True)
class Repeated:
    """So many batches as one epoch, epoch after epoch of others.

    Args:
        batches: The others.
        steps: How many.

    Source: ours.
    """

    batches: Batches
    steps: int

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Give the batches from one of them on.

        Args:
            epoch: Of no use: there is one.
            start: The first to give.

        Returns:
            Batches of the others' epochs 0, 1 …
        """
        del epoch
        first, skipped = divmod(start, self.batches.steps)
        endless = itertools.chain.from_iterable(
            self.batches.epoch(one, skipped if one == first else 0) for one in itertools.count(first)
        )
        return itertools.islice(endless, self.steps - start)


class Watch:
    """A listener that keeps rates and losses, and ends the run when the loss has left for good.

    Args:
        steps: After so many the run ends as well.

    Source: Smith 2015, section 3.3; the smoothing and the end at four times the lowest loss are ours.
    """

    def __init__(self, steps: int) -> None:
        self.rates: list[float] = []
        self.losses: list[float] = []
        self._steps = steps

    def __call__(self, event: Event) -> None:
        """Take one event in.

        Args:
            event: Of the run.

        Raises:
            Enough: When the smoothed loss is four times its lowest, or every step is done.
        """
        if not isinstance(event, StepDone):
            return
        self.rates.append(event.learning_rate)
        self.losses.append(sum(event.losses.values()))
        told = smoothed(self.losses)
        settled = len(told) > _SETTLING * self._steps
        if len(told) >= self._steps or (settled and told[-1] > _BEYOND * told.min()):
            raise Enough


def smoothed(losses: Sequence[float]) -> Float64[np.ndarray, " steps"]:
    """Smooth losses by a moving average that keeps nine tenths at each step, with its beginning put right.

    Args:
        losses: Of each step.

    Returns:
        As many.

    Source: Kingma & Ba, arXiv 1412.6980, section 3, on putting the beginning of such an average right.

    Example:
        >>> smoothed([2.0, 2.0, 2.0]).round(6).tolist()
        [2.0, 2.0, 2.0]
    """
    mean, result = 0.0, np.zeros(len(losses))
    for step, loss in enumerate(losses, 1):
        mean = _KEPT * mean + (1 - _KEPT) * loss
        result[step - 1] = mean / (1 - _KEPT**step)
    return result


def steepest(rates: Sequence[float], losses: Sequence[float]) -> float:
    """Find the rate at which the smoothed loss falls fastest over the logarithm of the rate.

    Args:
        rates: Rising.
        losses: As they were, at each of them.

    Returns:
        The rate; NaN when the loss does not fall by a hundredth after the first tenth of the steps.

    Source: Smith 2015, section 3.3, in the form that practice gave it.
    """
    told = smoothed(losses)
    first, lowest = _fall(told)
    if lowest <= first:
        return math.nan
    slopes = np.gradient(told, np.log10(np.asarray(rates, np.float64)))
    return float(rates[first + int(slopes[first : lowest + 1].argmin())])


def tenth_of_lowest(rates: Sequence[float], losses: Sequence[float]) -> float:
    """Give a tenth of the rate at which the smoothed loss is lowest.

    Args:
        rates: Rising.
        losses: As they were, at each of them.

    Returns:
        The rate; NaN when the loss does not fall by a hundredth after the first tenth of the steps.

    Source: ours in words; a rule of practice that keeps away from the edge at which training diverges.
    """
    first, lowest = _fall(smoothed(losses))
    return float(rates[lowest]) / 10 if lowest > first else math.nan


def _fall(told: Float64[np.ndarray, " steps"]) -> tuple[int, int]:
    """Where a smoothed loss begins to count and where it is lowest; the same place twice where it does not fall."""
    first = math.ceil(_SETTLING * len(told))
    if len(told) <= first + 1:
        return first, first
    lowest = first + int(told[first:].argmin())
    return first, lowest if told[first] - told[lowest] > _FALL * abs(told[first]) else first
