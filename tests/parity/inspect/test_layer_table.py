"""Multiply-adds of every network of the catalogue against PyTorch's own counter on the network alone, to the unit."""

from __future__ import annotations

import torch
from torch.utils.flop_counter import FlopCounterMode

from kinds import CARDS, each_family
from saccade import catalog
from saccade.inspect.layer_table import layer_table


@each_family
def test_multiply_adds_are_those_of_pytorch(name: str) -> None:
    card = CARDS[name]
    with torch.device("meta"):
        network = catalog.find("architectures", name)().eval()
        images = torch.empty(1, card["channels"], *card["native_size"])
    table = layer_table(network, card["native_size"], in_channels=card["channels"])
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(images)
    assert 2 * table.macs == counter.get_total_flops()
    assert table.parameters == sum(weight.numel() for weight in network.parameters()) == card["parameters"]
