"""What every suite shares: shapes checked while testing, real data by environment variable, and an honest last line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

LONG = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-shapes", action="store_true", help="do not check the shapes in annotations (bad input)")
    parser.addoption("--full", action="store_true", help="run the long forms too")


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--no-shapes"):
        from jaxtyping import install_import_hook

        config.add_cleanup(install_import_hook("saccade", "shapes.checked").uninstall)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--full"):
        long = [item for item in items if item.get_closest_marker("full")]
        config.stash[LONG] = len(long)
        vars(config).get("workeroutput", {})["long"] = len(long)
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("full")]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear from a worker process how many long forms it left out; each leaves out the same."""
    node.config.stash[LONG] = vars(node).get("workeroutput", {}).get("long", 0)


def _folder(variable: str) -> Path:
    value = os.environ.get(variable, "")
    if not value:
        pytest.skip(f"{variable} is not set")
    folder = Path(value).resolve()
    if not folder.is_dir():
        pytest.fail(f"{variable} names {folder}, which is no folder")
    return folder


@pytest.fixture(scope="session")
def saccade_data() -> Path:
    """The folder of real data sets and weights."""
    return _folder("SACCADE_DATA")


@pytest.fixture(scope="session")
def saccade_oracle() -> Path:
    """The folder of recorded outputs of the reference libraries."""
    return _folder("SACCADE_ORACLE")


@pytest.fixture
def cuda() -> Any:
    """A CUDA device, on which what was computed on the processor is computed again."""
    import torch

    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device here")
    return torch.device("cuda")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    full = terminalreporter.config.stash.get(LONG, 0)
    reasons: dict[str, int] = {}
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"not run: {count} ({reason})", yellow=True)
    if full:
        terminalreporter.write_line(f"not run: {full} long forms (./do test --full)", yellow=True)
