"""Runs that begin with weights: what they take over, write down and pass on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import saccade
from saccade.api.starting import begin, find_start, found_again, refuse_start
from saccade.errors import BadCheckpoint, BadConfig, Denied, UnknownName
from saccade.exports.model_file import describe_model
from saccade.training.settings import TrainingSettings
from saccade.weights import ledger
from saccade.weights.convert import content_hash
from saccade.weights.files import read_tensors, write_tensors

NAME = "resnet20/cifar10"


@pytest.fixture
def begun(quick: Any, mirror: dict[str, Any], photos: Path) -> Any:
    """Runs of a network that begins with the weights of the mirror."""

    def train(**settings: Any) -> saccade.Run:
        return quick(photos, model="resnet20", **{"weights": "cifar10", "batch_size": 16, **settings})

    return train


def test_everything_but_the_last_layer_is_taken_and_nothing_is_learnt_in_no_epoch(
    begun: Any, mirror: dict[str, Any]
) -> None:
    run = begun(learning_rate=0.0, weight_decay=0.0, warmup_epochs=0.0)
    tensors, _ = read_tensors(run.best)
    assert tensors["linear.weight"].shape == (3, 64)
    learnt = [name for name in tensors if "weight" in name and not name.startswith("linear")]
    assert all(torch.equal(tensors[name], mirror[name]) for name in learnt)


def test_pictures_are_taken_as_their_publisher_takes_them(begun: Any) -> None:
    taken = ledger.entries()[NAME].preprocessing
    described = begun().description["preprocessing"]
    assert described["size"] == list(taken.size)
    assert (described["mean"], described["std"]) == (list(taken.mean), list(taken.std))
    assert described["resampling"] == taken.resampling
    assert begun(out="small", height=24).description["preprocessing"]["size"] == [24, 24]


def test_grey_pictures_get_the_mean_over_the_colours(quick: Any, mirror: dict[str, Any], arrays: Any) -> None:
    images, labels = arrays
    run = quick((images.mean(-1).astype("uint8"), labels), model="resnet20", weights="cifar10")
    described = run.description["preprocessing"]
    assert described["mean"] == [round((0.485 + 0.456 + 0.406) / 3, 4)]
    assert described["std"] == [round((0.229 + 0.224 + 0.225) / 3, 4)]
    assert run.description["model"]["arguments"] == {"num_classes": 3, "in_channels": 1}


def test_the_run_says_what_it_began_with_and_the_model_under_which_terms(begun: Any, mirror: dict[str, Any]) -> None:
    run = begun()
    told = run.description["weights"]
    assert (told["weights"], told["published"], told["content"]) == ("cifar10", NAME, content_hash(mirror))
    assert told["fresh"] == ["linear.weight", "linear.bias"]
    description = describe_model(run.export(run.path / "out.safetensors"))
    assert "no licence of CIFAR-10 is known to us" in description.licence
    assert description.origin["weights"]["training_data"] == "CIFAR-10"
    assert description.origin["data"] == "photos"


def test_a_run_goes_on_without_the_weights_and_is_repeated_with_them(
    begun: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun()
    again = run.repeat(tmp_path / "again", listeners=[])
    assert content_hash(read_tensors(again.best)[0]) == content_hash(read_tensors(run.best)[0])
    assert again.description["weights"] == run.description["weights"]
    shutil.rmtree(tmp_path / "cache")
    monkeypatch.setenv("SACCADE_WEIGHTS", str(tmp_path / "nowhere"))
    assert run.resume(epochs=2, listeners=[]).state == "finished"
    with pytest.raises(saccade.errors.Unreachable):
        run.repeat(tmp_path / "third", listeners=[])
    assert not (tmp_path / "third").exists()


def test_what_was_stopped_before_anything_was_saved_begins_with_the_weights_again(begun: Any) -> None:
    run = begun(learning_rate=0.01)
    first = content_hash(read_tensors(run.best)[0])
    for file in (run.last, run.best, run.path / "events.jsonl"):
        file.unlink()
    run.resume(listeners=[])
    assert content_hash(read_tensors(run.best)[0]) == first


def test_a_model_of_ones_own_hands_its_terms_and_its_pictures_on(begun: Any, quick: Any, arrays: Any) -> None:
    first = begun(height=24)
    second = quick(arrays, model="resnet20", weights=str(first.best), out="second")
    told = second.description["weights"]
    assert (told["published"], told["training_data"]) == (NAME, "CIFAR-10, then photos")
    assert "not cleared for commercial use" in describe_model(second.best).licence
    assert second.description["preprocessing"]["size"] == [24, 24]
    with pytest.raises(Denied, match="no licence of CIFAR-10"):
        quick(arrays, model="resnet20", weights=str(first.best), commercial_only=True, out="third")


def test_as_many_other_classes_get_a_fresh_last_layer_too(mirror: dict[str, Any]) -> None:
    found = find_start("resnet20", TrainingSettings(weights="cifar10"))
    assert found is not None
    network = saccade.create("resnet20")
    own = network.state_dict()["linear.weight"].clone()
    assert begin(network, "resnet20", found, [f"class {number}" for number in range(10)]) == [
        "linear.weight",
        "linear.bias",
    ]
    assert torch.equal(network.state_dict()["linear.weight"], own)
    assert torch.equal(network.state_dict()["conv1.weight"], mirror["conv1.weight"])
    assert begin(network, "resnet20", found, found.labels) == []
    assert torch.equal(network.state_dict()["linear.weight"], mirror["linear.weight"])


def test_no_weights_are_no_start(tmp_path: Path) -> None:
    assert find_start("resnet20", TrainingSettings()) is None
    assert found_again({"model": {"architecture": "resnet20"}}) is None


@pytest.mark.bad_input
def test_weights_that_are_gone_or_changed_are_refused_when_a_run_is_repeated(
    quick: Any, photos: Path, tmp_path: Path
) -> None:
    path = tmp_path / "own.safetensors"
    write_tensors(path, saccade.create("resnet20").state_dict(), {})
    run = quick(photos, model="resnet20", weights=str(path))
    write_tensors(path, saccade.create("resnet20").state_dict(), {})
    with pytest.raises(BadCheckpoint, match=r"that have changed since the run began with them; taken are the same"):
        run.repeat(tmp_path / "again", listeners=[])
    path.unlink()
    with pytest.raises(BadCheckpoint, match=r"own\.safetensors, where nothing is now; taken are the same weights"):
        run.repeat(tmp_path / "again", listeners=[])
    assert not (tmp_path / "again").exists()


@pytest.mark.bad_input
def test_what_cannot_begin_with_weights_is_refused_before_anything_is_written(
    quick: Any, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SACCADE_COMMERCIAL_ONLY", "")
    with pytest.raises(BadConfig, match=r"for a line of layers; taken are .*; name an architecture, or leave them out"):
        quick(photos, model="conv 4 3, gap", weights="imagenet")
    with pytest.raises(BadConfig, match=r"for a module of your own; .*; load them into the module before"):
        refuse_start(nn.Identity(), "imagenet")
    with pytest.raises(UnknownName, match=r"got weights for resnet20 'cifar'; .* 'cifar10'"):
        quick(tmp_path / "no data", model="resnet20", weights="cifar")
    with pytest.raises(Denied, match="no licence of CIFAR-10"):
        quick(photos, model="resnet20", weights="cifar10", commercial_only=True)
    write_tensors(tmp_path / "resnet32.safetensors", saccade.create("resnet32").state_dict(), {})
    with pytest.raises(BadCheckpoint, match=r"for another network: not wanted layer1\.3.* and \d+ more; taken are the"):
        quick(photos, model="resnet20", weights=str(tmp_path / "resnet32.safetensors"))
    with pytest.raises(BadConfig, match="got weights=5; taken is text; begin with"):
        quick(photos, model="resnet20", weights=5)
    assert not (tmp_path / "run").exists()
