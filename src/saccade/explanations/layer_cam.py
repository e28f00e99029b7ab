"""LayerCAM: as HiResCAM, of gradients above zero alone; early layers work too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jaxtyping import Float
from torch import Tensor

from saccade.explanations.asking.layered import LayerMethod
from saccade.explanations.asking.layers import Seen

__all__ = ["layer_cam"]

CARDS: dict[str, dict[str, Any]] = {
    "layer_cam": {
        "paper": "LayerCAM: exploring hierarchical class activation maps for localization",
        "year": 2021, "arxiv": "", "about": "places whose activation speaks for it; works on early, fine layers too",
    },
}  # fmt: skip


@dataclass(frozen=True)
class LayerCam(LayerMethod):
    """Multiply each activation by its gradient where that is above zero, and add up the maps.

    L = ReLU(Σₖ ReLU(∂score / ∂Aᵏ) · Aᵏ), place by place.

    Raises:
        BadConfig: If a knob has the wrong type.

    Source: Jiang et al., 2021, LayerCAM, IEEE TIP 30:5875-5888, equations 5 to 7.

    Example:
        >>> LayerCam(layer="layer4").layer
        'layer4'
    """

    def weighed(self, found: Seen) -> Float[Tensor, "batch rows columns"]:
        """Multiply and add up.

        Args:
            found: Maps and gradients.

        Returns:
            Maps, zero or above.

        Source: Jiang et al., 2021, LayerCAM, IEEE TIP 30:5875-5888, equations 5 to 7.
        """
        return (found.gradients.relu() * found.maps).sum(1).relu()


layer_cam = LayerCam
