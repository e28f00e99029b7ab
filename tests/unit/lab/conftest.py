"""What the tests of the experiments share: a comparison of seconds, made once."""

from __future__ import annotations

import pytest

from saccade.lab.degradation import degradation

TINY = {"depths": (8, 20), "width": 2, "size": 8, "epochs": 2, "batch_size": 16, "probes": 3, "threads": 1}
DATA = "synthetic:count=60,size=8"


@pytest.fixture(scope="session")
def tiny():
    return DATA, TINY


@pytest.fixture(scope="session")
def compared(tmp_path_factory):
    """Plain and residual networks of 8 and 20 layers; nobody writes to its folder."""
    return degradation(DATA, settings=TINY, out=tmp_path_factory.mktemp("lab") / "tiny")
