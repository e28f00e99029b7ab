"""A run on the command line that is stopped: once it saves and ends, twice it ends at once, and it goes on later."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SLOW = ["--model", "conv 32 7, conv 32 7, gap, dense 2", "--height", "96", "--batch-size", "8", "--threads", "1"]
QUICK = ["--model", "conv 4 3, gap, dense 2", "--height", "24", "--batch-size", "4", "--threads", "1"]


@pytest.fixture
def photos(tmp_path):
    random = np.random.default_rng(0)
    for label in ("dark", "light"):
        (tmp_path / "photos" / label).mkdir(parents=True)
        for number in range(16):
            pixels = random.integers(0, 128, (24, 24, 3)) + (128 if label == "light" else 0)
            Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / "photos" / label / f"{number}.png")
    return tmp_path


def start(folder: Path, *words: str, **streams: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "saccade", "train", *words]
    return subprocess.Popen(
        command, cwd=folder, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    )  # fmt: skip


def wait_for(process: subprocess.Popen[bytes], kind: str) -> None:
    """Read the stream of events until one of a kind has come."""
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line).get("event") == kind:
            return
    pytest.fail(f"no {kind} came: {process.communicate()[1].decode()}")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_saves_and_goes_on_later(photos, number, code):
    process = start(photos, "photos", *QUICK, "--epochs", "10000", "--out", "run", "--json")
    wait_for(process, "EpochDone")
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    assert process.returncode == code
    told = err.decode()
    assert "Traceback" not in told
    assert "saccade train --resume run" in told
    events = [json.loads(line)["event"] for line in out.splitlines()]
    assert events[-2:] == ["CheckpointSaved", "RunStopped"]
    done = len([1 for line in (photos / "run" / "events.jsonl").read_text().splitlines() if '"EpochDone"' in line])
    process = start(photos, "--resume", "run", "--epochs", str(done + 1))
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err.decode()
    assert b"state  finished" in out
    assert b"going on from epoch" in err


def test_a_second_interrupt_ends_it_at_once(photos):
    process = start(photos, "photos", *SLOW, "--epochs", "100", "--out", "run", "--json")
    wait_for(process, "StepDone")
    process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    began = time.perf_counter()
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert time.perf_counter() - began < 10
    assert b"Traceback" not in err
    done = subprocess.run([sys.executable, "-m", "saccade", "info", "run/last.safetensors"], cwd=photos, check=False)
    assert done.returncode == 0


def test_a_terminal_shows_a_bar_and_stdout_only_the_result(photos):
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"}
    process = subprocess.Popen(
        [sys.executable, "-m", "saccade", "train", "photos", *SLOW, "--epochs", "1", "--out", "run"],
        cwd=photos, env=environment, stdout=subprocess.PIPE, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while process.poll() is None or select.select([ours], [], [], 0)[0]:
        try:
            seen += os.read(ours, 65536) if select.select([ours], [], [], 0.2)[0] else b""
        except OSError:  # the other end is closed
            break
    out, _ = process.communicate(timeout=120)
    os.close(ours)
    shown = seen.decode()
    assert process.returncode == 0, shown
    assert "━" in shown
    assert "1 epoch done in" in shown
    assert out.decode().startswith("run    run\nstate  finished\n")
    assert b"\x1b" not in out
