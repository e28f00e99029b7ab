"""The tree drawn at the top of errors.py is the tree."""

from __future__ import annotations

import re

from saccade import errors

LINE = re.compile(r"^(?P<indent>[ │├└─]*)(?P<name>[A-Z]\w+)(?P<rest>.*)$")
BUILT_IN = re.compile(r"\b(ValueError|LookupError|ArithmeticError|OSError|ImportError|RuntimeError|PermissionError)\b")


def drawn() -> dict[str, tuple[str, str]]:
    """Each name in the drawing, with its parent and the rest of its line."""
    found, above = {}, {}
    for line in (errors.__doc__ or "").splitlines():
        match = LINE.match(line)
        if match and (match["indent"].endswith("─ ") or match["name"] == "SaccadeError"):
            depth = len(match["indent"]) // 4
            above[depth] = match["name"]
            found[match["name"]] = (above.get(depth - 1, ""), match["rest"])
    return found


def test_every_error_is_drawn_under_its_parent() -> None:
    real = {
        kind.__name__: next((base.__name__ for base in kind.__bases__ if issubclass(base, errors.SaccadeError)), "")
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.SaccadeError)
    }
    assert {name: parent for name, (parent, _) in drawn().items()} == real


def test_every_error_is_the_built_in_kind_that_is_drawn() -> None:
    for name, (_, rest) in drawn().items():
        for built_in in BUILT_IN.findall(rest):
            assert built_in in {base.__name__ for base in getattr(errors, name).__mro__}, f"{name} is no {built_in}"


def test_the_exit_codes_and_statuses_are_those_drawn() -> None:
    for name, (_, rest) in drawn().items():
        kind = getattr(errors, name)
        if "exit" in rest and name != "Interrupted":
            assert f"exit {kind.exit_code}" in rest
        if "HTTP" in rest:
            assert f"HTTP {kind.http_status}" in rest


def test_the_drawing_and_the_list_of_names_agree() -> None:
    assert set(drawn()) | {"nearest"} == set(errors.__all__)
