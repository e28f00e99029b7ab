"""A great many pictures on the command line: killed, stopped, gone on with, here and by Ray; no row twice or lost."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import saccade
from command_server import CommandServer
from saccade.api.many.stored import StoredPredictions

SAID = ["predict", "run", "many", "--json", "--batch-size", "8", "--top", "2"]
INTO = ["predict", "run", "many", "--out", "out", "--part-size", "8", "--batch-size", "8", "--top", "2"]
RAY = ["--cluster", "local", "--workers", "2"]
PARTS = 38


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, server: CommandServer) -> Path:
    """A model, and a folder of 302 pictures, two of which are broken; and what is plainly predicted for them."""
    place, random = tmp_path_factory.mktemp("many"), np.random.default_rng(0)
    for label, low in (("dark", 0), ("light", 128)):
        (place / "photos" / label).mkdir(parents=True)
        for number in range(6):
            pixels = random.integers(low, low + 128, (24, 24, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(place / "photos" / label / f"{number}.png")
    settings = {"threads": 1, "batch_size": 4}
    saccade.train(place / "photos", model="conv 4 3, gap", settings=settings, epochs=1, out=place / "run", listeners=[])
    (place / "many").mkdir()
    for number in range(300):
        picture = place / "photos" / ("dark", "light")[number % 2] / f"{number % 6}.png"
        os.link(picture, place / "many" / f"{number:03}.png")
    (place / "many" / "077-broken.png").write_bytes(b"no picture")
    (place / "many" / "empty.jpg").touch()
    code, out, err = server.run(place, *SAID)
    assert code == 0, err
    (place / "plain.jsonl").write_text(out)
    return place


@pytest.fixture
def out(place: Path):
    yield place / "out"
    shutil.rmtree(place / "out", ignore_errors=True)


def parts_in(out: Path, more: int) -> int:
    """Wait until so many parts more are there than there were."""
    before, limit = len(list(out.glob("part-*"))), time.monotonic() + 120
    while (there := len(list(out.glob("part-*")))) < before + more:
        assert time.monotonic() < limit, "no part came"
        time.sleep(0.005)
    return there


def by_ray(place: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "saccade", *INTO, *RAY]
    return subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def check(place: Path, printed: str, complained: str) -> None:
    """The rows are those of plain prediction, to the byte, and nothing else lies there."""
    assert "parts are there already" in complained
    assert printed == f"out        out\nfiles      {PARTS}\npredicted  300\nleft out   2\n"
    stored = StoredPredictions(place / "out")
    assert "".join(path.read_text("ascii") for path in stored.files) == (place / "plain.jsonl").read_text()
    assert len({row["key"] for row in stored}) == 302
    assert len(list((place / "out").iterdir())) == PARTS + 1


def test_a_job_that_is_killed_and_then_stopped_loses_nothing(server: CommandServer, place: Path, out: Path) -> None:
    killed = server.start(place, *INTO)
    parts_in(out, 2)
    killed.signal(signal.SIGKILL)
    assert killed.wait() == -9
    stopped = server.start(place, *INTO)
    assert 4 <= parts_in(out, 2) < PARTS
    stopped.signal(signal.SIGTERM)
    assert stopped.wait() == 143
    assert "Traceback" not in stopped.complaints()
    assert "the same command goes on with the rest" in stopped.complaints()
    code, printed, complained = server.run(place, *INTO)
    assert code == 0, complained
    check(place, printed, complained)


@pytest.fixture
def ray() -> None:
    if importlib.util.find_spec("ray") is None:
        pytest.skip("the extra cluster is not installed")
    if torch.cuda.is_available():
        pytest.skip("rows are compared to the byte on processors")


@pytest.mark.usefixtures("ray")
def test_ray_goes_on_with_a_job_that_was_killed_here(server: CommandServer, place: Path, out: Path) -> None:
    killed = server.start(place, *INTO)
    assert parts_in(out, 2) < PARTS
    killed.signal(signal.SIGKILL)
    killed.wait()
    printed, complained = by_ray(place).communicate(timeout=200)
    check(place, printed, complained)
    said = [line.split(": ")[1] for line in complained.splitlines()]  # Ray itself says nothing
    assert all(words.startswith("left out many/") or " parts " in words for words in said), complained


@pytest.mark.full
@pytest.mark.usefixtures("ray")
def test_a_ray_job_that_is_stopped_and_then_killed_goes_on_to_the_same_rows(place: Path, out: Path) -> None:
    stopped = by_ray(place)
    parts_in(out, 1)
    stopped.send_signal(signal.SIGTERM)
    _, complained = stopped.communicate(timeout=100)
    assert stopped.returncode == 143
    assert [line[:14] for line in complained.splitlines()[-3:]] == [
        "saccade: got s",
        "  what is done",
        "  the same com",
    ]
    killed = by_ray(place)
    assert parts_in(out, 1) < PARTS
    killed.kill()
    killed.communicate(timeout=100)
    printed, complained = by_ray(place).communicate(timeout=200)
    check(place, printed, complained)
