"""What pooling over regions of interest has in common: boxes of several images as one list, and the level each is for.

Source: ours; Lin et al., 2017, "Feature pyramid networks", arXiv 1612.03144, equation 1, for the levels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saccade.errors import BadConfig, BadShape
from saccade.ops.boxes import area, rows_of_four


def stack_rois(
    boxes: Sequence[Float[Tensor, "_ 4"]], features: Float[Tensor, "batch channels height width"]
) -> tuple[Float[Tensor, "rois 4"], Int[Tensor, " rois"]]:
    """Put the boxes of all images into one list.

    Args:
        boxes: For each image its rows (x1, y1, x2, y2); an image may have none.
        features: The maps of those images.

    Returns:
        All rows, at least in float32; and the number of the image of each.

    Raises:
        BadShape: If there are not as many lists as images, or they hold no finite boxes.

    Source: ours.

    Example:
        >>> lists = [torch.zeros(0, 4), torch.tensor([[0.0, 0, 4, 3]])]
        >>> stack_rois(lists, torch.zeros(2, 1, 8, 8))[1].tolist()
        [1]
    """
    if features.ndim != 4 or not features.is_floating_point() or 0 in features.shape[1:]:
        raise BadShape(
            f"got features of shape {tuple(features.shape)} and {features.dtype}; taken are floats of shape (batch, "
            "channels, height, width), none of them 0 but the batch; give the maps of a backbone"
        )
    if isinstance(boxes, Tensor) or len(boxes) != len(features):
        given = f"boxes of shape {tuple(boxes.shape)}" if isinstance(boxes, Tensor) else f"{len(boxes)} lists of boxes"
        raise BadShape(
            f"got {given} for {len(features)} images; taken is one tensor of boxes for each image; "
            "give torch.zeros(0, 4) for an image without boxes"
        )
    kind = torch.promote_types(features.dtype, torch.float32)
    lists = [rows_of_four(rows, "boxes").detach().to(features.device, kind) for rows in boxes]
    rois = torch.cat([torch.zeros(0, 4, dtype=kind, device=features.device), *lists])
    if not rois.isfinite().all():
        raise BadShape("got boxes that are not finite; taken are finite numbers; leave those boxes out")
    many = torch.tensor([len(rows) for rows in lists], dtype=torch.long, device=features.device)
    return rois, torch.arange(len(lists), device=features.device).repeat_interleave(many)


def levels_of_boxes(
    boxes: Float[Tensor, "boxes 4"],
    *,
    lowest: int = 2,
    highest: int = 5,
    canonical_size: float = 224.0,
    canonical_level: int = 4,
) -> Int[Tensor, " boxes"]:
    """Say which level of a pyramid a box is read from: the larger it is, the coarser.

    Level k has a stride of 2^k. A box of area s² gets k₀ + log₂(s / 224), rounded down.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels.
        lowest: The finest level there is.
        highest: The coarsest level there is.
        canonical_size: Of the box that gets the canonical level, in pixels.
        canonical_level: k₀.

    Returns:
        From lowest to highest.

    Raises:
        BadShape: If the rows have not four numbers.

    Source: Lin et al., 2017, equation 1.

    Example:
        >>> levels_of_boxes(torch.tensor([[0.0, 0, 224, 224], [0, 0, 111, 112], [0, 0, 9, 9]])).tolist()
        [4, 2, 2]
    """
    level = canonical_level + (area(boxes).sqrt() / canonical_size).log2() + 1e-6  # so that 224 is not 223.99…
    return level.floor().clamp(lowest, highest).long()


def check_output_size(output_size: int | tuple[int, int], scale: float) -> tuple[int, int]:
    """Spell out the size of what a region becomes.

    Args:
        output_size: (height, width) in bins, or one number for both.
        scale: From pixels of the boxes to those of the maps, above 0.

    Returns:
        (height, width).

    Raises:
        BadConfig: If one is out of range.

    Source: ours.

    Example:
        >>> check_output_size(7, 0.25)
        (7, 7)
    """
    size = (output_size, output_size) if isinstance(output_size, int) else tuple(output_size)
    if len(size) != 2 or any(type(side) is not int or side < 1 for side in size) or not 0 < scale < math.inf:
        raise BadConfig(
            f"got output_size={output_size!r} and scale={scale!r}; taken are (height, width) in whole numbers ≥ 1, and "
            "a scale above 0; (7, 7) is usual, and the scale is 1 / stride"
        )
    return size[0], size[1]


def as_table(features: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "places channels"]:
    """Lay maps out as a table with a row for each place, which costs nothing where channels are last in memory.

    Args:
        features: Maps.

    Returns:
        Rows by image, then line, then column.

    Source: ours.

    Example:
        >>> as_table(torch.arange(4.0).reshape(1, 2, 1, 2)).tolist()
        [[0.0, 2.0], [1.0, 3.0]]
    """
    return features.permute(0, 2, 3, 1).reshape(-1, features.shape[1]).contiguous()


def as_regions(
    rows: Float[Tensor, "bins channels"], size: tuple[int, int]
) -> Float[Tensor, "rois channels height width"]:
    """Undo what `as_table` does, for regions.

    Args:
        rows: One for each bin, by region, then line, then column.
        size: (height, width) of a region in bins.

    Returns:
        The regions.

    Source: ours.

    Example:
        >>> as_regions(torch.tensor([[0.0, 2], [1, 3]]), (1, 2)).tolist()
        [[[[0.0, 1.0]], [[2.0, 3.0]]]]
    """
    return rows.reshape(len(rows) // (size[0] * size[1]), *size, rows.shape[1]).permute(0, 3, 1, 2)
