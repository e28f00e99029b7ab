"""Weights that a run begins with: found, written down in its description, put into its network.

A run that goes on needs them no more, since its checkpoint has everything; one that is repeated does.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from saccade import catalog
from saccade.api.building import is_line
from saccade.api.published import put
from saccade.api.weights_to_use import Found, entry_meant, find_weights, licence_of
from saccade.errors import BadCheckpoint, BadConfig, printable
from saccade.layers.backbone import Backbone
from saccade.layers.pooled import Pooled
from saccade.training.settings import TrainingSettings
from saccade.weights.convert import content_hash


def refuse_start(model: str | nn.Module, weights: str) -> None:
    """Refuse weights that no run can begin with, before anything is fetched or read.

    Args:
        model: What shall be trained.
        weights: As the settings have them; "" for none.

    Raises:
        BadConfig: If the model is no architecture by name.
        UnknownName: If nothing of that name is published for it; the nearest are offered.

    Source: ours.
    """
    if not weights:
        return
    if not isinstance(model, str) or is_line(model):
        told = "a line of layers" if isinstance(model, str) else "a module of your own"
        cure = "name an architecture" if isinstance(model, str) else "load them into the module before you give it"
        raise BadConfig(
            f"got weights={weights!r} for {told}; taken are weights for an architecture by name; {cure}, or leave them "
            "out"
        )
    entry_meant(model, weights)


def find_start(architecture: str, settings: TrainingSettings) -> Found | None:
    """Find the weights that the settings name.

    Args:
        architecture: A name in the catalogue.
        settings: `weights` and `commercial_only`.

    Returns:
        The weights; None if the settings name none.

    Raises:
        UnknownName: If nothing of that name is published for it.
        BadCheckpoint: If the file cannot be used.
        Denied: If the licence is refused.
        Unreachable: If the weights cannot be fetched.

    Source: ours.
    """
    if not settings.weights:
        return None
    return find_weights(architecture, settings.weights, commercial_only=settings.commercial_only or None)


def described_start(found: Found, weights: str, fresh: Sequence[str]) -> dict[str, Any]:
    """Describe weights so that they can be found again and known for the same.

    Args:
        found: The weights.
        weights: As the settings have them.
        fresh: The names of what they were not put into.

    Returns:
        Plain values: `weights` is what finds them again, `content` the hash of their numbers; the rest says what they
        are, from whom, and under which terms.

    Source: ours.
    """
    origin = found.description.origin if found.description is not None else {}
    trained = [found.behind.training_data] if found.behind is not None else []
    trained += [str(origin["data"])] if "data" in origin else []
    licence = found.description.licence if found.description is not None else ""
    return {
        "weights": weights if found.entry is not None else str(found.path.resolve()),
        "published": found.behind.name if found.behind is not None else "",
        "file": found.entry.file if found.entry is not None else found.path.name,
        "content": content_hash(found.tensors),
        "training_data": ", then ".join(trained),
        "licence": licence or (licence_of(found.behind) if found.behind is not None else ""),
        "fresh": list(fresh),
    }


def begin(network: nn.Module, architecture: str, found: Found, labels: Sequence[str]) -> list[str]:
    """Put the weights into a network that is about to learn.

    Args:
        network: Fresh, of that architecture, without its normalisation.
        architecture: Its name.
        found: The weights.
        labels: The names of the classes that it is to learn.

    Returns:
        The names of what stayed fresh: the last layer, if the classes are others, be they as many.

    Raises:
        BadCheckpoint: If the weights are not for that network; the first ten differences are listed.

    Source: ours.
    """
    if isinstance(network, Pooled):
        return _begin_below(network, architecture, found)
    others = bool(found.labels) and found.labels != tuple(labels)
    last = _last_layer(architecture, network) if others else {}
    fresh = put(network, architecture, found)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if name in last:
                tensor.copy_(last[name])
    return list(last) or fresh


def _begin_below(network: Pooled, architecture: str, found: Found) -> list[str]:
    """Put the weights into the backbone of a classifier on pooled features; all that stands on top stays fresh."""
    card = catalog.cards("architectures")[architecture]
    make = catalog.find("architectures", architecture)
    whole = make(num_classes=len(found.labels) or card.get("classes", 1000), in_channels=network.in_channels)
    put(whole, architecture, found)
    below, given = network.backbone.state_dict(), whole.state_dict()
    network.backbone.load_state_dict({name: given[name] for name in below})
    return [name for name in network.state_dict() if name.startswith("classifier.")]


def backbone_name(model: Mapping[str, Any]) -> str:
    """Name the architecture that weights to begin with are for.

    Args:
        model: `architecture` and `arguments`, as a run's description has them.

    Returns:
        The architecture; of a classifier on pooled features that which it stands on.

    Source: ours.

    Example:
        >>> backbone_name({"architecture": "pooled", "arguments": {"backbone": "resnet18"}})
        'resnet18'
    """
    return str(model["arguments"]["backbone"]) if model["architecture"] == "pooled" else str(model["architecture"])


def begin_again(network: nn.Module, description: Mapping[str, Any]) -> None:
    """Put the weights of a run's description into its network, if it began with any.

    Args:
        network: Fresh, without its normalisation.
        description: Of the run.

    Raises:
        BadCheckpoint: If the weights are gone, or are others now.
        Denied: If the licence is refused.
        Unreachable: If the weights cannot be fetched.

    Source: ours.
    """
    found = found_again(description)
    if found is not None:
        begin(network, backbone_name(description["model"]), found, description["data"]["labels"])


def found_again(description: Mapping[str, Any]) -> Found | None:
    """Find the weights again that a run began with.

    Args:
        description: Of the run.

    Returns:
        The weights; None if it began with none.

    Raises:
        BadCheckpoint: If the weights are gone, or are others now.
        Denied: If the licence is refused.
        Unreachable: If the weights cannot be fetched.

    Source: ours.
    """
    told = description.get("weights")
    if not told:
        return None
    weights, architecture = str(told["weights"]), backbone_name(description["model"])
    if entry_meant(architecture, weights) is None and not Path(weights).is_file():
        raise BadCheckpoint(
            f"got a run that began with the weights in {printable(weights)}, where nothing is now; taken are the same "
            "weights; put them back there, or start a new run with others"
        )
    commercial_only = bool(description["settings"].get("commercial_only")) or None
    found = find_weights(architecture, weights, commercial_only=commercial_only)
    if content_hash(found.tensors) != told["content"]:
        raise BadCheckpoint(
            f"got weights in {printable(str(found.path))} that have changed since the run began with them; taken are "
            "the same weights; put them back, or start a new run with these"
        )
    return found


def _last_layer(architecture: str, network: nn.Module) -> dict[str, Tensor]:
    """Copy the parts of a network whose shape depends on the number of classes."""
    made, make = cast("Backbone", network), catalog.find("architectures", architecture)
    with torch.device("meta"):
        wider = make(num_classes=made.num_classes + 1, in_channels=made.in_channels).state_dict()
    return {name: own.clone() for name, own in network.state_dict().items() if own.shape != wider[name].shape}
