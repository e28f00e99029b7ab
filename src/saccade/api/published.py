"""Published weights in a network: by the name under which they are known here, or from a file.

Source: ours.
"""

from __future__ import annotations

import itertools
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from saccade import catalog
from saccade.api.transfer_progress import TransferProgress
from saccade.errors import BadCheckpoint, BadConfig, UnknownName, printable
from saccade.exports.model_file import ModelDescription
from saccade.layers.normalised import Normalised
from saccade.reporting.environment import versions
from saccade.weights.adapting import adapt
from saccade.weights.convert import tidied
from saccade.weights.fetching import fetch, read_fetched
from saccade.weights.files import non_finite, read_tensors
from saccade.weights.ledger import Entry, entries, entry_of, labels_of

_NAME = re.compile(r"(\w+)/(\w+)")
_LOG = logging.getLogger("saccade.weights")


@dataclass(frozen=True)
class Found:
    """Weights, and what is known of them.

    Args:
        tensors: By the names that networks have here.
        where: The file, for messages.
        entry: Of the ledger; None for a file of the user's own.

    Source: ours.
    """

    tensors: Mapping[str, Tensor]
    where: str
    entry: Entry | None


def name_and_tag(word: str) -> tuple[str, str] | None:
    """Read "resnet18/imagenet" as published weights.

    Args:
        word: What the user calls a model.

    Returns:
        The architecture and the tag; None if the word means something else, such as a path.

    Raises:
        UnknownName: If it is one of the two, but not the other; the nearest are offered.

    Source: ours.

    Example:
        >>> name_and_tag("resnet18/imagenet"), name_and_tag("runs/photos")
        (('resnet18', 'imagenet'), None)
    """
    match = _NAME.fullmatch(word)
    if match is None:
        return None
    known = catalog.offers("architectures")
    tags = {entry.tag for entry in entries().values()}
    if match[1] not in known and (match[2] not in tags or Path(word).exists()):
        return None
    if match[1] not in known:
        raise UnknownName("architecture", match[1], known)
    entry_of(match[1], match[2])
    return match[1], match[2]


def create_with(
    name: str, weights: str | Path, *, num_classes: int | None, in_channels: int, commercial_only: bool | None = None
) -> nn.Module:
    """Make an architecture with weights.

    Args:
        name: A name in the catalogue of architectures.
        weights: A tag, such as "imagenet", or a safetensors file.
        num_classes: None: as many as the weights have. Another number leaves the last layer fresh.
        in_channels: Another number than that of the weights adapts the first layer; see `saccade.weights.adapting`.
        commercial_only: See `saccade.weights.fetching.fetch`.

    Returns:
        The network.

    Raises:
        UnknownName: If nothing of that name is published for it.
        BadCheckpoint: If the weights are not for that network; the first ten differences are listed.
        Denied: If the licence is refused.
        Unreachable: If the weights cannot be fetched.

    Source: ours.
    """
    make, card = catalog.find("architectures", name), catalog.cards("architectures")[name]
    found = _found(name, weights, commercial_only)
    spare = next((entry.spare for entry in entries(name).values()), ())
    classes = found.entry.classes if found.entry else card.get("classes", 1000)
    sizes = itertools.product((num_classes or classes, classes), (in_channels, card.get("channels", 3)))
    published = _published(make, found, list(dict.fromkeys(sizes)))
    network = make(num_classes=num_classes or classes, in_channels=in_channels)
    fresh = adapt(network, published, found.tensors, where=found.where, spare=spare)
    if fresh:
        _LOG.info("left fresh in %s: %s", name, ", ".join(fresh))
    return network


