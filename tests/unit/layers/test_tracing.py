"""Tracing: what a graph says, what it leaves whole, and that shapes are checked again afterwards."""

from __future__ import annotations

import jaxtyping
import pytest
import torch
from torch import Tensor, nn

from saccade.architectures.lenet import lenet5_paper
from saccade.errors import BadConfig
from saccade.layers.tracing import traced


def calls(module: nn.Module) -> set[str]:
    return {str(node.target) for node in traced(module).graph.nodes if node.op == "call_module"}


def test_a_graph_computes_the_same_with_the_same_layers_under_the_same_names() -> None:
    torch.manual_seed(0)
    network, images = lenet5_paper().eval(), torch.rand(2, 1, 32, 32)
    graph = traced(network)
    assert torch.equal(graph(images), network(images))
    assert graph.get_submodule("c1") is network.c1
    assert set(dict(graph.named_parameters())) == set(dict(network.named_parameters()))


def test_a_layer_with_numbers_of_its_own_and_no_parts_stays_whole() -> None:
    assert {"c1", "s2", "output"} <= calls(lenet5_paper())
    assert "act1" not in calls(lenet5_paper())  # no numbers: written out as tanh


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_is_that_of_the_module(training: bool) -> None:
    assert traced(nn.Sequential(nn.Dropout()).train(training)).training is training


class Counting(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        for row in x:
            x = x + row
        return x


def test_shapes_are_checked_again_afterwards() -> None:
    before = jaxtyping.config.jaxtyping_disable
    traced(nn.ReLU())
    assert jaxtyping.config.jaxtyping_disable is before


@pytest.mark.bad_input
def test_a_way_that_depends_on_the_content_cannot_be_traced() -> None:
    before = jaxtyping.config.jaxtyping_disable
    with pytest.raises(BadConfig, match=r"got a Counting that cannot be traced .*; give a part of it that is one"):
        traced(Counting())
    assert jaxtyping.config.jaxtyping_disable is before
