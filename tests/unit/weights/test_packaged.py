"""Weights that come with saccade: they are always here, nothing is fetched, and a mirror gets a copy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from saccade.errors import Denied, StorageFull
from saccade.weights import fetching, ledger
from saccade.weights.convert import content_hash
from saccade.weights.fetching import FORMAT, KIND, fetch, is_here, keep, read_fetched
from saccade.weights.files import write_tensors
from saccade.weights.ledger import Entry, entry_of, packaged_file

TENSORS = {"weight": torch.arange(4.0)}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """An entry without an address, and its file in the room of the ledger."""
    entry = entry_of("resnet20", "cifar10")
    monkeypatch.setattr(ledger, "_ROOM", tmp_path / "room")
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SACCADE_WEIGHTS", raising=False)
    (tmp_path / "room" / "own").mkdir(parents=True)
    content = content_hash(TENSORS)
    header = {"kind": KIND, "format": FORMAT, "file": "own.safetensors", "content": content}
    write_tensors(tmp_path / "room" / "own" / "own.safetensors", TENSORS, header)
    return replace(entry, address="", file="own.safetensors", content=content, cleared=True)


def test_they_are_here_and_used_where_they_lie(own, tmp_path):
    assert own.packaged
    assert is_here(own)
    assert fetch(own) == packaged_file(own) == tmp_path / "room" / "own" / "own.safetensors"
    assert torch.equal(read_fetched(fetch(own))["weight"], TENSORS["weight"])
    assert not (tmp_path / "cache").exists()


def test_a_mirror_gets_a_copy_that_is_whole(own, tmp_path):
    kept = keep(own, tmp_path / "mirror")
    assert kept.read_bytes() == packaged_file(own).read_bytes()
    assert [path.name for path in (tmp_path / "mirror").iterdir()] == ["own.safetensors"]


def test_a_full_disk_leaves_no_half_of_a_copy(own, tmp_path, monkeypatch):
    def full(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fetching.shutil, "copyfile", full)
    with pytest.raises(StorageFull):
        keep(own, tmp_path / "mirror")
    assert list((tmp_path / "mirror").iterdir()) == []


def test_others_are_here_once_they_are_in_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path))
    entry = replace(entry_of("resnet20", "cifar10"), content=content_hash(TENSORS))
    assert not entry.packaged
    assert not is_here(entry)
    header = {"kind": KIND, "format": FORMAT, "file": entry.file, "content": entry.content}
    write_tensors(tmp_path / f"{entry.stem}.safetensors", TENSORS, header)
    assert is_here(entry)
    (tmp_path / f"{entry.stem}.safetensors").write_bytes(b"torn")
    assert not is_here(entry)


@pytest.mark.bad_input
def test_a_licence_is_asked_for_here_too(own):
    with pytest.raises(Denied, match="not cleared"):
        fetch(replace(own, cleared=False, reason="because"), commercial_only=True)
