"""What the tests of the verbs share: a process that is not tuned, and a way to run a command and see all of it."""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from collections import namedtuple

import pytest

import saccade.api
from saccade.cli.main import main

Done = namedtuple("Done", "code out err")


@pytest.fixture(autouse=True, scope="session")
def everything_is_there():
    """Import all verbs first: one imported while a test has put something in a function's place would keep it."""
    for module in pkgutil.walk_packages(saccade.api.__path__, "saccade.api."):
        importlib.import_module(module.name)


@pytest.fixture(autouse=True)
def untouched_process(monkeypatch, tmp_path):
    monkeypatch.setenv("SACCADE_MEMORY", "0")
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "matplotlib"))
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "torch"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)


@pytest.fixture
def saccade_command(capsys):
    def run(*words):
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        assert "BeartypeDecorHint" not in captured.err, captured.err
        return Done(code, captured.out, captured.err)

    return run
