"""What is shipped: the wheel is the source tree, no more, no less, and the same every time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import saccade

REPOSITORY = Path(__file__).parents[2]
PACKAGE = Path(saccade.__file__).parent


def wheel(folder: Path) -> Path:
    code = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        cwd=REPOSITORY,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"},
        capture_output=True,
        text=True,
        check=True,
    )
    return folder / done.stdout.split()[-1]


def test_the_wheel_holds_the_source_tree_and_two_builds_are_equal(tmp_path: Path) -> None:
    first, second = wheel(tmp_path / "first"), wheel(tmp_path / "second")
    assert first.read_bytes() == second.read_bytes()
    ours = {
        f"saccade/{path.relative_to(PACKAGE)}": path.read_bytes()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and tracked(path)
    }
    with zipfile.ZipFile(first) as archive:
        shipped = {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}
        described = {name.split("/")[-1] for name in archive.namelist() if ".dist-info/" in name}
    assert shipped.keys() == ours.keys()
    assert shipped == ours
    assert described >= {"METADATA", "WHEEL", "RECORD", "LICENSE", "entry_points.txt"}


def tracked(path: Path) -> bool:
    """Whether git would ship a file; true for all where there is no git."""
    done = subprocess.run(["git", "check-ignore", "-q", str(path)], cwd=REPOSITORY, capture_output=True, check=False)
    return done.returncode != 0


def test_nothing_that_is_shipped_is_an_executable_binary() -> None:
    magic = (b"\x7fELF", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"\x80\x04")
    binaries = [path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert [path for path in binaries if path.read_bytes()[:4].startswith(magic)] == []


def test_the_changelog_tells_of_this_version() -> None:
    text = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\S+)", text, re.MULTILINE)
    assert saccade.__version__ in headings[:2]
    assert headings[0] in ("Unreleased", saccade.__version__)


def test_the_licence_is_the_one_that_is_declared() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in (REPOSITORY / "LICENSE").read_text(encoding="utf-8")[:300]
