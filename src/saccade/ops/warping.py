"""Regions cut out of images and brought to one square each, with some of what lies around them.

A region fills the inside of its square; the rim, so many pixels on every side, shows the context at the same scales.
What lies beyond the image is 0, which is the mean once images are normalised.

Source: Girshick et al., 2014, "Rich feature hierarchies", arXiv 1311.2524, appendix A, "warp" with context.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from saccade.errors import BadConfig
from saccade.ops.rois import stack_rois


def warp_regions(
    images: Float[Tensor, "batch channels height width"],
    boxes: Sequence[Float[Tensor, "_ 4"]],
    side: int,
    *,
    context: float = 0.0,
) -> Float[Tensor, "regions channels side side"]:
    """Cut regions out of images, and stretch each to a square, whatever its shape.

    Args:
        images: Normalised, so that 0 is the mean.
        boxes: For each image its rows (x1, y1, x2, y2) in pixels, which may reach beyond it; an image may have none.
        side: Of the squares in pixels, 1 or more.
        context: Pixels of the square on every side that lie outside the region: 16 of 227 in the paper. Below half of
            the side.

    Returns:
        A square for each row, those of the first image first. Each pixel is read between the four nearest ones of the
        image; a shrunk region is not smoothed first, as in the authors' code.

    Raises:
        BadShape: If there are not as many lists as images, or they hold no finite boxes.
        BadConfig: If the side is below 1, or the context is not from 0 to below half of it.

    Source: Girshick et al. 2014, appendix A.

    Example:
        >>> image = torch.arange(16.0).reshape(1, 1, 4, 4)
        >>> warp_regions(image, [torch.tensor([[1.0, 0.0, 3.0, 2.0]])], 2)[0, 0].tolist()
        [[1.0, 2.0], [5.0, 6.0]]
        >>> warp_regions(image, [torch.tensor([[0.0, 0.0, 2.0, 2.0]])], 4, context=1.0)[0, 0, 1].tolist()
        [0.0, 0.0, 1.0, 2.0]
    """
    if type(side) is not int or side < 1 or not 0 <= context < side / 2 or not math.isfinite(context):
        raise BadConfig(
            f"got side={side!r} and context={context!r}; taken are whole pixels of 1 or more, and a context from 0 to "
            "below half of them; 227 and 16 are the paper's"
        )
    if not images.is_meta:
        stack_rois(boxes, images)
    empty = images.new_zeros(0, images.shape[1], side, side)
    parts = [_warped(image, rows.detach().to(images), side, context) for image, rows in zip(images, boxes, strict=True)]
    return torch.cat(parts) if parts else empty


def _warped(
    image: Float[Tensor, "channels height width"], boxes: Float[Tensor, "regions 4"], side: int, context: float
) -> Float[Tensor, "regions channels side side"]:
    """The squares of one image, read as one tall picture of them all."""
    (height, width), count = image.shape[1:], len(boxes)
    steps = (torch.arange(side, device=image.device, dtype=image.dtype) + 0.5 - context) / (side - 2 * context)
    across = boxes[:, 0, None] + (boxes[:, 2] - boxes[:, 0])[:, None] * steps
    down = boxes[:, 1, None] + (boxes[:, 3] - boxes[:, 1])[:, None] * steps
    places = torch.stack(torch.broadcast_tensors(across[:, None, :] / width, down[:, :, None] / height), -1)
    grid = (2 * places - 1).reshape(1, count * side, side, 2)
    read = F.grid_sample(image[None], grid, padding_mode="border", align_corners=False)
    inside = ((across >= 0) & (across <= width))[:, None, :] & ((down >= 0) & (down <= height))[:, :, None]
    return read[0].unflatten(1, (count, side)).transpose(0, 1) * inside[:, None]
