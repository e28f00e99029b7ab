"""Integrated gradients: what each pixel adds to the score on the straight way from nothing to the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.question import Question
from saccade.inspect.tracing.numbers import number
from saccade.training.settings import knob

__all__ = ["integrated_gradients"]

CARDS: dict[str, dict[str, Any]] = {
    "integrated_gradients": {
        "paper": "Axiomatic attribution for deep networks", "year": 2017, "arxiv": "1703.01365",
        "about": "what each pixel adds to the score, for and against; the map adds up to the score",
    },
}  # fmt: skip


@dataclass(frozen=True)
class IntegratedGradients(Method):
    """Integrate the gradient on the straight way from an empty image, times the way: (x − x₀) ∫ ∂s(x₀ + t (x − x₀)).

    The integral is taken by Gauss and Legendre's rule.

    Raises:
        BadConfig: If a knob has the wrong type or is out of range.

    Source: Sundararajan et al., arXiv 1703.01365, equation 1.

    Example:
        >>> IntegratedGradients(start="black").steps
        50
    """

    image_by_image: ClassVar[bool] = True

    steps: int = knob(50, "points on the way", 1)
    start: Literal["blank", "black", "white"] = knob("blank", "the empty image; blank is grey, or the mean of training")

    def look(self, question: Question) -> Answer:
        """Integrate the gradient.

        Args:
            question: With the network borrowed.

        Returns:
            Signed maps of the size of the images, the sum of the channels, which are its colours; the note says what
            they add up to, and what the score of the image is above that of the empty one: equal but for the integral.

        Raises:
            BadConfig: If the score cannot be differentiated.

        Source: Sundararajan et al., arXiv 1703.01365, equation 1 and proposition 1.
        """
        images = question.images
        empty = {"black": torch.zeros(()), "white": torch.ones(())}.get(self.start, question.emptied()).to(images)
        way = images - empty
        points, weights = (torch.from_numpy(one).to(images) / 2 for one in np.polynomial.legendre.leggauss(self.steps))
        total = torch.zeros_like(images)
        for row in range(len(images)):
            done = row * self.steps
            for part, weight in zip(points.split(question.batch_size), weights.split(question.batch_size), strict=True):
                forms = images[row] - (0.5 - part)[:, None, None, None] * way[row]
                gradients = question.gradient(forms, [row] * len(forms))
                total[row] += (weight[:, None, None, None] * gradients).sum(0)
                done += len(part)
                question.tell(done, len(question) * self.steps)
        colours = way * total
        rows = range(len(question))
        risen = question.scores(images, rows) - question.scores((images - way).contiguous(), rows)
        sums = colours.flatten(1).sum(1)
        notes = tuple(
            f"adds up to {number(float(one))}; the score is {number(float(all_of_it))} above that of the empty image"
            for one, all_of_it in zip(sums, risen, strict=True)
        )
        return Answer(colours.sum(1), signed=True, colours=colours, notes=notes)


integrated_gradients = IntegratedGradients
