"""The folder as the catalogue: what a room offers is read from its files, without importing them.

A file offers the names in its `__all__`, a literal list, and states its facts in `CARDS`, a literal dict with one
card for each of those names. There is no registry: to add a thing, add a file.

Source: ours.
"""

from __future__ import annotations

import ast
import fnmatch
import importlib
from functools import cache
from pathlib import Path
from typing import Any

from saccade.errors import UnknownName

ROOT = Path(__file__).parent
_SINGULAR = {
    "architectures": "architecture",
    "cli": "command",
    "data.checks": "check",
    "data.formats": "data format",
    "data.scenes": "kind of scene",
    "explanations": "method",
    "explanations.looks": "method",
    "inspect.traces": "trace",
    "lab": "experiment",
    "tasks": "task",
}


def offers(room: str, pattern: str = "*") -> dict[str, str]:
    """List what a room offers, without importing any of it.

    Args:
        room: A folder under saccade, dotted when nested: "architectures", "data.formats".
        pattern: Shell-style wildcards that a name must match.

    Returns:
        Each name, sorted, with the module that holds it.

    Source: ours.

    Example:
        >>> offers("architectures", "lenet5*")
        {'lenet5': 'saccade.architectures.lenet', 'lenet5_paper': 'saccade.architectures.lenet'}
    """
    return {name: module for name, module in _names(room).items() if fnmatch.fnmatchcase(name, pattern)}


def find(room: str, name: str) -> Any:
    """Import the one file that holds a name, and return what it names.

    Args:
        room: A folder under saccade.
        name: One of `offers(room)`.

    Returns:
        The function or class of that name.

    Raises:
        UnknownName: If the room has no such name; the nearest are offered.

    Source: ours.

    Example:
        >>> find("architectures", "lenet5").__name__
        'lenet5'
    """
    names = _names(room)
    if name not in names:
        raise UnknownName(_SINGULAR.get(room, room), name, names)
    return getattr(importlib.import_module(names[name]), name)


def cards(room: str, pattern: str = "*") -> dict[str, dict[str, Any]]:
    """Read the cards of a room, without importing its files.

    Args:
        room: A folder under saccade.
        pattern: Shell-style wildcards that a name must match.

    Returns:
        Each name's card, sorted by name; a name without a card has an empty one.

    Source: ours.

    Example:
        >>> cards("architectures")["lenet5"]["parameters"]
        61706
    """
    by_module = {module: _literals(_file(module)).get("CARDS", {}) for module in set(_names(room).values())}
    return {name: by_module[module].get(name, {}) for name, module in offers(room, pattern).items()}


@cache
def _names(room: str) -> dict[str, str]:
    folder = ROOT.joinpath(*room.split("."))
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.py")):
        if path.stem != "__init__":
            for name in _literals(path).get("__all__", []):
                found[name] = f"saccade.{room}.{path.stem}"
    return dict(sorted(found.items()))


def _file(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")[1:]).with_suffix(".py")


@cache
def _literals(path: Path) -> dict[str, Any]:
    """The literal values of `__all__` and `CARDS` in a file, read as text."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name, value = node.targets[0].id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            name, value = node.target.id, node.value
        else:
            continue
        if name in ("__all__", "CARDS"):
            found[name] = ast.literal_eval(value)
    return found
