"""Fetching published weights: whole, checked and kept, or nothing at all, however the server behaves."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import resource
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bad_server import Manner, serving
from saccade.errors import BadCheckpoint, BadConfig, Denied, SaccadeError, StorageFull, Unreachable
from saccade.weights import fetching
from saccade.weights.convert import content_hash
from saccade.weights.fetching import cache_folder, fetch, keep, read_fetched
from saccade.weights.files import read_description, read_tensors
from saccade.weights.ledger import Entry, entry_of
from saccade.weights.transfer import Limits

QUICK = Limits(connect=2, wait=0.5, slowest=1e6, grace=0.3, attempts=3, pause=0.01)
TENSORS = {
    "conv.weight": torch.arange(200_000, dtype=torch.float32).reshape(2, 1, 100, 1000),
    "half": torch.ones(3, dtype=torch.float16),
}


def saved(values: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(values, buffer)
    return buffer.getvalue()


PTH = saved(TENSORS)


def entry(body: bytes = PTH, **changes: object) -> Entry:
    """A published file with a certain content."""
    values = {"sha256": hashlib.sha256(body).hexdigest()[:8], "mebibytes": len(body) / 2**20, **changes}
    return replace(entry_of("resnet18", "imagenet"), **values)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the tester's own environment matters."""
    for name in ("SACCADE_CACHE", "SACCADE_WEIGHTS", "SACCADE_COMMERCIAL_ONLY", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def got(manner: Manner, cache: Path, wanted: Entry | None = None) -> Path:
    with serving(manner) as address:
        return fetch(wanted or entry(), cache=cache, source=address, limits=QUICK)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# What is fetched is what was published, once.


def test_a_file_is_fetched_checked_converted_and_kept(cache: Path) -> None:
    seen: list[tuple[int, int]] = []
    manner = Manner(PTH)
    with serving(manner) as address:
        path = fetch(
            entry(), cache=cache, source=address + "/folder/", limits=QUICK, progress=lambda *at: seen.append(at)
        )
    assert path == cache / "resnet18-f37072fd.safetensors"
    assert manner.asked == [("/folder/resnet18-f37072fd.pth", "")]
    assert seen[-1] == (len(PTH), len(PTH))
    tensors = read_fetched(path)
    assert torch.equal(tensors["conv.weight"], TENSORS["conv.weight"])
    assert tensors["half"].dtype == torch.float32
    described = read_description(path)
    assert described["sha256"] == hashlib.sha256(PTH).hexdigest()
    assert described["licence"] == entry().licence
    assert left(cache) == [path.name]


def test_a_full_cache_needs_no_connection(cache: Path) -> None:
    path = got(Manner(PTH), cache)
    assert fetch(entry(), cache=cache, source="http://127.0.0.1:9", limits=QUICK) == path


def test_a_mirror_is_a_folder_or_an_address_named_by_a_variable(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / entry().file).write_bytes(PTH)
    monkeypatch.setenv("SACCADE_WEIGHTS", str(tmp_path / "mirror"))
    assert fetch(entry(), cache=cache).is_file()
    assert left(tmp_path / "mirror") == [entry().file]
    with serving(Manner(PTH)) as address:
        monkeypatch.setenv("SACCADE_WEIGHTS", address)
        assert fetch(entry(), cache=cache / "other").is_file()


def test_what_is_kept_for_a_mirror_is_the_publishers_own_file(cache: Path, tmp_path: Path) -> None:
    with serving(Manner(PTH)) as address:
        path = keep(entry(), tmp_path / "mirror", source=address, limits=QUICK)
    assert path.read_bytes() == PTH
    assert left(tmp_path / "mirror") == [entry().file]
    assert fetch(entry(), cache=cache, source=tmp_path / "mirror").is_file()


def test_where_the_publisher_states_no_hash_the_tensors_are_checked(cache: Path, tmp_path: Path) -> None:
    content = content_hash({name: tensor.float() for name, tensor in TENSORS.items()})
    path = got(Manner(PTH), cache, entry(sha256="", content=content))
    with pytest.raises(BadCheckpoint, match="with tensors with the hash"):
        got(Manner(PTH), tmp_path / "other", entry(sha256="", content="0" * 64))
    assert left(tmp_path / "other") == []
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / path.name).write_bytes(path.read_bytes())  # the converted file serves as well, for it can be checked
    assert fetch(entry(sha256="", content=content), cache=tmp_path / "third", source=mirror).is_file()
    kept = keep(entry(sha256="", content=content), tmp_path / "fourth", source=mirror)
    assert kept.suffix == ".safetensors"


