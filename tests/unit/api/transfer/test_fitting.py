"""Runs that train on the features of a frozen network: what they say, keep and refuse, and that they can be stopped."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import saccade
from saccade.api.transfer import features
from saccade.api.transfer import fitting as feature_fitting
from saccade.api.transfer.features import Eye
from saccade.data.opening import open_data
from saccade.errors import BadConfig, BadData, Interrupted
from saccade.training.events import (
    Decided,
    EpochDone,
    FeaturesComputed,
    FileSetAside,
    RunFinished,
    RunStarted,
    StepDone,
)
from saccade.training.launch import Launch
from saccade.training.settings import TrainingSettings
from saccade.weights.files import read_tensors, write_tensors

ON_FEATURES = {"transfer": "features"}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "features"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Weights of a resnet8 that has learnt nothing."""
    path = tmp_path_factory.mktemp("weights") / "resnet8.safetensors"
    torch.manual_seed(5)
    write_tensors(path, saccade.create("resnet8").state_dict(), {})
    return str(path)


@pytest.fixture
def frozen(quick: Any, photos: Path, weights: str) -> Any:
    """Train on the features of that network."""

    def train(data: Any = photos, **settings: Any) -> saccade.Run:
        return quick(data, model="resnet8", **{"weights": weights, **ON_FEATURES, **settings})

    return train


def of(run: saccade.Run, kind: type) -> list[Any]:
    return [event for event in run.events() if isinstance(event, kind)]


def test_the_model_answers_as_the_layer_does_on_the_features(frozen, photos):
    run = frozen()
    predictor = run.predictor()
    source = open_data(photos).splits["val"]
    seen = Eye(predictor.network, predictor.description.preprocessing, predictor.execution, TrainingSettings())
    looks = seen.look(source)
    assert looks.reused == len(source)  # the run has looked at them
    with torch.no_grad():
        wanted = seen.pooled.classifier(torch.from_numpy(looks.vectors[:, 0])).softmax(1)
    told = [predictor(source.read(row).image).probabilities for row in range(len(source))]
    np.testing.assert_allclose(np.stack(told), wanted, atol=1e-4)


def test_the_figures_of_the_run_are_those_of_the_model(frozen):
    run = frozen()
    (done,) = of(run, EpochDone)
    assert done.validation["accuracy"] == pytest.approx(run.evaluate("val").numbers()["accuracy"][0])
    assert run.evaluate().numbers()["accuracy"][0] >= 0.9
    assert done.losses["log_loss"] < np.log(3)


def test_the_stream_says_what_was_looked_at_and_how_it_ended(frozen):
    run = frozen()
    kinds = [type(event) for event in run.events()]
    assert kinds == [FeaturesComputed, FeaturesComputed, RunStarted, EpochDone, RunFinished]
    counts = run.description["data"]["counts"]
    assert [(event.split, event.done, event.total, event.reused) for event in of(run, FeaturesComputed)] == [
        (split, counts[split], counts[split], 0) for split in ("train", "val")
    ]
    assert run.state == "finished"
    assert not run.last.exists()


def test_the_backbone_is_that_of_the_weights_and_only_the_top_is_fresh(frozen, weights):
    run = frozen()
    tensors, given = read_tensors(run.best)[0], read_tensors(Path(weights))[0]
    backbone = {
        name.removeprefix("backbone."): value for name, value in tensors.items() if name.startswith("backbone.")
    }
    assert backbone
    assert all(torch.equal(value, given[name]) for name, value in backbone.items())
    assert run.description["weights"]["fresh"] == ["classifier.1.weight", "classifier.1.bias"]
    assert run.description["model"] == {
        "architecture": "pooled",
        "arguments": {"num_classes": 3, "in_channels": 3, "backbone": "resnet8", "hidden": 0},
    }


def test_a_second_run_looks_at_nothing_and_ends_with_the_same_bits(frozen):
    one, other = frozen(out="one"), frozen(out="two")
    assert [event.reused for event in of(other, FeaturesComputed)] == [
        event.total for event in of(one, FeaturesComputed)
    ]
    first, second = read_tensors(one.best)[0], read_tensors(other.best)[0]
    assert all(torch.equal(value, second[name]) for name, value in first.items())


def test_repeating_gives_the_same_bits_without_the_cache_too(frozen, cache, tmp_path):
    run = frozen(views=2)
    shutil.rmtree(cache)
    again = run.repeat(tmp_path / "again", listeners=[])
    first, second = read_tensors(run.best)[0], read_tensors(again.best)[0]
    assert all(torch.equal(value, second[name]) for name, value in first.items())


