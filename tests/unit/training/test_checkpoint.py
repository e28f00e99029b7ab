"""The state of a run as one file: it goes back exactly, or not at all."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.errors import BadCheckpoint
from saccade.training.averaging import make_average
from saccade.training.checkpoint import Moving, Place, read_checkpoint, restore_checkpoint, save_checkpoint
from saccade.training.loop import Trainer
from saccade.training.optimizers import make_optimizer
from saccade.training.settings import TrainingSettings
from saccade.weights.files import read_tensors, write_tensors
from two_classes import Batches, make_job, state_of


@pytest.fixture
def trained(tmp_path):
    """A trainer after its two epochs, and the file that it saved."""
    trainer = Trainer(make_job(tmp_path / "run", ema_decay=0.9))
    trainer.fit(Batches(), None)
    return trainer, trainer.job.checkpoint


def fresh(folder, **settings) -> Trainer:
    return Trainer(make_job(folder, **{"ema_decay": 0.9, **settings}))


def test_everything_goes_back_and_the_average_stays_where_it_lies(trained, tmp_path):
    trainer, path = trained
    again = fresh(tmp_path / "again")
    places = {name: value.data_ptr() for name, value in again.moving.average.weights.items()}
    restore_checkpoint(path, again.moving)
    one, other = state_of(trainer), state_of(again)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert again.moving.place == trainer.moving.place
    assert {name: value.data_ptr() for name, value in again.moving.average.weights.items()} == places


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"optimizer": "sgd"}, "an optimiser with"),
        ({"ema_decay": 0.0}, "averaged weights, wanted 0"),
    ],
)
def test_a_state_of_other_settings_is_refused(trained, tmp_path, settings, told):
    with pytest.raises(BadCheckpoint, match=f"a state of other settings .*{told}"):
        restore_checkpoint(trained[1], fresh(tmp_path / "other", **settings).moving)


@pytest.mark.bad_input
@pytest.mark.parametrize("gone", ["place", "optimizers", "scaler"])
def test_a_description_that_lacks_something_is_refused(trained, tmp_path, gone):
    tensors, description = read_tensors(trained[1])
    del description[gone]
    write_tensors(tmp_path / "lacking.safetensors", tensors, description)
    with pytest.raises(BadCheckpoint, match="a state of other settings"):
        restore_checkpoint(tmp_path / "lacking.safetensors", fresh(tmp_path / "other").moving)


@pytest.mark.bad_input
def test_another_file_and_a_newer_one_are_no_checkpoint(trained, tmp_path):
    tensors, description = read_tensors(trained[1])
    for changes in ({"kind": "model"}, {"format": 2}):
        write_tensors(tmp_path / "other.safetensors", tensors, {**description, **changes})
        with pytest.raises(BadCheckpoint, match="taken is a checkpoint of format 1"):
            read_checkpoint(tmp_path / "other.safetensors")


class Remembering(nn.Module):
    """Something with a memory that is no part of its state dict, as large as what it has seen."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.register_buffer("seen", torch.zeros(0), persistent=False)


def test_what_a_network_remembers_while_it_trains_comes_back_whatever_its_size(tmp_path):
    def moving() -> Moving:
        network = nn.Sequential(Remembering())
        settings = TrainingSettings()
        optimizers = {"all": make_optimizer(network.parameters(), settings)}
        return Moving(network, optimizers, make_average(network, settings), torch.amp.GradScaler("cpu"), Place())

    path, first, second = tmp_path / "last.safetensors", moving(), moving()
    first.network[0].seen = torch.tensor([1.0, 2.0, 3.0])
    save_checkpoint(path, first)
    assert "network.0.seen" not in read_tensors(path)[0]
    restore_checkpoint(path, second)
    assert second.network[0].seen.tolist() == [1, 2, 3]
    tensors, description = read_tensors(path)
    del tensors["memory.0.seen"]  # as an earlier version wrote it
    write_tensors(path, tensors, description)
    third = moving()
    restore_checkpoint(path, third)
    assert third.network[0].seen.tolist() == []
