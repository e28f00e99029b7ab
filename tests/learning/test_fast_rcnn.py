"""Fast R-CNN learns synthetic scenes, to a precision that planted errors of codes, pooling, matches and loss miss."""

from __future__ import annotations

import functools

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from drawn_scenes import Scenes, drawn, precision, taught
from saccade.architectures.fast_rcnn import FastRcnn, Sizes
from saccade.layers import region_head
from saccade.layers.region_head import RegionSettings
from saccade.ops.box_coding import decode_boxes
from saccade.tasks.detection import DetectionTask

SCENES = "synthetic:task=detection,count=300,size=64,difficulty=0.4,shapes=2,classes=circle+star"
TARGET, TASK = 0.68, DetectionTask(("circle", "star"))
LITTLE = Sizes(8, 64, 100, RegionSettings(sampled=32))


@pytest.fixture(scope="module")
def scenes() -> tuple[Scenes, Scenes]:
    """To learn from, and to be judged by."""
    return drawn(SCENES, 0.2, deviation=0.25)


def learned(scenes: Scenes) -> FastRcnn:
    torch.manual_seed(0)
    network = FastRcnn("little", num_classes=2, in_channels=3, backbone="resnet8", sizes=LITTLE).train()
    return taught(network, scenes, epochs=6, rate=4e-3)


@pytest.fixture(scope="module")
def network(scenes: tuple[Scenes, Scenes]) -> FastRcnn:
    return learned(scenes[0])


def test_scenes_are_learnt(network: FastRcnn, scenes: tuple[Scenes, Scenes]) -> None:
    found = precision(network, scenes[1], TASK)  # three seeds reached 0.82 to 0.84; what is planted 0.52 at most
    assert found[0] >= TARGET, found


def begun(codes: Tensor, rows: Tensor, weights: tuple[float, ...]) -> Tensor:
    """A box begins where its middle should be."""
    boxes = decode_boxes(codes, rows, weights=weights)  # pyright: ignore[reportArgumentType]
    return boxes + ((boxes[..., 2:] - boxes[..., :2]) / 2).repeat(1, 1, 2)


def test_corners_for_middles_miss_it(
    network: FastRcnn, scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the encoding, planted where boxes are read."""
    monkeypatch.setattr(region_head, "decode_boxes", begun)
    found = precision(network, scenes[1], TASK)
    assert found[0] < TARGET, found


def test_regions_read_at_another_stride_miss_it(
    network: FastRcnn, scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the pooling."""
    monkeypatch.setattr(network.roi_heads, "strides", (2 * network.backbone.stride,))
    found = precision(network, scenes[1], TASK)
    assert found[0] < TARGET, found


@pytest.mark.full
def test_regions_that_hardly_touch_a_thing_and_show_it_miss_it(
    scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the assignment."""
    match = region_head.match_anchors
    monkeypatch.setattr(
        region_head, "match_anchors", lambda overlaps, **_: match(overlaps, background_below=0.05, object_from=0.05)
    )
    found = precision(learned(scenes[0]), scenes[1], TASK)
    assert found[0] < TARGET, found


@pytest.mark.full
def test_background_that_is_not_learnt_misses_it(
    scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the loss: nobody tells that a region shows nothing."""
    monkeypatch.setattr(functional, "cross_entropy", functools.partial(functional.cross_entropy, ignore_index=0))
    found = precision(learned(scenes[0]), scenes[1], TASK)
    assert found[0] < TARGET, found
