"""Residual networks for photographs: counts, strides, shortcuts."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade import catalog
from saccade.architectures.resnet import plain18, plain34, resnet18, resnet34, resnet50, resnet50_paper
from saccade.errors import BadConfig
from saccade.layers.residual import BasicBlock


def count(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def learned_layers(network: nn.Module) -> int:
    """Convolutions and dense layers, without those of the shortcuts: the number in the name."""
    parts = network.named_modules()
    return sum(isinstance(part, nn.Conv2d | nn.Linear) for name, part in parts if "downsample" not in name)


@pytest.mark.parametrize("name", catalog.offers("architectures", "resnet*") | catalog.offers("architectures", "plain*"))
def test_depth_is_what_the_name_says(name: str) -> None:
    with torch.device("meta"):
        network = catalog.find("architectures", name)()
    assert learned_layers(network) == int("".join(filter(str.isdigit, name)))


def test_a_plain_twin_is_the_residual_network_without_its_projections() -> None:
    projections = sum(narrow * wide + 2 * wide for narrow, wide in ((64, 128), (128, 256), (256, 512)))
    with torch.device("meta"):
        assert count(resnet18()) - count(plain18()) == count(resnet34()) - count(plain34()) == projections == 173_824
        assert count(resnet18(shortcut="none")) == count(resnet18(shortcut="A")) == count(plain18())


def test_every_shortcut_of_the_paper_can_be_had() -> None:
    with torch.device("meta"):
        counts = [count(resnet34(shortcut=word)) for word in ("A", "B", "C")]
    same = sum(blocks * (width * width + 2 * width) for blocks, width in ((3, 64), (3, 128), (5, 256), (2, 512)))
    assert [later - counts[0] for later in counts] == [0, 173_824, 173_824 + same]


def test_the_paper_form_differs_only_in_where_it_strides() -> None:
    with torch.device("meta"):
        today, paper = resnet50(), resnet50_paper()
    assert {key: value.shape for key, value in today.state_dict().items()} == {
        key: value.shape for key, value in paper.state_dict().items()
    }
    names = [name for name, part in paper.named_modules() if isinstance(part, nn.Conv2d) and part.stride == (2, 2)]
    assert names == ["conv1", *(f"layer{stage}.0.{part}" for stage in (2, 3, 4) for part in ("conv1", "downsample.0"))]


def test_without_weights_in_its_blocks_a_stage_hands_on_what_it_got() -> None:
    network = resnet18().eval()
    for part in network.layer1.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.zeros_(part.weight)
    features = network.forward_features(torch.rand(1, 3, 32, 32))
    assert torch.equal(features["stage1"], network.maxpool(features["stem"]))
    assert isinstance(network.layer1[0], BasicBlock)


def test_the_map_is_a_32nd_of_the_image() -> None:
    with torch.device("meta"):
        features = resnet50().forward_features(torch.empty(1, 3, 224, 200))
    assert {name: tuple(x.shape[1:]) for name, x in features.items()} == {
        "stem": (64, 112, 100),
        "stage1": (256, 56, 50),
        "stage2": (512, 28, 25),
        "stage3": (1024, 14, 13),
        "stage4": (2048, 7, 7),
    }


@pytest.mark.bad_input
def test_an_unknown_shortcut_is_refused() -> None:
    with pytest.raises(BadConfig, match="got shortcut='zero'; taken are A, B, C, none"):
        resnet18(shortcut="zero")  # pyright: ignore[reportArgumentType]
