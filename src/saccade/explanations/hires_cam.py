"""HiResCAM: each activation times its own gradient, not the mean of its map's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor

from saccade.explanations.asking.layered import LayerMethod
from saccade.explanations.asking.layers import Seen

__all__ = ["hires_cam"]

CARDS: dict[str, dict[str, Any]] = {
    "hires_cam": {
        "paper": "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional neural networks",
        "year": 2020, "arxiv": "2011.08891", "about": "what each place of a late layer adds, for and against",
    },
}  # fmt: skip


@dataclass(frozen=True)
class HiResCam(LayerMethod):
    """Multiply each activation by its gradient, and add up the maps.

    L = Σₖ Aᵏ · ∂score / ∂Aᵏ, place by place.

    Raises:
        BadConfig: If a knob has the wrong type.

    Source: Draelos & Carin, arXiv 2011.08891, section 3.

    Example:
        >>> HiResCam(layer="layer4").layer
        'layer4'
    """

    @property
    def signed(self) -> bool:
        """Values below zero speak against it."""
        return True

    def weighed(self, found: Seen) -> Float[Tensor, "batch rows columns"]:
        """Multiply and add up.

        Args:
            found: Maps and gradients.

        Returns:
            Signed maps.

        Source: Draelos & Carin, arXiv 2011.08891, section 3.
        """
        return (found.gradients * found.maps).sum(1)


hires_cam = HiResCam
