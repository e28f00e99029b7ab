"""A job of predicting a great many pictures: with what, which pictures, and the folder that holds the results.

Source: ours.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

import saccade
from saccade.api.ensembles.answering import Answering
from saccade.api.ensembles.ensembling import Ensemble
from saccade.api.ensembles.views import Views
from saccade.api.many.parts import hash_of
from saccade.api.many.settings import ManySettings
from saccade.api.predictor import Predictor
from saccade.api.run import Run
from saccade.errors import BadConfig, BadData, printable
from saccade.weights.convert import content_hash
from saccade.weights.files import json_bytes, write_whole

RECORD = "job.json"
_KIND = "predictions"
_MOST_BYTES = 1 << 20
_TOLD_APART = ("model", "views", "batch_size", "top", "part_size", "images", "list")


@dataclass(frozen=True)
class Job:
    """What any process, on any machine, needs in order to do some of the parts.

    Args:
        models: Whole paths, or names of published weights; () where a model came as an object.
        views: What each model is shown of a picture; None: one view.
        settings: How.
        folder: Where the results go, as a whole path.
        base: The folder from which the names of the pictures go.
        hashed: A hash of the models, as `hash_of_models` gives it.
        witness: A picture that the first process sees, as a whole path; "" if it sees none.

    Source: ours.
    """

    models: tuple[str, ...]
    views: Views | None
    settings: ManySettings
    folder: str
    base: str
    hashed: str
    witness: str = ""


def words_of(model: Any) -> tuple[str, ...]:
    """Name models in a way that other processes understand.

    Args:
        model: What `saccade.predict` takes.

    Returns:
        The whole path of each, or the name of published weights; () if one of them is an object.

    Source: ours.

    Example:
        >>> words_of(["squeezenet1_1/imagenet"])
        ('squeezenet1_1/imagenet',)
    """
    several = model if isinstance(model, list | tuple) else [model]
    if any(isinstance(one, Run) and one.module is not None for one in several):
        return ()
    paths = [one.path if isinstance(one, Run) else one for one in several]
    if not all(isinstance(path, str | os.PathLike) for path in paths):
        return ()
    found = [(str(path), Path(path).expanduser()) for path in paths]
    return tuple(str(path.absolute()) if path.exists() else word for word, path in found)


def hash_of_models(answering: Answering) -> str:
    """Hash everything about models that what they say depends on: weights, classes, how pictures are prepared.

    Args:
        answering: A predictor, or an ensemble.

    Returns:
        64 hexadecimal digits.

    Source: ours.
    """
    ensembled = isinstance(answering, Ensemble)
    predictors: list[Any] = [member.predictor for member in answering.members] if ensembled else [answering]
    return hash_of([word for predictor in predictors for word in _about(predictor)])


def record_of(job: Job, keys: Sequence[str]) -> dict[str, Any]:
    """Say what tells a job from any other, as plain values.

    Args:
        job: The job.
        keys: The names of its pictures, in order.

    Returns:
        What is written beside the results.

    Source: ours.
    """
    settings = job.settings
    chosen = {} if settings.confidence is None else {"confidence": settings.confidence}
    return {
        "kind": _KIND, "format": 1, "model": job.hashed, "views": repr(job.views or Views()),
        "batch_size": settings.batch_size, "top": settings.top, "part_size": settings.images_in_part, **chosen,
        "images": len(keys), "list": hash_of(keys), "models": [printable(word) for word in job.models],
        "versions": {"saccade": saccade.__version__, "torch": str(torch.__version__)},
    }  # fmt: skip


def name_of_job(record: dict[str, Any]) -> str:
    """Give what tells a job from any other in one word.

    Args:
        record: As `record_of` makes it.

    Returns:
        64 hexadecimal digits.

    Source: ours.
    """
    return hash_of([f"{name}={record[name]}" for name in _TOLD_APART])


def begin(folder: Path, record: dict[str, Any]) -> None:
    """Make the folder of a job, or see that the one that is there is the same job's.

    Args:
        folder: Where the results go.
        record: Of this job.

    Raises:
        BadConfig: If there are results of another job, or something else; what differs is listed.
        BadData: If what is written there cannot be read.
        StorageFull: If the disk is full.

    Source: ours.
    """
    check_folder(folder)
    if not (folder / RECORD).exists():
        write_whole(folder / RECORD, lambda file: file.write(json_bytes(record, indent=1) + b"\n"))
        return
    found, where = read_record(folder), printable(str(folder))
    differing = [name for name in _TOLD_APART if found.get(name) != record[name]]
    if differing:
        told = "\n".join(f"got {_told(name, record, found)}, with which {where} was begun" for name in differing)
        raise BadConfig(f"{told}\nuse another folder for these results, or go on as it was begun")


def check_folder(folder: Path) -> None:
    """See that a folder can take results, before anything is loaded.

    Args:
        folder: Where results are to go; it need not be there.

    Raises:
        BadConfig: If it is a file, or a folder with something else in it.

    Source: ours.
    """
    if folder.exists() and not folder.is_dir():
        raise BadConfig(f"got {printable(str(folder))}, a file; taken is a folder for the results; name another one")
    there = folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir())
    if there and not (folder / RECORD).exists():
        raise BadConfig(
            f"got folder {printable(str(folder))} with other things in it; taken is a new or an empty one, or one with "
            "results of the same job; name another one"
        )


def read_record(folder: Path) -> dict[str, Any]:
    """Read what is written beside results.

    Args:
        folder: Of the results.

    Returns:
        What `record_of` made.

    Raises:
        BadData: If there is none, or it is not what saccade writes.

    Source: ours.
    """
    path = folder / RECORD
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        reason = printable(str(error))[:200]
        raise BadData(
            f"got {printable(str(path))}, which cannot be read ({reason}); taken is a folder that saccade predict "
            "--out made; name that one"
        ) from error
    if not isinstance(found, dict) or found.get("kind") != _KIND or not isinstance(found.get("images"), int):
        raise BadData(
            f"got {printable(str(path))}, which saccade did not write; taken is a folder that saccade predict --out "
            "made; name that one"
        )
    return found


def _about(predictor: Predictor) -> list[str]:
    """What a model says depends on."""
    described = predictor.description
    tensors = {name: tensor.cpu() for name, tensor in predictor.network.state_dict().items()}
    plain = [described.architecture, described.arguments, described.task, described.labels]
    return [content_hash(tensors), json.dumps(plain), json.dumps(asdict(described.preprocessing), sort_keys=True)]


def _told(name: str, record: dict[str, Any], found: dict[str, Any]) -> str:
    """What is given, and what is taken."""
    if name == "model":
        return "another model, or one that has learnt since; taken is the very model"
    if name == "list":
        return "another list of pictures, or in another order; taken is the very list"
    if name == "images":
        return f"{record[name]:,} pictures; taken are {printable(str(found.get(name)))}"
    return f"{name}={record[name]}; taken is {printable(str(found.get(name)))}"
