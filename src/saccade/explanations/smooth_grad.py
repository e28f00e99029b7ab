"""SmoothGrad: the mean of the gradients of copies with noise, which leaves less of it in the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch

from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.question import Question
from saccade.training.settings import knob

__all__ = ["smooth_grad"]

CARDS: dict[str, dict[str, Any]] = {
    "smooth_grad": {
        "paper": "SmoothGrad: removing noise by adding noise", "year": 2017, "arxiv": "1706.03825",
        "about": "the gradient, averaged over copies with noise; finer to read, as many times slower",
    },
}  # fmt: skip


@dataclass(frozen=True)
class SmoothGrad(Method):
    """Average the gradients of copies with noise, and take the largest of the channels' absolute values.

    Raises:
        BadConfig: If a knob has the wrong type or is out of range.

    Source: Smilkov et al., arXiv 1706.03825, section 3.

    Example:
        >>> SmoothGrad(samples=8).samples
        8
    """

    image_by_image: ClassVar[bool] = True

    samples: int = knob(25, "copies", 1)
    noise: float = knob(0.15, "its deviation, as a share of the range of the image", 0, 1)

    def look(self, question: Question) -> Answer:
        """Differentiate the score of each copy.

        Args:
            question: With the network borrowed.

        Returns:
            Maps of the size of the images, zero or above; the mean gradient as colours.

        Raises:
            BadConfig: If the score cannot be differentiated.

        Source: Smilkov et al., arXiv 1706.03825, equation 2.
        """
        images, generator = question.images, question.generator()
        total = torch.zeros_like(images)
        for row, image in enumerate(images):
            deviation = self.noise * (image.amax() - image.amin())
            for start in range(0, self.samples, question.batch_size):
                count = min(question.batch_size, self.samples - start)
                drawn = torch.randn(count, *image.shape, generator=generator).to(images)
                total[row] += question.gradient(image + deviation * drawn, [row] * count).sum(0)
                question.tell(row * self.samples + start + count, len(question) * self.samples)
        mean = total / self.samples
        return Answer(mean.abs().amax(1), colours=mean)


smooth_grad = SmoothGrad
