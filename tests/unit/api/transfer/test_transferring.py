"""What of weights is kept: chosen by the size of the data, said, and refused where it means nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import saccade
from saccade.api.building import Plan
from saccade.api.transfer import transferring as transferring_module
from saccade.api.transfer.transferring import on_features, refuse_transfer, staged, transferring
from saccade.data.arrays import Arrays
from saccade.errors import BadConfig
from saccade.training.events import Decided, EpochDone
from saccade.training.settings import TrainingSettings
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import DataSet
from saccade.weights.files import read_tensors, write_tensors
from small_backbone import Small


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def weights(tmp_path: Path) -> str:
    torch.manual_seed(5)
    write_tensors(tmp_path / "resnet8.safetensors", saccade.create("resnet8").state_dict(), {})
    return str(tmp_path / "resnet8.safetensors")


def data_of(count: int) -> DataSet:
    """So many pictures of one pixel."""
    source = Arrays(np.zeros((1, 1, 1, 1), np.uint8), (0,), "x", np.zeros(count, np.int64))
    return DataSet("x", ("a", "b"), {"train": source})


@pytest.mark.parametrize(
    ("count", "way"), [(1, "features"), (4_999, "features"), (5_000, "top"), (49_999, "top"), (50_000, "all")]
)
def test_the_size_of_the_data_decides(count, way):
    asked = TrainingSettings(transfer="auto", weights="x")
    model, settings, told = transferring("resnet8", data_of(count), asked)
    assert (model, settings.transfer, settings.weights) == ("resnet8", way, "x")
    assert len(told) == 1
    assert told[0].startswith(f"transfer: {way}, since there are {count:,} training images: ")


def test_what_the_user_said_is_not_chosen_anew():
    asked = TrainingSettings(transfer="all", weights="x")
    assert transferring("resnet8", data_of(10), asked) == ("resnet8", asked, [])
    nothing = TrainingSettings()
    assert transferring(None, data_of(10), nothing) == (None, nothing, [])


def test_weights_that_are_here_are_chosen_and_said(monkeypatch):
    monkeypatch.setattr(transferring_module, "is_here", lambda entry: entry.tag == "imagenet_v2")
    _, settings, told = transferring("resnet50", data_of(10), TrainingSettings(transfer="features"))
    assert settings.weights == "imagenet_v2"
    assert told == ["weights: resnet50/imagenet_v2, which are on this machine"]


def test_the_plan_on_features_names_the_backbone():
    seen = Preprocessing((8, 8), 3, (0.0,) * 3, (1.0,) * 3)
    planned = Plan("resnet8", {"num_classes": 3, "in_channels": 1, "more": 2}, seen)
    for top, hidden in (("logistic", 0), ("network", 256)):
        made = on_features(planned, TrainingSettings(top=top))
        assert (made.architecture, made.preprocessing) == ("pooled", seen)
        assert made.arguments == {"num_classes": 3, "in_channels": 1, "backbone": "resnet8", "hidden": hidden}


def test_stages_are_frozen_from_the_stem_and_thaw_over_the_epochs():
    """Of three stages the first is frozen; it learns in the second half."""
    settings, told = staged(TrainingSettings(transfer="top", epochs=10), Small())
    assert (settings.freeze, settings.unfreeze_epochs, settings.layer_decay) == ("stem", 5, 0.7)
    assert told == ["stages: stem to stem are frozen, and one more learns after each 5 epochs"]


def test_what_is_said_of_stages_stays():
    settings, _ = staged(TrainingSettings(transfer="top", epochs=10, unfreeze_epochs=3, layer_decay=0.5), Small())
    assert (settings.freeze, settings.unfreeze_epochs, settings.layer_decay) == ("stem", 3, 0.5)
    own = TrainingSettings(transfer="top", freeze="stage1")
    assert staged(own, Small()) == (own, [])
    for way in ("none", "features", "all"):
        other = TrainingSettings(transfer=way)
        assert staged(other, Small()) == (other, [])


def test_a_single_epoch_is_one_epoch():
    assert staged(TrainingSettings(transfer="top", epochs=1), Small())[1][0].endswith("after each 1 epoch")


def test_the_top_stages_learn_and_the_lower_follow(quick, photos, weights):
    run = quick(photos, model="resnet8", weights=weights, transfer="top", epochs=2, batch_size=8)
    frozen = run.description["settings"]["freeze"]
    assert frozen == "stem"
    assert [event.text for event in run.events() if isinstance(event, Decided)] == run.description["decisions"]
    assert len([event for event in run.events() if isinstance(event, EpochDone)]) == 2


def test_frozen_stages_of_a_run_are_those_of_the_weights(quick, photos, weights):
    run = quick(photos, model="resnet8", weights=weights, freeze="stage1", epochs=2, batch_size=8)
    learnt, given = read_tensors(run.best)[0], read_tensors(Path(weights))[0]
    same = {name.split(".")[0] for name, value in given.items() if name in learnt and torch.equal(value, learnt[name])}
    assert {"conv1", "bn1", "layer1", "layer2"} <= same
    assert not {"layer3", "linear"} & same


def test_everything_learns_with_all(quick, photos, weights):
    run = quick(photos, model="resnet8", weights=weights, transfer="all", epochs=1, batch_size=8)
    learnt, given = read_tensors(run.best)[0], read_tensors(Path(weights))[0]
    assert not torch.equal(learnt["conv1.weight"], given["conv1.weight"])
    assert run.description["model"]["architecture"] == "resnet8"


@pytest.mark.bad_input
@pytest.mark.parametrize("way", ["auto", "features", "top", "all"])
def test_a_line_and_a_module_are_refused(way):
    settings = TrainingSettings(transfer=way)
    for model, told in (("conv 4 3, gap", "a line of layers"), (nn.Linear(1, 1), "a module of your own")):
        with pytest.raises(
            BadConfig, match=f"got transfer='{way}' for {told}; taken is it for an architecture by name"
        ):
            refuse_transfer(model, settings, "classification")


@pytest.mark.bad_input
def test_features_serve_two_tasks():
    with pytest.raises(BadConfig, match="got transfer='features' for detection; taken is it for classification and"):
        refuse_transfer("resnet8", TrainingSettings(transfer="features"), "detection")
    refuse_transfer("resnet8", TrainingSettings(transfer="features"), "multi_label")


@pytest.mark.bad_input
@pytest.mark.parametrize("knobs", [{"views": 2}, {"top": "network"}])
def test_views_and_a_top_mean_nothing_without_features(knobs):
    with pytest.raises(BadConfig, match=r"got views=.* and top=.* with transfer='none'; taken are they with"):
        refuse_transfer("resnet8", TrainingSettings(**knobs), "classification")


@pytest.mark.bad_input
@pytest.mark.parametrize("knobs", [{"freeze": "stem"}, {"unfreeze_epochs": 2}, {"layer_decay": 0.5}])
def test_stages_mean_nothing_with_features(knobs):
    with pytest.raises(BadConfig, match="with transfer='features'; taken are they where stages learn"):
        staged(TrainingSettings(transfer="features", **knobs), Small())


@pytest.mark.bad_input
def test_weights_that_are_not_here_are_named_with_the_way_to_get_them(quick, photos, tmp_path):
    with pytest.raises(
        BadConfig, match=r"there are imagenet.* to be fetched; fetch them with saccade fetch resnet18/im"
    ):
        quick(photos, model="resnet18", transfer="features")
    with pytest.raises(BadConfig, match=r"got transfer for resnet8.*none are published.*or give --weights FILE"):
        quick(photos, model="resnet8", transfer="features")
    assert not (tmp_path / "run").exists()


@pytest.mark.bad_input
def test_nothing_is_begun_where_the_settings_are_wrong(quick, photos, weights, tmp_path):
    with pytest.raises(BadConfig, match="taken are they where stages learn"):
        quick(photos, model="resnet8", weights=weights, transfer="features", freeze="stage1")
    with pytest.raises(BadConfig, match="got stage 'stage9'"):
        quick(photos, model="resnet8", weights=weights, freeze="stage9")
    assert not (tmp_path / "run").exists()
