"""A bright and a dark square on grey; a network that guesses one box of each class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from saccade.layers.detector import Detector
from saccade.tasks.detection import detection
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.sample import Sample
from saccade.types.truth import Truth
from task_example import TaskExample, tiny_network

SIDE, CLASSES = 16, 2


class OneOfEach(Detector):
    """A candidate for each class."""

    def __init__(self) -> None:
        super().__init__("OneOfEach", num_classes=CLASSES, in_channels=3)
        self.body = tiny_network(5 * CLASSES)

    def guesses(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (batch, classes), and corners (batch, classes, 4) as shares of the side."""
        return self.body(images).unflatten(1, (CLASSES, 5)).split([1, 4], dim=2)

    def candidates(self, images: Tensor) -> dict[str, Tensor]:
        logits, corners = self.guesses(images)
        return {"boxes": corners * SIDE, "scores": torch.diag_embed(logits.squeeze(2).sigmoid())}

    def losses(self, images: Tensor, truths: Sequence[Truth]) -> dict[str, Tensor]:
        logits, corners = self.guesses(images)
        there, places = torch.full_like(logits, 0.01), corners.detach().clone()  # never sure: scores keep a slope
        for image, truth in enumerate(truths):
            there[image, truth.class_ids] = 0.99
            places[image, truth.class_ids] = truth.boxes / SIDE
        return {
            "classes": F.binary_cross_entropy_with_logits(logits, there),
            "boxes": 25 * F.mse_loss(corners, places),
        }


def sample(number: int, things: dict[int, tuple[int, int, int, int]]) -> Sample:
    """A picture with a square of each class that is asked for."""
    image = np.full((SIDE, SIDE, 3), 110, np.uint8)
    for class_id, (left, top, right, bottom) in things.items():
        image[top:bottom, left:right] = 240 if class_id == 0 else 10
    boxes = Boxes(torch.tensor(list(things.values()), dtype=torch.float32).reshape(-1, 4), (SIDE, SIDE))
    return Sample(
        image, Annotations((SIDE, SIDE), torch.tensor(list(things), dtype=torch.int64), boxes), f"{number}.png"
    )


def example() -> TaskExample:
    bright, dark = (1, 2, 7, 8), (8, 7, 15, 14)
    places = [
        {0: bright},
        {1: dark},
        {0: dark, 1: bright},
        {0: (9, 1, 15, 6)},
        {0: bright, 1: dark},
        {1: (2, 9, 8, 15)},
    ]
    samples = [sample(number, things) for number, things in enumerate(places)]
    unknown = Annotations((4, 4), torch.tensor([2]), Boxes(torch.tensor([[0.0, 0, 1, 1]]), (4, 4)))
    return TaskExample(
        detection(["bright", "dark"]), OneOfEach(), samples, about="dark",
        bad_targets=[3, None, unknown, Annotations((4, 4), torch.tensor([0]))], steps=1000, learning_rate=0.01,
    )  # fmt: skip
