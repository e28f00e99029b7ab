"""Model files: whole or not there at all, read back to the bit, and never executed."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import pickle
import resource
import shutil
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from saccade.errors import BadCheckpoint, StorageFull
from saccade.weights import files

OLD, NEW = {"weight": torch.zeros(64)}, {"weight": torch.ones(64)}


def write(path: Path, tensors: dict[str, Tensor], step: int = 0) -> None:
    files.write_tensors(path, tensors, {"step": step})


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(".tmp"))


# What is written comes back.


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16, torch.int64, torch.bool]
)
def test_every_bit_comes_back(tmp_path: Path, dtype: torch.dtype) -> None:
    tensors = {
        "many": torch.arange(6).reshape(2, 3).to(dtype),
        "one": torch.tensor(1).to(dtype),
        "none": torch.empty(0, dtype=dtype),
    }
    write(tmp_path / "a.safetensors", tensors)
    back, _ = files.read_tensors(tmp_path / "a.safetensors")
    assert back.keys() == tensors.keys()
    assert all(torch.equal(back[name], tensor) and back[name].dtype == dtype for name, tensor in tensors.items())


def test_not_a_number_and_negative_zero_come_back(tmp_path: Path) -> None:
    odd = torch.tensor([float("nan"), float("inf"), -0.0, 5e-324], dtype=torch.float64)
    write(tmp_path / "a.safetensors", {"odd": odd})
    back, _ = files.read_tensors(tmp_path / "a.safetensors")
    assert torch.equal(back["odd"].view(torch.int64), odd.view(torch.int64))


def test_tensors_that_share_memory_or_are_strided_are_each_whole(tmp_path: Path) -> None:
    base = torch.arange(12.0).reshape(3, 4)
    write(tmp_path / "a.safetensors", {"base": base, "column": base[:, 1], "turned": base.t()})
    back, _ = files.read_tensors(tmp_path / "a.safetensors")
    assert back["column"].tolist() == [1.0, 5.0, 9.0]
    assert torch.equal(back["turned"], base.t())


def test_the_description_comes_back_with_or_without_the_tensors(tmp_path: Path) -> None:
    description = {"labels": ["Käse", "日本"], "size": [32, 32], "rate": 0.1, "none": None}
    files.write_tensors(tmp_path / "a.safetensors", OLD, description)
    assert files.read_tensors(tmp_path / "a.safetensors")[1] == description
    assert files.read_description(tmp_path / "a.safetensors") == description


def test_a_file_of_someone_else_has_an_empty_description(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(raw({"w": entry([1], 0, 4)}, bytes(4)))
    back, description = files.read_tensors(tmp_path / "a.safetensors")
    assert back["w"].tolist() == [0.0]
    assert description == {}


@pytest.mark.parametrize("size", [0x0280, 0x0380, 0x0480, 0x0580])
def test_a_header_whose_length_looks_like_a_pickle_is_read(tmp_path: Path, size: int) -> None:
    header = json.dumps({"w": entry([1], 0, 4)}).ljust(size).encode()
    (tmp_path / "a.safetensors").write_bytes(raw(header, bytes(4)))
    assert list(files.read_tensors(tmp_path / "a.safetensors")[0]) == ["w"]


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "c.safetensors", OLD)
    assert (tmp_path / "a" / "b" / "c.safetensors").is_file()


def test_a_long_name_with_odd_characters_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 100 + " \n-.safetensors")
    write(path, OLD)
    assert path.is_file()


def test_a_number_that_json_cannot_hold_is_no_description(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        files.write_tensors(tmp_path / "a.safetensors", OLD, {"loss": float("nan")})
    assert not list(tmp_path.iterdir())


# Trial 33: the disk is full.


@pytest.fixture
def at_most_a_megabyte() -> Iterator[None]:
    """Let no file of this process grow beyond 1 MiB, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("at_most_a_megabyte")
