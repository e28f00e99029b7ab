"""RISE: hundreds of random masks; a place is important if the score is high whenever it is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.question import Question
from saccade.training.settings import knob

__all__ = ["rise"]

CARDS: dict[str, dict[str, Any]] = {
    "rise": {
        "paper": "RISE: randomized input sampling for explanation of black-box models", "year": 2018,
        "arxiv": "1806.07421", "about": "which places make the score high when they are seen; needs no gradient",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Rise(Method):
    """Average random masks, each weighted by the confidence in what it leaves of the image.

    Raises:
        BadConfig: If a knob has the wrong type or is out of range.

    Source: Petsiuk et al., arXiv 1806.07421, equation 6; for detectors arXiv 2006.03204.
    Deviates: The mean confidence is taken off first, so that a place that changes nothing is at zero; the order of
        places stays nearly the same.

    Example:
        >>> Rise(masks=1000).masks
        1000
    """

    image_by_image: ClassVar[bool] = True

    masks: int = knob(500, "random masks; the paper has thousands", 2)
    cells: int = knob(7, "cells a side of a mask, before it is enlarged", 2)
    shown: float = knob(0.5, "share of the cells that are seen", 0.01, 0.99)

    def look(self, question: Question) -> Answer:
        """Show each image through the same masks.

        Args:
            question: With the network borrowed.

        Returns:
            Signed maps of the size of the images, in units of the confidence.

        Source: Petsiuk et al., arXiv 1806.07421, section 3.2.
        """
        empty, generator = question.emptied(), question.generator()
        totals = torch.zeros(len(question), *question.size, device=question.images.device)
        sums, areas = torch.zeros_like(totals), torch.zeros_like(totals[0])
        for start in range(0, self.masks, question.batch_size):
            count = min(question.batch_size, self.masks - start)
            masks = self._masks(count, question.size, generator).to(question.images)
            areas += masks.sum(0)
            for image in range(len(question)):
                shown = question.images[image] * masks[:, None] + empty * (1 - masks[:, None])
                sure = question.scores(shown, [image] * count, confidence=True)
                totals[image] += (sure[:, None, None] * masks).sum(0)
                sums[image] += sure.sum()
            question.tell(start + count, self.masks)
        return Answer((totals - sums / self.masks * areas) / (self.masks * self.shown), signed=True)

    def _masks(
        self, count: int, size: tuple[int, int], generator: torch.Generator
    ) -> Float[Tensor, "count height width"]:
        """Small random grids, enlarged bilinearly and shifted by less than a cell."""
        cell = [-(-side // self.cells) for side in size]
        grids = (torch.rand(count, 1, self.cells + 1, self.cells + 1, generator=generator) < self.shown).float()
        large = functional.interpolate(
            grids, [(self.cells + 1) * one for one in cell], mode="bilinear", align_corners=False
        )
        shifts = [torch.randint(0, one, (count,), generator=generator).tolist() for one in cell]
        parts = [
            mask[0, top : top + size[0], left : left + size[1]] for mask, top, left in zip(large, *shifts, strict=True)
        ]
        return torch.stack(parts)


rise = Rise
