"""XGrad-CAM: weights for which the maps add up to the score as nearly as they can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor

from saccade.explanations.asking.layered import LayerMethod
from saccade.explanations.asking.layers import Seen

__all__ = ["xgrad_cam"]

CARDS: dict[str, dict[str, Any]] = {
    "xgrad_cam": {
        "paper": "Axiom-based Grad-CAM: towards accurate visualization and explanation of CNNs",
        "year": 2020, "arxiv": "2008.02312", "about": "as Grad-CAM, with weights that two axioms ask for",
    },
}  # fmt: skip


@dataclass(frozen=True)
class XGradCam(LayerMethod):
    """Weight each map by its gradients, each by the share of the map's activation that its place has.

    L = ReLU(Σₖ wₖ Aᵏ), wₖ = Σ (Aᵏ / Σ Aᵏ) · ∂score / ∂Aᵏ.

    Raises:
        BadConfig: If a knob has the wrong type.

    Source: Fu et al., arXiv 2008.02312, equation 7.

    Example:
        >>> XGradCam(layer="layer4").layer
        'layer4'
    """

    def weighed(self, found: Seen) -> Float[Tensor, "batch rows columns"]:
        """Add the maps up, each by its weight.

        Args:
            found: Maps and gradients.

        Returns:
            Maps, zero or above.

        Source: Fu et al., arXiv 2008.02312, equation 7.
        """
        totals = found.maps.sum((2, 3), keepdim=True)
        shares = found.maps / totals.where(totals != 0, totals.new_ones(()))
        weights = (shares * found.gradients).sum((2, 3), keepdim=True)
        return (weights * found.maps).sum(1).relu()


xgrad_cam = XGradCam
