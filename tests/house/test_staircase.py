"""The rooms are a staircase, and everything in them can be imported."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import saccade

REPOSITORY = Path(__file__).parents[2]
PACKAGE = Path(saccade.__file__).parent
MODULES = sorted(
    ".".join(("saccade", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
)


def test_every_import_goes_down_the_staircase() -> None:
    code = "import sys; from importlinter import cli; sys.exit(cli.lint_imports(no_cache=True, no_logo=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_every_module_imports_and_says_what_it_is_about() -> None:
    modules = [importlib.import_module(name) for name in MODULES if name != "saccade.__main__"]
    assert [module.__name__ for module in modules if not module.__doc__] == []


def test_a_room_imports_nothing_by_being_imported() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        if path.parent != PACKAGE:
            lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
            assert len(lines) == 1, f"{path} says more than what the room is"
            assert lines[0].startswith('"""')


def test_no_room_is_named_after_nothing() -> None:
    forbidden = {"utils", "util", "helpers", "helper", "common", "core", "misc", "base"}
    assert not forbidden & {part for name in MODULES for part in name.split(".")}
