"""Every public thing says what it is for, in the sections that house style asks for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import saccade

PACKAGE = Path(saccade.__file__).parent
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
MODULES = {
    str(path.relative_to(PACKAGE)): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}


def says(node: Definition | ast.Module) -> str:
    return ast.get_docstring(node) or ""


def definitions() -> Iterator[tuple[str, Definition]]:
    """Public functions and classes at the top of each file, but for protocols: those only name what others do."""
    for path, tree in MODULES.items():
        for node in tree.body:
            if isinstance(node, Definition) and not node.name.startswith("_") and not is_protocol(node):
                yield f"{path}:{node.lineno} {node.name}", node


def is_protocol(node: Definition) -> bool:
    return isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases)


def methods() -> Iterator[tuple[str, Definition]]:
    """The public methods of those classes, but for `forward`, which is what its class says."""
    for where, node in definitions():
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, FUNCTIONS) and not item.name.startswith("_") and item.name != "forward":
                    yield f"{where}.{item.name}", item


def test_every_file_says_what_it_is_about() -> None:
    assert [path for path, tree in MODULES.items() if not says(tree)] == []


def test_every_public_thing_says_what_it_is_for() -> None:
    assert [where for where, node in [*definitions(), *methods()] if not says(node)] == []


def test_what_raises_says_what_and_when() -> None:
    raising = (
        (where, node)
        for where, node in [*definitions(), *methods()]
        if isinstance(node, FUNCTIONS) and any(isinstance(item, ast.Raise) for item in ast.walk(node))
    )
    assert [where for where, node in raising if "Raises:" not in says(node)] == []


def functions_that_take() -> Iterator[tuple[str, Definition]]:
    """Those with arguments; a variant may instead say whose arguments it takes, once they are described."""
    every = dict(definitions())
    full = {where.split()[1] for where, node in every.items() if "Args:" in says(node)}
    for where, node in every.items():
        same = re.search(r"[Aa]rguments as for `(\w+)`", says(node))
        takes = isinstance(node, FUNCTIONS) and (node.args.args or node.args.kwonlyargs or node.args.vararg)
        if takes and not (same and same[1] in full):
            yield where, node


def test_every_function_describes_its_arguments() -> None:
    assert [where for where, node in functions_that_take() if "Args:" not in says(node)] == []


def described(text: str) -> set[str]:
    """The names under `Args:`."""
    section = re.search(r"^Args:\n(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"^    \*?(\w+):", section[1], re.MULTILINE)) if section else set()


def taken(node: Definition) -> set[str]:
    """The names of the arguments of a function, or those that make a class: of __init__, or its fields."""
    if isinstance(node, ast.ClassDef):
        makers = [item for item in node.body if isinstance(item, FUNCTIONS) and item.name == "__init__"]
        fields = {ast.unparse(item.target) for item in node.body if isinstance(item, ast.AnnAssign)}
        fields = {name for name in fields if not name.startswith("_")}
        return taken(makers[0]) if makers else fields
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    return {argument.arg for argument in every if argument} - {"self", "cls"}


def test_the_arguments_that_are_described_are_all_there_are() -> None:
    wrong = {
        where: sorted(described(says(node)) ^ taken(node))
        for where, node in [*definitions(), *methods()]
        if described(says(node)) and described(says(node)) != taken(node)
    }
    assert wrong == {}


def test_every_function_describes_its_result() -> None:
    giving = (
        (where, node)
        for where, node in functions_that_take()
        if isinstance(node, FUNCTIONS) and node.returns and ast.unparse(node.returns) not in ("None", "NoReturn")
        if "contextlib.contextmanager" not in map(ast.unparse, node.decorator_list)
    )
    assert [where for where, node in giving if not {"Returns:", "Yields:"} & set(says(node).split())] == []


def test_everything_names_its_source() -> None:
    """A paper and its equation, or "ours"; a file may say it once for all that is in it."""
    silent = [
        where
        for where, node in definitions()
        if "Source:" not in says(node) + says(MODULES[where.split(":")[0]]) and not where.startswith("errors.py")
    ]
    assert silent == []
