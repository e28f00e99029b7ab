"""A bright or a dark square on grey, or nothing."""

from __future__ import annotations

import numpy as np
import torch

from saccade.tasks.localisation import localisation
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.sample import Sample
from task_example import TaskExample, tiny_network

SIDE = 8


def sample(number: int, class_id: int, box: tuple[int, int, int, int] | None) -> Sample:
    """A picture with a square, or without."""
    image = np.full((SIDE, SIDE, 3), 110, np.uint8)
    boxes = torch.tensor([box] if box else [], dtype=torch.float32).reshape(-1, 4)
    if box:
        left, top, right, bottom = box
        image[top:bottom, left:right] = 240 if class_id == 0 else 10
    ids = torch.tensor([class_id] if box else [], dtype=torch.int64)
    return Sample(image, Annotations((SIDE, SIDE), ids, Boxes(boxes, (SIDE, SIDE))), f"{number}.png")


def example() -> TaskExample:
    places = [(0, (0, 1, 4, 5)), (1, (4, 2, 8, 8)), (0, (3, 3, 8, 7)), (0, None), (1, (0, 4, 5, 8)), (1, (2, 0, 6, 5))]
    samples = [sample(number, class_id, box) for number, (class_id, box) in enumerate(places)]
    unknown = Annotations((4, 4), torch.tensor([2]), Boxes(torch.tensor([[0.0, 0, 1, 1]]), (4, 4)))
    task = localisation(["bright", "dark"])
    bad = [3, None, unknown, Annotations((4, 4), torch.tensor([0]))]
    return TaskExample(task, tiny_network(task.outputs), samples, about="dark", bad_targets=bad)