def test_the_cache_is_where_the_system_keeps_such_things(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "saccade"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == Path.home() / "Library" / "Caches" / "saccade"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert cache_folder() == tmp_path / "saccade" / "cache"
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"


# A server that fails, and recovers.


@pytest.mark.parametrize("cuts", [[100_000], [1, 50_000, 100_000]])
def test_a_transfer_that_was_cut_goes_on_where_it_was(cache: Path, cuts: list[int]) -> None:
    manner = Manner(PTH, cut=list(cuts[:2]))
    assert got(manner, cache).is_file()
    assert [wanted for _, wanted in manner.asked] == ["", "bytes=" + str(cuts[0]) + "-",
                                                      f"bytes={sum(cuts[:2])}-"][: len(cuts[:2]) + 1]  # fmt: skip


def test_a_server_that_ignores_the_range_gives_it_all_again(cache: Path) -> None:
    manner = Manner(PTH, cut=[100_000], ranges=False)
    assert got(manner, cache).is_file()
    assert len(manner.asked) == 2


def test_a_server_that_is_busy_is_asked_again(cache: Path) -> None:
    manner = Manner(PTH, statuses=[500, 503])
    assert got(manner, cache).is_file()


def test_a_redirect_on_the_same_server_is_followed(cache: Path) -> None:
    manner = Manner(PTH, statuses=[302], location="/elsewhere/file")
    assert got(manner, cache).is_file()
    assert manner.asked[1][0] == "/elsewhere/file"


def test_a_file_without_a_stated_length_is_whole_when_the_hash_says_so(cache: Path) -> None:
    assert got(Manner(PTH, length=-1), cache).is_file()
    with pytest.raises(BadCheckpoint, match="sha256"):
        got(Manner(PTH[:1000], length=-1), cache / "other")


# A server that fails for good: nothing is left.


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("manner", "kind", "said"),
    [
        (Manner(PTH, statuses=[404]), Unreachable, "got 404 Not Found from http"),
        (Manner(PTH, statuses=[403]), Unreachable, "got 403"),
        (Manner(PTH, statuses=[500] * 9), Unreachable, "got 500 Internal Server Error"),
        (Manner(PTH, cut=[10] * 9), Unreachable, "resnet18-f37072fd.pth into a folder .* set SACCADE_WEIGHTS"),
        (Manner(PTH, length=10**12), BadCheckpoint, "got more than .* bytes"),
        (Manner(b"\0" * 4 * len(PTH), length=-1), BadCheckpoint, "got more than .* bytes"),
        (Manner(PTH, length=len(PTH) + 5), Unreachable, "SACCADE_WEIGHTS"),
        (Manner(PTH[:-1] + b"x"), BadCheckpoint, r"with the sha256 .*; .* whose hash begins with .*; fetch it again"),
        (Manner(b"", length=0), BadCheckpoint, "sha256"),
        (Manner(b"<html>log in</html>", kind="text/html; charset=utf-8"), BadCheckpoint, "got a web page"),
        (Manner(PTH, statuses=[302], location="http://localhost:1/x"), Unreachable, "redirect to another server"),
        (Manner(PTH, statuses=[302], location="file:///etc/passwd"), Unreachable, "redirect to another server"),
        (Manner(PTH, statuses=[302] * 9, location="/again"), Unreachable, "one redirect after the other"),
        (Manner(PTH, drip=0.02), Unreachable, "got less than .* KiB a second"),
        (Manner(PTH, drip=5), Unreachable, "SACCADE_WEIGHTS"),
        (Manner(PTH, drip_head=0.02), Unreachable, "SACCADE_WEIGHTS"),
    ],
    ids=["missing", "forbidden", "broken", "always cut", "huge", "endless", "longer", "another", "empty", "page",
         "elsewhere", "a file", "in circles", "slow", "stalled", "slow head"],
)  # fmt: skip
def test_a_server_that_misbehaves_leaves_nothing_behind(
    cache: Path, manner: Manner, kind: type[SaccadeError], said: str
) -> None:
    began = time.monotonic()
    with pytest.raises(kind, match=said) as caught:
        got(manner, cache, entry())
    assert str(caught.value).count("; ") == 2
    assert left(cache) == []
    assert time.monotonic() - began < 10


