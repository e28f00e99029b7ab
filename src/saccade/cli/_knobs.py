"""The knobs of a method as settings, read from its file without importing it: that would load torch for a --help.

Source: ours.
"""

from __future__ import annotations

import ast
from dataclasses import make_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from saccade import catalog
from saccade.training.settings import Settings, knob

_TYPES = {"int": int, "float": float, "str": str, "bool": bool}


@cache
def knobs_of(room: str, name: str) -> type[Settings]:
    """Read the knobs of a thing that a room offers.

    Args:
        room: Such as "explanations".
        name: One of `offers(room)`, whose file names a class of settings as it: `grad_cam = GradCam`.

    Returns:
        A class with the same fields: names, types, ranges, defaults and help.

    Source: ours.

    Example:
        >>> knobs_of("explanations", "rise")().to_dict()
        {'masks': 500, 'cells': 7, 'shown': 0.5}
    """
    tree = _parsed(catalog.offers(room)[name])
    named = next(
        one.value.id
        for one in tree.body
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Name) and _target(one) == name
    )
    fields = [(field, kind, knob(*values)) for field, (kind, values) in _fields(tree, named).items()]
    return make_dataclass(named, fields, bases=(Settings,), frozen=True)


def _parsed(module: str) -> ast.Module:
    path = Path(catalog.ROOT.parent, *module.split(".")).with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def _target(assignment: ast.Assign) -> str:
    first = assignment.targets[0]
    return first.id if isinstance(first, ast.Name) else ""


def _fields(tree: ast.Module, name: str) -> dict[str, tuple[Any, list[Any]]]:
    """The knobs of a class, those of the classes that it is made of first."""
    found: dict[str, tuple[Any, list[Any]]] = {}
    made = next((one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == name), None)
    if made is None:
        places = {part.name: one.module for one in tree.body if isinstance(one, ast.ImportFrom) for part in one.names}
        return _fields(_parsed(str(places[name])), name) if name in places and name != "Settings" else found
    for base in made.bases:
        if isinstance(base, ast.Name):
            found |= _fields(tree, base.id)
    for line in made.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.value, ast.Call) and isinstance(line.target, ast.Name):
            found[line.target.id] = (_type(line.annotation), [ast.literal_eval(one) for one in line.value.args])
    return found


def _type(annotation: ast.expr) -> Any:
    if ast.unparse(annotation) == "tuple[int, ...]":
        return tuple[int, ...]
    if isinstance(annotation, ast.Subscript):
        words = ast.literal_eval(annotation.slice)
        return Literal[words]
    return _TYPES[ast.unparse(annotation)]
