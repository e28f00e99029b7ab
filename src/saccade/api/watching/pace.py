"""Where a run is, how fast it goes and how long it still takes, worked out from its events alone.

Source: ours.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from saccade.training.events import EpochDone, Event, RunStarted, StepDone

_RECENT_SECONDS = 10.0
_RECENT_STEPS = 50


@dataclass
class Pace:
    """Where a run is and how fast it goes; `take` tells it of each event.

    Args:
        epochs: How many there will be.
        steps_per_epoch: Steps of the optimiser in each.
        epoch: The one that is under way, counted from 0.
        step: Steps done in that epoch.
        best: The epoch that was best so far with its figure, such as (2, 0.93); None before there is one.

    Source: ours.

    Example:
        >>> pace = Pace()
        >>> pace.take(RunStarted(epochs=2, steps_per_epoch=4, time=100.0))
        >>> pace.take(StepDone(0, 1, {"loss": 0.5}, 0.1, images=8, seconds=2.0, waited=0.5, time=102.0))
        >>> pace.images_per_second, pace.waiting, pace.seconds_left
        (4.0, 0.25, 14.0)
    """

    epochs: int = 0
    steps_per_epoch: int = 0
    epoch: int = 0
    step: int = 0
    best: tuple[int, float | None] | None = None
    _recent: deque[StepDone] = field(default_factory=lambda: deque(maxlen=_RECENT_STEPS))
    _began: float = 0.0
    _now: float = 0.0
    _done_before: int = 0

    def take(self, event: Event) -> None:
        """Take in one event.

        Args:
            event: The next one of the stream.
        """
        self._now = event.time
        if isinstance(event, RunStarted):
            self.epochs, self.steps_per_epoch, self.epoch = event.epochs, event.steps_per_epoch, event.epoch
            self.step = self._within(event.step)
            self._began, self._done_before = event.time, self._done
            self._recent.clear()
        elif isinstance(event, StepDone):
            self.epoch, self.step = event.epoch, self._within(event.step, event.epoch)
            self._recent.append(event)
            while event.time - self._recent[0].time > _RECENT_SECONDS and len(self._recent) > 1:
                self._recent.popleft()
        elif isinstance(event, EpochDone):
            self.epoch, self.step = event.epoch + 1, 0
            if event.best:
                self.best = event.epoch, headline(event)[1]

    @property
    def share(self) -> float:
        """The share of the epoch under way that is done, in [0, 1]."""
        return min(1.0, self.step / self.steps_per_epoch) if self.steps_per_epoch else 0.0

    @property
    def loss(self) -> float | None:
        """The mean loss of the recent steps, all terms together; None before the first."""
        if not self._recent:
            return None
        return sum(sum(step.losses.values()) for step in self._recent) / len(self._recent)

    @property
    def images_per_second(self) -> float | None:
        """Images per second over the recent steps; None before the first."""
        seconds = sum(step.seconds for step in self._recent)
        return sum(step.images for step in self._recent) / seconds if seconds > 0 else None

    @property
    def waiting(self) -> float | None:
        """The share of the recent time that was spent waiting for data, in [0, 1]; None before the first step."""
        seconds = sum(step.seconds for step in self._recent)
        return sum(step.waited for step in self._recent) / seconds if seconds > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the end at the mean pace since this run began or went on; None before the first step."""
        done = self._done - self._done_before
        total = self.epochs * self.steps_per_epoch - self._done
        return max(0.0, total * (self._now - self._began) / done) if done > 0 else None

    @property
    def _done(self) -> int:
        return self.epoch * self.steps_per_epoch + self.step

    def _within(self, step: int, epoch: int | None = None) -> int:
        """The step within its epoch, from the step within the run."""
        return max(0, step - (self.epoch if epoch is None else epoch) * self.steps_per_epoch)


def headline(event: EpochDone) -> tuple[str, float | None]:
    """Pick the figure of an epoch to show: the first of the validation, else the training loss.

    Args:
        event: The epoch.

    Returns:
        Its name and its value; None when there is no figure at all.

    Source: ours.

    Example:
        >>> headline(EpochDone(0, 4, {"loss": 0.5}, {"accuracy": 0.9}, True, 0.1, 32, 8.0, 1.0))
        ('accuracy', 0.9)
    """
    figures = event.validation or {"loss": sum(event.losses.values())} if event.losses or event.validation else {}
    return next(iter(figures.items()), ("loss", None))
