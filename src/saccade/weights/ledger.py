"""What is published: for each file of weights its address, its hash, its licence, its accuracy, and what it takes.

The table is `ledger.toml` beside this file; the names of the classes are in `labels/`. Reading them needs no torch.

Source: the publishers, who are named in the table.
"""

from __future__ import annotations

import fnmatch
import os
import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from saccade.errors import BadConfig, Denied, UnknownName
from saccade.types.preprocessing import Preprocessing

_ROOM = Path(__file__).parent
_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")


@dataclass(frozen=True)
class Entry:
    """A published file of weights.

    Args:
        architecture: The name in the catalogue of architectures.
        tag: Which of its weights, such as "imagenet".
        file: The publisher's name for the file.
        address: Where it lies, the name included; "" for a file that comes with saccade.
        sha256: Of the file, or its first digits; "" where the publisher states none.
        content: The hash of the tensors, where there is none of the file; see `saccade.weights.convert`.
        mebibytes: Its size as stated.
        licence: Of the weights, in words.
        training_data: What they were trained on.
        cleared: Whether they are known to be free for commercial use.
        reason: Why not.
        classes: How many they tell apart.
        labels: The name of the list of classes.
        top1: Share of right answers in percent, as stated; None where it is not.
        top5: Share of images whose class is among the first five, as stated; None where it is not.
        preprocessing: How a picture becomes what the network takes.
        spare: Beginnings of the names of tensors that a form without auxiliary heads does without.
        made_by: The command that trained it, where it was trained with saccade.
        map: Of a detector: COCO's mean average precision in percent, as stated; None where it is not.

    Source: ours.
    """

    architecture: str
    tag: str
    file: str
    address: str
    sha256: str
    content: str
    mebibytes: float
    licence: str
    training_data: str
    cleared: bool
    reason: str
    classes: int
    labels: str
    top1: float | None
    top5: float | None
    preprocessing: Preprocessing
    spare: tuple[str, ...]
    made_by: str = ""
    map: float | None = None

    @property
    def name(self) -> str:
        """Architecture and tag, as the user writes them: "resnet18/imagenet"."""
        return f"{self.architecture}/{self.tag}"

    @property
    def packaged(self) -> bool:
        """Whether the file comes with saccade."""
        return not self.address

    @property
    def stem(self) -> str:
        """The publisher's name for the file without its ending."""
        return Path(self.file).stem

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return asdict(self)


def entries(pattern: str = "*") -> dict[str, Entry]:
    """List what is published.

    Args:
        pattern: Shell-style wildcards, for "resnet18/imagenet" or for the architecture alone.

    Returns:
        Each entry by its name.

    Source: ours.

    Example:
        >>> list(entries("resnet50"))
        ['resnet50/imagenet', 'resnet50/imagenet_v2']
    """
    return {
        name: entry
        for name, entry in _table().items()
        if fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(entry.architecture, pattern)
    }


def entry_of(architecture: str, tag: str) -> Entry:
    """Find an entry.

    Args:
        architecture: A name in the catalogue of architectures.
        tag: Which of its weights.

    Returns:
        The entry.

    Raises:
        UnknownName: If that is not published; the nearest are offered.

    Source: ours.

    Example:
        >>> entry_of("resnet18", "imagenet").file
        'resnet18-f37072fd.pth'
    """
    own = [entry.tag for entry in _table().values() if entry.architecture == architecture]
    if not own:
        raise UnknownName("published weights", f"{architecture}/{tag}".rstrip("/"), _table())
    if tag not in own:
        raise UnknownName(f"weights for {architecture}", tag, own)
    return _table()[f"{architecture}/{tag}"]


def labels_of(entry: Entry) -> tuple[str, ...]:
    """Read the names of the classes.

    Args:
        entry: Of the ledger.

    Returns:
        The names in the order of the outputs.

    Source: the list itself says.

    Example:
        >>> labels_of(entry_of("resnet18", "imagenet"))[:2]
        ('tench', 'goldfish')
    """
    lines = (_ROOM / "labels" / f"{entry.labels}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if not line.startswith("#"))


def packaged_file(entry: Entry) -> Path:
    """Say where weights lie that come with saccade.

    Args:
        entry: Of the ledger; one that is packaged.

    Returns:
        The file.

    Source: ours.
    """
    return _ROOM / "own" / entry.file


def refuse_uncleared(entry: Entry, commercial_only: bool | None = None) -> None:
    """Refuse weights that are not known to be free for commercial use, where only such are wanted.

    Args:
        entry: Of the ledger.
        commercial_only: Whether only such are wanted; None: whether the variable SACCADE_COMMERCIAL_ONLY says so.

    Raises:
        Denied: If they are not; it says why.
        BadConfig: If the variable says neither yes nor no.

    Source: ours.
    """
    wanted = _asked_for() if commercial_only is None else commercial_only
    if wanted and not entry.cleared:
        raise Denied(
            f"got {entry.name}, which is not cleared for commercial use: {entry.reason}; taken are weights that are, "
            "since only those were asked for; train your own, or ask a lawyer and leave --commercial-only out"
        )


def _asked_for() -> bool:
    word = os.environ.get("SACCADE_COMMERCIAL_ONLY", "").strip().lower()
    if word not in _YES + _NO:
        raise BadConfig(f"got SACCADE_COMMERCIAL_ONLY={word!r}; taken are 1 and 0; set it to one of them")
    return word in _YES


@cache
def _table() -> dict[str, Entry]:
    values = tomllib.loads((_ROOM / "ledger.toml").read_text(encoding="utf-8"))
    found = {}
    for architecture, tags in values["weights"].items():
        for tag, own in tags.items():
            entry = _entry(architecture, tag, {**values["publishers"][own["publisher"]], **own})
            found[entry.name] = entry
    return found


def _entry(architecture: str, tag: str, values: dict[str, Any]) -> Entry:
    size, scaled = values["size"], values.get("scaled")
    height, width = size if isinstance(size, list) else (size, size)
    return Entry(
        architecture=architecture,
        tag=tag,
        file=values["file"],
        address=values["address"] and values["address"] + values["file"],
        sha256=values.get("sha256", ""),
        content=values.get("content", ""),
        mebibytes=values["mebibytes"],
        licence=values["licence"],
        training_data=values["training_data"],
        cleared=values["cleared"],
        reason=values["reason"],
        classes=values["classes"],
        labels=values["labels"],
        top1=values.get("top1"),
        top5=values.get("top5"),
        preprocessing=Preprocessing(
            (height, width),
            3,
            tuple(values["mean"]),
            tuple(values["std"]),
            values.get("fit", "crop"),
            scaled=None if scaled in (None, size) else (scaled, scaled),
            resampling=values.get("resampling", "bilinear"),
        ),
        spare=tuple(values.get("spare", ())),
        made_by=values.get("made_by", ""),
        map=values.get("map"),
    )