def test_a_file_that_does_not_fit_leaves_the_old_one_whole(tmp_path: Path) -> None:
    write(tmp_path / "a.safetensors", OLD, step=1)
    with pytest.raises(StorageFull, match=r"disk full while writing .*a.safetensors; .*; free some space") as caught:
        write(tmp_path / "a.safetensors", {"weight": torch.ones(1 << 20)}, step=2)
    assert isinstance(caught.value, OSError)
    assert files.read_description(tmp_path / "a.safetensors") == {"step": 1}
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_every_way_a_disk_says_full_is_told_apart_from_other_errors(tmp_path: Path, number: int) -> None:
    def no_room(_: Any) -> None:
        raise OSError(number, os.strerror(number))

    with pytest.raises(StorageFull):
        files.write_whole(tmp_path / "a", no_room)
    assert list(tmp_path.iterdir()) == []


def test_an_error_that_is_not_about_room_stays_itself(tmp_path: Path) -> None:
    def broken(_: Any) -> None:
        raise OSError(errno.EIO, "the disk is dying")

    with pytest.raises(OSError, match="dying") as caught:
        files.write_whole(tmp_path / "a", broken)
    assert not isinstance(caught.value, StorageFull)
    assert list(tmp_path.iterdir()) == []


ON_A_FULL_DISK = """
import subprocess, sys
from pathlib import Path
import torch
from saccade.errors import StorageFull
from saccade.weights.files import read_tensors, write_tensors

folder = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=10m", "tmpfs", str(folder)], check=True)
path = folder / "last.safetensors"
write_tensors(path, {"weight": torch.full((1 << 20,), 1.0)}, {"step": 1})
try:
    write_tensors(path, {"weight": torch.full((1 << 21,), 2.0)}, {"step": 2})
except StorageFull as error:
    tensors, description = read_tensors(path)
    assert description == {"step": 1} and bool((tensors["weight"] == 1).all())
    print([item.name for item in folder.iterdir()], error)
"""


