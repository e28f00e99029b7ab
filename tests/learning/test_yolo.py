"""YOLO learns synthetic scenes in seconds, to a precision that planted errors of assignment, code and loss miss."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

import saccade
from drawn_scenes import Scenes, drawn, precision, taught
from saccade.architectures.yolo import yolo_nano
from saccade.layers import aligned_head
from saccade.layers.detector import Detector
from saccade.ops.task_alignment import Assigned, align
from saccade.tasks.detection import DetectionTask

SCENES = "synthetic:task=detection,count=300,size=48,difficulty=0.4,shapes=2,classes=circle+star"
LABELS, EPOCHS, RATE = ("circle", "star"), 5, 4e-3
TARGET = (0.78, 0.48)
TASK = DetectionTask(LABELS)


@pytest.fixture(scope="module")
def scenes() -> tuple[Scenes, Scenes]:
    """To learn from, and to be judged by."""
    return drawn(SCENES, 0.2, deviation=0.25)


def learned(scenes: Scenes, seed: int) -> Detector:
    torch.manual_seed(seed)
    return taught(yolo_nano(num_classes=2, backbone="resnet8").train(), scenes, epochs=EPOCHS, rate=RATE)


def reaches(found: tuple[float, float]) -> bool:
    return found[0] >= TARGET[0] and found[1] >= TARGET[1]


@pytest.fixture(scope="module")
def network(scenes: tuple[Scenes, Scenes]) -> Detector:
    return learned(scenes[0], 0)


def test_scenes_are_learnt(network: Detector, scenes: tuple[Scenes, Scenes]) -> None:
    found = precision(network, scenes[1], TASK)
    assert reaches(found), found


def test_corners_of_cells_for_their_middles_miss_it(
    network: Detector, scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the code: half a cell, and only where boxes are read."""
    middles = aligned_head.cell_centres
    monkeypatch.setattr(aligned_head, "cell_centres", lambda size, stride: middles(size, stride) - stride / 2)
    found = precision(network, scenes[1], TASK)
    assert not reaches(found), found


def plant_least_agreement(patch: pytest.MonkeyPatch) -> None:
    """Assignment: the places that agree least are chosen."""

    def worst(points: Tensor, found: tuple[Tensor, Tensor], truth: tuple[Tensor, Tensor]) -> Assigned:
        return align(points, (found[0], 1 - found[1]), truth, powers=(6.0, 0.0))

    patch.setattr(aligned_head, "align", worst)


def plant_overlap_wanted_low(patch: pytest.MonkeyPatch) -> None:
    """Loss: overlap is lowered."""
    overlap = aligned_head.overlap_by_row
    patch.setattr(aligned_head, "overlap_by_row", lambda *boxes: -overlap(*boxes))


@pytest.mark.parametrize("plant", [plant_least_agreement, plant_overlap_wanted_low])
def test_a_planted_error_misses_it(
    plant: Callable[[pytest.MonkeyPatch], None], scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    found = precision(learned(scenes[0], 0), scenes[1], TASK)
    assert not reaches(found), found


@pytest.mark.full
@pytest.mark.timeout(900)
def test_the_default_command_learns_easy_scenes_within_five_minutes(tmp_path) -> None:
    settings = {"epochs": 12, "unmixed_epochs": 4}
    data = "synthetic:task=detection,difficulty=0,count=1000,size=64"
    run = saccade.train(data, settings=settings, out=tmp_path / "run", listeners=[])
    assert run.evaluate().numbers()["map50"][0] >= 0.9
    assert sum(event.seconds for event in run.events() if type(event).__name__ == "EpochDone") < 300
