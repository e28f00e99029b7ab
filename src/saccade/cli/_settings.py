"""Settings on the command line: every field of a set of knobs is a flag.

Source: ours.
"""

from __future__ import annotations

import argparse
import contextlib
import typing
from collections.abc import Collection
from dataclasses import fields
from typing import Any

from saccade.cli._parser import offering
from saccade.training.settings import Settings, choices_of, field_types

SETTING = "setting_"
_SWITCH = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}
_METAVARS = {int: "N", float: "X", str: "TEXT"}


def add_settings(group: Any, kind: type[Settings], *, without: Collection[str] = ()) -> set[str]:
    """Add a flag for each setting; its text is read later, so that every wrong one is listed at once.

    Args:
        group: Of arguments.
        kind: Which settings.
        without: Names whose flag is there already.

    Returns:
        The names of the settings.

    Source: ours.
    """
    added = [one for one in fields(kind) if one.name not in without]
    for one in added:
        _add(group, one.name, str(one.metadata["help"]).replace("%", "%%"), one.default, field_types(kind)[one.name])
    return {one.name for one in added}


def given_settings(options: argparse.Namespace, kind: type[Settings]) -> dict[str, Any]:
    """Read the settings that the flags gave.

    Args:
        options: What the words said.
        kind: Which settings.

    Returns:
        Name and value of each; a text that is no number stays one, to be refused with all the others.

    Source: ours.
    """
    return {
        one.name: _read(field_types(kind)[one.name], getattr(options, SETTING + one.name))
        for one in fields(kind)
        if hasattr(options, SETTING + one.name)
    }


def _add(group: Any, name: str, told: str, default: Any, kind: Any) -> None:
    words = choices_of(kind)
    flag, dest = f"--{name.replace('_', '-')}", SETTING + name
    if kind is bool:
        shown = f"{told} (default {'on' if default else 'off'})"
        group.add_argument(
            flag, action=argparse.BooleanOptionalAction, dest=dest, default=argparse.SUPPRESS, help=shown
        )  # fmt: skip
        return
    listed = f": {', '.join(words)}" if words else ""
    several = typing.get_origin(kind) is tuple
    shown = "none" if default in ("", ()) else ",".join(map(str, default)) if several else default
    action = group.add_argument(
        flag,
        dest=dest,
        default=argparse.SUPPRESS,
        metavar="WORD" if words else "N,N,…" if several else _METAVARS[kind],
        help=f"{told}{listed} (default {shown})",
    )
    if words:
        offering(action, lambda: words)


def _read(kind: Any, value: Any) -> Any:
    """A number where the text is one, else the text as it is."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            if typing.get_origin(kind) is tuple:
                return tuple(int(part) for part in value.split(","))
            return kind(value) if kind in (int, float) else value
    return value


def setting_value(kind: Any, text: str) -> Any:
    """Read the value of a setting that stands in a word with others.

    Args:
        kind: The type of the setting.
        text: The value, as it was typed.

    Returns:
        A number or a switch where the text is one, else the text as it is, to be refused with all others.

    Source: ours.

    Example:
        >>> setting_value(float, "1e-3"), setting_value(bool, "off"), setting_value(int, "many")
        (0.001, False, 'many')
    """
    if kind is bool:
        return _SWITCH.get(text.lower(), text)
    with contextlib.suppress(ValueError):
        return kind(text) if kind in (int, float) else text
    return text
