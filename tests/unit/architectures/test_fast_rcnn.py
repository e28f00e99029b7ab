"""Fast R-CNN as a whole: the paper's parts, and images of every kind."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from saccade import catalog
from saccade.architectures.fast_rcnn import CARDS, FastRcnn, Sizes, fast_rcnn, fast_rcnn_small
from saccade.errors import BadConfig, BadData
from saccade.layers.region_head import RegionSettings
from saccade.tasks.detection import DetectionTask
from saccade.types.batch import Batch
from saccade.types.truth import Truth

TINY = Sizes(8, 8, 20, RegionSettings(sampled=8))
NOTHING = Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))
THING = Truth(torch.tensor([[8.0, 12.0, 40.0, 44.0]]), torch.tensor([1]))


def tiny(in_channels: int = 3) -> FastRcnn:
    torch.manual_seed(0)
    return FastRcnn("tiny", num_classes=2, in_channels=in_channels, backbone="resnet8", sizes=TINY)


def scene(channels: int = 3, height: int = 64, width: int = 64) -> Tensor:
    """A bright thing on a dark ground."""
    images = torch.zeros(2, channels, height, width)
    images[:, :, 12:44, 8:40] = 1
    return images


def test_the_parts_are_those_of_the_paper() -> None:
    with torch.device("meta"):
        network = fast_rcnn()
        trunk = catalog.find("architectures", "vgg16")().features
    mine, theirs = network.backbone.network.state_dict(), trunk.state_dict(prefix="features.")
    assert {key: value.shape for key, value in mine.items()} == {key: value.shape for key, value in theirs.items()}
    head = network.roi_heads
    assert (head.box_head.fc6.in_features, head.box_head.fc6.out_features) == (512 * 7 * 7, 4096)
    assert (head.box_predictor.cls_score.out_features, head.box_predictor.bbox_pred.out_features) == (21, 84)
    assert (network.backbone.stride, head.strides, network.proposals.most) == (16, (16,), 2000)
    assert sum(weight.numel() for weight in network.parameters()) == CARDS["fast_rcnn"]["parameters"]


def test_there_are_two_terms() -> None:
    terms = tiny().train()(scene(), [THING, NOTHING])
    assert list(terms) == ["classes", "boxes"]
    assert terms["boxes"] > 0


def test_every_proposal_is_answered_and_moved_by_what_the_head_says() -> None:
    network = tiny().eval()
    with torch.no_grad():
        network.roi_heads.box_predictor.bbox_pred.weight.zero_()
        found, proposals = network(scene()), network.proposals(scene())
    for boxes, rows in zip(found["boxes"], proposals, strict=True):
        torch.testing.assert_close(boxes[: len(rows), 0], rows)  # codes of 0 move nothing
    assert [8, 12, 40, 44] in found["boxes"][0, :, 1].tolist()


@pytest.mark.parametrize("size", [(48, 48), (50, 77)])
@pytest.mark.parametrize("channels", [1, 4])
def test_images_of_any_size_and_channels_are_answered_and_learned_from(size: tuple[int, int], channels: int) -> None:
    network = tiny(channels).eval()
    with torch.no_grad():
        found = network(scene(channels, *size))
    assert found["boxes"].shape[2:] == (2, 4)
    assert found["boxes"][..., 0::2].max() <= size[1]
    assert found["boxes"][..., 1::2].max() <= size[0]
    assert all(term.isfinite() for term in network.train()(scene(channels, *size), [THING, THING]).values())


def test_images_that_show_nothing_are_answered_and_learned_from() -> None:
    network, blank = tiny().eval(), torch.zeros(2, 3, 40, 40)
    with torch.no_grad():
        found = network(blank)
    assert found["boxes"].shape[0] == found["scores"].shape[0] == 2
    batch = Batch(blank, torch.tensor([[40, 40]] * 2), keys=("a", "b"))
    assert len(DetectionTask(("cat", "dog")).decode(found, batch)) == 2
    assert all(term.isfinite() for term in network.train()(blank, [THING, NOTHING]).values())


def test_broken_weights_are_named_and_never_nothing_found() -> None:
    network = tiny().eval()
    with torch.no_grad():
        network.roi_heads.box_head.fc7.weight[0, 0] = torch.nan
        found = network(scene())
    batch = Batch(scene(), torch.tensor([[64, 64]] * 2), keys=("a.png", "b.png"))
    with pytest.raises(BadData, match=r"a\.png"):
        DetectionTask(("cat", "dog")).decode(found, batch)


@pytest.mark.bad_input
def test_what_cannot_be_made_is_refused_in_its_own_name() -> None:
    with pytest.raises(BadConfig, match="got num_classes=0; fast_rcnn_small takes"):
        fast_rcnn_small(num_classes=0)
    with pytest.raises(BadConfig, match="got the backbone 'ssd300', which has no stages"):
        fast_rcnn_small(backbone="ssd300")
