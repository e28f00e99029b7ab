"""DenseNet: how its maps add up, and the option that saves memory."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade import catalog
from saccade.architectures.densenet import DenseNet, densenet121


def small(recompute: bool, depth: int = 2) -> DenseNet:
    torch.manual_seed(0)
    return DenseNet(
        "small", depths=(depth, depth, depth, depth), growth_rate=8, num_classes=5, in_channels=3, recompute=recompute
    ).double()


@pytest.mark.parametrize("name", catalog.offers("architectures", "densenet*"))
def test_depth_is_what_the_name_says(name: str) -> None:
    with torch.device("meta"):
        network = catalog.find("architectures", name)()
    assert sum(isinstance(part, nn.Conv2d | nn.Linear) for part in network.modules()) == int(name[-3:])


def test_each_layer_adds_32_maps_and_a_transition_halves_them() -> None:
    with torch.device("meta"):
        network = densenet121()
    one, two, three, four = 64 + 6 * 32, 128 + 12 * 32, 256 + 24 * 32, 512 + 16 * 32
    assert [stage.width for stage in network.stages] == [64, one, two, three, four] == [64, 256, 512, 1024, 1024]


def test_a_hand_counts_densenet121() -> None:
    total, width = 49 * 3 * 64 + 2 * 64, 64
    for number, depth in enumerate((6, 12, 24, 16)):
        for layer in range(depth):
            before = width + 32 * layer
            total += 2 * before + before * 128 + 2 * 128 + 9 * 128 * 32
        width += 32 * depth
        if number < 3:
            total += 2 * width + width * width // 2
            width //= 2
    assert total + 2 * width + width * 1000 + 1000 == 7_978_856


def test_recomputing_changes_no_number() -> None:
    images = torch.rand(3, 3, 40, 33, dtype=torch.float64)
    found = []
    for recompute in (False, True):
        network = small(recompute)
        network(images).square().sum().backward()
        found.append((network.state_dict(), [weight.grad for weight in network.parameters()]))
    torch.testing.assert_close(found[0], found[1])


def test_recomputing_keeps_less_for_the_backward_pass() -> None:
    images, kept = torch.rand(2, 3, 64, 64, dtype=torch.float64), []
    for recompute in (False, True):
        network, numbers = small(recompute, depth=8), [0]

        def pack(tensor: torch.Tensor, numbers: list[int] = numbers) -> torch.Tensor:
            numbers[0] += tensor.numel()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            network(images)
        kept.append(numbers[0])
    assert kept[1] < 0.7 * kept[0]


def test_the_last_stage_is_normalised_and_cut_off_at_zero() -> None:
    network, images = small(recompute=False).eval(), torch.rand(1, 3, 64, 64, dtype=torch.float64)
    last = network.forward_features(images)["stage4"]
    assert last.min() == 0
    torch.testing.assert_close(network(images), network.classifier(last.mean((2, 3))))
