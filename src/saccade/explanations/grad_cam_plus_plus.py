"""Grad-CAM++: weights that do not favour large things over several small ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor

from saccade.explanations.asking.layered import LayerMethod
from saccade.explanations.asking.layers import Seen

__all__ = ["grad_cam_plus_plus"]

CARDS: dict[str, dict[str, Any]] = {
    "grad_cam_plus_plus": {
        "paper": "Grad-CAM++: improved visual explanations for deep convolutional networks",
        "year": 2018, "arxiv": "1710.11063", "about": "as Grad-CAM, where there are several of a kind",
    },
}  # fmt: skip


@dataclass(frozen=True)
class GradCamPlusPlus(LayerMethod):
    """Weight each place of a map by how much it alone raises the score.

    L = ReLU(Σₖ wₖ Aᵏ), wₖ = Σ α ReLU(∂score / ∂Aᵏ), α = g² / (2 g² + Σ Aᵏ · g³), g = ∂score / ∂Aᵏ.

    Raises:
        BadConfig: If a knob has the wrong type.

    Source: Chattopadhyay et al., arXiv 1710.11063, equations 5, 6 and 19.

    Example:
        >>> GradCamPlusPlus(layer="layer4").layer
        'layer4'
    """

    def weighed(self, found: Seen) -> Float[Tensor, "batch rows columns"]:
        """Add the maps up, each by its weight.

        Args:
            found: Maps and gradients.

        Returns:
            Maps, zero or above.

        Source: Chattopadhyay et al., arXiv 1710.11063, equations 5, 6 and 19.
        """
        gradients = found.gradients
        squares = gradients**2
        below = 2 * squares + found.maps.sum((2, 3), keepdim=True) * squares * gradients
        alphas = squares / below.where(below != 0, below.new_ones(()))
        weights = (alphas * gradients.relu()).sum((2, 3), keepdim=True)
        return (weights * found.maps).sum(1).relu()


grad_cam_plus_plus = GradCamPlusPlus
