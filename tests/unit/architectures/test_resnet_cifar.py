"""Residual networks of 6n + 2 layers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.architectures.resnet_cifar import ResNetCifar, plain20, resnet20, resnet56, resnet110
from saccade.errors import BadConfig


def count(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def test_counts_are_those_of_the_paper_to_its_two_digits() -> None:
    millions = [round(count(make()) / 1e6, 2) for make in (resnet20, resnet56, resnet110)]
    assert millions == [0.27, 0.85, 1.73]


def test_a_hand_counts_resnet20() -> None:
    stem = 27 * 16 + 32
    stages = [
        9 * before * width + 5 * 9 * width * width + 6 * 2 * width for before, width in ((16, 16), (16, 32), (32, 64))
    ]
    assert count(resnet20()) == stem + sum(stages) + 64 * 10 + 10 == 269_722


def test_shortcuts_of_the_paper_have_no_parameters_and_projections_have() -> None:
    projections = 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64
    assert count(resnet20()) == count(plain20())
    assert count(resnet20(shortcut="B")) == count(plain20()) + projections == 272_474


def test_a_width_is_that_of_the_first_stage() -> None:
    assert [stage.width for stage in resnet20(width=4).stages] == [4, 8, 16]
    assert plain20(width=4).linear.weight.shape == (10, 16)
    assert count(resnet20(width=16)) == count(resnet20())


@pytest.mark.bad_input
def test_no_width_is_refused() -> None:
    with pytest.raises(BadConfig, match="got width=0; resnet20 takes a whole number ≥ 1"):
        resnet20(width=0)


def test_a_plain_network_computes_something_else_from_the_same_weights() -> None:
    torch.manual_seed(0)
    residual, plain, images = resnet20().eval(), plain20().eval(), torch.rand(2, 3, 32, 32)
    plain.load_state_dict(residual.state_dict())
    assert not torch.allclose(plain(images), residual(images))


@pytest.mark.bad_input
@pytest.mark.parametrize("depth", [2, 7, 21])
def test_a_depth_that_is_not_6n_and_2_is_refused(depth: int) -> None:
    with pytest.raises(BadConfig, match=f"got depth={depth}; odd takes 6n"):
        ResNetCifar("odd", depth=depth, num_classes=10, in_channels=3, shortcut="A")
