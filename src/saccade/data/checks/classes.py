"""Classes that are empty or rare, names in the wrong letters, and pictures without a class."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from saccade.data.checking.check import Check, Gathered
from saccade.errors import printable
from saccade.types.finding import Finding

__all__ = ["classes"]

CARDS: dict[str, dict[str, Any]] = {
    "classes": {"codes": ["class-empty", "class-imbalance", "not-utf8", "class-names-alike", "empty-label"]},
}
_IMBALANCE = 10
_FEW = 8


def classes() -> Check:
    """Look at the classes as a whole.

    Source: ours.
    """
    return Check(judge=_judge)


def _judge(gathered: Gathered) -> Iterator[Finding]:
    labels = gathered.dataset.labels
    counts = Counter(one for several in gathered.classes for one in several)
    yield from _sizes(labels, counts, gathered)
    yield from _names(labels)
    yield from _background(gathered)


def _sizes(labels: Sequence[str], counts: Counter[int], gathered: Gathered) -> Iterator[Finding]:
    for number, label in enumerate(labels):
        if not counts[number]:
            told = f"got class {number} ({printable(label)}) without a picture; taken are classes with some"
            yield Finding("class-empty", told, severity="warning")
    there = {number: count for number, count in counts.items() if count and 0 <= number < len(labels)}
    if not there or gathered.dataset.task in ("verification", "translation", "mesh"):
        return
    most, least = max(there, key=lambda one: there[one]), min(there, key=lambda one: there[one])
    if there[most] >= _IMBALANCE * there[least]:
        told = f"got {there[most]:,} pictures with {printable(labels[most])} and {there[least]:,} with "
        rare = sum(_IMBALANCE * count <= there[most] for count in there.values())
        more = f", and {rare - 1} more classes as rare" if rare > 1 else ""
        yield Finding("class-imbalance", told + printable(labels[least]) + more, severity="note")


def _names(labels: Sequence[str]) -> Iterator[Finding]:
    folded: dict[str, list[str]] = defaultdict(list)
    for label in labels:
        folded["".join(label.casefold().split())].append(label)
        meant = mended(label)
        if meant != label:
            cure = f"; did you mean {printable(meant)}?" if meant else "; taken are names in UTF-8"
            yield Finding("not-utf8", f"got class name {printable(label)}{cure}", severity="warning")
    for alike in folded.values():
        if len(alike) > 1:
            names = ", ".join(repr(printable(one)) for one in alike[:_FEW])
            yield Finding(
                "class-names-alike", f"got classes {names}; taken is one name for a class", severity="warning"
            )


def mended(name: str) -> str:
    """Undo the reading of UTF-8 as Latin-1 or as Windows-1252.

    Args:
        name: Of a class.

    Returns:
        What was meant; "" where letters are lost for good; the same where nothing was wrong.

    Source: ours.

    Example:
        >>> mended("MÃ¼cke"), mended("Mücke"), mended("M\ufffdcke")
        ('Mücke', 'Mücke', '')
    """
    if "\ufffd" in name or (any("\x80" <= letter <= "\x9f" for letter in name) and not _decoded(name)):
        return ""
    return _decoded(name) or name


def _decoded(name: str) -> str:
    for encoding in ("latin-1", "cp1252"):
        try:
            meant = name.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if meant != name:
            return meant
    return ""


def _background(gathered: Gathered) -> Iterator[Finding]:
    """Count the pictures with nothing in them that opening has not named one by one."""
    if gathered.dataset.task not in ("multi_label", "detection", "instance_segmentation", "keypoints"):
        return
    told = {one.key for one in gathered.dataset.findings if one.code in ("empty-label", "missing-label")}
    empty = [row for row, several in enumerate(gathered.classes) if not several]
    empty = [row for row in empty if gathered.name(row)[1] not in told]
    for row in empty:
        yield gathered.finding(row, "empty-label", "got no labels: a background picture", severity="note")