def load_published(
    name: str, weights: str | Path, *, commercial_only: bool | None = None
) -> tuple[Normalised, ModelDescription]:
    """Make an architecture with published weights, ready to predict as its publisher does.

    Args:
        name: A name in the catalogue of architectures.
        weights: A tag, such as "imagenet"; or a safetensors file with other weights for the same classes and images.
        commercial_only: See `saccade.weights.fetching.fetch`.

    Returns:
        The network, in evaluation mode, taking images in [0, 1]; and its description.

    Raises:
        UnknownName: If nothing of that name is published for it.
        BadConfig: If it is a file, and nothing is published from which to know the classes and the preprocessing.
        BadCheckpoint: If the weights are not for that network.
        Denied: If the licence is refused.
        Unreachable: If the weights cannot be fetched.

    Source: ours.
    """
    catalog.find("architectures", name)
    own = entries(name)
    entry = own.get(f"{name}/{weights}") or next(iter(own.values()), None)
    if entry is None:
        raise BadConfig(
            f"got {name} with weights={str(weights)!r}; taken are architectures with published weights, which say what "
            "the classes are and how a picture becomes what the network takes; make it with saccade.create, or see "
            "saccade models --weights"
        )
    network = create_with(name, weights, num_classes=entry.classes, in_channels=3, commercial_only=commercial_only)
    taken = entry.preprocessing
    described = ModelDescription(
        name,
        {"num_classes": entry.classes, "in_channels": 3},
        "classification",
        labels_of(entry),
        taken,
        versions(),
        _licence(entry) if weights == entry.tag else "",
        _origin(entry) if weights == entry.tag else {"weights": str(weights)},
    )
    return Normalised(network, taken.mean, taken.std).eval(), described


def fetched(entry: Entry, *, commercial_only: bool | None = None) -> Path:
    """Fetch published weights, showing how far it is.

    Args:
        entry: Of the ledger.
        commercial_only: See `saccade.weights.fetching.fetch`.

    Returns:
        The file in the cache.

    Raises:
        Denied: If the licence is refused.
        Unreachable: If the weights cannot be fetched.
        BadCheckpoint: If what comes is not what was published.

    Source: ours.
    """
    with TransferProgress(entry.file) as progress:
        return fetch(entry, commercial_only=commercial_only, progress=progress)


def _found(name: str, weights: str | Path, commercial_only: bool | None) -> Found:
    """Find weights by their tag, else as a file."""
    tags = [entry.tag for entry in entries(name).values()]
    if not isinstance(weights, str | os.PathLike):
        raise BadConfig(
            f"got weights of type {type(weights).__name__}; taken are a tag such as 'imagenet', or a .safetensors "
            "file; give one of them"
        )
    path = Path(weights).expanduser()
    if weights in tags:
        entry = entry_of(name, str(weights))
        path = fetched(entry, commercial_only=commercial_only)
        return Found(read_fetched(path), str(path), entry)
    if not path.suffix and not path.exists():
        raise UnknownName(f"weights for {name}", str(weights), tags)
    tensors = tidied(read_tensors(path)[0])
    if bad := non_finite(tensors):
        raise BadCheckpoint(
            f"got {printable(str(path))} with weights that are not finite in {', '.join(bad[:5])}; taken are finite "
            "ones; use another file"
        )
    return Found(tensors, str(path), None)


def _published(make: Any, found: Found, sizes: list[tuple[int, int]]) -> nn.Module:
    """Make the network that the weights were made for, without memory: as it is wanted, else as it was published."""
    with torch.device("meta"):
        networks = [make(num_classes=classes, in_channels=channels) for classes, channels in sizes]
    for network in networks:
        own = network.state_dict()
        if all(own[name].shape == value.shape for name, value in found.tensors.items() if name in own):
            return network
    return networks[-1]  # as its card says; what does not fit is listed later


def _licence(entry: Entry) -> str:
    return entry.licence if entry.cleared else f"{entry.licence}; not cleared for commercial use: {entry.reason}"


def _origin(entry: Entry) -> dict[str, Any]:
    return {
        "published": entry.name,
        "file": entry.file,
        "address": entry.address,
        "training_data": entry.training_data,
        "top1": entry.top1,
        "top5": entry.top5,
    }
