"""The package as a whole: its version, its names, and what it says of itself."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import saccade

REPOSITORY = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_version_is_the_same_everywhere() -> None:
    assert saccade.__version__ == PROJECT["version"] == importlib.metadata.version("saccade")


@pytest.mark.parametrize("name", sorted(saccade._HOMES))
def test_every_public_name_leads_to_something_that_says_what_it_is(name: str) -> None:
    assert (getattr(saccade, name).__doc__ or "").strip()


def test_the_public_names_are_listed() -> None:
    assert set(saccade._HOMES) | {"__version__"} <= set(dir(saccade))


@pytest.mark.bad_input
def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'saccade' has no attribute 'trian'"):
        _ = saccade.trian


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(saccade.__file__).parent / "py.typed").is_file()


def test_the_command_is_installed_and_is_the_module() -> None:
    as_module = subprocess.run(
        [sys.executable, "-m", "saccade", "--version"], capture_output=True, text=True, check=True
    )
    assert as_module.stdout == f"saccade {saccade.__version__}\n"
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="saccade")
    assert script.value == PROJECT["scripts"]["saccade"]


def test_what_develops_saccade_is_pinned_exactly() -> None:
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert all(pins.values())
    wanted = PROJECT["dependencies"] + [line for group in PROJECT["optional-dependencies"].values() for line in group]
    names = {line.split(">")[0].split("[")[0].split("<")[0] for line in wanted} - {"saccade"}
    known = {name.lower().replace("_", "-") for name in pins}
    assert {name for name in names if name.lower() not in known} == set()
