"""A pyramid whose sums a hand can follow, and any architecture under it."""

from __future__ import annotations

import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.layers.feature_pyramid import FeaturePyramid, PyramidBackbone
from saccade.layers.settled_norm import FrozenBatchNorm


def plain_pyramid(levels: int) -> FeaturePyramid:
    """Of one channel, with weights that pass on what they get."""
    pyramid = FeaturePyramid([1] * levels, width=1)
    with torch.no_grad():
        for inner, layer in zip(pyramid.inner_blocks, pyramid.layer_blocks, strict=True):
            inner[0].weight.fill_(1.0)
            layer[0].weight.zero_()
            layer[0].weight[0, 0, 1, 1] = 1.0
    return pyramid


def test_each_map_gets_the_sum_of_the_coarser_ones():
    maps = [torch.full((1, 1, size, size), value) for size, value in ((8, 1.0), (4, 10.0), (2, 100.0))]
    found = plain_pyramid(3)(maps)
    assert list(found) == ["0", "1", "2", "pool"]
    assert [one.unique().tolist() for one in found.values()] == [[111.0], [110.0], [100.0], [100.0]]
    assert [tuple(one.shape[2:]) for one in found.values()] == [(8, 8), (4, 4), (2, 2), (1, 1)]


def test_a_coarse_place_is_told_to_the_fine_places_that_it_covers():
    fine, coarse = torch.zeros(1, 1, 3, 4), torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    found = plain_pyramid(2)([fine, coarse])
    assert found["0"][0, 0].tolist() == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4]]
    assert found["pool"].tolist() == [[[[1.0]]]]


def test_the_maps_of_an_architecture_have_one_width_and_their_strides():
    backbone = PyramidBackbone("resnet18", 3, width=8).eval()
    assert (backbone.strides, backbone.names) == ((4, 8, 16, 32), ("stage1", "stage2", "stage3", "stage4"))
    found = backbone(torch.zeros(1, 3, 64, 96))
    assert [tuple(one.shape) for one in found.values()] == [
        (1, 8, 16, 24), (1, 8, 8, 12), (1, 8, 4, 6), (1, 8, 2, 3), (1, 8, 1, 2),
    ]  # fmt: skip
    assert not any(key.startswith("body.fc") for key in backbone.state_dict())


def test_few_maps_are_enough():
    assert PyramidBackbone("resnet8", 1, width=8).strides == (4,)
    assert PyramidBackbone("vgg11", 1, width=8).strides == (4, 8, 16, 32)


def test_images_are_padded_to_multiples_of_the_coarsest_stride():
    backbone = PyramidBackbone("resnet8", 1, width=8)
    padded = backbone.pad(torch.ones(1, 1, 5, 8))
    assert padded.shape == (1, 1, 8, 8)
    assert padded[0, 0].sum(1).tolist() == [8.0] * 5 + [0.0] * 3
    same = torch.ones(1, 1, 4, 8)
    assert backbone.pad(same) is same


def test_frozen_stages_do_not_learn():
    backbone = PyramidBackbone("resnet18", 3, width=8, frozen_stages=2)
    learning = {
        name.split(".")[1] for name, weight in backbone.body.named_parameters(prefix="b") if weight.requires_grad
    }
    assert learning == {"layer2", "layer3", "layer4"}
    norms = [part for part in backbone.body.layer1.modules() if "Norm" in type(part).__name__]
    assert {type(part) for part in norms} == {FrozenBatchNorm}


@pytest.mark.bad_input
def test_what_has_no_such_maps_is_refused():
    with pytest.raises(BadShape, match="got no maps"):
        FeaturePyramid([])
    with pytest.raises(BadConfig, match=r"got the backbone 'dcnn' with maps of strides \[1, 2\]"):
        PyramidBackbone("dcnn", 3)
    with pytest.raises(BadConfig, match="got the backbone 'yolo_nano'"):
        PyramidBackbone("yolo_nano", 3)
    with pytest.raises(BadConfig, match="got frozen_stages=9; resnet8 has 3 stages"):
        PyramidBackbone("resnet8", 3, frozen_stages=9)
