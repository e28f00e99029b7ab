"""Never lose a run: stopped in any way at any moment, it goes on to the bits of one that never was."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from command_server import Command
from pictures import dark_and_light, hashes
from saccade.weights.files import non_finite, read_tensors

MODEL = "conv 4 3 norm, pool 2, conv 4 3, gap, dropout 0.2, dense 2"
SETTINGS = ["--model", MODEL, "--height", "24", "--batch-size", "4", "--threads", "1", "--epochs", "4",
            "--ema-decay", "0.9", "--optimizer", "nesterov", "--learning-rate", "0.01"]  # fmt: skip
STEPS = 4 * 8


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A working folder with pictures of two kinds, one of them without its last two bytes."""
    root = tmp_path_factory.mktemp("work")
    dark_and_light(root)
    cut = root / "photos" / "dark" / "0.jpg"
    Image.fromarray(np.full((24, 24, 3), 40, np.uint8)).save(cut)
    (root / "photos" / "dark" / "0.png").unlink()
    cut.write_bytes(cut.read_bytes().removesuffix(b"\xff\xd9"))
    return root


@pytest.fixture(scope="module")
def reference(server, place):
    """A run that nobody stopped; and the pictures are what they were."""
    before = hashes(place / "photos")
    code, _, err = server.run(place, "train", "photos", *SETTINGS, "--out", "whole")
    assert code == 0, err
    assert hashes(place / "photos") == before
    return place / "whole"


def assert_same_bits(run: Path, other: Path) -> None:
    for name in ("last.safetensors", "best.safetensors"):
        one, two = read_tensors(run / name)[0], read_tensors(other / name)[0]
        assert one.keys() == two.keys()
        assert [key for key in one if not torch.equal(one[key], two[key])] == [], name


def wait_for_steps(command: Command, steps: int) -> None:
    """Follow the events of a run until so many steps are done, or it is over."""
    deadline = time.monotonic() + 60
    while command.prints().count('"StepDone"') < steps:
        assert time.monotonic() < deadline, command.complaints()
        if '"RunFinished"' in command.prints():
            return
        time.sleep(0.002)


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_run_stopped_again_and_again_ends_with_the_bits_of_one_that_never_was(
    server, place, reference, request, number, code, workers
):
    dice = random.Random(f"{number} {workers}")
    stops = 12 if request.config.getoption("--full") else 6
    run = place / f"stopped-{number.name}-{workers}"
    words = ["train", "photos", *SETTINGS, "--workers", workers, "--out", run.name]
    if number == signal.SIGKILL:
        words += ["--checkpoint-steps", str(dice.choice([1, 3]))]
    for stop in range(stops):
        started = words if not run.exists() else ["train", "--resume", run.name]
        command = server.start(place, *started, "--json")
        wait_for_steps(command, dice.randrange(1, STEPS // stops))
        time.sleep(dice.random() * 0.01)
        command.signal(number)
        ended = command.wait()
        if '"RunFinished"' in command.prints():  # the signal came too late to matter
            break
        assert ended == code, (stop, command.complaints())
        assert "Traceback" not in command.complaints()
    code, out, err = server.run(place, "train", "--resume", run.name)
    assert code == 0, err
    assert "state  finished" in out
    assert_same_bits(run, reference)
    assert {path.name for path in run.iterdir()} == {path.name for path in reference.iterdir()}


def test_a_killed_run_that_never_saved_begins_again(server, place, reference):
    words = ["train", "photos", *SETTINGS, "--out", "early"]
    for delay in (0.0, 0.05, 0.1, 0.15):
        command = server.start(place, *words)
        time.sleep(delay)
        command.signal(signal.SIGKILL)
        command.wait()
        if (place / "early" / "run.json").exists():
            words = ["train", "--resume", "early"]
    code, _, err = server.run(place, *words)
    assert code == 0, err
    assert_same_bits(place / "early", reference)


def test_a_request_to_end_may_reach_the_workers_too(server, place):
    """As from a queue system; with pictures so large that it comes while the run waits for its workers."""
    noise = np.random.default_rng(0)
    for number in range(12):
        path = place / "large" / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise.integers(0, 255, (900, 900, 3), dtype=np.uint8)).save(path, compress_level=1)
    words = ["train", "large", *SETTINGS, "--workers", "2", "--out"]
    command = server.start(place, *words, "group", "--json")
    wait_for_steps(command, 2)
    command.signal(signal.SIGTERM, group=True)
    assert command.wait() == 143, command.complaints()
    assert server.run(place, "train", "--resume", "group")[0] == 0
    assert server.run(place, *words, "alone")[0] == 0
    assert_same_bits(place / "group", place / "alone")


def test_a_run_is_repeated_and_extended_to_the_same_bits(server, place, reference):
    before = hashes(place / "photos")
    code, _, err = server.run(place, "train", "--repeat", "whole", "--out", "again")
    assert code == 0, err
    assert_same_bits(place / "again", reference)
    for name, first in (("short", "1"), ("long", "3")):
        words = [*SETTINGS, "--schedule", "constant", "--epochs", first, "--out", name]
        assert server.run(place, "train", "photos", *words)[0] == 0
    assert server.run(place, "train", "--resume", "short", "--epochs", "3")[0] == 0
    assert_same_bits(place / "short", place / "long")
    assert hashes(place / "photos") == before


def test_numbers_that_run_away_stop_the_run_and_leave_finite_files(server, place):
    words = ["train", "photos", *SETTINGS, "--optimizer", "sgd", "--learning-rate", "1e9", "--out", "away"]
    code, _, err = server.run(place, *words)
    assert code == 3, err
    named = [path.name for path in (place / "photos").rglob("*.*") if f"/{path.name}" in err]
    assert 1 <= len(named) <= 8
    assert "lower the learning rate" in err
    files = list((place / "away").glob("*.safetensors"))
    assert place / "away" / "last.safetensors" in files
    assert [path for path in files if non_finite(read_tensors(path)[0])] == []
    state = json.loads(server.run(place, "info", "away", "--json")[1])
    assert state["state"] == "stopped"


def test_a_file_that_may_grow_no_further_is_a_full_disk_and_what_was_there_stays(server, place):
    """The limit is below the size of a checkpoint and above that of everything else."""
    words = [*SETTINGS, "--model", "dense 40, dense 2", "--epochs", "1", "--out", "limited"]
    assert server.run(place, "train", "photos", *words)[0] == 0
    before = hashes(place / "limited")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))"
    code, _, err = server.run(place, "train", "--resume", "limited", "--epochs", "2", before=limit)
    assert code == 5, err
    assert "disk full" in err
    assert "free some space" in err
    after = hashes(place / "limited")
    assert {name: after[name] for name in ("last.safetensors", "best.safetensors")} == {
        name: before[name] for name in ("last.safetensors", "best.safetensors")
    }
    assert set(after) == set(before)
    assert server.run(place, "train", "--resume", "limited", "--epochs", "2")[0] == 0