def test_a_real_disk_of_ten_megabytes_runs_full_and_nothing_is_lost(tmp_path: Path) -> None:
    private = ["unshare", "-m", "sh", "-c", f"mount -t tmpfs tmpfs '{tmp_path}'"]
    if shutil.which("unshare") is None or subprocess.run(private, capture_output=True, check=False).returncode:
        pytest.skip("this system allows no private tmpfs")
    command = ["unshare", "-m", sys.executable, "-c", ON_A_FULL_DISK, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("['last.safetensors'] got disk full")


# Trial 36: the n-th operation on the disk fails, for every n.

OPERATIONS = ["fsync", "open", "close"]


class InjectedError(OSError):
    """What the injected fault raises."""


class Fault:
    """Let the n-th operation on the disk fail, once or for ever after (as when the machine dies there)."""

    def __init__(self, at: int, for_ever: bool) -> None:
        self.left, self.for_ever, self.struck = at, for_ever, False

    def strike(self) -> None:
        self.left -= 1
        if self.left == 0 or (self.left < 0 and self.for_ever):
            self.struck = True
            raise InjectedError(errno.EIO, "injected")

    def around(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        def injected(*arguments: Any, **options: Any) -> Any:
            self.strike()
            return operation(*arguments, **options)

        return injected


class TornFile:
    """A file whose writes may stop half-way."""

    def __init__(self, file: Any, fault: Fault) -> None:
        self.file, self.fault = file, fault

    def __enter__(self) -> TornFile:
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()

    def write(self, data: bytes) -> int:
        self.file.write(data[: len(data) // 2])
        self.fault.strike()
        return self.file.write(data[len(data) // 2 :])

    def flush(self) -> None:
        self.fault.strike()
        self.file.flush()

    def fileno(self) -> int:
        return self.file.fileno()


def inject(patch: pytest.MonkeyPatch, fault: Fault) -> None:
    for name in OPERATIONS:
        patch.setattr(files.os, name, fault.around(getattr(os, name)))
    opened = fault.around(Path.open)
    patch.setattr(Path, "replace", fault.around(Path.replace))
    patch.setattr(Path, "open", lambda *arguments: TornFile(opened(*arguments), fault))
    if fault.for_ever:
        patch.setattr(Path, "unlink", fault.around(Path.unlink))


def save_with_a_fault(path: Path, at: int, for_ever: bool) -> bool:
    """Save NEW over OLD, and tell whether the fault was reached at all."""
    write(path, OLD, step=1)
    fault = Fault(at, for_ever)
    with pytest.MonkeyPatch.context() as patch, contextlib.suppress(InjectedError):
        inject(patch, fault)
        write(path, NEW, step=2)
    return fault.struck


@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "for ever after"])
def test_a_fault_at_any_operation_leaves_the_old_file_or_the_new(tmp_path: Path, for_ever: bool) -> None:
    path, reached, seen = tmp_path / "a.safetensors", 0, set()
    while save_with_a_fault(path, reached + 1, for_ever):
        reached += 1
        tensors, description = files.read_tensors(path)
        assert torch.equal(tensors["weight"], {1: OLD, 2: NEW}[description["step"]]["weight"]), f"operation {reached}"
        seen.add(description["step"])
        assert for_ever or leftovers(tmp_path) == [], f"operation {reached}"
    assert reached >= 6
    assert seen == {1, 2}


# Trial 35: kill -9.

KILLED_AT_RANDOM = """
import os, random, signal, sys, time
from pathlib import Path
import torch
from saccade.weights.files import read_tensors, write_tensors

torch.set_num_threads(1)
path, generator, steps = Path(sys.argv[1]), random.Random(0), set()

def save(step):
    write_tensors(path, {"weight": torch.full((1 << 16,), float(step))}, {"step": step})

start = time.perf_counter()
for step in range(5):
    save(step)
span = (time.perf_counter() - start) / 5
for _ in range(50):
    child = os.fork()
    if child == 0:
        while True:
            step += 1
            save(step)
    time.sleep(generator.uniform(0, 3 * span))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    tensors, description = read_tensors(path)
    assert bool((tensors["weight"] == description["step"]).all()), "torn"
    assert description["step"] >= step, "went back"
    step = description["step"]
    steps.add(step)
print(len(steps))
"""


def test_fifty_kills_at_random_moments_of_saving_tear_no_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED_AT_RANDOM, str(tmp_path / "last.safetensors")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5, "the kills must fall among saves for this to say anything"


# Trial 37: nothing is ever unpickled.


class Bomb:
    """Runs a command when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.canary}",)


@pytest.mark.bad_input
@pytest.mark.parametrize("name", ["model.pt", "model.pth", "model.safetensors"])
@pytest.mark.parametrize("form", ["zip", "legacy", "protocol 0", "protocol 2", "protocol 5"])
@pytest.mark.parametrize("read", [files.read_tensors, files.read_description])
def test_a_pickle_bomb_is_refused_and_does_not_go_off(tmp_path: Path, name: str, form: str, read: Any) -> None:
    path, bomb = tmp_path / name, Bomb(tmp_path / "canary")
    if form.startswith("protocol"):
        path.write_bytes(pickle.dumps(bomb, protocol=int(form[-1])))
    else:
        torch.save(bomb, path, _use_new_zipfile_serialization=form == "zip")
    with pytest.raises(BadCheckpoint, match=r"taken are .*safetensors files"):
        read(path)
    assert not bomb.canary.exists()


# Trial 38: malformed files.


def entry(shape: list[int], start: int, end: int, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def raw(header: Any, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


TWICE = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}'
MALFORMED = {
    "empty": b"",
    "shorter than a length": b"1234567",
    "header of 2**63 bytes": raw(b"{}", length=2**63),
    "header of 100 MB": raw(b"{}", length=100_000_001),
    "header longer than the file": raw(b"{}", length=10_000),
    "header that is not JSON": raw(b"{nope"),
    "header that is not UTF-8": raw(b'{"\xff": 1}'),
    "header that is a list": raw([1]),
    "header nested 100,000 deep": raw(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "overlap": raw({"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, bytes(12)),
    "hole": raw({"a": entry([1], 0, 4), "b": entry([1], 8, 12)}, bytes(12)),
    "trailing bytes": raw({"a": entry([1], 0, 4)}, bytes(9)),
    "cut short": raw({"a": entry([4], 0, 16)}, bytes(8)),
    "shape that is not the span": raw({"a": entry([3], 0, 8)}, bytes(8)),
    "the same name twice": raw(TWICE, bytes(8)),
    "negative side": raw({"a": entry([-1], 0, 4)}, bytes(4)),
    "span that runs backwards": raw({"a": entry([1], 4, 0)}, bytes(4)),
    "unknown dtype": raw({"a": entry([1], 0, 4, "OBJECT")}, bytes(4)),
    "shape that overflows": raw({"a": entry([2**40, 2**40], 0, 4)}, bytes(4)),
    "metadata that is no text": raw({"__metadata__": {"saccade": 3}}),
    "description that is not JSON": raw({"__metadata__": {"saccade": "{"}}),
    "description that is a list": raw({"__metadata__": {"saccade": "[]"}}),
    "description nested 100,000 deep": raw({"__metadata__": {"saccade": "[" * 100_000}}),
}


@pytest.mark.bad_input
@pytest.mark.parametrize("what", MALFORMED)
@pytest.mark.parametrize("read", [files.read_tensors, files.read_description])
def test_a_malformed_file_is_a_bad_checkpoint_at_once(tmp_path: Path, what: str, read: Any) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(MALFORMED[what])
    start = time.process_time()
    with pytest.raises(BadCheckpoint, match=r"a.safetensors.*; taken (is|are) "):
        read(path)
    assert time.process_time() - start < 0.1


@pytest.mark.bad_input
@pytest.mark.parametrize("where", ["nowhere.safetensors", "."])
def test_what_is_no_file_is_a_bad_checkpoint(tmp_path: Path, where: str) -> None:
    with pytest.raises(BadCheckpoint, match="which is no file"):
        files.read_tensors(tmp_path / where)


@pytest.mark.bad_input
def test_a_file_cut_anywhere_is_a_bad_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    write(path, NEW)
    whole = path.read_bytes()
    for cut in range(0, len(whole), 7):
        path.write_bytes(whole[:cut])
        with pytest.raises(BadCheckpoint):
            files.read_tensors(path)


# Loading into a network, and what to look for in one.


def test_a_state_that_fits_is_loaded(tmp_path: Path) -> None:
    network = nn.Linear(2, 1)
    files.load_state(network, {"weight": torch.tensor([[1.0, 2.0]]), "bias": torch.tensor([3.0])}, "a.safetensors")
    assert network(torch.tensor([[10.0, 100.0]])).item() == 213.0


@pytest.mark.bad_input
def test_a_state_that_does_not_fit_lists_every_difference_and_loads_nothing() -> None:
    network = nn.Linear(2, 1)
    before = network.weight.detach().clone()
    with pytest.raises(BadCheckpoint) as caught:
        files.load_state(network, {"weight": torch.ones(1, 3), "extra": torch.ones(1)}, "a.safetensors")
    for difference in ("missing bias", "not wanted extra", "weight is (1, 3), wanted (1, 2)"):
        assert difference in str(caught.value)
    assert torch.equal(network.weight, before)


@pytest.mark.bad_input
def test_of_many_differences_ten_are_listed_and_the_rest_counted() -> None:
    network = nn.Sequential(*[nn.Linear(1, 1) for _ in range(10)])
    with pytest.raises(BadCheckpoint, match=r"and 10 more; taken are the 20 tensors of Sequential"):
        files.load_state(network, {}, "a.safetensors")


def test_tensors_that_are_not_finite_are_named() -> None:
    tensors = {
        "whole": torch.ones(2, dtype=torch.int64),
        "inf": torch.tensor([1.0, -torch.inf]),
        "nan": torch.tensor(torch.nan),
    }
    assert files.non_finite(tensors) == ["inf", "nan"]


def test_what_is_written_can_be_read_by_whom_the_umask_allows(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write(tmp_path / "a.safetensors", OLD)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.safetensors").stat().st_mode) == 0o644
