"""The live display of a run: a bar on a terminal, a line an epoch in a log, a small page in a notebook.

It is a listener like any other: it only reads the stream of events, and a display that fails never stops the run.

Source: ours.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from saccade.api.watching.pace import Pace
from saccade.api.watching.views import Lines, Live, Page, pick_view
from saccade.api.watching.words import counted, duration, epoch_line, features_line
from saccade.errors import printable
from saccade.training.events import (
    Decided,
    EpochDone,
    Event,
    FeaturesComputed,
    FileSetAside,
    Listener,
    RunFinished,
    RunStarted,
    RunStopped,
    StageDone,
)

_SHOWN_BAD_FILES = 10
_REDRAW_SECONDS = 0.2


class Progress:
    """A listener that shows a run as it goes, in the way that suits where it is.

    On a terminal a bar with step, loss, speed, time left and the share of time spent waiting for data; in a notebook
    the same as a small page; anywhere else one line an epoch.

    Args:
        stream: Where to write, with write, flush and isatty; stderr when left out, so that stdout is for results.

    Source: ours.

    Example:
        >>> with Progress(sys.stdout) as progress:
        ...     progress(RunStarted(epochs=2, steps_per_epoch=4))
        2 epochs of 4 steps
    """

    def __init__(self, stream: Any = None) -> None:
        self._pace, self._bad, self._drawn = Pace(), 0, 0.0
        self._view: Lines | Live | Page | None = pick_view(stream if stream is not None else sys.stderr)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def __call__(self, event: Event) -> None:
        """Show one event.

        Args:
            event: The next one of the stream.
        """
        self._pace.take(event)
        if self._view is None:
            return
        try:
            for line in self._said(event):
                self._view.line(line)
            if isinstance(event, RunFinished | RunStopped):
                self._close()
            elif self._pace.epoch >= self._pace.epochs:
                self._view.close()
            elif event.time - self._drawn >= _REDRAW_SECONDS or isinstance(event, RunStarted | EpochDone):
                self._drawn = event.time
                self._view.draw(self._pace)
        except (OSError, ValueError):  # the terminal went away; the run goes on
            self._view = None

    def _said(self, event: Event) -> list[str]:
        """The lines that stay."""
        if isinstance(event, RunStarted):
            going_on = event.step > 0 and event.epoch < event.epochs
            where = f", going on from epoch {event.epoch + 1}, step {self._pace.step}" if going_on else ""
            return [f"{counted(event.epochs, 'epoch')} of {counted(event.steps_per_epoch, 'step')}{where}"]
        if isinstance(event, EpochDone):
            return [epoch_line(event, self._pace)]
        if isinstance(event, Decided):
            return [printable(event.text)]
        if isinstance(event, FeaturesComputed):
            return [features_line(event)]
        if isinstance(event, StageDone):
            return [f"{printable(event.stage)} done in {duration(event.seconds)}"]
        if isinstance(event, FileSetAside):
            self._bad += 1
            more = self._bad - _SHOWN_BAD_FILES
            told = f"set aside: {printable(event.key)}: {printable(event.reason)}"
            return [told] if more <= 0 else (["set aside: more files; all are in events.jsonl"] if more == 1 else [])
        if isinstance(event, RunFinished):
            done = f"{counted(event.epochs, 'epoch')} done in {duration(event.seconds)}"
            return [f"{done}, best was epoch {event.best_epoch + 1}"]
        return []

    def _close(self) -> None:
        view, self._view = self._view, None
        if view is not None:
            view.close()


@contextlib.contextmanager
def heard(listeners: Sequence[Listener] | None) -> Iterator[Sequence[Listener]]:
    """Give those who listen to what goes on; a display of progress where nobody has been named.

    Args:
        listeners: Called with every event; None shows progress on the terminal or in the notebook.

    Returns:
        A context manager that gives the listeners.

    Source: ours.

    Example:
        >>> with heard([print]) as others:
        ...     len(others)
        1
    """
    if listeners is not None:
        yield listeners
    else:
        with Progress() as progress:
            yield [progress]
