"""Published weights in a network: by the name under which they are known here, or from a file.

Source: ours.
"""

from __future__ import annotations

import itertools
import logging
import re
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from saccade import catalog
from saccade.api.building import network_kind
from saccade.api.kinds import arguments_of
from saccade.api.weights_to_use import Found, find_weights, licence_of
from saccade.errors import BadCheckpoint, BadConfig, UnknownName, printable
from saccade.exports.model_file import ModelDescription
from saccade.layers.backbone import Backbone
from saccade.layers.normalised import Normalised
from saccade.reporting.environment import versions
from saccade.weights.adapting import adapt
from saccade.weights.files import load_state
from saccade.weights.ledger import Entry, entries, entry_of, labels_of

_NAME = re.compile(r"(\w+)/(\w+)")
_LOG = logging.getLogger("saccade.weights")


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
    name: str,
    weights: str | Path,
    *,
    num_classes: int | None = None,
    in_channels: int | None = None,
    commercial_only: bool | None = None,
) -> nn.Module:
    """Make an architecture with weights.

    Args:
        name: A name in the catalogue of architectures.
        weights: A tag, such as "imagenet", or a safetensors file.
        num_classes: None: as many as the weights have. Another number leaves the last layer fresh.
        in_channels: None: as many as the weights have. Another number adapts the first layer; see
            `saccade.weights.adapting`.
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
    make = catalog.find("architectures", name)
    found = find_weights(name, weights, commercial_only=commercial_only)
    if network_kind(name) == "features":
        network = make(**arguments_of(name, num_classes=num_classes, in_channels=in_channels))
        load_state(network, found.tensors, str(found.path))
        return network
    classes, channels = _made_for(name, found)
    network = make(num_classes=num_classes or classes, in_channels=in_channels or channels)
    fresh = put(network, name, found)
    if fresh:
        _LOG.info("left fresh in %s: %s", name, ", ".join(fresh))
    return network


def put(network: nn.Module, name: str, found: Found) -> list[str]:
    """Put weights into a network that may have other classes and channels than they.

    Args:
        network: Of that architecture, in which it stays as it was where the weights do not fit.
        name: Of the architecture.
        found: The weights.

    Returns:
        The names of what stayed as it was: the last layer, if the number of classes differs.

    Raises:
        BadCheckpoint: If the weights are not for that network; the first ten differences are listed, and nothing is
            loaded.

    Source: ours.
    """
    classes, channels = _made_for(name, found)
    spare = next((entry.spare for entry in entries(name).values()), ())
    own = cast("Backbone", network)
    sizes = itertools.product((own.num_classes, classes), (own.in_channels, channels))
    published = _published(catalog.find("architectures", name), found, list(dict.fromkeys(sizes)))
    return adapt(network, published, found.tensors, where=str(found.path), spare=spare)


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
    taken = entry.preprocessing
    arguments = {"num_classes": entry.classes, "in_channels": taken.channels}
    network = catalog.find("architectures", name)(**arguments)
    found = find_weights(name, weights, commercial_only=commercial_only)
    if put(network, name, found):
        raise BadCheckpoint(
            f"got {printable(str(found.path))} with weights for {len(found.labels)} classes; taken are those for the "
            f"{entry.classes} of {entry.name}; load the file itself, which says what its classes are"
        )
    described = ModelDescription(
        name,
        arguments,
        network_kind(name),
        labels_of(entry),
        taken,
        versions(),
        licence_of(entry) if weights == entry.tag else "",
        _origin(entry) if weights == entry.tag else {"weights": str(weights)},
    )
    return Normalised(network, taken.mean, taken.std).eval(), described


def _made_for(name: str, found: Found) -> tuple[int, int]:
    """Say how many classes and channels weights were made for: as is known of them, else as the card says."""
    card, known = catalog.cards("architectures")[name], found.preprocessing
    return len(found.labels) or card.get("classes", 1000), known.channels if known else card.get("channels", 3)


def _published(make: Any, found: Found, sizes: list[tuple[int, int]]) -> nn.Module:
    """Make the network that the weights were made for, without memory: as it is wanted, else as it was published."""
    with torch.device("meta"):
        networks = [make(num_classes=classes, in_channels=channels) for classes, channels in sizes]
    for network in networks:
        own = network.state_dict()
        if all(own[name].shape == value.shape for name, value in found.tensors.items() if name in own):
            return network
    return networks[-1]  # as its card says; what does not fit is listed later


def _origin(entry: Entry) -> dict[str, Any]:
    return {
        "published": entry.name,
        "file": entry.file,
        "address": entry.address,
        "training_data": entry.training_data,
        "top1": entry.top1,
        "top5": entry.top5,
    }
