"""GBD-Net learns synthetic scenes, to a precision that planted errors of codes, matches and loss miss."""

from __future__ import annotations

import copy
import functools

import pytest
import torch
from torch.nn import functional

from drawn_scenes import Scenes, drawn, precision, taught
from saccade.architectures.gbd_net import GatedSizes, GbdNet
from saccade.layers import region_head
from saccade.layers.gated_regions import GatedRegionHead, GateSettings
from saccade.layers.region_head import RegionSettings
from saccade.layers.region_proposals import ProposalSettings
from saccade.ops.box_coding import decode_boxes
from saccade.tasks.detection import DetectionTask

SCENES = "synthetic:task=detection,count=300,size=48,difficulty=0.4,shapes=2,classes=circle+star"
TARGET, TASK = 0.68, DetectionTask(("circle", "star"))
LITTLE = GatedSizes(
    32,
    64,
    ProposalSettings(before=(60, 40), after=(60, 40), sampled=64),
    RegionSettings(sampled=16),
    GateSettings((-0.2, 0.0, 0.8), width=8, kernel_size=1),
)


@pytest.fixture(scope="module")
def scenes() -> tuple[Scenes, Scenes]:
    """To learn from, and to be judged by."""
    return drawn(SCENES, 0.2, deviation=0.25)


def learned(scenes: Scenes) -> GbdNet:
    torch.manual_seed(0)
    network = GbdNet("little", num_classes=2, in_channels=3, backbone="resnet8", sizes=LITTLE).train()
    return taught(network, scenes, epochs=5, rate=4e-3)


@pytest.fixture(scope="module")
def network(scenes: tuple[Scenes, Scenes]) -> GbdNet:
    return learned(scenes[0])


def test_scenes_are_learnt(network: GbdNet, scenes: tuple[Scenes, Scenes]) -> None:
    found = precision(network, scenes[1], TASK)  # three seeds reached 0.78 to 0.82; what is planted 0.51 at most
    assert found[0] >= TARGET, found


def test_what_is_learnt_is_told_through_the_gates(network: GbdNet, scenes: tuple[Scenes, Scenes]) -> None:
    closed = copy.deepcopy(network)
    assert isinstance(closed.roi_heads, GatedRegionHead)
    closed.roi_heads.around.close_gates()
    with torch.no_grad():
        change = (closed(scenes[1][0])["scores"] - network(scenes[1][0])["scores"]).abs()
    assert change.max() > 0.05


def test_codes_that_are_undone_without_their_weights_miss_it(
    network: GbdNet, scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the encoding."""
    monkeypatch.setattr(region_head, "decode_boxes", lambda codes, rows, weights: decode_boxes(codes, rows))
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
