"""Grad-CAM: the maps of a late layer, each weighted by how much the score rises with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.explanations.asking.layered import LayerMethod
from saccade.explanations.asking.layers import Seen

__all__ = ["grad_cam"]

CARDS: dict[str, dict[str, Any]] = {
    "grad_cam": {
        "paper": "Grad-CAM: visual explanations from deep networks via gradient-based localization",
        "year": 2017, "arxiv": "1610.02391", "about": "where a late layer speaks for it; coarse, quick",
    },
}  # fmt: skip


@dataclass(frozen=True)
class GradCam(LayerMethod):
    """Weight the maps of a layer by the mean of their gradients, and keep what is above zero.

    L = ReLU(Σₖ αₖ Aᵏ), αₖ = mean over places of ∂score / ∂Aᵏ.

    Raises:
        BadConfig: If a knob has the wrong type.

    Source: Selvaraju et al., arXiv 1610.02391, equations 1 and 2.

    Example:
        >>> GradCam(layer="layer4").layer
        'layer4'
    """

    def weighed(self, found: Seen) -> Float[Tensor, "batch rows columns"]:
        """Add the maps up, each by its mean gradient.

        Args:
            found: Maps and gradients.

        Returns:
            Maps, zero or above.

        Source: Selvaraju et al., arXiv 1610.02391, equations 1 and 2.
        """
        weights = found.gradients.mean((2, 3))
        return torch.einsum("bk,bkyx->byx", weights, found.maps).relu()


grad_cam = GradCam
