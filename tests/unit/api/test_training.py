"""The verb train: on data of every kind, with settings of every kind, and what it leaves behind."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import saccade
from saccade.errors import BadCheckpoint, BadConfig, BadData, BadShape, Busy, UnknownName
from saccade.training.events import EpochDone, RunStarted
from saccade.weights.files import read_tensors


def own_module(in_channels: int = 3, classes: int = 3) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(in_channels, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(4, classes),
    )  # fmt: skip


def same_tensors(one, other) -> bool:
    first, second = read_tensors(one)[0], read_tensors(other)[0]
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_a_folder_is_learnt(trained):
    assert trained.run.state == "finished"
    assert trained.run.labels == ("blue", "green", "red")
    done = [event for event in trained.run.events() if isinstance(event, EpochDone)]
    assert len(done) == 8
    assert done[-1].losses["cross_entropy"] < done[0].losses["cross_entropy"]
    assert trained.predictor(trained.photos / "red" / "0.png").label == "red"


@pytest.mark.parametrize("data", ["digits", "synthetic:count=40,size=16"])
def test_data_with_a_name_are_learnt(quick, data):
    run = quick(data, batch_size=512)
    assert run.description["data"]["origin"]["data"] == data
    assert run.best.is_file()


def test_arrays_are_learnt_by_the_names_of_their_labels(quick, arrays):
    images, ids = arrays
    run = quick((images, np.array(["blue", "green", "red"])[ids]))
    assert run.labels == ("blue", "green", "red")
    assert run.description["data"]["origin"] is None


def test_several_labels_for_an_image_make_it_multi_label(quick, photos):
    table = photos.parent / "labels.csv"
    rows = [f"photos/{name}/{n}.png,{name};{'odd' if n % 2 else 'even'}" for name in ("blue", "red") for n in range(12)]
    table.write_text("path,labels\n" + "\n".join(rows))
    run = quick(table, class_weights="balanced")
    assert run.description["task"] == "multi_label"
    assert run.labels == ("blue", "even", "odd", "red")
    assert run.evaluate().images > 0
    assert run.predictor()(photos / "red" / "1.png").probabilities.shape == (4,)


def test_epochs_as_an_argument_win_over_the_settings(quick, arrays):
    run = quick(arrays, epochs=2)
    assert run.description["settings"]["epochs"] == 2
    assert sum(isinstance(event, EpochDone) for event in run.events()) == 2


def test_settings_are_a_value_or_a_mapping(arrays, tmp_path):
    settings = saccade.TrainingSettings(epochs=1, threads=1, batch_size=30)
    one = saccade.train(arrays, model="conv 4 3, gap", settings=settings, out=tmp_path / "one", listeners=[])
    other = saccade.train(
        arrays,
        model="conv 4 3, gap",
        settings={"epochs": 1, "threads": 1, "batch_size": 30},
        out=tmp_path / "two",
        listeners=[],
    )
    assert one.description["settings"] == other.description["settings"] == settings.to_dict()


def test_everything_to_repeat_a_run_is_written_down(quick, arrays):
    run = quick(arrays, seed=3, deterministic=True)
    description = json.loads((run.path / "run.json").read_text(encoding="utf-8"))
    assert description["settings"]["seed"] == 3
    assert description["execution"] == {
        "device": "cpu", "precision": "float32", "memory_format": "channels_last", "threads": 1, "deterministic": True,
    }  # fmt: skip
    assert {"python", "saccade", "torch", "numpy"} <= description["versions"].keys()
    assert {"system", "processor", "cores"} <= description["machine"].keys()
    assert set(description["data"]["fingerprints"]) == {"train", "val", "test"}


def test_the_same_seed_gives_the_same_bits_and_another_one_others(quick, photos):
    one, same, other = (
        quick(photos, out=name, seed=seed, mirror=True, crop_rate=0.2) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert same_tensors(one.last, same.last)
    assert not same_tensors(one.last, other.last)


def test_what_a_killed_process_left_half_written_is_taken_away(quick, arrays):
    run = quick(arrays)
    (run.path / ".last.safetensors.0123abcd.tmp").write_bytes(b"half")
    (run.path / ".mine.tmp").touch()
    run.resume(epochs=2, listeners=[])
    assert [path.name for path in run.path.glob(".*.tmp")] == [".mine.tmp"]


def test_repeating_gives_the_same_bits(quick, arrays, tmp_path):
    run = quick(arrays, mirror=True)
    again = run.repeat(tmp_path / "again", listeners=[])
    assert same_tensors(run.last, again.last)
    assert same_tensors(run.best, again.best)
    assert again.state == "finished"


def test_a_finished_run_is_extended_to_the_bits_of_a_longer_one(quick, arrays):
    short = quick(arrays, out="short", schedule="constant", warmup_epochs=0.0)
    assert short.resume(epochs=3, listeners=[]) is short
    long = quick(arrays, out="long", epochs=3, schedule="constant", warmup_epochs=0.0)
    assert same_tensors(short.last, long.last)
    assert [event.epoch for event in short.events() if isinstance(event, EpochDone)] == [0, 1, 2]
    assert json.loads((short.path / "run.json").read_text())["settings"]["epochs"] == 3


def test_balanced_weights_make_a_rare_class_count(quick, arrays):
    images, _ = arrays
    rare = np.where(np.arange(60) < 50, 0, 1)
    plain, balanced = (quick((images, rare), out=kind, class_weights=kind) for kind in ("none", "balanced"))
    assert not same_tensors(plain.last, balanced.last)


def test_a_module_of_your_own_is_trained_judged_used_and_gone_on_with(quick, arrays, tmp_path):
    module = own_module()
    run = quick(arrays, model=module, epochs=2)
    assert run.description["model"] == {"architecture": "", "arguments": {}}
    assert run.evaluate().images == 6
    before = run.predictor()(arrays[0][0]).probabilities
    assert run.resume(epochs=3, listeners=[]).state == "finished"
    assert len(before) == 3
    elsewhere = saccade.load(run.best, module=own_module())
    np.testing.assert_array_equal(elsewhere(arrays[0][1]).probabilities, run.predictor()(arrays[0][1]).probabilities)
    assert saccade.Run(run.path, module=own_module()).predictor().labels == ("0", "1", "2")


def test_a_predictor_of_your_own_module_stays_as_it_was_when_training_goes_on(quick, arrays):
    run = quick(arrays, model=own_module())
    predictor = run.predictor()
    before = predictor(arrays[0][0]).probabilities
    run.resume(epochs=4, listeners=[])
    np.testing.assert_array_equal(predictor(arrays[0][0]).probabilities, before)


def test_trying_a_module_out_leaves_it_in_its_mode(quick, arrays):
    module = own_module()
    module[1].eval()
    module[1].momentum = 0.0
    quick(arrays, model=module, epochs=0)
    assert (module[0].training, module[1].training) == (True, False)


def test_grey_pictures_become_what_a_colour_module_takes(quick):
    images = np.random.default_rng(0).integers(0, 255, (30, 16, 16), dtype=np.uint8)
    run = quick((images, np.arange(30) % 3), model=own_module(in_channels=3))
    assert run.description["preprocessing"]["channels"] == 3


def test_listeners_hear_everything_in_order(quick, arrays):
    heard = []
    run = quick(arrays, listeners=[heard.append])
    assert isinstance(heard[0], RunStarted)
    assert [type(event) for event in heard] == [type(event) for event in run.events()]


def test_a_listener_that_raises_ends_a_run_that_can_go_on_to_the_same_bits(quick, arrays):
    def fail(event):
        if isinstance(event, EpochDone):
            raise ZeroDivisionError

    whole = quick(arrays, out="whole", epochs=2)
    with pytest.raises(ZeroDivisionError):
        quick(arrays, out="failed", epochs=2, listeners=[fail])
    failed = saccade.Run(whole.path.parent / "failed")
    assert failed.state == "unfinished"
    failed.resume(data=arrays, listeners=[])
    assert same_tensors(whole.last, failed.last)


def test_data_and_runs_may_move_between_stopping_and_going_on(photos, tmp_path, monkeypatch):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    (here / "photos").symlink_to(photos)
    monkeypatch.chdir(here)
    settings = {"threads": 1}
    saccade.train("photos", model="conv 4 3, gap", epochs=1, settings=settings, out="run", listeners=[])
    monkeypatch.chdir(there)
    (here / "run").rename(there / "moved")
    run = saccade.Run("moved").resume(epochs=2, listeners=[])
    assert run.state == "finished"
    (here / "photos").rename(there / "pictures")
    with pytest.raises(BadData, match="photos"):
        saccade.Run("moved").resume(epochs=3, listeners=[])
    saccade.Run("moved").resume(epochs=3, data="pictures", listeners=[])
    assert saccade.Run("moved").evaluate().images > 0


def test_without_an_out_folder_runs_are_numbered(arrays, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = [
        saccade.train(arrays, model="conv 4 3, gap", epochs=0, listeners=[]).path.as_posix() for _ in range(2)
    ]  # fmt: skip
    assert paths == ["runs/arrays-dcnn-1", "runs/arrays-dcnn-2"]


def test_names_and_labels_may_hold_anything(tmp_path, arrays):
    images, _ = arrays
    names = ["a\nb", "ünï 🦊", "\udcff", "-", " "]
    labels = [names[n % 5] for n in range(len(images))]
    run = saccade.train(
        (images, labels), model="conv 4 3, gap", epochs=1, settings={"threads": 1}, out=tmp_path / "-r ü", listeners=[]
    )
    assert set(run.labels) == set(names)
    assert saccade.load(run.path).labels == run.labels
    assert run.evaluate().images == 6


def test_a_picture_that_cannot_be_read_is_set_aside(quick, photos, tmp_path):
    for name in ("blue", "red"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for number in range(8):
            (tmp_path / "data" / name / f"{number}.png").write_bytes((photos / name / f"{number}.png").read_bytes())
    (tmp_path / "data" / "red" / "broken.jpg").write_bytes(b"not a picture")
    heard = []
    run = quick(tmp_path / "data", listeners=[heard.append])
    named = {event.key for event in heard if type(event).__name__ == "FileSetAside"}
    assert named <= {"red/broken.jpg"}
    assert run.state == "finished"


@pytest.mark.parametrize("batch_size", [1, 3, 47, 48, 1000])
def test_a_batch_may_have_any_size_and_the_last_one_any_rest(quick, arrays, batch_size):
    """There are 48 pictures to learn from: 47 leaves one over, which batch normalisation could not learn from alone."""
    run = quick(arrays, model="conv 4 3 norm, gap", batch_size=batch_size)
    (done,) = [event for event in run.events() if isinstance(event, EpochDone)]
    assert done.images == 48


def test_training_in_a_thread_that_gets_no_signals_is_training_too(quick, arrays):
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(quick, arrays, workers=1).result().state == "finished"


@pytest.mark.bad_input
def test_a_class_folder_without_pictures_and_a_single_class_are_explained(quick, photos, tmp_path):
    shutil.copytree(photos / "red", tmp_path / "data" / "red")
    with pytest.raises(BadData, match="one class folder only"):
        quick(tmp_path / "data")
    shutil.copytree(photos / "blue", tmp_path / "data" / "blue")
    (tmp_path / "data" / "green").mkdir()
    with pytest.raises(BadData, match="class folders without an image: green"):
        quick(tmp_path / "data")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        ({"model": "resnt18"}, UnknownName, "did you mean 'resnet18'"),
        ({"model": nn.Linear}, BadConfig, r"make one with Linear\(...\)"),
        ({"model": 5}, BadConfig, "got a model of type int"),
        ({"model": "cnv 4 3, gap"}, BadConfig, "did you mean 'conv'"),
        ({"task": "clasification"}, UnknownName, "did you mean 'classification'"),
        ({"task": "multi_label"}, BadConfig, "leave the task out"),
        ({"epochs": -1}, BadConfig, "epochs=-1"),
        ({"epochs": "3"}, BadConfig, "a whole number"),
        ({"settings": {"epoch": 3, "lr": 1, "batch_size": 0}}, BadConfig, r"(?s)'epoch'.*'lr'.*batch_size=0"),
        ({"settings": 5}, BadConfig, "taken are TrainingSettings, a mapping or the name"),
        ({"settings": {"device": "mps"}}, BadConfig, "taken on this machine"),
        ({"model": own_module(classes=2)}, BadShape, r"taken is \(2, 3\), one number for each class"),
        ({"model": nn.Sequential(nn.Flatten(), nn.Linear(7, 3))}, BadShape, "set height and width"),
        ({"model": "resnet18", "settings": {"batch_size": 1, "height": 32}}, BadConfig, "set batch_size to 2"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(arrays, tmp_path, arguments, error, told):
    with pytest.raises(error, match=told):
        saccade.train(arrays, out=tmp_path / "run", listeners=[], **{"model": "conv 4 3, gap", **arguments})
    assert not (tmp_path / "run").exists()


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("digts", "did you mean 'digits'"),
        ("no/such/folder", "neither a path that is there nor a name"),
        (5, "taken are a path, a name"),
        ((np.zeros((4, 8, 8), np.uint8), [0, 0, 0, 0]), "one class only"),
    ],
)
def test_data_that_are_none_are_refused(tmp_path, data, told):
    with pytest.raises(BadData, match=told):
        saccade.train(data, model="conv 4 3, gap", out=tmp_path / "run", listeners=[])
    assert not (tmp_path / "run").exists()


@pytest.mark.bad_input
def test_a_folder_that_holds_a_run_is_left_alone(quick, arrays, tmp_path):
    run = quick(arrays)
    before = {path.name: path.read_bytes() for path in run.path.iterdir()}
    with pytest.raises(BadConfig, match=r"holds a run already.*--resume"):
        quick(arrays)
    assert {path.name: path.read_bytes() for path in run.path.iterdir()} == before
    (tmp_path / "file").touch()
    with pytest.raises(BadConfig, match="which is a file"):
        quick(arrays, out="file")


@pytest.mark.bad_input
def test_a_run_never_lies_among_its_data(photos, tmp_path, monkeypatch):
    with pytest.raises(BadConfig, match="inside the folder of the data"):
        saccade.train(photos, model="conv 4 3, gap", out=photos / "run", listeners=[])
    monkeypatch.chdir(photos)
    with pytest.raises(BadConfig, match="inside the folder of the data"):
        saccade.train(".", model="conv 4 3, gap", listeners=[])
    assert sorted(path.name for path in photos.iterdir()) == ["blue", "green", "red"]


@pytest.mark.bad_input
def test_two_at_once_in_one_folder_are_one_too_many(quick, arrays, tmp_path):
    refused = []

    def start_another(event):
        if isinstance(event, RunStarted):
            with pytest.raises(Busy, match="another run trains") as caught:
                quick(arrays)
            refused.append(caught.value)
            with pytest.raises(Busy):
                saccade.Run(tmp_path / "run").resume(data=arrays, listeners=[])

    run = quick(arrays, listeners=[start_another])
    assert len(refused) == 1
    assert run.state == "finished"


@pytest.mark.bad_input
def test_a_module_of_your_own_cannot_be_guessed(quick, arrays, tmp_path):
    run = quick(arrays, model=own_module())
    with pytest.raises(BadCheckpoint, match=r"load it with saccade.load\(path, module="):
        saccade.load(run.best)
    with pytest.raises(BadConfig, match="which can be made again"):
        run.repeat(tmp_path / "again")
    with pytest.raises(BadConfig, match=r"saccade.Run\(path, module="):
        saccade.Run(run.path).resume(data=arrays)
    with pytest.raises(BadCheckpoint, match="for another network"):
        saccade.load(run.best, module=own_module(classes=4))


@pytest.mark.bad_input
def test_going_on_needs_the_same_data(quick, arrays, tmp_path):
    images, ids = arrays
    run = quick(arrays)
    with pytest.raises(BadData, match="arrays that were in memory"):
        saccade.Run(run.path).resume()
    with pytest.raises(BadData, match=r"changed since the run began \(train"):
        saccade.Run(run.path).resume(data=(255 - images, ids))
    with pytest.raises(BadConfig, match="of which 1 are done"):
        run.resume(epochs=0)


@pytest.mark.bad_input
def test_a_state_of_other_settings_is_refused(quick, arrays):
    run = quick(arrays, out="one", optimizer="sgd")
    other = quick(arrays, out="two", optimizer="adamw")
    other.last.write_bytes(run.last.read_bytes())
    with pytest.raises(BadCheckpoint, match="a state of other settings"):
        other.resume(epochs=2, listeners=[])


def test_a_png_of_another_kind_does_not_stop_training(quick, photos, tmp_path):
    """Grey, with opacity, of 16 bits: all become what the others are."""
    for name in ("blue", "red"):
        (tmp_path / "mixed" / name).mkdir(parents=True)
        for number in range(6):
            (tmp_path / "mixed" / name / f"{number}.png").write_bytes((photos / name / f"{number}.png").read_bytes())
    Image.fromarray(np.full((9, 30), 70, np.uint8)).save(tmp_path / "mixed" / "red" / "grey.png")
    Image.fromarray(np.full((9, 30, 4), 70, np.uint8)).save(tmp_path / "mixed" / "red" / "clear.png")
    Image.fromarray(np.full((9, 30), 7000, np.uint16)).save(tmp_path / "mixed" / "blue" / "deep.png")
    run = quick(tmp_path / "mixed", workers=1, mirror=True)
    assert run.description["preprocessing"]["channels"] == 3
    assert not [event for event in run.events() if type(event).__name__ == "FileSetAside"]
