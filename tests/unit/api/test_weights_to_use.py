"""Weights by their name or in a file: what is known of them, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import saccade
from saccade.api import weights_to_use
from saccade.api.weights_to_use import entry_meant, find_weights, licence_of
from saccade.errors import BadConfig, Denied, UnknownName
from saccade.weights import ledger
from saccade.weights.files import write_tensors

NAME = "resnet20/cifar10"


def test_what_is_published_is_known_by_its_publisher(mirror: dict[str, Any]) -> None:
    found = find_weights("resnet20", "cifar10")
    assert found.tensors.keys() == mirror.keys()
    assert found.behind == found.entry == ledger.entries()[NAME]
    assert (found.labels[0], found.description) == ("airplane", None)
    assert found.preprocessing == ledger.entries()[NAME].preprocessing


def test_a_file_that_says_nothing_is_prepared_for_as_what_is_published(tmp_path: Path, mirror: dict[str, Any]) -> None:
    write_tensors(tmp_path / "own.safetensors", mirror, {})
    found = find_weights("resnet20", tmp_path / "own.safetensors", commercial_only=True)
    assert (found.entry, found.behind, found.labels) == (None, None, ())
    assert found.preprocessing == ledger.entries()[NAME].preprocessing
    lone = tmp_path / "lenet.safetensors"
    write_tensors(lone, saccade.create("lenet5").state_dict(), {})
    assert find_weights("lenet5", lone).preprocessing is None


def test_a_fetched_file_is_known_again_by_its_header(mirror: dict[str, Any]) -> None:
    path = find_weights("resnet20", "cifar10").path
    assert find_weights("resnet20", path).behind == ledger.entries()[NAME]
    with pytest.raises(Denied, match="no licence of CIFAR-10 is known to us"):
        find_weights("resnet20", path, commercial_only=True)


@pytest.mark.parametrize("header", [{"origin": 5}, {"origin": {"weights": [1]}}, {"origin": {"published": {}}}, {}])
def test_a_header_may_say_anything_of_where_it_comes_from(header: dict[str, Any]) -> None:
    assert weights_to_use._behind({"kind": "model", **header}) is None
    assert weights_to_use._behind(header) is None


def test_a_model_is_known_by_what_it_was_trained_from() -> None:
    header = {"kind": "model", "origin": {"data": "photos", "weights": {"published": NAME}}}
    assert weights_to_use._behind(header) == ledger.entries()[NAME]


def test_a_licence_says_why_it_is_not_cleared() -> None:
    assert licence_of(ledger.entries()[NAME]).endswith("commercial use: no licence of CIFAR-10 is known to us")


@pytest.mark.bad_input
def test_what_is_neither_published_nor_a_file_is_refused() -> None:
    with pytest.raises(UnknownName, match=r"got weights for resnet18 'imagenett'; .* 'imagenet'"):
        entry_meant("resnet18", "imagenett")
    with pytest.raises(UnknownName, match="got published weights 'lenet5/imagenet'"):
        entry_meant("lenet5", "imagenet")
    with pytest.raises(BadConfig, match="got weights of type list; taken are a tag"):
        entry_meant("lenet5", [])  # pyright: ignore[reportArgumentType]


def test_what_is_fetched_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fetch(entry: Any, *, commercial_only: Any, progress: Any) -> Path:
        progress(0, 2 << 20)
        progress(2 << 20, 2 << 20)
        return Path(entry.file)

    monkeypatch.setattr(weights_to_use, "fetch", fetch)
    assert weights_to_use.fetched(ledger.entry_of("resnet20", "cifar10")) == Path("resnet20-12fca82f.th")
    assert capsys.readouterr().err == "fetching resnet20-12fca82f.th, 2.0 MiB\n"
