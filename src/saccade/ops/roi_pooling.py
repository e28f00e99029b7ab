"""RoI pooling: any region of a feature map becomes a small map of fixed size, each bin the maximum of what lies in it.

Source: Girshick, 2015, "Fast R-CNN", arXiv 1504.08083, section 2.1; where bins begin and end, as in its code.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saccade.ops.rois import as_regions, as_table, check_output_size, stack_rois

LOOKED_AT = 2_000_000  # places of a map, at a time


def roi_pool(
    features: Float[Tensor, "batch channels height width"],
    boxes: Sequence[Float[Tensor, "_ 4"]],
    *,
    output_size: int | tuple[int, int],
    scale: float,
) -> Float[Tensor, "rois channels bins_high bins_wide"]:
    """Take the maximum over each bin of each region.

    A box is scaled and rounded, halves away from zero, to whole pixels, of which the last is part of it; it is one
    pixel at least. Bin p of P begins at ⌊p·size/P⌋ and ends before ⌈(p + 1)·size/P⌉, so that neighbours may share
    pixels. What lies beyond the map is left out.

    Args:
        features: The maps, one for each image.
        boxes: For each image its rows (x1, y1, x2, y2) in pixels of the image.
        output_size: (height, width) in bins.
        scale: From pixels of the image to those of the map: 1 / stride.

    Returns:
        One small map for each box, those of the first image first; 0 in a bin that holds nothing. The gradient goes to
        the maximum, the first of equals; none to the boxes.

    Raises:
        BadShape: If maps and boxes do not belong together.
        BadConfig: If size or scale is out of range.

    Source: as the file.

    Example:
        >>> features = torch.arange(16.0).reshape(1, 1, 4, 4)
        >>> roi_pool(features, [torch.tensor([[0.0, 0, 3, 3]])], output_size=2, scale=1).tolist()
        [[[[5.0, 7.0], [13.0, 15.0]]]]
    """
    size = check_output_size(output_size, scale)
    rois, images = stack_rois(boxes, features)
    height, width = features.shape[2:]
    tops, bottoms = _bins(rois[:, 1], rois[:, 3], scale, (size[0], height))
    lefts, rights = _bins(rois[:, 0], rois[:, 2], scale, (size[1], width))
    corner = (images[:, None, None] * height + tops[:, :, None]) * width + lefts[:, None, :]
    high, wide = (bottoms - tops)[:, :, None].expand_as(corner), (rights - lefts)[:, None, :].expand_as(corner)
    table, pooled = as_table(features), []
    for part in _parts((high * wide).sum((1, 2))):
        flat = corner[part].reshape(-1), high[part].reshape(-1), wide[part].reshape(-1)
        pooled.append(_maximum(table, *flat, width))
    return as_regions(torch.cat([table[:0], *pooled]), size)


def _bins(
    start: Float[Tensor, " rois"], end: Float[Tensor, " rois"], scale: float, sides: tuple[int, int]
) -> tuple[Int[Tensor, "rois bins"], Int[Tensor, "rois bins"]]:
    """Where each bin begins, and before which pixel it ends, on one axis of so many bins and pixels."""
    bins, pixels = sides
    first, last = _round(start * scale), _round(end * scale)
    step = (last - first + 1).clamp(min=1) / bins
    number = torch.arange(bins, device=start.device, dtype=start.dtype)
    begin = first[:, None] + (number * step[:, None]).floor()
    finish = first[:, None] + ((number + 1) * step[:, None]).ceil()
    begin, finish = (place.clamp(0, pixels).long() for place in (begin, finish))
    return begin, finish.maximum(begin)


def _round(places: Float[Tensor, " rois"]) -> Float[Tensor, " rois"]:
    whole = places.trunc()
    return whole + places.sign() * ((places - whole).abs() >= 0.5)


def _parts(counts: Int[Tensor, " rois"]) -> list[slice]:
    """Cut regions into runs that look at a bounded number of places, or are one region."""
    parts, first, total = [], 0, 0
    for number, count in enumerate(counts.tolist()):
        if total and total + count > LOOKED_AT:
            parts.append(slice(first, number))
            first, total = number, 0
        total += count
    return [*parts, slice(first, len(counts))] if len(counts) else []


def _maximum(
    table: Float[Tensor, "places channels"],
    corner: Int[Tensor, " bins"],
    high: Int[Tensor, " bins"],
    wide: Int[Tensor, " bins"],
    width: int,
) -> Float[Tensor, "bins channels"]:
    """Take the maximum over rectangles of the table's rows, each given by its first row and its sides."""
    count = high * wide
    start = count.cumsum(0) - count
    which = torch.arange(len(count), device=count.device).repeat_interleave(count)
    place = torch.arange(len(which), device=count.device) - start[which]
    down, right = place.div(wide[which], rounding_mode="floor"), place.remainder(wide[which])
    rows = corner[which] + down * width + right
    found, _, _, at = torch.embedding_bag(table.detach(), rows, start, mode=2)  # of mode 2, the maximum, and its row
    if not table.requires_grad:
        return found
    return table.gather(0, at.long().clamp(min=0)) * (count > 0)[:, None]
