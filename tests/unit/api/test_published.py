"""Published weights by name and from files: into a network, and ready to predict."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import saccade
from saccade.api.published import name_and_tag
from saccade.errors import BadCheckpoint, BadConfig, Denied, UnknownName, Unreachable
from saccade.exports.model_file import ModelDescription, save_model
from saccade.layers.normalised import Normalised
from saccade.types.preprocessing import Preprocessing
from saccade.weights import ledger
from saccade.weights.files import write_tensors


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
    assert (saccade.create("lenet5").num_classes, saccade.create("lenet5").in_channels) == (10, 1)


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
    with pytest.raises(
        UnknownName, match=r"got published weights 'lenet5/imagenet'; .* did you mean 'alexnet/imagenet'"
    ):
        saccade.create("lenet5", weights="imagenet")
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


def test_a_model_of_ones_own_brings_its_classes_and_channels(tmp_path: Path) -> None:
    network = saccade.create("resnet20", num_classes=2, in_channels=1)
    description = ModelDescription(
        "resnet20", {"num_classes": 2, "in_channels": 1}, "classification", ("cat", "dog"),
        Preprocessing((32, 32), 1, (0.5,), (0.5,)),
    )  # fmt: skip
    save_model(tmp_path / "own.safetensors", Normalised(network, (0.5,), (0.5,)), description)
    again = saccade.create("resnet20", weights=tmp_path / "own.safetensors")
    assert (again.num_classes, again.in_channels) == (2, 1)
    assert torch.equal(again.state_dict()["conv1.weight"], network.state_dict()["conv1.weight"])
    with pytest.raises(BadCheckpoint, match="weights for 2 classes; taken are those for the 10 of resnet20/cifar10"):
        saccade.load("resnet20", weights=tmp_path / "own.safetensors")
    with pytest.raises(BadCheckpoint, match="with the weights of resnet20; taken are those of resnet32"):
        saccade.create("resnet32", weights=tmp_path / "own.safetensors")
