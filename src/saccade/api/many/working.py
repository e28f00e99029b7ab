"""The work on parts: a model looks at the pictures of each, and its file is written; in this process, or in another.

Source: ours.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from saccade.api.ensembles.answering import Answering
from saccade.api.many.job import Job
from saccade.api.many.parts import Part, write_part
from saccade.api.predictions import plain
from saccade.errors import Interrupted
from saccade.training.interrupts import StopRequest
from saccade.types.bad_file import BadFile


@dataclass(frozen=True)
class PartDone:
    """A part whose file is there.

    Args:
        number: Its place among the parts, from 0.
        images: Pictures in it.
        bad: Those that could not be read.

    Source: ours.
    """

    number: int
    images: int
    bad: tuple[BadFile, ...]


def predict_part(answering: Answering, job: Job, part: Part, *, stopped: Callable[[], bool] = bool) -> PartDone | None:
    """Predict the pictures of a part, and write its file.

    Args:
        answering: The model.
        job: What the part belongs to.
        part: Which one.
        stopped: Asked after each picture whether to leave it; never, unless it is given.

    Returns:
        What was done; None if it was left, without a trace.

    Raises:
        StorageFull: If the disk is full.

    Source: ours.
    """
    rows: list[dict[str, Any]] = []
    bad: list[BadFile] = []
    paths = [str(Path(job.base, key)) for key in part.keys]
    stream = answering.stream(paths, batch_size=job.settings.batch_size)
    for key, one in zip(part.keys, stream, strict=True):
        if stopped():
            return None
        if isinstance(one, BadFile):
            bad.append(BadFile(key, one.reason))
            rows.append({"key": key, "error": one.reason})
        else:
            rows.append({**plain(one, job.settings.top), "key": key})
    write_part(Path(job.folder), part, rows)
    return PartDone(part.number, len(rows), tuple(bad))


def predict_here(answering: Answering, job: Job, parts: Sequence[Part], tell: Callable[[PartDone], None]) -> None:
    """Do parts in this process, one after the other.

    Args:
        answering: The model.
        job: What they belong to.
        parts: Those that are to be done.
        tell: Called with what was done of each, as soon as it is.

    Raises:
        Interrupted: After a signal; the part that is at work is left.

    Source: ours.
    """
    with StopRequest() as stop, _threads(job.settings.threads):
        for number, part in enumerate(parts):
            done = predict_part(answering, job, part, stopped=lambda: stop.signal_number > 0)
            if done is None:
                raise interrupted(job, number, len(parts), stop.signal_number)
            tell(done)


def interrupted(job: Job, done: int, parts: int, number: int) -> Interrupted:
    """Say that a signal came, and how to go on.

    Args:
        job: The one that it stopped.
        done: Parts that were done since it began.
        parts: Parts that were to be done.
        number: Of the signal.

    Returns:
        The error to raise.

    Source: ours.
    """
    return Interrupted(
        f"got signal {number} after {done:,} of {parts:,} parts; what is done is kept in {shlex.quote(job.folder)}; "
        "the same command goes on with the rest",
        number,
    )


@contextlib.contextmanager
def _threads(wanted: int | None) -> Iterator[None]:
    """Let torch take so many threads for the duration."""
    before = torch.get_num_threads()
    if wanted is not None:
        torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)
