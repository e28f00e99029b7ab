"""airbench94: its size, what of it learns, how it begins."""

from __future__ import annotations

import torch
from torch.utils.flop_counter import FlopCounterMode

from saccade.architectures.airbench import CARDS, airbench94

PER_IMAGE = 707_777_088
"""Operations, forward and backward, for one image of 32 × 32."""


def test_parameters_by_hand():
    convolutions = 9 * (24 * 64 + 64 * 64 + 64 * 256 + 256 * 256 + 256 * 256 + 256 * 256)
    shifts, whitening, linear = 2 * (64 + 256 + 256), 24, 256 * 10
    assert CARDS["airbench94"]["parameters"] == convolutions + shifts + whitening + linear


def test_operations_of_a_step():
    network = airbench94()
    with FlopCounterMode(display=False) as counter:
        network(torch.rand(2, 3, 32, 32)).square().sum().backward()
    assert counter.get_total_flops() == 2 * PER_IMAGE
    assert 8 * 50_000 * PER_IMAGE < 0.29e15


def test_neither_whitening_filters_nor_scales_learn():
    names = {name for name, _ in airbench94().named_parameters()}
    assert "whiten.bias" in names
    assert not names & {"whiten.weight", "block1.norm1.weight"}
    assert {"whiten.weight", "block1.norm1.weight"} <= airbench94().state_dict().keys()


def test_convolutions_begin_as_the_identity_on_what_comes_in():
    network = airbench94()
    maps = torch.rand(1, 64, 5, 5)
    torch.testing.assert_close(network.block2.conv1(maps)[:, :64], maps)
    torch.testing.assert_close(network.block1.conv2(maps), maps)


def test_a_constant_direction_is_not_blown_up():
    """Grey pictures of one value have one direction only; the others have no variance, and stay finite."""
    network = airbench94(in_channels=1)
    network.prepare(torch.full((4, 1, 12, 12), 0.5))
    assert bool(network.whiten.weight.isfinite().all())
    assert float(network.whiten.weight.abs().max()) <= (1 / 5e-4) ** 0.5


def test_filters_are_exact_opposites():
    network = airbench94()
    network.prepare(torch.rand(8, 3, 12, 12))
    first, second = network.whiten.weight.chunk(2)
    assert torch.equal(first, -second)
