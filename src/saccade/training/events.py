"""The stream of a run: typed events, kept as JSON lines, and read by everything that shows or judges a run.

    Decided … FeaturesComputed … RunStarted → (StepDone … FileSetAside … EpochDone, CheckpointSaved) × epochs
                                              → RunFinished, or RunStopped (a signal, a divergence)

Source: ours.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from saccade.errors import BadCheckpoint
from saccade.weights.files import json_bytes, storage_checked


@dataclass(frozen=True)
class Event:
    """Something that happened in a run, at a moment (seconds since 1970)."""

    time: float = field(default_factory=time.time, kw_only=True)


@dataclass(frozen=True)
class RunStarted(Event):
    """Training begins, or goes on from `epoch` and `step`."""

    epochs: int
    steps_per_epoch: int
    epoch: int = 0
    step: int = 0


@dataclass(frozen=True)
class Decided(Event):
    """Something was chosen that the user left open, and why."""

    text: str


@dataclass(frozen=True)
class FeaturesComputed(Event):
    """A frozen network has looked at so many pictures of a split; `reused` of them were known from before."""

    split: str
    done: int
    total: int
    reused: int
    seconds: float


@dataclass(frozen=True)
class StageDone(Event):
    """Something that is learnt beside the epochs is done, such as the machines of R-CNN; and how long it took."""

    stage: str
    seconds: float


@dataclass(frozen=True)
class StepDone(Event):
    """One step of the optimiser: its loss terms, learning rate, images, and seconds spent waiting for data."""

    epoch: int
    step: int
    losses: dict[str, float]
    learning_rate: float
    images: int
    seconds: float
    waited: float


@dataclass(frozen=True)
class FileSetAside(Event):
    """A file could not be read; the run goes on without it."""

    key: str
    reason: str


@dataclass(frozen=True)
class EpochDone(Event):
    """One pass over the training images: mean loss terms, validation figures, and whether it is the best so far."""

    epoch: int
    step: int
    losses: dict[str, float]
    validation: dict[str, float]
    best: bool
    learning_rate: float
    images: int
    seconds: float
    waited: float


@dataclass(frozen=True)
class CheckpointSaved(Event):
    """The run can go on from here, whatever happens now."""

    epoch: int
    step: int
    path: str


@dataclass(frozen=True)
class RunStopped(Event):
    """The run ended early, and why."""

    epoch: int
    step: int
    reason: str


@dataclass(frozen=True)
class RunFinished(Event):
    """Every epoch is done, or patience ran out."""

    epochs: int
    best_epoch: int
    seconds: float


Listener = Callable[[Event], None]
_KINDS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        RunStarted,
        Decided,
        FeaturesComputed,
        StageDone,
        StepDone,
        FileSetAside,
        EpochDone,
        CheckpointSaved,
        RunStopped,
        RunFinished,
    )
}


class EventLog:
    """A listener that keeps events as JSON lines.

    Args:
        path: The file; made if it is not there.
        keep: Bytes to keep of a file that is there: a resumed run continues the stream at its checkpoint.

    Source: ours.
    """

    def __init__(self, path: Path, keep: int = 0) -> None:
        with storage_checked(path):
            path.touch()
            if path.stat().st_size < keep:  # a power failure took the end, perhaps in the middle of a line
                keep = path.read_bytes().rfind(b"\n") + 1
            os.truncate(path, keep)
        self._path, self._file = path, path.open("ab")

    def __call__(self, event: Event) -> None:
        """Append one event; raises StorageFull when the disk is full."""
        line = json_bytes({"event": type(event).__name__, **vars(event)})  # its values are plain: no deep copy a step
        with storage_checked(self._path):
            self._file.write(line + b"\n")
            if not isinstance(event, StepDone):
                self._file.flush()

    def position(self) -> int:
        """Give the length of the stream so far, in bytes; raises StorageFull when the disk is full."""
        with storage_checked(self._path):
            self._file.flush()
        return self._file.tell()

    def close(self) -> None:
        """Close the file; what a full disk would not take before, it need not take now."""
        with contextlib.suppress(OSError):
            self._file.close()


def read_events(path: Path) -> Iterator[Event]:
    """Read the events of a run back; a last line torn by a crash is left out.

    Args:
        path: An `events.jsonl`.

    Returns:
        Each event, in order, typed.

    Raises:
        BadCheckpoint: If a line other than the last is not an event.

    Source: ours.
    """
    lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
    for number, line in enumerate(lines[:-1], 1):
        try:
            yield _event(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise BadCheckpoint(
                f"got line {number} of {path}, which is no event; taken are lines that a run wrote; "
                "remove the line, or the whole file (the run resumes without it)"
            ) from error


def _event(values: dict[str, Any]) -> Event:
    return _KINDS[values.pop("event")](**values)
