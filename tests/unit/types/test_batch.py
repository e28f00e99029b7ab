"""A batch moves as a whole, however a task nests its targets."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from saccade.types.batch import Batch
from saccade.types.boxes import Boxes
from saccade.types.keypoints import Keypoints
from saccade.types.masks import Masks

BOXES = Boxes(torch.tensor([[0.0, 0.0, 1.0, 1.0]]), (2, 2))
MASKS = Masks(torch.ones(1, 2, 2, dtype=torch.bool))
POINTS = Keypoints(torch.zeros(1, 3, 2), torch.zeros(1, 3, dtype=torch.int64), (2, 2))


def batch(targets: Any) -> Batch:
    return Batch(torch.rand(2, 3, 2, 2), torch.full((2, 2), 2), targets, ("a", "b"), (("c", "broken"),))


def test_it_counts_its_images() -> None:
    assert len(batch(None)) == 2


def test_images_move_and_everything_else_stays() -> None:
    moved = batch(None).to(torch.device("meta"))
    assert moved.images.device.type == "meta"
    assert (moved.keys, moved.set_aside, moved.targets) == (("a", "b"), (("c", "broken"),), None)


@pytest.mark.parametrize(
    ("targets", "inside"),
    [
        (torch.zeros(2), lambda moved: moved),
        ({"labels": torch.zeros(2)}, lambda moved: moved["labels"]),
        ([torch.zeros(1), torch.zeros(3)], lambda moved: moved[1]),
        ((torch.zeros(1), "name"), lambda moved: moved[0]),
        ([{"boxes": BOXES}], lambda moved: moved[0]["boxes"].coordinates),
        ([{"masks": MASKS}], lambda moved: moved[0]["masks"].pixels),
        (POINTS, lambda moved: moved.visibility),
    ],
)
def test_targets_move_wherever_they_are_nested(targets: Any, inside: Any) -> None:
    moved = batch(targets).to(torch.device("meta"))
    assert type(moved.targets) is type(targets)
    assert inside(moved.targets).device.type == "meta"


def test_images_take_the_memory_format_that_is_asked_for() -> None:
    moved = batch(None).to(torch.device("cpu"), torch.channels_last)
    assert moved.images.is_contiguous(memory_format=torch.channels_last)
