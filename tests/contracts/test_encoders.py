"""Every network of `architectures` that gives features and no classes keeps what such networks promise."""

from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import saccade
from kinds import ENCODERS
from saccade import catalog
from saccade.errors import BadConfig, BadShape

each = pytest.mark.parametrize("name", ENCODERS)


def images(name: str, *, more: int = 0, seed: int = 0) -> torch.Tensor:
    height, width = ENCODERS[name]["smallest_size"]
    return torch.rand(2, 3, height + more, width + more, generator=torch.Generator().manual_seed(seed))


@each
def test_parameters_and_multiply_adds_are_those_of_the_card(name: str) -> None:
    card = ENCODERS[name]
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        network = catalog.find("architectures", name)()
        network(torch.empty(1, card["channels"], *card["native_size"]))
    assert sum(parameter.numel() for parameter in network.parameters()) == card["parameters"]
    assert counter.get_total_flops() == 2 * card["macs"]


@each
def test_every_parameter_and_every_pixel_gets_a_gradient(name: str) -> None:
    torch.manual_seed(0)
    network, several = catalog.find("architectures", name)(), images(name, more=9).requires_grad_()
    network(several).square().sum().backward()
    assert all(bool(parameter.grad.any()) for parameter in network.parameters())
    assert bool(several.grad.abs().sum(1).bool().float().mean() > 0.9)


@each
def test_a_state_dict_goes_round(name: str) -> None:
    make = catalog.find("architectures", name)
    torch.manual_seed(0)
    first, second = make(), make()
    second.load_state_dict(first.state_dict())
    assert torch.equal(first(images(name)), second(images(name)))


@each
@pytest.mark.bad_input
def test_what_it_cannot_take_is_refused_by_name(name: str) -> None:
    make = catalog.find("architectures", name)
    with pytest.raises(BadShape, match=name):
        make()(images(name)[:, :, 1:])
    with pytest.raises(BadShape, match=name):
        make()(images(name)[:, :2])
    with pytest.raises(BadConfig, match="num_classes=10"):
        saccade.create(name, num_classes=10)
    with pytest.raises(BadConfig, match="in_channels=0"):
        make(in_channels=0)
