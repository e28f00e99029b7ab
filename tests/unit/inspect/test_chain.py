"""The links of a network are those that the field knows, by its names for them."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import saccade
from saccade.errors import BadConfig, UnknownName
from saccade.inspect.chain import chain, link_named


class Normalising(nn.Module):
    """A network with something in front, as a model file carries it."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.network(images - 0.5)


def plain() -> nn.Sequential:
    """Two convolutions, a pooling, a convolution with its norm."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(inplace=True),
        nn.MaxPool2d(2), nn.Conv2d(4, 5, 3, padding=1), nn.BatchNorm2d(5), nn.ReLU(),
    ).eval()  # fmt: skip


IMAGE = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def shown(network: nn.Module) -> list[list[str]]:
    return [[link.shown for link in group] for group in chain(network, IMAGE)]


def test_a_plain_network_has_the_names_of_vgg() -> None:
    assert shown(plain()) == [["relu1_1", "relu1_2"], ["relu2_1"]]
    assert [[(link.name, link.before, link.size) for link in group] for group in chain(plain(), IMAGE)] == [
        [("1", "0", (32, 32)), ("3", "2", (32, 32))],
        [("7", "5", (16, 16))],
    ]


def test_what_is_in_front_changes_no_name() -> None:
    network = Normalising(plain())
    assert shown(network) == shown(plain())
    assert link_named(network, chain(network, IMAGE), "relu2_1") == "network.7"


def test_vgg19_has_sixteen_links_with_the_names_of_the_paper() -> None:
    network = saccade.create("vgg19", num_classes=3).eval()
    groups = chain(network, IMAGE)
    wanted = [[f"relu{group}_{link}" for link in range(1, count + 1)] for group, count in enumerate((2, 2, 4, 4, 4), 1)]
    assert [[link.shown for link in group] for group in groups] == wanted
    assert [group[0].size for group in groups] == [(32, 32), (16, 16), (8, 8), (4, 4), (2, 2)]
    convolutions = [name for name, part in network.named_modules() if isinstance(part, nn.Conv2d)]
    assert [link.before for group in groups for link in group] == convolutions
    assert link_named(network, groups, "conv4_2") == "features.21"
    assert link_named(network, groups, "relu4_2") == "features.22"


def test_blocks_keep_their_own_names() -> None:
    network = saccade.create("resnet18", num_classes=3).eval()
    groups = chain(network, IMAGE)
    names = [link.shown for group in groups for link in group]
    assert [name for name in names if name.startswith("layer")] == [
        f"layer{stage}.{block}" for stage in (1, 2, 3, 4) for block in (0, 1)
    ]
    assert not any(link.before for group in groups for link in group)
    assert link_named(network, groups, "layer2.1") == "layer2.1"
    with pytest.raises(UnknownName):
        link_named(network, groups, "conv1_1")


def test_any_layer_can_be_named_by_its_own_name() -> None:
    network = plain()
    groups = chain(network, IMAGE)
    assert [link_named(network, groups, word) for word in ("conv1_2", "relu1_2", "6")] == ["2", "3", "6"]


def test_the_network_is_as_it_was() -> None:
    network = plain()
    chain(network, IMAGE)
    assert not any(part._forward_hooks for part in network.modules())


@pytest.mark.bad_input
def test_a_wrong_name_is_answered_with_the_nearest() -> None:
    network = plain()
    groups = chain(network, IMAGE)
    with pytest.raises(UnknownName, match="did you mean 'relu2_1'"):
        link_named(network, groups, "relu2_2")
    with pytest.raises(UnknownName, match="got layer 'rel1_1'"):
        link_named(network, groups, "rel1_1")


@pytest.mark.bad_input
def test_a_network_without_maps_is_refused() -> None:
    with pytest.raises(BadConfig, match="got a network without maps"):
        chain(nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 2)), IMAGE)
