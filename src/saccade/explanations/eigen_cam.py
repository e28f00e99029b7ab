"""Eigen-CAM: the direction in which the activations of a layer vary most; nobody asks about what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.explanations.asking.layered import LayerMethod
from saccade.explanations.asking.layers import Seen

__all__ = ["eigen_cam"]

CARDS: dict[str, dict[str, Any]] = {
    "eigen_cam": {
        "paper": "Eigen-CAM: class activation map using principal components",
        "year": 2020, "arxiv": "2008.00299", "about": "what stands out in a late layer, whatever is asked",
    },
}  # fmt: skip


@dataclass(frozen=True)
class EigenCam(LayerMethod):
    """Project the activations of each place on their first principal direction.

    L = A V₁, with A of one row for each place and V₁ its first right singular vector.

    Raises:
        BadConfig: If a knob has the wrong type.

    Source: Muhammad & Yeasin, arXiv 2008.00299, section 3.
    Deviates: The sign of a singular vector means nothing; that is taken for which the map's sum is above zero, and what
        is below zero is left out.

    Example:
        >>> EigenCam(layer="layer4").layer
        'layer4'
    """

    def weighed(self, found: Seen) -> Float[Tensor, "batch rows columns"]:
        """Project on the first direction.

        Args:
            found: Maps and gradients.

        Returns:
            Maps, zero or above.

        Source: Muhammad & Yeasin, arXiv 2008.00299, section 3.
        """
        batch, channels, *size = found.maps.shape
        rows = found.maps.float().reshape(batch, channels, -1).mT
        _, _, directions = torch.linalg.svd(rows, full_matrices=False)
        projected = (rows @ directions[:, 0, :, None])[..., 0]
        upright = projected * projected.sum(1, keepdim=True).sign()
        return upright.reshape(batch, *size).relu()


eigen_cam = EigenCam
