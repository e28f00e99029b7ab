"""OverFeat learns synthetic scenes, to a precision that planted errors of code, assignment and loss miss."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from drawn_scenes import Scenes, drawn, precision, taught
from saccade.architectures import overfeat
from saccade.architectures.overfeat import Overfeat, overfeat_small
from saccade.ops.edge_coding import decode_edges
from saccade.tasks.detection import DetectionTask

SCENES = "synthetic:task=detection,count=300,size=48,difficulty=0.4,shapes=2,classes=circle+star"
TARGET, TASK = 0.5, DetectionTask(("circle", "star"), iou_threshold=0.45)


@pytest.fixture(scope="module")
def scenes() -> tuple[Scenes, Scenes]:
    """To learn from, and to be judged by."""
    return drawn(SCENES, 0.2, deviation=0.25)


def learned(scenes: Scenes, seed: int = 0) -> Overfeat:
    torch.manual_seed(seed)
    return taught(overfeat_small(num_classes=2).train(), scenes, epochs=5, rate=4e-3, batch=4)


@pytest.fixture(scope="module")
def network(scenes: tuple[Scenes, Scenes]) -> Overfeat:
    return learned(scenes[0])


def test_scenes_are_learnt(network: Overfeat, scenes: tuple[Scenes, Scenes]) -> None:
    found = precision(network, scenes[1], TASK)  # three seeds reached 0.59 to 0.67; what is planted 0.31 at most
    assert found[0] >= TARGET, found


def test_merging_finds_them_too(
    network: Overfeat, scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "merging", True)
    found = precision(network, scenes[1], TASK)  # three seeds reached 0.65 to 0.72
    assert found[0] >= TARGET, found


def test_boxes_beside_another_window_miss_it(
    network: Overfeat, scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the code: boxes are told from the window on the other side of the diagonal."""
    monkeypatch.setattr(overfeat, "decode_edges", lambda codes, windows: decode_edges(codes, turned(windows)))
    found = precision(network, scenes[1], TASK)
    assert found[0] < TARGET, found


def test_rows_for_columns_miss_it(scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the assignment: the window on the other side of the diagonal answers for a thing."""
    matches = Overfeat._matches
    monkeypatch.setattr(Overfeat, "_matches", staticmethod(lambda truth, windows: matches(truth, turned(windows))))
    found = precision(learned(scenes[0]), scenes[1], TASK)
    assert found[0] < TARGET, found


def test_background_that_is_not_learnt_misses_it(
    scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the loss: windows without a thing cost nothing."""
    monkeypatch.setattr(overfeat, "hard_negatives", lambda costs, objects: objects & False)
    found = precision(learned(scenes[0]), scenes[1], TASK)
    assert found[0] < TARGET, found


def turned(windows: Tensor) -> Tensor:
    return windows[:, [1, 0, 3, 2]]
