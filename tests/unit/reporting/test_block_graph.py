"""What is inside a block, as it runs."""

from __future__ import annotations

import torch
from torch import nn

from saccade.layers.dense_block import DenseLayer
from saccade.layers.inception import Inception, InceptionWidths
from saccade.layers.residual import Bottleneck
from saccade.reporting.block_graph import block_graph


def maps(channels):
    return torch.empty(1, channels, 8, 8, device="meta")


def seen(block, *inputs):
    return [(node.label, node.channels, node.sources) for node in block_graph(block.to("meta").eval(), *inputs)]


def test_a_bottleneck_adds_its_input():
    assert seen(Bottleneck(256, 64), maps(256)) == [
        ("", 256, ()),
        ("1×1 conv", 64, (0,)),
        ("3×3 conv", 64, (1,)),
        ("1×1 conv", 256, (2,)),
        ("+", 256, (3, 0)),
    ]


def test_an_inception_module_joins_four_ways():
    block = Inception(192, InceptionWidths(64, 96, 128, 16, 32, 32), largest=5, batch_norm=False)
    found = seen(block, maps(192))
    assert [label for label, _, sources in found if sources == (0,)] == ["1×1 conv"] * 3 + ["3×3 max pool"]
    assert ("5×5 conv", 32) in [(label, channels) for label, channels, _ in found]
    assert found[-1][:2] == ("join", 256)
    assert len(found[-1][2]) == 4


def test_a_dense_layer_joins_all_that_it_is_given():
    assert seen(DenseLayer(96), maps(64), maps(32)) == [
        ("", 64, ()),
        ("", 32, ()),
        ("join", 96, (0, 1)),
        ("1×1 conv", 128, (2,)),
        ("3×3 conv", 32, (3,)),
    ]


def test_layers_are_told_in_words():
    block = nn.Sequential(
        nn.Conv2d(8, 8, 3, groups=8, stride=2),
        nn.Conv2d(8, 16, (1, 7), groups=4, padding=(0, 3)),
        nn.BatchNorm2d(16),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2),
        nn.AvgPool2d(1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 5),
    )
    found = block_graph(block.eval(), torch.zeros(1, 8, 8, 8))
    assert [(node.kind, node.label) for node in found[1:]] == [
        ("conv", "3×3 depthwise /2"),
        ("conv", "1×7 conv in 4 groups"),
        ("pool", "3×3 max pool /2"),
        ("pool", "1×1 average pool"),
        ("pool", "average"),
        ("dense", "dense"),
    ]