@pytest.mark.bad_input
def test_without_a_network_it_is_said_what_to_do(cache: Path) -> None:
    with pytest.raises(
        Unreachable, match=r"from http://127.0.0.1:9/resnet18-f37072fd.pth; .* put resnet18-f37072fd.pth"
    ):
        fetch(entry(), cache=cache, source="http://127.0.0.1:9", limits=QUICK)
    with pytest.raises(Unreachable, match=r"got no resnet18-f37072fd.pth in the mirror .*; .* published as https://"):
        fetch(entry(), cache=cache, source=cache / "nothing")
    assert left(cache) == []


@pytest.mark.bad_input
def test_a_refused_licence_fetches_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        Denied, match="got resnet18/imagenet, which is not cleared for commercial use: ImageNet is given"
    ):
        fetch(entry(), cache=cache, commercial_only=True)
    monkeypatch.setenv("SACCADE_COMMERCIAL_ONLY", "1")
    with pytest.raises(Denied):
        keep(entry(), cache)
    assert not cache.exists()


@pytest.mark.bad_input
def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(BadConfig, match=r"which cannot be used .*; set SACCADE_CACHE to one"):
        fetch(entry(), cache=tmp_path / "file", source=tmp_path)
    with pytest.raises(BadConfig, match="SACCADE_CACHE"):
        fetch(entry(), cache=tmp_path / "file" / "cache", source=tmp_path)


@pytest.mark.bad_input
def test_a_file_that_was_damaged_in_the_cache_is_not_used(cache: Path) -> None:
    path = got(Manner(PTH), cache)
    whole = bytearray(path.read_bytes())
    whole[-1] ^= 1
    path.write_bytes(whole)
    with pytest.raises(BadCheckpoint, match=r"has changed since it was fetched; .* delete it"):
        read_fetched(path)
    path.write_bytes(whole[:1000])
    assert got(Manner(PTH), cache) == path  # what is no whole file is fetched anew
    assert read_fetched(path).keys() == TENSORS.keys()


# Trial 37: nothing is ever unpickled.


