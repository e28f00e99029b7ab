"""Squeeze and excitation in residual networks: what it adds, and where the strides are."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.architectures.resnet import resnet50, resnet50_paper, resnet101, resnet152
from saccade.architectures.senet import (
    se_resnet50,
    se_resnet50_paper,
    se_resnet101_paper,
    se_resnet152_paper,
    se_resnext50_32x4d,
    senet154,
)
from saccade.layers.squeeze_excitation import SqueezeExcitation


def count(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


@pytest.mark.parametrize(
    ("attentive", "plain", "depths"),
    [
        (se_resnet50, resnet50, (3, 4, 6, 3)), (se_resnet50_paper, resnet50_paper, (3, 4, 6, 3)),
        (se_resnet101_paper, resnet101, (3, 4, 23, 3)), (se_resnet152_paper, resnet152, (3, 8, 36, 3)),
    ],
)  # fmt: skip
def test_attention_adds_two_dense_layers_to_each_block(attentive: type, plain: type, depths: tuple[int, ...]) -> None:
    """The paper's equation 5, with the biases: 2c² / 16 weights, and c / 16 + c biases, for each block."""
    added = sum(
        depth * (2 * width**2 // 16 + width // 16 + width)
        for depth, width in zip(depths, (256, 512, 1024, 2048), strict=True)
    )
    with torch.device("meta"):
        assert count(attentive()) - count(plain()) == added


def test_the_paper_form_strides_in_the_first_1x1_and_todays_in_the_3x3() -> None:
    def strided(network: nn.Module) -> list[str]:
        parts = network.named_modules()
        names = [name for name, part in parts if isinstance(part, nn.Conv2d) and part.stride == (2, 2)]
        return [name for name in names if "downsample" not in name and ".conv" in name]

    with torch.device("meta"):
        paper, today, grouped = se_resnet50_paper(), se_resnet50(), se_resnext50_32x4d()
    assert strided(paper) == ["layer0.conv1", *(f"layer{stage}.0.conv1" for stage in (2, 3, 4))]
    assert strided(today) == [f"layer{stage}.0.conv2" for stage in (2, 3, 4)]
    assert strided(grouped) == ["layer0.conv1", *strided(today)]


def test_senet154_has_154_learned_layers_in_its_main_path() -> None:
    """Three in the stem, three in each of fifty blocks, one dense: those of the gates and projections do not count."""
    with torch.device("meta"):
        parts = senet154().named_modules()
    layers = [name for name, part in parts if isinstance(part, nn.Conv2d | nn.Linear)]
    main = [name for name in layers if "se_module" not in name and "downsample" not in name]
    assert len(main) == 3 + 3 * (3 + 8 + 36 + 3) + 1 == 154


def test_the_pooling_rounds_up() -> None:
    with torch.device("meta"):
        features = se_resnet50_paper().forward_features(torch.empty(1, 3, 224, 200))
    assert [tuple(x.shape[2:]) for x in features.values()] == [(112, 100), (56, 50), (28, 25), (14, 13), (7, 7)]
    assert se_resnet50_paper(num_classes=2).eval()(torch.zeros(1, 3, 3, 3)).shape == (1, 2)


def test_a_gate_that_is_shut_leaves_the_shortcut_alone() -> None:
    torch.manual_seed(0)
    network, maps = se_resnet50(num_classes=2).eval(), torch.rand(1, 256, 4, 4)
    block = network.layer1[1]
    gates = block.get_submodule("se")
    assert isinstance(gates, SqueezeExcitation)
    assert gates.fc2.bias is not None
    nn.init.constant_(gates.fc2.bias, -1000)
    torch.testing.assert_close(block(maps), maps)
