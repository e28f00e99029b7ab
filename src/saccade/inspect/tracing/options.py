"""What each trace takes, read from its function as text: nothing is imported, so that help is quick.

Source: ours.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from saccade import catalog
from saccade.errors import BadConfig, UnknownName, offer

ROOM = "inspect.traces"
_TAKES = {"int": int, "float": (int, float), "str": str, "bool": bool}
_WORDS = {"int": "a whole number", "float": "a number", "str": "a word", "bool": "true or false", "None": "None"}


@dataclass(frozen=True)
class Option:
    """One argument of a trace.

    Args:
        name: Its name.
        kinds: The types in its annotation: ("int", "str").
        default: Its default as it is written in the file.
        about: What its docstring says.

    Source: ours.
    """

    name: str
    kinds: tuple[str, ...]
    default: str
    about: str

    def takes(self, value: Any) -> bool:
        """Tell whether a value is of one of its types; types other than the plain ones look for themselves."""
        if not set(self.kinds) <= {*_TAKES, "None"}:
            return True
        if isinstance(value, bool) or value is None:
            return ("bool" if value is not None else "None") in self.kinds
        return any(isinstance(value, _TAKES[kind]) for kind in self.kinds if kind not in ("None", "bool"))

    def wanted(self) -> str:
        """Say which values are taken."""
        return " or ".join(_WORDS.get(kind, kind) for kind in self.kinds)


@cache
def traces() -> dict[str, str]:
    """List the traces.

    Returns:
        Each name with the first line of its docstring.

    Source: ours.

    Example:
        >>> traces()["iou"]
        'Show how much two boxes have in common: intersection over union'
    """
    return {name: _docstring(name).partition("\n")[0].rstrip(".") for name in catalog.offers(ROOM)}


@cache
def options_of(name: str) -> dict[str, Option]:
    """Read what a trace takes from its signature and its docstring.

    Args:
        name: One of `traces()`.

    Returns:
        Its arguments by name, in their order.

    Raises:
        UnknownName: If there is no such trace; the nearest are offered.

    Source: ours.

    Example:
        >>> options_of("pool")["window"].kinds, options_of("pool")["kind"].default
        (('int',), "'max'")
    """
    taken = _function(name).args
    told = _told(_docstring(name))
    defaults = [*([None] * (len(taken.args) - len(taken.defaults))), *taken.defaults, *taken.kw_defaults]
    return {
        argument.arg: Option(
            argument.arg,
            tuple(part.strip() for part in ast.unparse(argument.annotation).split("|")) if argument.annotation else (),
            ast.unparse(default) if default else "",
            told.get(argument.arg, ""),
        )
        for argument, default in zip([*taken.args, *taken.kwonlyargs], defaults, strict=True)
    }


def check_options(name: str, options: Mapping[str, Any]) -> None:
    """Refuse options that a trace does not take; all that are wrong are listed at once.

    Args:
        name: One of `traces()`.
        options: Values by name.

    Raises:
        UnknownName: If there is no such trace.
        BadConfig: If an option is unknown or of another type.

    Source: ours.

    Example:
        >>> check_options("pool", {"window": 3})
    """
    known = options_of(name)
    problems = [
        f"got option {option!r} for the trace {name!r}; {offer(option, known)}"
        if option not in known
        else f"got {option}={value!r}; taken is {known[option].wanted()}; change it"
        for option, value in options.items()
        if option not in known or not known[option].takes(value)
    ]
    if problems:
        raise BadConfig("\n".join(problems))


@cache
def _function(name: str) -> ast.FunctionDef:
    modules = catalog.offers(ROOM)
    if name not in modules:
        raise UnknownName("trace", name, modules)
    path = catalog.ROOT.joinpath(*modules[name].split(".")[1:]).with_suffix(".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)


def _docstring(name: str) -> str:
    return inspect.cleandoc(ast.get_docstring(_function(name)) or "")


def _told(docstring: str) -> dict[str, str]:
    """What the section `Args:` says of each argument."""
    section = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", docstring, re.MULTILINE | re.DOTALL)
    found = re.findall(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", section[1], re.MULTILINE) if section else []
    return {name: " ".join(text.split()).rstrip(".") for name, text in found}
