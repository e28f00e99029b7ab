"""The one-file model: what is written comes back, and what is tampered with is refused."""

from __future__ import annotations

import json
import time
import warnings

import pytest
import torch
from torch import nn

from saccade import catalog
from saccade.errors import BadCheckpoint
from saccade.exports.model_file import (
    ModelDescription,
    WeightsWarning,
    describe_model,
    load_model,
    save_model,
)
from saccade.layers.normalised import Normalised
from saccade.types.preprocessing import Preprocessing
from saccade.weights.files import read_tensors, write_tensors

GREY = Preprocessing((32, 32), 1, (0.25,), (0.5,))


@pytest.fixture
def description():
    return ModelDescription(
        "lenet5", {"num_classes": 3, "in_channels": 1}, "classification", ("a", "b\udcff", "ü"), GREY, {"torch": "1"},
        "CC0", {"data": "x"},
    )  # fmt: skip


@pytest.fixture
def saved(description, tmp_path):
    """A model in its file, and the network that it was."""
    torch.manual_seed(0)
    network = Normalised(catalog.find("architectures", "lenet5")(num_classes=3, in_channels=1), GREY.mean, GREY.std)
    save_model(tmp_path / "model.safetensors", network.eval(), description)
    return tmp_path / "model.safetensors", network


def tampered(path, **changes):
    """The same file with something else in its header; `a__b` is b inside a."""
    tensors, values = read_tensors(path)
    values = json.loads(json.dumps(values))
    for name, value in changes.items():
        *outer, last = name.split("__")
        place = values
        for part in outer:
            place = place[part]
        place[last] = value
    write_tensors(path, tensors, values)
    return path


def test_a_model_comes_back_whole(saved, description):
    path, network = saved
    loaded, told = load_model(path)
    assert told == description == describe_model(path)
    images = torch.rand(2, 1, 32, 32)
    assert torch.equal(loaded(images), network(images))
    assert not loaded.training


def test_the_weights_have_the_architectures_own_names(saved):
    names = set(read_tensors(saved[0])[0])
    assert names == set(catalog.find("architectures", "lenet5")().state_dict())


def test_an_architecture_that_goes_elsewhere_needs_no_catalogue(description, tmp_path):
    torch.manual_seed(0)
    module = nn.Sequential(nn.Flatten(), nn.Linear(1024, 3))
    own = ModelDescription("", {}, "classification", description.labels, GREY)
    save_model(tmp_path / "own.safetensors", Normalised(module, GREY.mean, GREY.std), own)
    other = nn.Sequential(nn.Flatten(), nn.Linear(1024, 3))
    loaded, _ = load_model(tmp_path / "own.safetensors", other)
    assert loaded.network is other
    assert torch.equal(other[1].weight, module[1].weight)


def test_weights_that_are_not_finite_are_warned_of(saved):
    path, network = saved
    with torch.no_grad():
        next(network.parameters()).view(-1)[0] = float("nan")
    save_model(path, network, describe_model(path))
    with pytest.warns(WeightsWarning, match="weights that are not finite in "):
        load_model(path)


def test_loading_draws_no_random_numbers_and_warns_of_nothing(saved):
    before = torch.get_rng_state()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_model(saved[0])
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"kind": "checkpoint"}, "a file of kind 'checkpoint'"),
        ({"format": 2}, "install a newer saccade"),
        ({"format": None}, "taken is a model of format 1; use the best.safetensors"),
        ({"architecture": "lenet6"}, "this version of saccade does not have; .*did you mean 'lenet5'"),
        ({"architecture": "resnet18"}, "for another network: missing conv1.weight"),
        ({"architecture": ""}, "taken is that module beside it"),
        ({"arguments": {"num_classes": 4, "in_channels": 1}}, "num_classes=4 and 3 labels"),
        ({"arguments": {"num_classes": 3, "in_channels": 3}}, "in_channels=3 and images of 1 channels"),
        ({"arguments": {"num_classes": 3, "in_channels": 1, "depth": 5}}, "do not fit lenet5"),
        ({"arguments": 5}, "lacks or garbles"),
        ({"labels": ["a", "b"]}, "num_classes=3 and 2 labels"),
        ({"labels": None}, "lacks or garbles"),
        ({"task": "mind_reading"}, "task 'mind_reading'"),
        ({"preprocessing": {}}, "lacks or garbles 'size'"),
        ({"preprocessing__size": [0, 32]}, "lacks or garbles got size"),
        ({"preprocessing__size": [1 << 20, 1 << 20]}, "images of 1,048,576 × 1,048,576 pixels"),
        ({"preprocessing__std": [0.0]}, "lacks or garbles got std"),
        ({"preprocessing__fit": "squeeze"}, "lacks or garbles got fit"),
        ({"origin": "there"}, "lacks or garbles"),
    ],
)
def test_a_header_that_was_tampered_with_is_refused(saved, changes, told):
    path = tampered(saved[0], **changes)
    with pytest.raises(BadCheckpoint, match=told):
        load_model(path)


@pytest.mark.bad_input
def test_a_header_that_asks_for_more_memory_than_there_is_gets_none(saved):
    path = tampered(
        saved[0], architecture="resnet18", arguments={"num_classes": 10**9, "in_channels": 1}, labels=["x"] * 3
    )
    with pytest.raises(BadCheckpoint, match="header says"):
        load_model(path)
    path = tampered(path, arguments={"num_classes": 3, "in_channels": 10**9}, preprocessing__channels=10**9)
    with pytest.raises(BadCheckpoint):
        load_model(path)
    line = "dense 100000, " * 40 + "dense 3"
    path = tampered(
        path, architecture="dcnn", arguments={"line": line, "num_classes": 3, "in_channels": 1},
        preprocessing__channels=1,
    )  # fmt: skip
    began = time.perf_counter()
    with pytest.raises(BadCheckpoint):
        load_model(path)
    assert time.perf_counter() - began < 5


@pytest.mark.bad_input
def test_a_module_of_another_shape_is_refused_and_not_changed(description, tmp_path, saved):
    module = nn.Linear(2, 2)
    before = module.weight.detach().clone()
    with pytest.raises(BadCheckpoint, match="for another network"):
        load_model(saved[0], module)
    assert torch.equal(module.weight, before)


@pytest.mark.bad_input
def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(BadCheckpoint, match="which is no file"):
        describe_model(tmp_path / "nowhere")
    write_tensors(tmp_path / "foreign.safetensors", {"a": torch.zeros(1)}, {})
    with pytest.raises(BadCheckpoint, match="kind None"):
        load_model(tmp_path / "foreign.safetensors")
