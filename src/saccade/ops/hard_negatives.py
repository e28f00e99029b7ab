"""Which boxes a detector learns the background from: nearly all show it, so only those that look least like it count.

Source: Liu et al., 2016, "SSD", arXiv 1512.02325, section 2.2, "hard negative mining".
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from saccade.errors import BadConfig, BadShape


def hard_negatives(
    costs: Float[Tensor, "images boxes"], objects: Bool[Tensor, "images boxes"], *, ratio: int = 3
) -> Bool[Tensor, "images boxes"]:
    """Choose in each image the boxes without an object that cost most as background, so many for each with one.

    Args:
        costs: What each box would cost as background.
        objects: Whether it shows an object.
        ratio: Boxes of background for each box of an object; an image without objects gets as many as for one, so that
            it trains as background.

    Returns:
        Which boxes are chosen. Of equals those that come first; all, where an image has too few.

    Raises:
        BadShape: If the two are no tables of one shape.
        BadConfig: If the ratio is no whole number of 1 or more.

    Source: as the file, where an image without objects gets none; that it gets some is ours.

    Example:
        >>> costs = torch.tensor([[9.0, 1.0, 4.0, 2.0, 3.0, 0.5]])
        >>> hard_negatives(costs, torch.tensor([[True, False, False, False, False, False]])).int().tolist()
        [[0, 0, 1, 1, 1, 0]]
    """
    if type(ratio) is not int or ratio < 1:
        raise BadConfig(f"got ratio={ratio!r}; taken are whole numbers ≥ 1; 3 is the paper's")
    if costs.ndim != 2 or costs.shape != objects.shape:
        raise BadShape(
            f"got costs of shape {tuple(costs.shape)} and objects of shape {tuple(objects.shape)}; taken are two "
            "tables (images, boxes); give one of each for each box"
        )
    wanted = ratio * objects.sum(1, keepdim=True).clamp(min=1)
    order = costs.masked_fill(objects, -math.inf).argsort(dim=1, descending=True, stable=True)
    first = torch.arange(costs.shape[1], device=costs.device) < wanted
    return torch.zeros_like(objects).scatter(1, order, first) & ~objects
