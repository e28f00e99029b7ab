"""The verb predict for a great many pictures: results go to files, part by part, and a job that was stopped goes on.

Source: ours.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.api.ensembles.ensembling import answering_of
from saccade.api.ensembles.views import Views
from saccade.api.many.job import (
    Job,
    begin,
    check_folder,
    hash_of_models,
    name_of_job,
    record_of,
    words_of,
)
from saccade.api.many.parts import is_whole, parts_of
from saccade.api.many.settings import Cluster, ManySettings
from saccade.api.many.stored import StoredPredictions
from saccade.api.many.working import PartDone, predict_here
from saccade.api.pictures import each_of
from saccade.errors import BadConfig, BadData, MissingExtra


def predict_many(
    model: Any,
    images: Any,
    *,
    out: str | Path,
    views: Views | None = None,
    settings: ManySettings | None = None,
    cluster: Cluster | None = None,
    tell: Callable[[PartDone, int, int], None] | None = None,
) -> StoredPredictions:
    """Predict a great many pictures into files, here or on a cluster; called again, it goes on where it was stopped.

    The rows are those of `saccade predict --json`, and the same wherever they are computed: the same pictures go
    through the network together. Each file of results is there whole or not at all, also after a kill.

    Args:
        model: What `saccade.predict` takes; for a cluster a path, a run without a module of your own, or the name of
            published weights, or several of these.
        images: A folder, or the paths of pictures.
        out: The folder for the results; new, or that of the same job.
        views: What each model is shown of a picture, such as `Views(crops=10)`; None: one view.
        settings: How; None for what is usual.
        cluster: Where Ray computes, with the extra "cluster"; None: in this process.
        tell: Called after each part with what was done, how many parts are done now, and how many there are.

    Returns:
        The results.

    Raises:
        BadConfig: If the folder holds another job, a picture is no path, or a cluster cannot load the model.
        BadData: If there are no pictures.
        BadCheckpoint: If there is no model there, or it cannot be trusted.
        Interrupted: After a signal; the parts that are done are kept.
        MissingExtra: If Ray is not installed.
        StorageFull: If the disk is full; the parts that are done are kept.

    Source: ours.
    """
    settings, folder = settings or ManySettings(), Path(out).expanduser().absolute()
    check_folder(folder)
    if cluster is not None:
        _check_cluster(model)
    keys = _keys(images)
    device, sure = settings.device if cluster is None else "cpu", settings.confidence
    answering = answering_of(model, views, confidence=sure, device=device, commercial_only=settings.commercial_only)
    job = Job(words_of(model), views, settings, str(folder), str(Path.cwd()), hash_of_models(answering), _witness(keys))
    record = record_of(job, keys)
    begin(folder, record)
    parts = parts_of(keys, settings.images_in_part, name_of_job(record))
    waiting = [part for part in parts if not is_whole(folder, part)]
    telling = _Telling(tell, len(parts) - len(waiting), len(parts))
    if cluster is None or not waiting:
        predict_here(answering, job, waiting, telling)
    else:
        from saccade.api.many.cluster import predict_there

        predict_there(job, waiting, cluster, telling)
    _tidy(folder)
    return StoredPredictions(folder)


@dataclass
class _Telling:
    """Counts the parts that are done, and passes on what was."""

    tell: Callable[[PartDone, int, int], None] | None
    done: int
    parts: int

    def __call__(self, part: PartDone) -> None:
        self.done += 1
        if self.tell is not None:
            self.tell(part, self.done, self.parts)


def _check_cluster(model: Any) -> None:
    """Refuse what a cluster cannot do, before anything is loaded."""
    import importlib.util

    if importlib.util.find_spec("ray") is None:
        raise MissingExtra("Ray, which predicts on a cluster,", "cluster")
    if not words_of(model):
        raise BadConfig(
            "got a model that is only in this process; taken by a cluster are paths, which each of its machines sees, "
            "and names of published weights; save it with saccade.export, or leave the cluster out"
        )


def _keys(images: Any) -> list[str]:
    """The name of each picture, as it was given."""
    keys = []
    for thing in each_of(images):
        if not isinstance(thing, str | os.PathLike):
            raise BadConfig(
                f"got a picture of type {type(thing).__name__}; taken are paths, since a job that goes on later must "
                "find it again; use saccade.predict for pictures in memory"
            )
        keys.append(os.fsdecode(thing))
    if not keys:
        raise BadData("got no pictures; taken is at least one path; check the list")
    return keys


def _witness(keys: list[str]) -> str:
    """The whole path of a picture that is here, by which other machines show that they see the same; "" for none."""
    return next((str(Path(key).absolute()) for key in keys if Path(key).exists()), "")


def _tidy(folder: Path) -> None:
    """Remove what processes left that were killed while they wrote; every part is there now."""
    for path in folder.glob(".part-*.tmp"):
        with contextlib.suppress(OSError):
            path.unlink()
