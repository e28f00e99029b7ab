"""Stages that do not learn stay as they are to the bit; they begin when it is said, and learn at their own rates."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig
from saccade.layers.normalised import Normalised
from saccade.training.events import EpochDone, StepDone
from saccade.training.freezing import Freezing
from saccade.training.loop import Trainer
from saccade.training.settings import TrainingSettings
from small_backbone import STAGE1, STEM, Small
from two_classes import Batches, make_job


def trained(folder: Path, **knobs: Any) -> list[dict[str, torch.Tensor]]:
    """The weights and running statistics before training and after each epoch."""
    job = replace(make_job(folder, **knobs), network=Small())
    states = [copied(job.network)]

    def keep(event: object) -> None:
        if isinstance(event, EpochDone):
            states.append(copied(job.network))

    Trainer(job, emit=keep).fit(Batches(steps=3), None)
    return states


def copied(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def changed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> set[str]:
    """The first part of the name of whatever is not the same to the bit."""
    return {name.split(".")[0] for name, value in before.items() if not torch.equal(value, after[name])}


@pytest.mark.parametrize(
    "knobs", [{}, {"optimizer": "momentum", "weight_decay": 0.5}, {"ema_decay": 0.5}, {"lookahead": 2}]
)
def test_frozen_stages_keep_weights_and_running_statistics_to_the_bit(tmp_path, knobs):
    states = trained(tmp_path, freeze="stage1", epochs=2, **knobs)
    assert changed(states[0], states[-1]) == {"layer2", "fc"}


def test_without_freezing_everything_moves(tmp_path):
    """The control."""
    assert changed(*trained(tmp_path, epochs=1)) == {"conv1", "bn1", "layer1", "layer2", "fc"}


@pytest.mark.parametrize("optimizer", ["adamw", "momentum", "rmsprop"])
def test_one_more_stage_learns_after_each_so_many_epochs(tmp_path, optimizer):
    settings = {"schedule": "constant", "optimizer": optimizer}
    states = trained(tmp_path, freeze="stage1", unfreeze_epochs=2, epochs=5, **settings)
    moves = [changed(before, after) for before, after in itertools.pairwise(states)]
    top = {"layer2", "fc"}
    assert moves == [top, top, {"layer1"} | top, {"layer1"} | top, {"conv1", "bn1", "layer1"} | top]


@pytest.mark.parametrize(
    ("freeze", "every", "epoch", "still"),
    [
        ("", 0, 0, ()),
        ("stem", 0, 99, ("stem",)),
        ("stage2", 0, 0, ("stem", "stage1", "stage2")),
        ("stage2", 3, 2, ("stem", "stage1", "stage2")),
        ("stage2", 3, 3, ("stem", "stage1")),
        ("stage2", 3, 8, ("stem",)),
        ("stage2", 3, 9, ()),
        ("stage2", 3, 99, ()),
    ],
)
def test_the_highest_frozen_stage_learns_first(freeze, every, epoch, still):
    assert Freezing(Small(), TrainingSettings(freeze=freeze, unfreeze_epochs=every)).frozen(epoch) == still


def test_nothing_is_dropped_in_a_frozen_stage_and_its_norms_rest():
    network = Normalised(Small(), [0.5], [0.25])
    freezing = Freezing(network, TrainingSettings(freeze="stage1", unfreeze_epochs=1))
    names = {f"network.{name}" for name in (*STEM, *STAGE1)}
    network.train()
    freezing.apply(0)
    resting = {name for name, module in network.named_modules() if not module.training}
    assert resting == names | {"network.layer1"}
    network.train()
    freezing.apply(1)
    assert {name for name, module in network.named_modules() if not module.training} == {
        f"network.{name}" for name in STEM
    }
    assert network.network.layer1[0].weight.requires_grad
    network.train()
    freezing.apply(2)
    assert all(module.training for module in network.modules())
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_what_never_learnt_does_not_begin_to():
    network = Small()
    network.layer1[0].weight.requires_grad_(False)
    freezing = Freezing(network, TrainingSettings(freeze="stage1", unfreeze_epochs=1))
    for epoch in range(3):
        network.train()
        freezing.apply(epoch)
    assert [name for name, own in network.named_parameters() if not own.requires_grad] == ["layer1.0.weight"]


def test_each_stage_learns_at_its_share_of_the_rate_of_the_one_above():
    freezing = Freezing(Small(), TrainingSettings(layer_decay=0.5))
    rates = {name: freezing.rate_of(f"{name}.weight") for name in (*STEM, "layer1.0", "layer2.1", "fc")}
    assert rates == {"conv1": 0.125, "bn1": 0.125, "layer1.0": 0.25, "layer2.1": 0.5, "fc": 1.0}


def test_the_optimiser_has_those_rates_at_every_step(tmp_path):
    """The schedule falls by a line from 1 to 0 in four steps; no warm-up."""
    settings = {"epochs": 1, "layer_decay": 0.5, "optimizer": "sgd", "learning_rate": 1.0, "schedule": "linear"}
    job = replace(make_job(tmp_path, **settings), network=Small())
    seen = []

    def look(event: object) -> None:
        if isinstance(event, StepDone):
            groups = trainer.moving.optimizers["all"].param_groups
            named = {id(own): group["lr"] for group in groups for own in group["params"]}
            seen.append([named[id(own)] for own in (job.network.conv1.weight, job.network.fc.weight)])

    trainer = Trainer(job, emit=look)
    trainer.fit(Batches(steps=4), None)
    full = [rate for _, rate in seen]
    assert full == sorted(full, reverse=True)
    assert full[0] > full[-1]
    assert seen == [[rate / 8, rate] for rate in full]


def test_stages_at_no_rate_keep_their_weights_and_are_still_counted(tmp_path):
    """A rate of zero is not freezing: running statistics follow the images."""
    before, after = trained(tmp_path, epochs=1, layer_decay=0.0, optimizer="sgd", learning_rate=0.1)
    moved = {name for name, value in before.items() if not torch.equal(value, after[name])}
    statistics = {name for name in before if "running" in name or "tracked" in name}
    assert moved == {"fc.weight", "fc.bias"} | statistics


def test_modules_without_stages_learn_as_they_are():
    freezing = Freezing(nn.Linear(1, 1), TrainingSettings())
    freezing.apply(0)
    assert (freezing.frozen(0), freezing.rate_of("weight")) == ((), 1.0)


@pytest.mark.bad_input
def test_stages_that_are_not_there_and_modules_without_any_are_refused_by_name():
    with pytest.raises(BadConfig, match=r"got stage 'stage7'.*stage2"):
        Freezing(Small(), TrainingSettings(freeze="stage7"))
    for knobs in ({"freeze": "stem"}, {"layer_decay": 0.5}):
        with pytest.raises(BadConfig, match="type Linear, of which nobody knows the stages"):
            Freezing(nn.Linear(1, 1), TrainingSettings(**knobs))


@pytest.mark.bad_input
def test_something_must_be_left_that_learns():
    network = Small()
    network.fc = nn.Identity()
    assert Freezing(network, TrainingSettings(freeze="stage1")).frozen(0) == ("stem", "stage1")
    with pytest.raises(BadConfig, match="got freeze='stage2' for a network with nothing to learn above it"):
        Freezing(network, TrainingSettings(freeze="stage2"))
