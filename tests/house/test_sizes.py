"""What stays small: files, functions, signatures; and what does not exist: marks of unfinished work."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import saccade

REPOSITORY = Path(__file__).parents[2]
PACKAGE = Path(saccade.__file__).parent
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SOURCES = sorted(PACKAGE.rglob("*.py"))
FILES = SOURCES + sorted(
    path for folder in ("tests", "benchmarks", "scripts") for path in (REPOSITORY / folder).rglob("*.py")
)


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def functions(files: list[Path]) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of some files, each with where it stands."""
    for path in files:
        for node in ast.walk(ast.parse(text(path))):
            if isinstance(node, FUNCTIONS):
                yield f"{path.relative_to(REPOSITORY)}:{node.lineno} {node.name}", node


def arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return [argument.arg for argument in every if argument.arg not in ("self", "cls")]


def test_no_file_is_longer_than_400_lines() -> None:
    limits = {path: 600 if path.is_relative_to(REPOSITORY / "tests") else 400 for path in FILES}
    assert [str(path) for path, limit in limits.items() if len(text(path).splitlines()) > limit] == []


def test_no_function_is_longer_than_60_lines() -> None:
    assert [where for where, node in functions(FILES) if (node.end_lineno or 0) - node.lineno >= 60] == []


def test_no_signature_has_more_than_seven_arguments() -> None:
    assert [where for where, node in functions(SOURCES) if len(arguments(node)) > 7] == []


def test_no_public_signature_hides_arguments() -> None:
    public = ((where, node) for where, node in functions(SOURCES) if not node.name.startswith("_"))
    assert [where for where, node in public if node.args.kwarg] == []


def test_nothing_is_marked_as_left_for_later() -> None:
    marks = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
    assert [str(path) for path in FILES if marks.search(text(path))] == []


def test_nothing_is_a_stub() -> None:
    def is_stub(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        body = [item for item in node.body if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))]
        return len(body) == 1 and (
            isinstance(body[0], ast.Pass)
            or (isinstance(body[0], ast.Raise) and "NotImplementedError" in ast.unparse(body[0]))
        )

    assert [where for where, node in functions(SOURCES) if is_stub(node)] == []


def test_only_the_doors_catch_everything() -> None:
    """There are two: the command line's own, and the one where strangers' bytes are decoded."""
    doors = ("cli/main.py", "data/reading.py")
    broad = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in SOURCES
        if not str(path.relative_to(PACKAGE)).startswith(doors)
        for node in ast.walk(ast.parse(text(path)))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or ast.unparse(node.type) == "Exception")
    ]
    assert broad == []
