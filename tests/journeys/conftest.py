"""What the journeys share: a server that forks a process for each command."""

from __future__ import annotations

import pytest

from command_server import CommandServer


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with CommandServer(tmp_path_factory.mktemp("streams")) as started:
        yield started
