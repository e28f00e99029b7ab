"""Occlusion: a patch hides each part of the image in turn; where the score falls, something mattered."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadConfig
from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.question import Question
from saccade.training.settings import knob

__all__ = ["occlusion"]

CARDS: dict[str, dict[str, Any]] = {
    "occlusion": {
        "paper": "Visualizing and understanding convolutional networks", "year": 2013, "arxiv": "1311.2901",
        "about": "how far the score falls when a patch hides each part; needs no gradient, many passes",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Occlusion(Method):
    """Hide a square at a time; each pixel gets the mean fall of the score over the squares that hid it.

    Raises:
        BadConfig: If a knob has the wrong type or is out of range.

    Source: Zeiler & Fergus, arXiv 1311.2901, section 4.2.

    Example:
        >>> Occlusion(window=32, stride=16).window
        32
    """

    image_by_image: ClassVar[bool] = True

    window: int = knob(0, "side of the square in pixels; 0: an eighth of the shorter side", 0)
    stride: int = knob(0, "pixels from one square to the next; 0: half a square", 0)

    def look(self, question: Question) -> Answer:
        """Hide each square.

        Args:
            question: With the network borrowed.

        Returns:
            Signed maps of the size of the images, in units of the score.

        Raises:
            BadConfig: If the square is larger than the image.

        Source: Zeiler & Fergus, arXiv 1311.2901, section 4.2. The squares begin at every stride; the last may reach
            over the edge.
        """
        side = self.window or max(1, min(question.size) // 8)
        step = self.stride or max(1, side // 2)
        if side > min(question.size):
            raise BadConfig(
                f"got window={side} for images of {question.size[0]} × {question.size[1]}; taken is one no larger; "
                "make it smaller"
            )
        squares = [
            (slice(top, top + side), slice(left, left + side))
            for top in _starts(question.size[0], side, step)
            for left in _starts(question.size[1], side, step)
        ]
        empty = question.emptied()[0]
        whole = question.scores(question.images, range(len(question)))
        maps = [self._map(question, image, squares, empty) for image in range(len(question))]
        fallen = [score * seen - hidden for score, (hidden, seen) in zip(whole, maps, strict=True)]
        return Answer(
            torch.stack([one / seen.clamp(min=1) for one, (_, seen) in zip(fallen, maps, strict=True)]), signed=True
        )

    def _map(
        self, question: Question, image: int, squares: list[tuple[slice, slice]], empty: Float[Tensor, "channels 1 1"]
    ) -> tuple[Tensor, Tensor]:
        """The sum of the scores of all squares that hid each pixel, and how many those are."""
        total, hidden = (torch.zeros(question.size, dtype=torch.float64) for _ in range(2))
        original = question.images[image]
        copies = original.expand(min(question.batch_size, len(squares)), *original.shape).clone(
            memory_format=torch.preserve_format
        )
        for start in range(0, len(squares), question.batch_size):
            chosen = squares[start : start + question.batch_size]
            for copy, square in zip(copies, chosen, strict=False):
                copy[(slice(None), *square)] = empty
            scores = question.scores(copies[: len(chosen)], [image] * len(chosen)).tolist()
            for copy, square, score in zip(copies, chosen, scores, strict=False):
                copy[(slice(None), *square)] = original[(slice(None), *square)]
                total[square] += score
                hidden[square] += 1
            question.tell(image * len(squares) + start + len(chosen), len(question) * len(squares))
        return total.to(original), hidden.to(original)


def _starts(length: int, side: int, step: int) -> range:
    """Where squares begin, so that every pixel is hidden at least once if the step is no larger than the square."""
    return range(0, step * math.ceil((length - side) / step) + 1, step)


occlusion = Occlusion
