"""Runs that belong to something larger, such as a sweep: begun, or gone on with, until they are done.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from saccade.api.run import Run
from saccade.api.training import train
from saccade.errors import Diverged
from saccade.training.events import Listener
from saccade.training.settings import TrainingSettings
from saccade.types.sample import DataSet


def attempt(
    place: Path,
    dataset: DataSet,
    *,
    model: str,
    task: str = "auto",
    settings: TrainingSettings,
    listeners: Sequence[Listener] | None,
) -> Run | None:
    """Train a run in a folder of its own, from the beginning or from where it stopped; what is done costs nothing.

    Args:
        place: The folder.
        dataset: What it learns from.
        model: A name or a line of layers.
        task: As `train` takes it.
        settings: All else.
        listeners: As `train` takes them; what one raises passes.

    Returns:
        The run; None if it has diverged, now or before.

    Raises:
        Interrupted: After a signal; the state is saved.

    Source: ours.
    """
    if (place / "run.json").exists() and Run(place).diverged:
        return None
    try:
        if not (place / "last.safetensors").exists():
            return train(dataset, model=model, task=task, settings=settings, out=place, listeners=listeners)
        run = Run(place)
        if run.state != "finished":
            run.dataset = dataset
            run.resume(listeners=listeners)
    except Diverged:
        return None
    return run