def test_views_are_looked_at_for_training_alone(frozen):
    run = frozen(views=3, mirror=True)
    counts = run.description["data"]["counts"]
    assert [event.total for event in of(run, FeaturesComputed)] == [3 * counts["train"], counts["val"]]
    assert of(run, EpochDone)[0].images == 3 * counts["train"]


def test_a_small_network_can_learn_on_the_features(frozen):
    run = frozen(top="network", learning_rate=0.01, epochs=8, views=2)
    assert len(of(run, EpochDone)) == 8
    assert run.description["model"]["arguments"]["hidden"] == 256
    assert run.evaluate().numbers()["accuracy"][0] >= 0.9
    assert run.predictor().network.network.classifier[1].weight.shape == (256, 112)


def test_a_small_network_that_was_stopped_ends_with_the_bits_of_one_that_was_not(frozen):
    settings = {"top": "network", "epochs": 4, "batch_size": 8, "views": 2}
    whole = frozen(out="whole", **settings)

    def stop(event: object) -> None:
        if isinstance(event, StepDone) and event.step == 5:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted):
        frozen(out="stopped", listeners=[stop], **settings)
    stopped = saccade.Run(whole.path.parent / "stopped")
    assert stopped.state == "stopped"
    stopped.resume(listeners=[])
    for name in ("last", "best"):
        first, second = (read_tensors(getattr(run, name))[0] for run in (whole, stopped))
        assert all(torch.equal(value, second[key]) for key, value in first.items())
    assert sum(event.step for event in of(stopped, EpochDone)) == sum(event.step for event in of(whole, EpochDone))


def test_a_small_network_can_be_trained_for_longer(frozen):
    run = frozen(top="network", epochs=1)
    run.resume(epochs=3, listeners=[])
    assert len(of(run, EpochDone)) == 3


def test_a_stop_while_looking_names_the_run_and_keeps_what_was_done(frozen, monkeypatch, tmp_path):
    monkeypatch.setattr(features, "_AT_ONCE", 4)
    monkeypatch.setattr(feature_fitting, "_TOLD_SECONDS", -1)

    def stop(event: object) -> None:
        if isinstance(event, FeaturesComputed):
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted, match="got signal 15 while a frozen network looks at the pictures") as caught:
        frozen(listeners=[stop])
    assert f"saccade train --resume {tmp_path / 'run'}" in str(caught.value)
    run = saccade.Run(tmp_path / "run")
    assert run.state == "stopped"
    assert not run.best.exists()
    run.resume(listeners=[])
    assert run.state == "finished"
    assert of(run, FeaturesComputed)[-2].reused == 8


def test_a_finished_run_is_left_alone(frozen):
    run = frozen()
    before = {path.name: path.read_bytes() for path in run.path.iterdir()}
    run.resume(listeners=[])
    assert {path.name: path.read_bytes() for path in run.path.iterdir()} == before


def test_a_run_that_was_killed_before_its_end_is_done_again(frozen):
    run = frozen()
    first = read_tensors(run.best)[0]
    run.best.unlink()
    (run.path / ".best.safetensors.0123abcd.tmp").write_bytes(b"half")
    run.resume(listeners=[])
    assert all(torch.equal(value, read_tensors(run.best)[0][name]) for name, value in first.items())
    assert not list(run.path.glob(".*.tmp"))


def test_a_broken_picture_is_set_aside(frozen, photos, tmp_path):
    shutil.copytree(photos, tmp_path / "photos")
    broken = open_data(tmp_path / "photos").splits["train"].key(0)
    (tmp_path / "photos" / broken).write_bytes(b"no picture")
    run = frozen(tmp_path / "photos")
    assert [event.key for event in of(run, FileSetAside)] == [broken]
    assert run.state == "finished"


def test_several_labels_for_a_picture_are_learnt(frozen, photos, tmp_path):
    table = photos.parent / "transfer.csv"
    rows = [f"photos/{name}/{n}.png,{name};{'odd' if n % 2 else 'even'}" for name in ("blue", "red") for n in range(12)]
    table.write_text("path,labels\n" + "\n".join(rows))
    run = frozen(table, class_weights="balanced")
    probabilities = dict(zip(run.labels, run.predictor()(photos / "red" / "1.png").probabilities, strict=True))
    assert probabilities["red"] > 0.5 > probabilities["blue"]


