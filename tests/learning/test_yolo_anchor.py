"""YOLO with anchors learns synthetic scenes, to a precision that planted errors of anchors, codes and loss miss."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from drawn_scenes import Scenes, drawn, precision, taught
from saccade.architectures.yolo_anchor import YoloAnchor, yolo_anchor_small
from saccade.layers import anchor_grid_head
from saccade.ops.grid_cells import cells_of, decode_beside_anchors
from saccade.tasks.detection import DetectionTask, truth_of

SCENES = "synthetic:task=detection,count=300,size=64,difficulty=0.4,shapes=2,classes=circle+star"
TARGET, TASK = 0.67, DetectionTask(("circle", "star"), iou_threshold=0.45)


@pytest.fixture(scope="module")
def scenes() -> tuple[Scenes, Scenes]:
    """To learn from, and to be judged by."""
    return drawn(SCENES, 0.2, deviation=0.25)


def learned(scenes: Scenes) -> YoloAnchor:
    torch.manual_seed(0)
    network = yolo_anchor_small(num_classes=2).train()
    boxes = torch.cat([truth_of(one).boxes for one in scenes[1]])
    network.suit(boxes[:, 2:] - boxes[:, :2])
    return taught(network, scenes, epochs=6, rate=2e-3)


@pytest.fixture(scope="module")
def network(scenes: tuple[Scenes, Scenes]) -> YoloAnchor:
    return learned(scenes[0])


def test_scenes_are_learnt(network: YoloAnchor, scenes: tuple[Scenes, Scenes]) -> None:
    found = precision(network, scenes[1], TASK)  # three seeds reached 0.76 to 0.81; what is planted 0.59 at most
    assert found[0] >= TARGET, found


def test_anchors_in_another_order_miss_it(
    network: YoloAnchor, scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the code: each box is read beside the anchor before its own."""

    def moved(codes: Tensor, anchors: Tensor, size: tuple[int, int]) -> Tensor:
        return decode_beside_anchors(codes, anchors.roll(1, 0), size)

    monkeypatch.setattr(anchor_grid_head, "decode_beside_anchors", moved)
    found = precision(network, scenes[1], TASK)
    assert found[0] < TARGET, found


def test_corners_for_middles_miss_it(
    network: YoloAnchor, scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the code: a box begins where its middle should be."""

    def begun(codes: Tensor, anchors: Tensor, size: tuple[int, int]) -> Tensor:
        boxes = decode_beside_anchors(codes, anchors, size)
        return boxes + ((boxes[..., 2:] - boxes[..., :2]) / 2).repeat(1, 1, 1, 1, 2)

    monkeypatch.setattr(anchor_grid_head, "decode_beside_anchors", begun)
    found = precision(network, scenes[1], TASK)
    assert found[0] < TARGET, found


def test_rows_for_columns_miss_it(scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the assignment: the cell on the other side of the diagonal answers for a thing."""
    monkeypatch.setattr(anchor_grid_head, "cells_of", lambda boxes, size, grid: cells_of(boxes, size, grid).flip(1))
    found = precision(learned(scenes[0]), scenes[1], TASK)
    assert found[0] < TARGET, found
