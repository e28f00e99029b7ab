"""Faster R-CNN as a whole: counts, images of every kind, true sizes, and what happens when weights break."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.architectures.faster_rcnn import CARDS, FasterRcnn, Sizes, faster_rcnn_resnet18, faster_rcnn_resnet50
from saccade.errors import BadConfig, BadData
from saccade.layers.region_head import RegionSettings
from saccade.layers.region_proposals import ProposalSettings
from saccade.tasks.detection import DetectionTask
from saccade.types.batch import Batch
from saccade.types.truth import Truth

TINY = Sizes(8, 8, ProposalSettings(before=(40, 20), after=(30, 15), sampled=16), RegionSettings(sampled=8))
TERMS = ["objectness", "proposal_boxes", "classes", "boxes"]
NOTHING = Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))
THING = Truth(torch.tensor([[4.0, 6.0, 25.0, 30.0]]), torch.tensor([1]))


def tiny(in_channels: int = 3, seed: int = 0) -> FasterRcnn:
    torch.manual_seed(seed)
    return FasterRcnn("tiny", num_classes=2, in_channels=in_channels, backbone="resnet8", sizes=TINY)


def test_parameters_are_those_of_the_card_and_of_the_published_form():
    with torch.device("meta"):
        networks = [faster_rcnn_resnet50(), faster_rcnn_resnet50(norm="frozen"), faster_rcnn_resnet18()]
    counts = [sum(weight.numel() for weight in network.parameters()) for network in networks]
    card = CARDS["faster_rcnn_resnet50"]["parameters"]
    assert counts == [card, 41_755_286, CARDS["faster_rcnn_resnet18"]["parameters"]]
    assert counts[0] - counts[1] == 53_120


def test_anchors_and_regions_are_those_of_the_published_form():
    with torch.device("meta"):
        network = faster_rcnn_resnet50()
    assert network.rpn.strides == (4, 8, 16, 32, 64)
    assert network.roi_heads.strides == (4, 8, 16, 32)
    assert (network.rpn.settings.before, network.rpn.settings.after) == ((2000, 1000), (2000, 1000))


def test_the_four_terms_are_reported_by_name():
    assert list(tiny().train()(torch.rand(2, 3, 32, 32), [THING, NOTHING])) == TERMS


@pytest.mark.parametrize("size", [(1, 1), (32, 32), (33, 50), (128, 40)])
@pytest.mark.parametrize("channels", [1, 4])
def test_images_of_any_size_and_channels_are_answered_and_learned_from(size, channels):
    network = tiny(channels).eval()
    with torch.no_grad():
        found = network(torch.rand(2, channels, *size))
    assert found["boxes"].shape[2:] == (2, 4)
    assert found["scores"].shape[0] == 2
    assert found["boxes"][..., 0::2].max() <= size[1]
    assert found["boxes"][..., 1::2].max() <= size[0]
    terms = network.train()(torch.rand(2, channels, *size), [NOTHING, NOTHING])
    assert all(term.isfinite() for term in terms.values())


def test_one_small_image_can_be_trained_on():
    """The coarsest map of ResNet-18 has one pixel then, of which there is no variance."""
    network = faster_rcnn_resnet18(num_classes=2).train()
    assert all(term.isfinite() for term in network(torch.rand(1, 3, 32, 32), [THING]).values())


def test_boxes_lie_within_the_size_that_is_told():
    network = tiny().eval()
    with torch.no_grad():
        found = network.candidates(torch.rand(2, 3, 64, 64), [(64, 64), (20, 30)])
    assert found["boxes"][0, ..., 2:].max() > 40
    assert found["boxes"][1, ..., 2].max() <= 30
    assert found["boxes"][1, ..., 3].max() <= 20
    terms = network.train().losses(torch.rand(2, 3, 64, 64), [THING, NOTHING], [(64, 64), (20, 30)])
    assert list(terms) == TERMS


def test_chance_is_all_of_the_seed():
    network, images = tiny().train(), torch.rand(2, 3, 64, 64)
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.eval()
    terms = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        terms.append([term.item() for term in network(images, [THING, NOTHING]).values()])
    assert terms[0] == terms[1] != terms[2]


def test_all_that_learns_gets_a_gradient():
    network = tiny().train()
    torch.stack(list(network(torch.rand(2, 3, 64, 64), [THING, NOTHING]).values())).sum().backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()] == []


def test_broken_weights_are_named_and_never_nothing_found():
    network = tiny().eval()
    with torch.no_grad():
        network.rpn.head.bbox_pred.weight[0, 0] = torch.nan
        found = network(torch.rand(1, 3, 64, 64))
    batch = Batch(torch.rand(1, 3, 64, 64), torch.tensor([[64, 64]]), keys=("a.png",))
    with pytest.raises(BadData, match=r"a\.png"):
        DetectionTask(("cat", "dog")).decode(found, batch)
    terms = network.train()(torch.rand(1, 3, 64, 64), [THING])
    assert not torch.stack(list(terms.values())).sum().isfinite()


def test_the_meta_device_tells_the_shapes():
    with torch.device("meta"):
        found = tiny().eval()(torch.empty(1, 3, 64, 64))
    assert found["boxes"].shape == (1, 15, 2, 4)


@pytest.mark.bad_input
def test_what_cannot_be_made_is_refused_in_its_own_name():
    with pytest.raises(BadConfig, match="got num_classes=0; faster_rcnn_resnet18 takes"):
        faster_rcnn_resnet18(num_classes=0)
    with pytest.raises(BadConfig, match="got norm='none'"):
        faster_rcnn_resnet18(norm="none")  # pyright: ignore[reportArgumentType]
