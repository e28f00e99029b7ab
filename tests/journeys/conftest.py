"""What the journeys share: a server that forks a process for each command, and a browser without a window."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable

import pytest

from command_server import CommandServer


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with CommandServer(tmp_path_factory.mktemp("streams")) as started:
        yield started


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A way to run Chromium, each time with a home of its own, for five seconds of a page's time or as many as told."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium on PATH")
    quiet = [f"--disable-{what}" for what in ("gpu", "quic", "background-networking", "sync", "component-update")]
    quiet += ["--headless", "--no-first-run", "--hide-scrollbars", "--enable-logging=stderr"]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []

    def run(*arguments: str, milliseconds: int = 5000) -> subprocess.CompletedProcess[str]:
        home = tmp_path_factory.mktemp("chromium")
        time = f"--virtual-time-budget={milliseconds}"
        command = [found, *quiet, *sandbox, time, f"--user-data-dir={home}", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)

    return run
