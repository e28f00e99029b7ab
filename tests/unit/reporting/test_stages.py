"""A backbone stage by stage: the sums are those of the whole, and blocks are found."""

from __future__ import annotations

from itertools import groupby

import torch

from saccade.architectures.densenet import densenet121
from saccade.architectures.lenet import lenet5
from saccade.architectures.resnet import resnet50_paper
from saccade.architectures.vgg import vgg11
from saccade.reporting.stages import Staged, stage_table


def kinds(row):
    return [(kind, len([*same])) for kind, same in groupby(item.kind for item in row.items)]


def test_stages_add_up_to_the_network():
    with torch.device("meta"):
        network = resnet50_paper()
    rows, table = stage_table(network, (224, 224))
    assert [row.name for row in rows] == ["stem", "stage1", "stage2", "stage3", "stage4", "head"]
    assert [row.shape for row in rows] == [
        (64, 112, 112), (256, 56, 56), (512, 28, 28), (1024, 14, 14), (2048, 7, 7), (1000,),
    ]  # fmt: skip
    assert [row.field.height.field for row in rows[:-1]] == [7, 35, 99, 291, 483]
    assert sum(row.parameters for row in rows) == table.parameters == 25_557_032
    assert sum(row.macs for row in rows) == table.macs == 3_857_973_248


def test_blocks_are_found_within_rows_of_blocks():
    with torch.device("meta"):
        residual, dense = resnet50_paper(), densenet121()
    assert kinds(stage_table(residual, (64, 64))[0][1]) == [("MaxPool2d", 1), ("PaperBottleneck", 3)]
    assert kinds(stage_table(dense, (64, 64))[0][1]) == [("MaxPool2d", 1), ("DenseLayer", 6)]


def test_layers_stand_for_themselves():
    with torch.device("meta"):
        row = stage_table(vgg11(), (64, 64))[0][1]
    assert kinds(row) == [("MaxPool2d", 1), ("Conv2d", 1), ("ReLU", 1)]
    assert [item.shape for item in row.items] == [(64, 32, 32), (128, 32, 32), (128, 32, 32)]
    assert [item.name for item in row.items] == ["features.2", "features.3", "features.4"]


def test_a_staged_network_computes_the_same():
    network = lenet5().eval()
    images = torch.rand(2, 1, 32, 36, generator=torch.Generator().manual_seed(0))
    assert torch.equal(Staged(network)(images), network(images))
