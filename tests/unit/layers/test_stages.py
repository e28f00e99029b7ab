"""Which modules belong to which stage, for every architecture."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from kinds import CLASSIFIERS
from saccade import catalog
from saccade.errors import BadConfig
from saccade.layers.normalised import Normalised
from saccade.layers.stages import HEAD, backbone_of, modules_by_stage, refuse_stage
from small_backbone import STAGE1, STAGE2, STEM, Small


def test_each_module_is_under_the_stage_that_runs_it():
    assert modules_by_stage(Small()) == {"stem": STEM, "stage1": STAGE1, "stage2": STAGE2, HEAD: ("fc",)}


def test_the_names_are_those_of_the_network_that_is_asked():
    found = modules_by_stage(Normalised(Small(), [0.5], [0.25]))
    assert found["stem"] == ("network.conv1", "network.bn1")
    assert found[HEAD] == ("network.fc",)


def test_the_network_is_left_as_it_was():
    network = Small()
    network.train()
    network.layer1[1].eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    modes = [module.training for module in network.modules()]
    modules_by_stage(network)
    assert [module.training for module in network.modules()] == modes
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert not any(module._forward_pre_hooks for module in network.modules())


@pytest.mark.parametrize("name", sorted(CLASSIFIERS))
def test_every_parameter_of_every_architecture_is_in_one_stage_or_the_head(name):
    with torch.device("meta"):
        network = catalog.find("architectures", name)(num_classes=3)
        found = modules_by_stage(network)
    names = [own for several in found.values() for own in several]
    assert len(names) == len(set(names))
    assert {own.rpartition(".")[0] for own, _ in network.named_parameters()} <= set(names)
    assert list(found) == [*(stage.name for stage in network.stages), HEAD]
    assert found["stem"]


@pytest.mark.bad_input
def test_what_is_no_backbone_is_refused():
    for network in (nn.Linear(1, 1), Normalised(nn.Linear(1, 1), [0.5], [0.25])):
        with pytest.raises(BadConfig, match="type Linear, of which nobody knows the stages; taken are architectures"):
            backbone_of(network)


@pytest.mark.bad_input
def test_a_stage_that_is_not_there_is_refused_and_the_nearest_offered():
    refuse_stage(Small(), "stage2")
    with pytest.raises(BadConfig, match=r"got stage 'stage3'.*stage2"):
        refuse_stage(Small(), "stage3")
    with pytest.raises(BadConfig, match="got stage 'head'"):
        refuse_stage(Small(), "head")
