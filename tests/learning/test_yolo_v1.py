"""YOLO as it began learns where one thing is, to a precision that planted errors of cells, roots and loss miss."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import Tensor

from drawn_scenes import Scenes, drawn, precision, taught
from saccade.architectures.yolo_v1 import YoloV1, yolo_v1_small
from saccade.layers import grid_head
from saccade.layers.grid_head import GridLossWeights, grid_losses
from saccade.ops.grid_cells import decode_from_cells
from saccade.tasks.detection import DetectionTask

SCENES = "synthetic:task=detection,count=600,size=48,difficulty=0.4,shapes=1,classes=circle+star"
TARGET, TASK = 0.45, DetectionTask(("circle", "star"), iou_threshold=0.45)


@pytest.fixture(scope="module")
def scenes() -> tuple[Scenes, Scenes]:
    """To learn from, and to be judged by."""
    return drawn(SCENES, 0.2, deviation=0.25)


def learned(scenes: Scenes) -> YoloV1:
    torch.manual_seed(0)
    return taught(yolo_v1_small(num_classes=2, backbone="resnet8").train(), scenes, epochs=6, rate=4e-3)


@pytest.fixture(scope="module")
def network(scenes: tuple[Scenes, Scenes]) -> YoloV1:
    return learned(scenes[0])


def test_scenes_are_learnt(network: YoloV1, scenes: tuple[Scenes, Scenes]) -> None:
    found = precision(network, scenes[1], TASK)  # three seeds reached 0.55 to 0.64; what is planted 0.28 at most
    assert found[0] >= TARGET, found


def turned(codes: Tensor, size: tuple[int, int], unit: str = "image") -> Tensor:
    """Rows are taken for columns."""
    return decode_from_cells(codes.transpose(-3, -4), size, unit=unit).transpose(-3, -4)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("part", "wrong"), [("_squared", lambda codes: codes), ("decode_from_cells", turned)])
def test_roots_taken_for_sides_and_rows_for_columns_miss_it(
    part: str, wrong: object, network: YoloV1, scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors of the code, planted where boxes are read."""
    monkeypatch.setattr(grid_head, part, wrong)
    found = precision(network, scenes[1], TASK)
    assert found[0] < TARGET, found


def test_background_that_is_not_learnt_misses_it(
    scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the loss: nobody tells the empty cells that they are empty."""
    monkeypatch.setattr(grid_head, "grid_losses", partial(grid_losses, weights=GridLossWeights(background=0.0)))
    found = precision(learned(scenes[0]), scenes[1], TASK)
    assert found[0] < TARGET, found
