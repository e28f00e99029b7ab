"""One map of any architecture, and nothing that comes after it."""

from __future__ import annotations

import pytest
import torch

from saccade import catalog
from saccade.errors import BadConfig, UnknownName
from saccade.layers.one_map import OneMap


def test_it_is_the_map_of_the_architecture() -> None:
    torch.manual_seed(0)
    one = OneMap("resnet18", 3, coarsest=16).eval()
    whole = catalog.find("architectures", "resnet18")().eval()
    whole.load_state_dict(one.network.state_dict(), strict=False)
    images = torch.rand(1, 3, 64, 96)
    with torch.no_grad():
        found = one(images)
        assert torch.equal(found, whole.forward_features(images)["stage3"])
    assert (one.width, one.stride, tuple(found.shape)) == (256, 16, (1, 256, 4, 6))


def test_what_comes_after_it_has_no_weights() -> None:
    one = OneMap("resnet18", 3, coarsest=8)
    assert {key.split(".")[0] for key in one.network.state_dict()} == {"conv1", "bn1", "layer1", "layer2"}
    with torch.device("meta"):
        vgg = OneMap("vgg16", 3, coarsest=16)
    assert sum(weight.numel() for weight in vgg.parameters()) == 14_714_688


@pytest.mark.parametrize("name", ["airbench94", "alexnet", "mobilenet_v2", "resnet20", "squeezenet1_1", "densenet121"])
def test_any_family_gives_a_map_of_its_width_and_learns_whole(name: str) -> None:
    one = OneMap(name, 3, coarsest=16)
    found = one(torch.rand(2, 3, 64, 64))
    assert found.shape[1] == one.width
    assert one.stride <= 16
    found.sum().backward()
    assert [key for key, weight in one.named_parameters() if weight.requires_grad and weight.grad is None] == []


def test_where_all_strides_are_greater_the_first_map_is_taken() -> None:
    assert OneMap("resnet18", 3, coarsest=1).stride == 2


@pytest.mark.bad_input
def test_what_is_no_backbone_is_refused() -> None:
    with pytest.raises(BadConfig, match="got the backbone 'ssd300', which has no stages"):
        OneMap("ssd300", 3)
    with pytest.raises(UnknownName, match="resnet18"):
        OneMap("resnet19", 3)
    with pytest.raises(BadConfig, match="got backbone=3"):
        OneMap(3, 3)  # pyright: ignore[reportArgumentType]
