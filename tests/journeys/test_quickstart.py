"""The first minutes of a new user: without a network, without a warning, beside a broken library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

QUICKSTART = """
import numpy as np
import saccade
run = saccade.train("synthetic:count=80,size=16", model="conv 4 3, pool 2, gap", epochs=1, settings={"workers": 1})
print(run.evaluate(), run.report(), run.export(), sep="\\n")
prediction = saccade.load(run)(np.zeros((20, 30, 3), np.uint8))
prediction.plot().savefig("bars.png")
print(prediction._repr_html_(), run._repr_html_(), run.predictor()([np.zeros((9, 9), np.uint8)] * 2).to_dict())
"""
TORCHVISION = "raise RuntimeError('operator torchvision::nms does not exist')\n"


@pytest.fixture
def surroundings(tmp_path):
    """A home that is not there, and a torchvision that cannot be imported."""
    (tmp_path / "broken" / "torchvision").mkdir(parents=True)
    (tmp_path / "broken" / "torchvision" / "__init__.py").write_text(TORCHVISION)
    (tmp_path / "work").mkdir()
    (tmp_path / "temporary").mkdir()
    return {
        "PATH": os.environ["PATH"], "HOME": "/dev/null/nowhere", "PYTHONPATH": str(tmp_path / "broken"),
        "MPLCONFIGDIR": str(tmp_path / "temporary"), "TMPDIR": str(tmp_path / "temporary"), "LANG": "C.UTF-8",
    }  # fmt: skip


def run(command: list[str], folder: Path, surroundings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder / "work", env=surroundings, capture_output=True, text=True, timeout=120, check=False
    )


def test_nothing_warns_and_a_broken_torchvision_does_not_matter(tmp_path, surroundings):
    done = run([sys.executable, "-W", "error", "-c", QUICKSTART], tmp_path, surroundings)
    assert done.returncode == 0, done.stderr
    assert "arning" not in done.stderr
    assert (tmp_path / "work" / "bars.png").is_file()
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["bars.png", "runs"]


def test_no_network_is_needed(tmp_path, surroundings):
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody have a network of his own")
    done = run(["unshare", "-rn", sys.executable, "-c", QUICKSTART], tmp_path, surroundings)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "work" / "runs" / "synthetic-dcnn-1" / "card.html").is_file()
