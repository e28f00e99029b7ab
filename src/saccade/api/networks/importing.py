"""A network from a file of the user's own, named as `package.module:name`.

Source: the form is that of entry points in Python's packaging.
"""

from __future__ import annotations

import importlib
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from saccade.errors import BadConfig, UnknownName, printable

_RAISED = (
    ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, NameError, OSError, RuntimeError,
    SyntaxError, SystemExit, TypeError, ValueError,
)  # fmt: skip


def imported(word: str) -> nn.Module:
    """Import what a word such as "package.module:name" names, from the current folder too, as `python -m` does.

    Args:
        word: The module, a colon, and a name in it: a module of PyTorch, or a class or function that makes one when it
            is called without arguments.

    Returns:
        The module of PyTorch.

    Raises:
        BadConfig: If it cannot be imported or called, or gives something else; the cause is attached.
        UnknownName: If the module has no such name; the nearest are offered.

    Source: ours.

    Example:
        >>> imported("torch.nn:ReLU")
        ReLU()
    """
    where, _, name = word.partition(":")
    if where.endswith(".py") or not all(part.isidentifier() for part in [*where.split("."), *name.split(".")]):
        meant = f"{Path(where).stem}:{name or 'name'}" if where.endswith(".py") else "package.module:name"
        raise BadConfig(
            f"got {word!r}; taken is a module as after import, a colon, and a name in it; write it as {meant!r}"
        )
    with _current_folder():
        found = _found(word, _module(word, where), name)
        made = found if isinstance(found, nn.Module) else _called(word, found)
    if not isinstance(made, nn.Module):
        raise BadConfig(
            f"got {word!r}, which gives a {type(made).__name__}; taken is a torch.nn.Module, or what makes one without "
            "arguments; name that"
        )
    return made


@contextmanager
def _current_folder() -> Iterator[None]:
    """Let modules in the current folder be found, and only for now."""
    before = list(sys.path)
    sys.path.insert(0, str(Path.cwd()))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = before


def _module(word: str, where: str) -> ModuleType:
    try:
        return importlib.import_module(where)
    except _RAISED as error:
        if isinstance(error, ModuleNotFoundError) and error.name and f"{where}.".startswith(f"{error.name}."):
            raise BadConfig(
                f"got {word!r}, and there is no module {error.name!r} in {printable(str(Path.cwd()))} or installed; "
                "taken is one that Python can import; correct the name, or go to its folder"
            ) from error
        raise BadConfig(
            f"got {word!r}, whose import ends in {_told(error)}; taken is a module that Python can import; "
            f"correct it: python -c 'import {where}' must go through"
        ) from error


def _found(word: str, module: ModuleType, name: str) -> Any:
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            known = [key for key, value in vars(found).items() if isinstance(value, nn.Module | Callable)]
            raise UnknownName(f"name in {word.partition(':')[0]}", part, known)
        found = getattr(found, part)
    return found


def _called(word: str, make: Any) -> Any:
    if not callable(make):
        return make
    needed = _needed(make)
    if needed:
        raise BadConfig(
            f"got {word!r}, which needs {', '.join(needed)}; taken is what can be called without arguments; "
            "write a function that calls it with them, and name that"
        )
    try:
        return make()
    except _RAISED as error:
        raise BadConfig(
            f"got {word!r}, which ends in {_told(error)} when it is called; taken is what makes a torch.nn.Module "
            "without arguments; correct it"
        ) from error


def _needed(make: Callable[..., Any]) -> list[str]:
    """The arguments that have no default."""
    try:
        parameters = inspect.signature(make).parameters.values()
    except (TypeError, ValueError):  # some of what is written in C does not say
        return []
    free = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [each.name for each in parameters if each.default is each.empty and each.kind not in free]


def _told(error: BaseException) -> str:
    """A stranger's error on one line, with the place where it was raised."""
    told = f"{type(error).__name__}: {error}".strip(": ").replace(";", ",").partition("\n")[0][:200]
    if isinstance(error, SyntaxError):  # says itself where it is
        return printable(told)
    last = traceback.extract_tb(error.__traceback__)[-1]
    return printable(f"{told} ({Path(last.filename).name}, line {last.lineno})")