def test_arrays_and_grey_pictures_are_learnt(frozen, arrays):
    images, labels = arrays
    run = frozen((images.mean(-1).astype("uint8"), labels))
    assert run.description["preprocessing"]["channels"] == 1
    assert run.state == "finished"


def test_what_is_chosen_is_said_with_its_reason(frozen):
    run = frozen(transfer="auto")
    (told,) = run.description["decisions"]
    assert told.startswith("transfer: features, since there are 29 training images: so few")
    assert [event.text for event in of(run, Decided)] == [told]
    assert run.description["settings"]["transfer"] == "features"


def test_a_folder_with_a_finished_run_is_not_written_over(frozen):
    run = frozen()
    before = run.best.read_bytes()
    with pytest.raises(BadConfig, match="holds a run already"):
        frozen()
    assert run.best.read_bytes() == before


def test_several_processes_are_refused_before_there_is_a_folder(frozen, monkeypatch, tmp_path):
    with monkeypatch.context() as patched:
        patched.setattr("saccade.training.launch.read_launch", lambda: Launch(world=2))
        with pytest.raises(BadConfig, match="got --transfer features in 2 processes; taken is one"):
            frozen()
        assert not list(tmp_path.rglob("run.json"))
    run = frozen()
    monkeypatch.setattr("saccade.training.launch.read_launch", lambda: Launch(world=2))
    with pytest.raises(BadConfig, match="got --transfer features in 2 processes; taken is one"):
        run.resume(listeners=[])


def pictures(root: Path, counts: dict[str, int], split: str = "") -> Path:
    """Class folders of single colours."""
    for number, (name, count) in enumerate(counts.items()):
        (root / split / name).mkdir(parents=True)
        for index in range(count):
            pixels = np.full((16, 16, 3), 30 + 60 * number + index, np.uint8)
            Image.fromarray(pixels).save(root / split / name / f"{index}.png")
    return root


def test_two_pictures_in_a_class_are_enough(frozen, tmp_path):
    run = frozen(pictures(tmp_path / "few", {"a": 2, "b": 2, "c": 2}))
    assert run.state == "finished"
    assert run.labels == ("a", "b", "c")


def test_a_class_without_pictures_to_test_with_is_learnt(frozen, tmp_path):
    pictures(tmp_path / "cut", {"a": 6, "b": 6, "c": 6}, "train")
    pictures(tmp_path / "cut", {"a": 4, "b": 4}, "test")
    run = frozen(tmp_path / "cut")
    assert run.evaluate().numbers()["accuracy"][0] >= 0
    assert run.predictor()(tmp_path / "cut" / "train" / "c" / "0.png").probabilities.shape == (3,)


@pytest.mark.bad_input
def test_one_class_is_refused(frozen, tmp_path, arrays):
    with pytest.raises(BadData, match="got one class folder only"):
        frozen(pictures(tmp_path / "one", {"a": 9}))
    with pytest.raises(BadData, match="got images of one class only"):
        frozen({"train": (arrays[0][:9], ["a"] * 9), "test": (arrays[0][9:12], ["a", "b", "b"])})


@pytest.mark.bad_input
def test_where_one_class_alone_can_be_read_that_is_said_and_the_features_are_kept(frozen, tmp_path, cache):
    root = pictures(tmp_path / "one", {"a": 12, "b": 12})
    for path in (root / "a").iterdir():
        path.write_bytes(b"no picture")
    with pytest.raises(BadData, match=r"training images of one class; taken are two classes or more; add images"):
        frozen(root)
    assert list(cache.glob("*.sqlite"))
    run = saccade.Run(tmp_path / "run")
    assert len(of(run, FileSetAside)) > 0


@pytest.mark.bad_input
def test_where_no_picture_can_be_read_that_is_said(frozen, tmp_path):
    root = pictures(tmp_path / "bad", {"a": 6, "b": 6})
    source = open_data(root).splits["train"]
    for row in range(len(source)):
        (root / source.key(row)).write_bytes(b"no picture")
    with pytest.raises(BadData, match="got no readable picture among those looked at"):
        frozen(root)


@pytest.mark.bad_input
def test_a_run_without_epochs_cannot_be_extended(frozen):
    with pytest.raises(BadConfig, match="got epochs=3 for a run on features, which has none"):
        frozen().resume(epochs=3, listeners=[])
