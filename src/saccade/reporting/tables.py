"""The plain facts: data, settings, environment, as rows of a name and a value.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from saccade.errors import printable
from saccade.reporting.facts import SPLITS, CardFacts
from saccade.reporting.phrases import counted
from saccade.training.events import FileSetAside
from saccade.training.settings import TrainingSettings

Rows = tuple[tuple[str, str], ...]
_LISTED_FILES, _LISTED_LABELS = 50, 200


@dataclass(frozen=True)
class Data:
    """The section on the data.

    Args:
        name: Of the data set.
        splits: (split, images, fingerprint) of each.
        origin: What opens it again.
        labels: The names of the classes, the first 200.
        more_labels: How many more there are.
        set_aside: (file, reason) of those that could not be read, the first fifty.
        more_set_aside: How many more there are.

    Source: ours.
    """

    name: str
    splits: tuple[tuple[str, str, str], ...]
    origin: Rows
    labels: tuple[str, ...]
    more_labels: int
    set_aside: Rows
    more_set_aside: int


@dataclass(frozen=True)
class Settings:
    """The settings: (name, value, default, meaning) of those that were changed, then the others."""

    changed: tuple[tuple[str, str, str, str], ...]
    kept: tuple[tuple[str, str, str, str], ...]


def data_section(facts: CardFacts) -> Data | None:
    """Lay out what is known of the data.

    Args:
        facts: Of the card.

    Returns:
        The section; None when nothing is known and no file was set aside.

    Source: ours.
    """
    data: Mapping[str, Any] = facts.description.get("data") or {}
    aside = {event.key: event.reason for event in facts.events if isinstance(event, FileSetAside)}
    aside |= dict(facts.set_aside)
    if not data and not aside:
        return None
    prints, labels = data.get("fingerprints") or {}, tuple(data.get("labels") or ())
    splits = tuple(
        (SPLITS.get(str(split), str(split)), f"{count:,}", str(prints.get(split, "")))
        for split, count in (data.get("counts") or {}).items()
    )
    listed = tuple((printable(key), printable(reason)) for key, reason in list(aside.items())[:_LISTED_FILES])
    return Data(
        str(data.get("name", "")),
        splits,
        flat_rows(data.get("origin") or {}),
        labels[:_LISTED_LABELS],
        max(0, len(labels) - _LISTED_LABELS),
        listed,
        len(aside) - len(listed),
    )


def settings_section(values: Mapping[str, Any]) -> Settings | None:
    """Set the settings that were changed apart from those left at their defaults.

    Args:
        values: By name, as the run's description holds them; unknown names count as changed.

    Returns:
        The section; None without settings.

    Source: ours.

    Example:
        >>> settings_section({"epochs": 3, "seed": 0}).changed
        (('epochs', '3', '10', 'passes over the training images'),)
    """
    if not values:
        return None
    knobs = TrainingSettings.__dataclass_fields__
    rows: dict[bool, list[tuple[str, str, str, str]]] = {True: [], False: []}
    for name, value in values.items():
        default = knobs[name].default if name in knobs else ""
        meaning = str(knobs[name].metadata.get("help", "")) if name in knobs else ""
        default = list(default) if isinstance(default, tuple) else default  # as JSON has it
        rows[value != default].append((name, plain_text(value), plain_text(default), meaning))
    return Settings(tuple(rows[True]), tuple(rows[False]))


def environment_section(description: Mapping[str, Any]) -> tuple[tuple[str, Rows], ...]:
    """Lay out what the run ran on.

    Args:
        description: As `run.json` holds it.

    Returns:
        (title, rows) of each part that is known.

    Source: ours.

    Example:
        >>> environment_section({"versions": {"torch": "2.6"}})
        (('Versions', (('torch', '2.6'),)),)
    """
    parts = {"machine": "Machine", "versions": "Versions", "execution": "Execution"}
    return tuple((title, flat_rows(description[part])) for part, title in parts.items() if description.get(part))


def model_rows(description: Mapping[str, Any]) -> Rows:
    """Lay out how the network was made and what it takes.

    Args:
        description: As `run.json` holds it.

    Returns:
        Rows; () when nothing is known.

    Source: ours.
    """
    return tuple(
        row
        for part in ("model", "preprocessing")
        if isinstance(description.get(part), Mapping)
        for row in flat_rows(description[part])
    )


def flat_rows(values: Mapping[str, Any], prefix: str = "") -> Rows:
    """Lay out a mapping as rows; a mapping inside is laid out too.

    Args:
        values: Plain values by name.
        prefix: Set before each name.

    Returns:
        (name, value) of each.

    Source: ours.

    Example:
        >>> flat_rows({"a": 1, "b": {"c": [2, 3]}})
        (('a', '1'), ('b: c', '2, 3'))
    """
    rows: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            rows += flat_rows(value, f"{prefix}{name}: ")
        else:
            rows.append((prefix + str(name).replace("_", " "), plain_text(value)))
    return tuple(rows)


def plain_text(value: Any) -> str:
    """Write a plain value.

    Args:
        value: A number, a text, a truth, a list of them, or None.

    Returns:
        As a reader wants it, on one line.

    Source: ours.

    Example:
        >>> plain_text(True), plain_text([1, 2.5]), plain_text(None)
        ('yes', '1, 2.5', '–')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "":
        return "–"
    if isinstance(value, Sequence) and not isinstance(value, str):
        many = len(value) > 20
        return ", ".join(map(plain_text, value[:20])) + (f", … ({counted(len(value), 'value')})" if many else "")
    return printable(str(value))
