"""Published weights by name and from files: into a network, and ready to predict."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import saccade
from saccade.api import published
from saccade.api.published import name_and_tag
from saccade.errors import BadCheckpoint, BadConfig, Denied, UnknownName, Unreachable
from saccade.weights import ledger
from saccade.weights.convert import content_hash
from saccade.weights.files import write_tensors


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """Weights for resnet20/cifar10 in a mirror, and a ledger that knows their hash; gives the weights."""
    tensors = saccade.create("resnet20").state_dict()
    write_tensors(tmp_path / "mirror" / "resnet20-12fca82f.safetensors", tensors, {})
    table = dict(ledger.entries())
    table["resnet20/cifar10"] = replace(table["resnet20/cifar10"], content=content_hash(tensors))
    monkeypatch.setattr(ledger, "_table", lambda: table)
    monkeypatch.setenv("SACCADE_WEIGHTS", str(tmp_path / "mirror"))
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SACCADE_COMMERCIAL_ONLY", raising=False)
    return tensors


def test_a_name_gives_the_published_weights(mirror: dict[str, Any]) -> None:
    network = saccade.create("resnet20", weights="cifar10")
    assert all(torch.equal(tensor, mirror[name]) for name, tensor in network.state_dict().items())


def test_other_classes_and_channels_keep_everything_else(
    mirror: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "saccade.weights"):
        network = saccade.create("resnet20", weights="cifar10", num_classes=4, in_channels=1)
    assert caplog.messages == ["left fresh in resnet20: linear.weight, linear.bias"]
    state = network.state_dict()
    assert state["linear.weight"].shape == (4, 64)
    torch.testing.assert_close(state["conv1.weight"], mirror["conv1.weight"].sum(1, keepdim=True))
    assert torch.equal(state["layer3.2.conv2.weight"], mirror["layer3.2.conv2.weight"])


@pytest.mark.usefixtures("mirror")
def test_a_name_and_a_tag_predict_with_words(trained: Any, tmp_path: Path) -> None:
    predictor = saccade.load("resnet20/cifar10", device="cpu")
    image = np.full((40, 50, 3), 90, np.uint8)
    assert predictor(image).label in ledger.labels_of(ledger.entry_of("resnet20", "cifar10"))
    assert predictor.description.preprocessing.size == (32, 32)
    assert "not cleared for commercial use" in predictor.description.licence
    assert predictor.description.origin["published"] == "resnet20/cifar10"
    path = saccade.export(predictor, tmp_path / "model.safetensors")
    assert saccade.load(path)(image).probabilities == pytest.approx(predictor(image).probabilities, abs=1e-6)
    again = saccade.load("resnet20", weights="cifar10")
    assert again(image).label == predictor(image).label


def test_a_file_of_ones_own_is_taken_too(tmp_path: Path, mirror: dict[str, Any]) -> None:
    path = tmp_path / "own.safetensors"
    write_tensors(path, {f"module.{name}": tensor for name, tensor in mirror.items() if "batches" not in name}, {})
    network = saccade.create("resnet20", weights=path)
    assert torch.equal(network.state_dict()["conv1.weight"], mirror["conv1.weight"])
    assert saccade.load("resnet20", weights=path).labels[0] == "airplane"


def test_a_file_with_as_many_classes_as_are_wanted_fits_as_it_is(tmp_path: Path) -> None:
    made = saccade.create("resnet20", num_classes=4, in_channels=1)
    write_tensors(tmp_path / "four.safetensors", made.state_dict(), {})
    network = saccade.create("resnet20", weights=tmp_path / "four.safetensors", num_classes=4, in_channels=1)
    assert torch.equal(network.state_dict()["linear.weight"], made.state_dict()["linear.weight"])


def test_without_weights_there_are_as_many_classes_as_in_the_card() -> None:
    assert saccade.create("resnet20").num_classes == 10
    assert saccade.create("lenet5", in_channels=1).num_classes == 10


def test_names_are_told_from_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert name_and_tag("resnet18/imagenet") == ("resnet18", "imagenet")
    assert name_and_tag("runs/photos-lenet5-1") is None
    assert name_and_tag("model.safetensors") is None
    (tmp_path / "photos" / "imagenet").mkdir(parents=True)
    assert name_and_tag("photos/imagenet") is None


@pytest.mark.bad_input
def test_what_is_not_there_is_answered_with_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SACCADE_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))
    with pytest.raises(UnknownName, match=r"got weights for resnet18 'imagenett'; .* 'imagenet'"):
        saccade.create("resnet18", weights="imagenett")
    with pytest.raises(UnknownName, match=r"got architecture 'resnet81'; .* 'resnet18'"):
        saccade.load("resnet81/imagenet")
    with pytest.raises(UnknownName, match="got weights for resnet20 'imagenet'"):
        saccade.load("resnet20/imagenet")
    with pytest.raises(BadConfig, match=r"got 'resnet20', an architecture without weights; .* write resnet20/cifar10"):
        saccade.load("resnet20")
    with pytest.raises(BadConfig, match=r"got 'lenet5', an architecture without weights; .* train it"):
        saccade.load("lenet5")
    with pytest.raises(BadConfig, match="got weights of type int"):
        saccade.create("resnet20", weights=5)  # pyright: ignore[reportArgumentType]
    with pytest.raises(BadConfig, match="taken are architectures with published weights"):
        saccade.load("lenet5", weights=tmp_path / "own.safetensors")
    with pytest.raises(Unreachable, match="in the mirror"):
        saccade.create("resnet20", weights="cifar10")
    with pytest.raises(Denied, match="no licence of CIFAR-10 is known to us"):
        saccade.load("resnet20/cifar10", commercial_only=True)


@pytest.mark.bad_input
def test_weights_for_another_variant_are_refused_with_the_first_ten_differences(tmp_path: Path) -> None:
    path = tmp_path / "resnet32.safetensors"
    write_tensors(path, saccade.create("resnet32").state_dict(), {})
    with pytest.raises(BadCheckpoint, match=r"for another network: not wanted layer1\.3.* and \d+ more; taken are the"):
        saccade.create("resnet20", weights=path)
    with pytest.raises(BadCheckpoint, match=r"missing layer1\.5"):
        saccade.create("resnet44", weights=path)
    bad = {name: tensor.clone() for name, tensor in saccade.create("resnet20").state_dict().items()}
    bad["linear.bias"][0] = float("nan")
    write_tensors(tmp_path / "nan.safetensors", bad, {})
    with pytest.raises(BadCheckpoint, match=r"not finite in linear\.bias"):
        saccade.create("resnet20", weights=tmp_path / "nan.safetensors")
    with pytest.raises(BadCheckpoint, match="is no file"):
        saccade.create("resnet20", weights=tmp_path / "nothing.safetensors")
    (tmp_path / "pickle.pth").write_bytes(b"\x80\x02 a pickle")
    with pytest.raises(BadCheckpoint, match="a pickle, which can run code"):
        saccade.create("resnet20", weights=tmp_path / "pickle.pth")


def test_what_is_fetched_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fetch(entry: Any, *, commercial_only: Any, progress: Any) -> Path:
        progress(0, 2 << 20)
        progress(2 << 20, 2 << 20)
        return Path(entry.file)

    monkeypatch.setattr(published, "fetch", fetch)
    assert published.fetched(ledger.entry_of("resnet20", "cifar10")) == Path("resnet20-12fca82f.th")
    assert capsys.readouterr().err == "fetching resnet20-12fca82f.th, 2.0 MiB\n"
