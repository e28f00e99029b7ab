"""What the loop is given: a job to do, and batches to do it with.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from torch import nn

from saccade.training.execution import Execution
from saccade.training.settings import TrainingSettings
from saccade.types.batch import Batch
from saccade.types.task import Task


@runtime_checkable
class Batches(Protocol):
    """What the loop asks of a loader."""

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        ...

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Give the batches of an epoch from one of them on, the same ones every time."""
        ...


@dataclass(frozen=True)
class Job:
    """What to train, and how.

    Args:
        network: Takes images in [0, 1]; on its device already.
        task: Gives the loss and the metric.
        settings: How to train.
        execution: How the arithmetic is done.
        checkpoint: The file that holds the state of the run.

    Source: ours.
    """

    network: nn.Module
    task: Task
    settings: TrainingSettings
    execution: Execution
    checkpoint: Path
