"""Several processes train together, as torchrun starts them: the result of one, and no word too many if it goes wrong.

All but the last test set torchrun's variables themselves, which saves the seconds that it and torch take to begin.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from command_server import Command, CommandServer
from pictures import dark_and_light
from saccade.weights.files import read_tensors

MODEL = "conv 4 3 norm, pool 2, conv 4 3 norm, gap, dense 2"
SETTINGS = ["--model", MODEL, "--height", "24", "--batch-size", "7", "--threads", "1", "--epochs", "3",
            "--ema-decay", "0.9", "--optimizer", "nesterov", "--learning-rate", "0.01",
            "--warmup-epochs", "0"]  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A working folder with 40 pictures of two kinds, one of which cannot be read; the last batch of 7 is small."""
    root = tmp_path_factory.mktemp("work")
    dark_and_light(root)
    broken = root / "photos" / "dark" / "3.png"
    broken.write_bytes(broken.read_bytes()[:200])
    return root


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def start(
    server: CommandServer, place: Path, *words: str, world: int = 2, before: dict[int, str] | None = None
) -> list[Command]:
    """Start `saccade` as so many processes that train together."""
    port = str(free_port())
    commands = []
    for rank in range(world):
        told = {"RANK": str(rank), "WORLD_SIZE": str(world), "LOCAL_RANK": str(rank), "LOCAL_WORLD_SIZE": str(world),
                "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}  # fmt: skip
        code = f"os.environ.update({told!r})\n{(before or {}).get(rank, '')}"
        commands.append(server.start(place, *words, before=code))
    return commands


def run(server: CommandServer, place: Path, *words: str, world: int = 2) -> str:
    """Train to the end; only the first process may say anything."""
    commands = start(server, place, *words, world=world)
    codes = [command.wait() for command in commands]
    assert codes == [0] * world, [command.complaints() for command in commands]
    assert [command.prints() + command.complaints() for command in commands[1:]] == [""] * (world - 1)
    return commands[0].prints()


def wait_for(command: Command, word: str, times: int = 1) -> None:
    deadline = time.monotonic() + 120
    while command.prints().count(word) < times:
        assert time.monotonic() < deadline, command.complaints()
        time.sleep(0.005)


def curve(folder: Path, kind: str = "StepDone", part: str = "losses") -> list[dict[str, float]]:
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    return [event[part] for event in events if event["event"] == kind]


def assert_near(one: Path, other: Path) -> None:
    """Losses and weights to 1e-5."""
    for name in ("last.safetensors", "best.safetensors"):
        mine, others = read_tensors(one / name)[0], read_tensors(other / name)[0]
        kept = {key: value for key, value in mine.items() if not key.startswith("optimizer.")}
        assert mine.keys() == others.keys()
        torch.testing.assert_close(kept, {key: others[key] for key in kept}, rtol=1e-5, atol=1e-5)


@pytest.fixture(scope="module")
def alone(server, place):
    code, _, err = server.run(place, "train", "photos", *SETTINGS, "--out", "alone")
    assert code == 0, err
    return place / "alone"


@pytest.mark.parametrize("world", [2, 3])
def test_several_processes_are_one_with_the_same_batches(server, place, alone, world):
    printed = run(server, place, "train", "photos", *SETTINGS, "--out", f"by{world}", world=world)
    together = place / f"by{world}"
    assert "state  finished" in printed
    assert_near(together, alone)
    losses = [[step["cross_entropy"] for step in curve(folder)] for folder in (together, alone)]
    assert len(losses[0]) == len(losses[1])
    assert np.abs(np.subtract(*losses)).max() < 1e-5
    for part in ("images", "best"):
        assert curve(together, "EpochDone", part) == curve(alone, "EpochDone", part)
    figures = [
        [epoch["accuracy"] for epoch in curve(folder, "EpochDone", "validation")] for folder in (together, alone)
    ]
    assert figures[0] == figures[1]
    assert list(curve(together, "FileSetAside", "key")) == ["dark/3.png"]
    assert {path.name for path in together.iterdir()} == {path.name for path in alone.iterdir()}


@pytest.mark.parametrize("worlds", [(2, 1), (1, 2)])
def test_a_run_stopped_by_a_signal_to_any_process_goes_on_with_another_number_of_them(server, place, alone, worlds):
    name = f"from{worlds[0]}"
    commands = start(server, place, "train", "photos", *SETTINGS, "--out", name, "--json", world=worlds[0])
    wait_for(commands[0], '"StepDone"', 3)
    commands[-1].signal(signal.SIGTERM)
    assert [command.wait() for command in commands] == [143] * worlds[0]
    assert commands[0].prints().count('"RunStopped"') == 1
    assert "the state is saved" in commands[0].complaints()
    assert all(command.complaints() == "" for command in commands[1:])
    run(server, place, "train", "--resume", name, world=worlds[1])
    assert_near(place / name, alone)


def test_a_process_that_is_killed_or_stands_still_is_named(server, place):
    for number, word in ((signal.SIGKILL, "process 1"), (signal.SIGSTOP, "process 1 in 3 s")):
        patience = "os.environ['SACCADE_PATIENCE'] = '3'"
        words = ["train", "photos", *SETTINGS, "--epochs", "200", "--out", f"lost-{number}", "--json"]
        commands = start(server, place, *words, before={0: patience, 1: patience})
        wait_for(commands[0], '"StepDone"', 2)
        commands[1].signal(number)
        assert commands[0].wait() == 1
        assert f"got no word from {word}" in commands[0].complaints()
        assert "--resume" in commands[0].complaints()
        if number == signal.SIGSTOP:
            commands[1].signal(signal.SIGKILL)
        commands[1].wait()


def test_an_error_of_one_process_is_told_once_and_ends_all(server, place):
    elsewhere = "os.makedirs('elsewhere', exist_ok=True); os.chdir('elsewhere')"
    commands = start(server, place, "train", "photos", *SETTINGS, "--out", "blind", before={1: elsewhere})
    assert [command.wait() for command in commands] == [1, 2]
    assert commands[0].complaints() == ""
    assert commands[1].complaints().startswith("saccade: process 1: ")
    assert "photos" in commands[1].complaints()


def test_what_is_wrong_in_all_processes_is_told_by_the_first(server, place, alone):
    for words, code, told in (
        (["photos", "--epochs", "-1"], 2, "got epochs=-1"),
        (["photos", *SETTINGS, "--out", "alone"], 2, "holds a run already"),
        (["nowhere", *SETTINGS], 2, "nowhere"),
        (["photos", *SETTINGS, "--batch-size", "1"], 2, "got batch_size=1 for 2 processes"),
    ):
        commands = start(server, place, "train", *words)
        assert [command.wait() for command in commands] == [code, code], commands[0].complaints()
        assert told in commands[0].complaints()
        assert commands[1].complaints() == ""
    assert not (place / "runs").exists()


def test_wrong_variables_of_a_launcher_are_all_named(server, place):
    wrong = {"RANK": "2", "WORLD_SIZE": "2", "MASTER_ADDR": "", "MASTER_PORT": "http"}
    code, _, err = server.run(place, "train", "photos", *SETTINGS, before=f"os.environ.update({wrong!r})")
    assert code == 2
    for name in ("RANK='2'", "without LOCAL_RANK", "MASTER_ADDR=''", "MASTER_PORT='http'"):
        assert f"got {name}" in err or name in err


def test_a_process_killed_under_torchrun_begins_again_and_ends_with_the_same_bits(server, place):
    """As the shell would: torchrun --nproc-per-node 2 --max-restarts 1 -m saccade train …"""
    words = ["train", "photos", *SETTINGS, "--epochs", "6", "--checkpoint-steps", "2", "--json"]
    run(server, place, *words, "--out", "never-killed")
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--max-restarts", "1",
               "--master-port", str(free_port()), "-m", "saccade", *words]  # fmt: skip
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as launcher:
        assert launcher.stdout is not None
        for line in launcher.stdout:
            if '"StepDone"' in line and json.loads(line)["step"] == 5:
                os.kill(_child_of(launcher.pid, rank=1), signal.SIGKILL)
                break
        rest, complaints = launcher.communicate(timeout=240)
    assert launcher.returncode == 0, complaints[:3000] + rest
    assert '"RunFinished"' in rest
    (folder,) = (place / "runs").iterdir()
    for name in ("last.safetensors", "best.safetensors"):
        one, two = read_tensors(folder / name)[0], read_tensors(place / "never-killed" / name)[0]
        assert [key for key in one if not torch.equal(one[key], two[key])] == [], name
    assert curve(folder) == curve(place / "never-killed")


def _child_of(parent: int, rank: int) -> int:
    """The process of a rank, among those that a launcher started."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            ours = int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent
            if ours and f"\0RANK={rank}\0" in "\0" + (folder / "environ").read_text():
                return int(folder.name)
        except OSError:
            continue
    raise AssertionError("no such process")
