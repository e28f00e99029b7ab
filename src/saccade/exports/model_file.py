"""The one-file model: a safetensors file with everything in its header that is needed to predict.

Source: ours.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from saccade import catalog
from saccade.errors import BadCheckpoint, UnknownName, printable
from saccade.layers.normalised import Normalised
from saccade.types.preprocessing import Preprocessing
from saccade.types.task import outputs_of
from saccade.weights.files import check_state, load_state, non_finite, read_description, read_tensors, write_tensors

FORMAT = 1
_MOST_PIXELS = 1 << 26


class WeightsWarning(UserWarning):
    """Something is odd about the weights of a model that can be used all the same."""


@dataclass(frozen=True)
class ModelDescription:
    """What a model file says of itself.

    Args:
        architecture: A name in the catalogue of architectures; "" for a module of the user's own.
        arguments: With which the architecture is called.
        task: A name in the catalogue of tasks.
        labels: The names of the classes, in the order of their ids.
        preprocessing: How a picture becomes what the network takes.
        versions: Of saccade and torch that wrote the file.
        licence: Of the weights; "" when their maker said nothing.
        origin: Where the weights come from: the data and its fingerprint, the run, figures.

    Source: ours.
    """

    architecture: str
    arguments: dict[str, Any]
    task: str
    labels: tuple[str, ...]
    preprocessing: Preprocessing
    versions: dict[str, str] = field(default_factory=dict)
    licence: str = ""
    origin: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {"kind": "model", "format": FORMAT, **asdict(self)}


def save_model(path: Path, network: Normalised, description: ModelDescription) -> None:
    """Write a model as one file.

    Args:
        path: The file; `.safetensors` by custom.
        network: The network with its normalisation; the weights are stored under the architecture's own names.
        description: What the file says of itself.

    Raises:
        StorageFull: If the disk is full.

    Source: ours.
    """
    write_tensors(path, network.network.state_dict(), description.to_dict())


def describe_model(path: Path) -> ModelDescription:
    """Read what a model file says of itself, without its weights.

    Args:
        path: A file that `save_model` wrote.

    Returns:
        The description.

    Raises:
        BadCheckpoint: If the file is broken, no model, or of a format that this version does not know.

    Source: ours.
    """
    return _parsed(read_description(path), path)


def load_model(path: Path, module: nn.Module | None = None) -> tuple[Normalised, ModelDescription]:
    """Read a model: make its architecture and put its weights in.

    Args:
        path: A file that `save_model` wrote.
        module: The bare network, for a file whose architecture is a module of the user's own; its weights are replaced.

    Returns:
        The network, in evaluation mode, taking images in [0, 1]; and its description.

    Raises:
        BadCheckpoint: If the file is broken or its weights do not fit.

    Source: ours.
    """
    tensors, values = read_tensors(path)
    description = _parsed(values, path)
    network = module if module is not None else _made(description, tensors, path)
    load_state(network, tensors, str(path))
    bad = non_finite(tensors)
    if bad:
        warnings.warn(
            f"got {printable(str(path))} with weights that are not finite in {', '.join(bad[:5])}; taken are finite "
            "ones; do not trust what it predicts",
            WeightsWarning,
            stacklevel=2,
        )
    preprocessing = description.preprocessing
    return Normalised(network, preprocessing.mean, preprocessing.std).eval(), description


def _made(description: ModelDescription, tensors: Mapping[str, Tensor], path: Path) -> nn.Module:
    """Make the architecture; first without memory, since a header may ask for more than there is."""
    if not description.architecture:
        raise BadCheckpoint(
            f"got {printable(str(path))}, a model of a module of your own; taken is that module beside it; "
            "load it with saccade.load(path, module=YourModule(...))"
        )
    try:
        make = catalog.find("architectures", description.architecture)
    except UnknownName as error:
        raise BadCheckpoint(
            f"got {printable(str(path))}, whose architecture {description.architecture!r} this version of saccade does "
            f"not have; {str(error).partition('; ')[2]}"
        ) from error
    try:
        with torch.random.fork_rng(devices=[]):  # fresh weights are drawn, only to be replaced
            with torch.device("meta"):
                check_state(make(**description.arguments), tensors, str(path))
            return make(**description.arguments)
    except (TypeError, ValueError, RuntimeError, ArithmeticError, MemoryError) as error:
        if isinstance(error, BadCheckpoint):
            raise
        raise BadCheckpoint(
            f"got {printable(str(path))}, whose arguments {printable(str(description.arguments))[:200]} do not fit "
            f"{description.architecture} ({_first(error)}); taken is what this version of saccade accepts; use the "
            "version that wrote the file"
        ) from error


def _parsed(values: dict[str, Any], path: Path) -> ModelDescription:
    kind, written = values.get("kind"), values.get("format")
    if kind != "model" or written != FORMAT:
        newer = kind == "model" and isinstance(written, int) and written > FORMAT
        cure = "use the best.safetensors of a run, or what `saccade export` wrote"
        raise BadCheckpoint(
            f"got {printable(str(path))}, a file of kind {kind!r} and format {written!r}; "
            f"taken is a model of format {FORMAT}; {'install a newer saccade' if newer else cure}"
        )
    try:
        description = ModelDescription(
            str(values["architecture"]),
            dict(values["arguments"]),
            str(values["task"]),
            tuple(str(label) for label in values["labels"]),
            Preprocessing.from_dict(values["preprocessing"]),
            dict(values["versions"]),
            str(values["licence"]),
            dict(values["origin"]),
        )
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise BadCheckpoint(
            f"got {printable(str(path))}, whose header lacks or garbles {_first(error)}; taken is what `saccade "
            "export` wrote; export it again"
        ) from error
    problems = _contradictions(description)
    if problems:
        raise BadCheckpoint(
            f"got {printable(str(path))}, whose header says {' and '.join(problems)}; taken is one that agrees with "
            "itself; export it again"
        )
    return description


def _first(error: Exception) -> str:
    """The first clause of an error, fit to stand inside another."""
    return printable(str(error).partition(";")[0])[:300]


def _contradictions(description: ModelDescription) -> list[str]:
    """List what a header says that cannot be."""
    problems, arguments = [], description.arguments
    preprocessing, labels = description.preprocessing, description.labels
    if description.task not in catalog.offers("tasks"):
        problems.append(f"task {description.task!r}, which is not in this version of saccade")
        outputs = len(labels)
    else:
        outputs = outputs_of(catalog.find("tasks", description.task)(labels))
    if not all(map(math.isfinite, preprocessing.mean + preprocessing.std)):
        problems.append(f"mean {preprocessing.mean} and std {preprocessing.std}, which are not finite")
    if math.prod(preprocessing.size) > _MOST_PIXELS:
        problems.append(f"images of {preprocessing.size[0]:,} × {preprocessing.size[1]:,} pixels")
    if arguments.get("num_classes", outputs) != outputs:
        problems.append(f"num_classes={arguments['num_classes']} and {len(labels)} labels")
    if arguments.get("in_channels", preprocessing.channels) != preprocessing.channels:
        problems.append(f"in_channels={arguments['in_channels']} and images of {preprocessing.channels} channels")
    return problems