SMALL_DISK = """
import atexit, ctypes, os
if ctypes.CDLL(None, use_errno=True).unshare(0x10020000) != 0:  # a mount and a user namespace of its own
    os._exit(77)
open("/proc/self/setgroups", "w").write("deny")
open("/proc/self/uid_map", "w").write("0 {user} 1")
open("/proc/self/gid_map", "w").write("0 {group} 1")
if os.system("mount -t tmpfs -o size=512k tmpfs small") != 0:
    os._exit(77)
atexit.register(lambda: os.system("cp -a small/run kept"))
"""


def test_a_full_disk_is_said_so_and_the_state_before_is_whole(server, place):
    """On a disk of 512 kB of the process' own, a state of 400 kB fits, but not beside the one before it."""
    (place / "small").mkdir()
    words = [*SETTINGS, "--model", "dense 28, dense 2", "--ema-decay", "0", "--out", "small/run"]
    code, _, err = server.run(
        place, "train", "photos", *words, before=SMALL_DISK.format(user=os.getuid(), group=os.getgid())
    )
    if code == 77:
        pytest.skip("this machine lets nobody mount a file system of his own")
    assert code == 5, err
    assert "disk full" in err
    assert [path.name for path in (place / "kept").iterdir() if path.suffix == ".tmp"] == []
    assert non_finite(read_tensors(place / "kept" / "last.safetensors")[0]) == []
    assert server.run(place, "train", "--resume", "kept")[0] == 0


def test_two_at_once_in_one_folder_are_one_too_many(server, place, reference):
    words = ["train", "photos", *SETTINGS, "--out", "both", "--json"]
    first = server.start(place, *words)
    wait_for_steps(first, 1)
    first.signal(signal.SIGSTOP)
    code, _, err = server.run(place, *words)
    assert code == 7, err
    assert "another run trains just now" in err
    code, _, err = server.run(place, "train", "--resume", "both")
    assert code == 7, err
    first.signal(signal.SIGCONT)
    assert first.wait() == 0
    assert_same_bits(place / "both", reference)
