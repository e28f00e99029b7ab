"""What a question is asked about: every way in which a network can be named."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from saccade.api.networks.subject import Subject, subject_of
from saccade.errors import BadCheckpoint, BadConfig, BadShape, UnknownName

LINE = "conv 8 3, gap, dense 5"
FLAT = "conv 8 3, flatten, dense 5"


def told(subject: Subject):
    return type(subject.module).__name__, subject.name, subject.size, subject.in_channels


def test_a_module_is_taken_as_it_is():
    module = nn.Sequential(nn.ReLU(), nn.Conv2d(2, 4, 3))
    subject = subject_of(module)
    assert subject.module is module
    assert told(subject) == ("Sequential", "Sequential", None, 2)
    assert subject_of(nn.Flatten(), size=(4, 5)).in_channels == 3


def test_a_name_has_the_size_channels_and_classes_of_its_card():
    subject = subject_of("lenet5")
    assert told(subject) == ("LeNet5", "lenet5", (32, 32), 1)
    assert subject.module.num_classes == 10
    assert told(subject_of("resnet18")) == ("ResNet", "resnet18", (224, 224), 3)
    assert subject_of("resnet18").module.num_classes == 1000


def test_a_name_takes_other_numbers():
    subject = subject_of("resnet18", size=(64, 32), num_classes=7, in_channels=4)
    assert told(subject) == ("ResNet", "resnet18", (64, 32), 4)
    assert (subject.module.num_classes, subject.module.in_channels) == (7, 4)


def test_a_line_is_built():
    assert told(subject_of(LINE)) == ("DCNN", LINE, None, 3)
    assert subject_of(LINE, num_classes=9, in_channels=1).module.num_classes == 9
    assert subject_of(FLAT, size=(6, 7)).module.size == (6, 7)


def test_a_long_line_is_no_name_of_a_file():
    long = ", ".join(["conv 8 3"] * 999 + ["gap"])
    assert len(list(subject_of(long).module.parameters())) == 2 * 999


def test_weights_have_no_content_unless_asked_for():
    assert next(subject_of("lenet5").module.parameters()).is_meta
    before = torch.random.get_rng_state()
    first, second = (subject_of(LINE, weights=True).module.state_dict() for _ in range(2))
    assert all(torch.equal(value, second[name]) for name, value in first.items())
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_module_of_the_users_own_is_imported(tmp_path, monkeypatch):
    (tmp_path / "subject_net.py").write_text("from torch import nn\ndef make():\n    return nn.Conv2d(5, 1, 1)\n")
    monkeypatch.chdir(tmp_path)
    assert told(subject_of("subject_net:make")) == ("Conv2d", "subject_net:make", None, 5)


def test_a_run_its_folder_its_file_and_its_predictor_are_one(trained):
    forms = [trained.run, trained.run.path, str(trained.run.path), str(trained.run.best), trained.predictor]
    size = trained.predictor.description.preprocessing.size
    for form in forms:
        assert told(subject_of(form)) == ("DCNN", "dcnn", size, 3)
    assert subject_of(str(trained.run.path), size=(9, 9)).size == (9, 9)


def test_a_name_comes_before_a_folder_of_that_name(tmp_path, monkeypatch):
    (tmp_path / "lenet5").mkdir()
    monkeypatch.chdir(tmp_path)
    assert subject_of("lenet5").name == "lenet5"
    with pytest.raises(BadCheckpoint, match="holds no run"):
        subject_of("./lenet5")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("model", "arguments", "error", "message"),
    [
        ("resnet5O", {}, UnknownName, "did you mean .*'resnet50'"),
        ("conv 8 3, gpa, dense 5", {}, BadConfig, "did you mean 'gap'"),
        (FLAT, {}, BadConfig, "no size"),
        (LINE, {"size": (0, 5)}, BadShape, "both ≥ 1"),
        (LINE, {"size": (5,)}, BadShape, "taken is \\(height, width\\)"),
        ("lenet5", {"num_classes": 0}, BadConfig, "above zero"),
        ("lenet5", {"in_channels": -1}, BadConfig, "above zero"),
        (nn.ReLU(), {"num_classes": 5}, BadConfig, "leave it out"),
        (nn.ReLU, {}, BadConfig, r"got the class ReLU; .*make one with ReLU\(...\)"),
        ("", {}, UnknownName, "got model ''"),
        ("~nobody-of-that-name", {}, UnknownName, "choose one of them"),
        (LINE, {"size": 5}, BadShape, "got size=5"),
        (LINE, {"size": (5.0, 5)}, BadShape, "got size=\\(5.0, 5\\)"),
        (None, {}, BadConfig, "model of type NoneType"),
        ("no_such_module:net", {}, BadConfig, "no module 'no_such_module'"),
        ("runs/nothing", {}, BadCheckpoint, "runs/nothing"),
        ("nothing.safetensors", {}, BadCheckpoint, "nothing.safetensors"),
    ],
)
def test_what_is_no_model_is_refused_in_three_clauses(model, arguments, error, message):
    with pytest.raises(error, match=message) as caught:
        subject_of(model, **arguments)
    assert str(caught.value).count("; ") == 2


@pytest.mark.bad_input
def test_a_file_that_is_pickled_is_not_opened(tmp_path):
    path = Path(tmp_path, "model.pt")
    torch.save(nn.ReLU(), path)
    with pytest.raises(BadCheckpoint, match=r"model\.pt"):
        subject_of(path)


@pytest.mark.bad_input
def test_a_trained_model_has_its_own_channels(trained):
    assert subject_of(trained.run, in_channels=3).in_channels == 3
    with pytest.raises(BadConfig, match="was trained on 3"):
        subject_of(trained.run, in_channels=1)