class Bomb:
    """Runs a command when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.canary}",)


@pytest.mark.bad_input
@pytest.mark.parametrize("form", ["bare", "zip", "legacy", "inside"])
def test_a_pickle_bomb_with_the_right_hash_is_refused_and_does_not_go_off(
    cache: Path, tmp_path: Path, form: str
) -> None:
    bomb, buffer = Bomb(tmp_path / "canary"), io.BytesIO()
    if form == "bare":
        buffer.write(pickle.dumps(bomb))
    else:
        values = {"conv.weight": torch.ones(1), "extra": bomb} if form == "inside" else bomb
        torch.save(values, buffer, _use_new_zipfile_serialization=form != "legacy")
    body = buffer.getvalue()
    with pytest.raises(BadCheckpoint, match=r"which cannot be read as weights .*; taken is a file of tensors alone"):
        got(Manner(body), cache, entry(body))
    assert not bomb.canary.exists()
    assert left(cache) == []


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1, 2], "something else than tensors by name"),
        ({"a": 1}, "something else than tensors by name"),
        ({}, "something else than tensors by name"),
        ({"a": torch.ones(3).to_sparse()}, "something else than tensors by name"),
        ({"a": torch.ones(1).expand(1 << 40)}, "with tensors of 4,398,046,511,104 bytes"),
    ],
)
def test_what_is_no_state_dict_is_refused(cache: Path, values: object, said: str) -> None:
    body = saved(values)
    with pytest.raises(BadCheckpoint, match=said):
        got(Manner(body), cache, entry(body))
    assert left(cache) == []


# A full disk; two at once; killed.


@pytest.fixture
def at_most_half_a_megabyte() -> Iterator[None]:
    """Let no file of this process grow further, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("at_most_half_a_megabyte")
@pytest.mark.parametrize("way", ["address", "folder"])
def test_a_full_disk_leaves_nothing_half_made(cache: Path, tmp_path: Path, way: str) -> None:
    if way == "address":
        with pytest.raises(StorageFull, match="disk full while writing"):
            got(Manner(PTH), cache)
    else:
        values = {"a": torch.ones(1 << 17, dtype=torch.float16)}  # the file has room; what it becomes has not
        (tmp_path / "mirror").mkdir()
        body = saved(values)
        (tmp_path / "mirror" / entry().file).write_bytes(body)
        with pytest.raises(StorageFull):
            fetch(entry(body), cache=cache, source=tmp_path / "mirror")
    assert left(cache) == []


FETCHER = """
import sys
from pathlib import Path
from test_fetching import entry, fetch
fetch(entry(), cache=Path(sys.argv[1]), source=sys.argv[2])
"""


def test_processes_that_fetch_at_once_do_not_harm_each_other(cache: Path) -> None:
    here = (
        f"import sys; sys.path[:0] = [{str(Path(__file__).parent)!r}, {str(Path(__file__).parents[2] / 'support')!r}]"
    )
    with serving(Manner(PTH, cut=[150_000, 300_000])) as address:
        started = [
            subprocess.Popen([sys.executable, "-c", here + FETCHER, str(cache), address], stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        told = [process.communicate(timeout=120)[1].decode() for process in started]
    assert [process.returncode for process in started] == [0, 0], told
    assert left(cache) == ["resnet18-f37072fd.safetensors"]
    assert read_fetched(cache / "resnet18-f37072fd.safetensors").keys() == TENSORS.keys()


def test_an_interrupt_leaves_nothing_and_what_the_killed_left_is_swept(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: int) -> None:
        raise KeyboardInterrupt

    with serving(Manner(PTH)) as address, pytest.raises(KeyboardInterrupt):
        fetch(entry(), cache=cache, source=address, limits=QUICK, progress=interrupt)
    assert left(cache) == []
    (cache / ".resnet18-f37072fd.0badcafe.part").write_bytes(b"half")
    got(Manner(PTH), cache)
    assert len(left(cache)) == 2, "another process may still be at work on it"
    (cache / "resnet18-f37072fd.safetensors").unlink()
    monkeypatch.setattr(fetching, "_STALE_SECONDS", -1.0)
    got(Manner(PTH), cache)
    assert left(cache) == ["resnet18-f37072fd.safetensors"]


def test_a_cache_that_may_only_be_read_is_enough_once_it_is_full(cache: Path) -> None:
    path = got(Manner(PTH), cache)
    cache.chmod(stat.S_IREAD | stat.S_IEXEC)
    try:
        assert fetch(entry(), cache=cache, source="http://127.0.0.1:9", limits=QUICK) == path
        assert read_tensors(path)[0].keys() == TENSORS.keys()
    finally:
        cache.chmod(stat.S_IRWXU)
