"""Weights by the name under which they are published, or in a file, and what is known of them.

Source: ours.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from saccade.api.watching.transfer import TransferProgress
from saccade.errors import BadCheckpoint, BadConfig, printable
from saccade.exports.model_file import ModelDescription, describe_model
from saccade.types.preprocessing import Preprocessing
from saccade.weights.convert import tidied
from saccade.weights.fetching import KIND, fetch, read_fetched
from saccade.weights.files import non_finite, read_tensors
from saccade.weights.ledger import Entry, entries, entry_of, labels_of, refuse_uncleared


@dataclass(frozen=True)
class Found:
    """Weights, and what is known of them.

    Args:
        tensors: By the names that networks have here.
        path: The file.
        entry: Of the ledger; None for a file of the user's own.
        description: What a model file says of itself; None for any other file.
        behind: Of the ledger: what a file of the user's own is, or was trained from, as far as its header says; for
            published weights the entry itself.
        preprocessing: How a picture became what the weights were trained on; None where it is not known. Of a file that
            does not say it, as for the published weights of that architecture.

    Source: ours.
    """

    tensors: Mapping[str, Tensor]
    path: Path
    entry: Entry | None
    description: ModelDescription | None = None
    behind: Entry | None = None
    preprocessing: Preprocessing | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes; () where they are not known."""
        if self.entry is not None:
            return labels_of(self.entry)
        return self.description.labels if self.description is not None else ()


def find_weights(name: str, weights: str | Path, *, commercial_only: bool | None = None) -> Found:
    """Find weights by their tag, else as a file.

    Args:
        name: A name in the catalogue of architectures.
        weights: A tag, such as "imagenet", or a safetensors file.
        commercial_only: See `saccade.weights.fetching.fetch`; a file is refused for the published weights that its
            header says it was made from.

    Returns:
        The weights, with what is known of them.

    Raises:
        UnknownName: If nothing of that name is published for it.
        BadConfig: If the weights are neither a name nor a path.
        BadCheckpoint: If the file cannot be read, has numbers that are not finite, or says that it is for another
            architecture.
        Denied: If the licence is refused.
        Unreachable: If the weights cannot be fetched.

    Source: ours.
    """
    entry = entry_meant(name, weights)
    if entry is not None:
        path = fetched(entry, commercial_only=commercial_only)
        return Found(read_fetched(path), path, entry, None, entry, entry.preprocessing)
    path = Path(weights).expanduser()
    values, header = read_tensors(path)
    behind = _behind(header)
    if behind is not None:
        refuse_uncleared(behind, commercial_only)
    description = describe_model(path) if header.get("kind") == "model" else None
    if description is not None and description.architecture != name:
        told = printable(description.architecture) or "a module of its maker's own"
        raise BadCheckpoint(
            f"got {printable(str(path))} with the weights of {told}; taken are those of {name}; use another file, or "
            "the architecture that it is for"
        )
    tensors = tidied(values)
    if bad := non_finite(tensors):
        raise BadCheckpoint(
            f"got {printable(str(path))} with weights that are not finite in {', '.join(bad[:5])}; taken are finite "
            "ones; use another file"
        )
    alike = description or behind or next(iter(entries(name).values()), None)
    return Found(tensors, path, None, description, behind, alike.preprocessing if alike else None)


def entry_meant(name: str, weights: str | Path) -> Entry | None:
    """Tell published weights from a file, without looking into either.

    Args:
        name: A name in the catalogue of architectures.
        weights: A tag, such as "imagenet", or a safetensors file.

    Returns:
        The entry of the ledger; None for a file.

    Raises:
        UnknownName: If nothing of that name is published for it, and it is no file either; the nearest are offered.
        BadConfig: If the weights are neither a name nor a path.

    Source: ours.

    Example:
        >>> entry_meant("resnet18", "imagenet").file, entry_meant("resnet18", "own.safetensors")
        ('resnet18-f37072fd.pth', None)
    """
    if not isinstance(weights, str | os.PathLike):
        raise BadConfig(
            f"got weights of type {type(weights).__name__}; taken are a tag such as 'imagenet', or a .safetensors "
            "file; give one of them"
        )
    if f"{name}/{weights}" in entries(name):
        return entry_of(name, str(weights))
    path = Path(weights).expanduser()
    return entry_of(name, str(weights)) if not path.suffix and not path.exists() else None


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


def licence_of(entry: Entry) -> str:
    """Say under which terms published weights may be used, in words that travel in a model's header.

    Args:
        entry: Of the ledger.

    Returns:
        The licence, and why it is not cleared for commercial use where it is not.

    Source: ours.
    """
    return entry.licence if entry.cleared else f"{entry.licence}; not cleared for commercial use: {entry.reason}"


def _behind(header: Mapping[str, Any]) -> Entry | None:
    """The published weights that a file is, or was made from, as far as its header says; it may say anything."""
    origin = header.get("origin") if header.get("kind") == "model" else None
    start = origin.get("weights") if isinstance(origin, Mapping) else None
    told = [
        header.get("name") if header.get("kind") == KIND else None,
        *(part.get("published") for part in (origin, start) if isinstance(part, Mapping)),
    ]
    return next((entries()[name] for name in told if isinstance(name, str) and name in entries()), None)
