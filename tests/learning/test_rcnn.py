"""R-CNN learns synthetic scenes in both of its steps, to precisions that planted errors of either miss."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import Tensor

from drawn_scenes import Scenes, drawn, precision, taught
from saccade.api.regions import machines
from saccade.api.regions.machines import Looked, fit_machines, fit_regressors, gather
from saccade.architectures import rcnn
from saccade.architectures.rcnn import Rcnn, rcnn_small
from saccade.ops.box_coding import decode_boxes
from saccade.tasks.detection import DetectionTask, truth_of
from saccade.types.truth import Truth

SCENES = "synthetic:task=detection,count=120,size=64,difficulty=0.4,shapes=2,classes=circle+star"
# precision at an overlap of a half after the first step, over all overlaps after the second: three seeds reached 0.76
# and 0.54 or more; with classes in wrong places it is 0.24 at most, with things for background 0.02
TUNED, FINISHED = 0.6, 0.4
TASK = DetectionTask(("circle", "star"), iou_threshold=0.3)


@pytest.fixture(scope="module")
def scenes() -> tuple[Scenes, Scenes]:
    """To learn from, and to be judged by."""
    return drawn(SCENES, 0.25, deviation=0.25)


def tuned(scenes: Scenes, seed: int = 0) -> Rcnn:
    torch.manual_seed(seed)
    return taught(rcnn_small(num_classes=2).train(), scenes, epochs=5, rate=2e-3)


def finished(network: Rcnn, scenes: Scenes) -> Rcnn:
    """A copy that has taken the second step."""
    network, (images, targets), seen = copy.deepcopy(network), scenes, dict[int, Looked]()

    @torch.no_grad()
    def look(image: int) -> Looked:
        if image not in seen:
            truth, one = truth_of(targets[image]), images[image : image + 1]
            boxes = torch.cat([network.regions(one)[0], truth.boxes])
            seen[image] = Looked(network.features(one, [boxes]).numpy(), boxes.numpy(), truth.class_ids.numpy())
        return seen[image]

    gathered = gather(look, len(images), 2, width=network.width)
    svm, regressor = fit_machines(gathered, look, len(images), TASK.labels), fit_regressors(gathered)
    numbers = [torch.from_numpy(one) for one in (*svm, *regressor)]
    network.finish((numbers[0], numbers[1]), (numbers[2], numbers[3]))
    return network


@pytest.fixture(scope="module")
def network(scenes: tuple[Scenes, Scenes]) -> Rcnn:
    return tuned(scenes[0])


def test_scenes_are_learnt_in_both_steps(network: Rcnn, scenes: tuple[Scenes, Scenes]) -> None:
    first, second = precision(network, scenes[1], TASK), precision(finished(network, scenes[0]), scenes[1], TASK)
    assert first[0] >= TUNED, first
    assert second[1] >= FINISHED, second


def test_windows_with_the_classes_of_others_miss_it(
    scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the assignment: each window is given what the next one shows."""
    columns = rcnn._columns

    def moved(boxes: Tensor, truth: Truth) -> Tensor:
        return columns(boxes, truth).roll(1)

    monkeypatch.setattr(rcnn, "_columns", moved)
    found = precision(tuned(scenes[0]), scenes[1], TASK)
    assert found[0] < TUNED, found


def test_corners_for_middles_miss_it(
    network: Rcnn, scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the encoding: a box begins where its middle should be."""

    def begun(codes: Tensor, regions: Tensor) -> Tensor:
        boxes = decode_boxes(codes, regions)
        return boxes + ((boxes[..., 2:] - boxes[..., :2]) / 2).repeat(1, 1, 2)

    monkeypatch.setattr(rcnn, "decode_boxes", begun)
    found = precision(finished(network, scenes[0]), scenes[1], TASK)
    assert found[1] < FINISHED, found


def test_machines_that_learn_things_as_background_miss_it(
    network: Rcnn, scenes: tuple[Scenes, Scenes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the loss: things and background change sides."""
    separated = machines._separated

    def turned(things: np.ndarray, background: np.ndarray) -> tuple[np.ndarray, float]:
        return separated(background, things)

    monkeypatch.setattr(machines, "_separated", turned)
    found = precision(finished(network, scenes[0]), scenes[1], TASK)
    assert found[1] < FINISHED, found
