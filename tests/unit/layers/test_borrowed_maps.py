"""The maps of other networks: which, of which stride, and without what computes logits."""

from __future__ import annotations

import pytest
import torch

from kinds import CLASSIFIERS
from saccade import catalog
from saccade.errors import BadConfig, UnknownName
from saccade.layers.borrowed_maps import BorrowedMaps, without_head


def test_the_last_maps_of_the_network_come_the_finest_first():
    maps = BorrowedMaps("resnet18", 3).eval()
    images = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        found, features = maps(images), maps.network.forward_features(images)
    assert [tuple(one.shape) for one in found] == [(1, 128, 8, 12), (1, 256, 4, 6), (1, 512, 2, 3)]
    assert all(torch.equal(one, features[f"stage{place}"]) for one, place in zip(found, (2, 3, 4), strict=True))
    assert maps.strides == (8, 16, 32)


def test_what_a_network_lacks_is_halved_from_its_last_map():
    maps = BorrowedMaps("resnet8", 1, maps=4, finest=4)
    found = maps(torch.rand(2, 1, 64, 64))
    assert (maps.widths, maps.strides) == ((64, 64, 64, 64), (4, 8, 16, 32))
    assert [one.shape[2] for one in found] == [16, 8, 4, 2]
    assert len(maps.more) == 3


def test_halvings_that_are_finer_than_asked_for_are_passed_over():
    maps = BorrowedMaps("lenet5", 1, maps=2)
    assert maps.strides == (8, 16)
    assert len(maps(torch.rand(1, 1, 64, 64))) == 2


def test_the_head_is_gone():
    network = catalog.find("architectures", "resnet18")().eval()
    whole = sum(weight.numel() for weight in network.parameters())
    assert whole - sum(weight.numel() for weight in without_head(network).parameters()) == 512 * 1000 + 1000
    assert network.forward_features(torch.rand(1, 3, 32, 32))["stage4"].shape == (1, 512, 1, 1)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_network_has_maps_and_every_weight_of_them_is_used(name):
    if CLASSIFIERS[name]["parameters"] > 10_000_000:
        with torch.device("meta"):
            maps = BorrowedMaps(name, 3)
        assert len(maps.widths) == len(maps.strides) == 3
        return
    maps = BorrowedMaps(name, 3)
    size = [max(64, side) for side in maps.smallest_size]
    found = maps(torch.rand(2, 3, *size))
    assert [one.shape[1] for one in found] == list(maps.widths)
    sum(one.sum() for one in found).backward()
    assert [own for own, weight in maps.named_parameters() if weight.grad is None] == []


@pytest.mark.bad_input
def test_what_is_no_backbone_is_refused():
    with pytest.raises(UnknownName, match="resnet18"):
        BorrowedMaps("resnet19", 3)
    with pytest.raises(BadConfig, match=r"got backbone=5; taken is the name"):
        BorrowedMaps(5, 3)  # pyright: ignore[reportArgumentType]
    with pytest.raises(BadConfig, match=r"got the backbone 'yolo_nano', which has no stages; taken"):
        BorrowedMaps("yolo_nano", 3)
