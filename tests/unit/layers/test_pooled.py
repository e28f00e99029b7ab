"""A classifier on the means of all stages."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig
from saccade.layers.pooled import Pooled
from small_backbone import Small


def images(count: int = 3) -> torch.Tensor:
    return torch.rand(count, 1, 8, 12, generator=torch.Generator().manual_seed(1))


def test_the_features_are_the_means_of_every_channel_of_every_stage_from_the_stem_on():
    backbone = Small().eval()
    network, some = Pooled(backbone, num_classes=2).eval(), images()
    maps = Small().eval().forward_features(some)
    wanted = torch.cat([maps["stem"].mean((2, 3)), maps["stage1"].mean((2, 3)), maps["stage2"].mean((2, 3))], 1)
    assert network.width == 4 + 6 + 8
    torch.testing.assert_close(network.features(some), wanted)


def test_the_logits_are_a_dense_layer_on_the_features():
    network, some = Pooled(Small(), num_classes=5).eval(), images()
    last = network.classifier[-1]
    assert isinstance(last, nn.Linear)
    torch.testing.assert_close(network(some), network.features(some) @ last.weight.T + last.bias)
    assert network(some).shape == (3, 5)


def test_a_hidden_layer_may_lie_between():
    network = Pooled(Small(), num_classes=2, hidden=7).eval()
    assert [tuple(layer.weight.shape) for layer in network.classifier if isinstance(layer, nn.Linear)] == [
        (7, 18),
        (2, 7),
    ]
    assert network(images()).shape == (3, 2)


def test_nothing_of_the_old_head_is_left():
    network = Pooled(Small(), num_classes=2)
    assert isinstance(network.backbone.fc, nn.Identity)
    assert not [name for name in network.state_dict() if name.startswith("backbone.fc")]


def test_stages_are_those_of_the_backbone():
    network, some = Pooled(Small(), num_classes=2).eval(), images()
    assert network.stages == Small().stages
    assert [tuple(maps.shape) for maps in network.forward_features(some).values()] == [
        (3, 4, 8, 12), (3, 6, 4, 6), (3, 8, 2, 3),
    ]  # fmt: skip
    torch.testing.assert_close(network.logits_of(network.forward_features(some)), network(some))


@pytest.mark.bad_input
@pytest.mark.parametrize("hidden", [-1, 2.5, True])
def test_hidden_units_are_counted(hidden):
    with pytest.raises(BadConfig, match=f"got hidden={hidden}; taken is 0 or more"):
        Pooled(Small(), num_classes=2, hidden=hidden)
