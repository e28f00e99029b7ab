"""RoI align: any region of a feature map becomes a small map of fixed size, read between the pixels and never rounded.

Each bin is the mean of points spread evenly over it; a point is read bilinearly. As the weight of a pixel is that of
its line times that of its column, a bin is a weighted sum of few rows of a table that holds the channels of each
pixel side by side: that is what is computed. Where a bin has very many points, the weights of lines and of columns are
laid out as two matrices instead, and the bins are their product with the map.

Source: He et al., 2017, "Mask R-CNN", arXiv 1703.06870, section 3. That a point up to one pixel outside reads the edge,
    and one further out reads 0 and counts, is the field's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from saccade.errors import BadConfig, BadShape
from saccade.ops.rois import as_regions, as_table, check_output_size, levels_of_boxes, stack_rois

WEIGHTS = 4_000_000  # at a time
MANY = 1024  # weights in a bin, from which on matrices are used
Taps = tuple[Int[Tensor, "rois _ _"], Float[Tensor, "rois _ _"]]


def roi_align(
    features: Float[Tensor, "batch channels height width"],
    boxes: Sequence[Float[Tensor, "_ 4"]],
    *,
    output_size: int | tuple[int, int],
    scale: float,
    sampling_ratio: int | None = 2,
    aligned: bool = False,
) -> Float[Tensor, "rois channels bins_high bins_wide"]:
    """Read each region at evenly spread points, and average those of a bin.

    Args:
        features: The maps, one for each image.
        boxes: For each image its rows (x1, y1, x2, y2) in pixels of the image.
        output_size: (height, width) in bins.
        scale: From pixels of the image to those of the map: 1 / stride.
        sampling_ratio: Points in a bin along each axis; None for as many as it has pixels, rounded up.
        aligned: Whether pixel i has its centre at i + 1/2, as everywhere in saccade; False puts it at i and makes every
            region one pixel long at least, which is what the published detectors were trained with.

    Returns:
        One small map for each box, those of the first image first. Gradients go to the features, not to the boxes.

    Raises:
        BadShape: If maps and boxes do not belong together.
        BadConfig: If size, scale or ratio is out of range.

    Source: as the file.

    Example:
        >>> features = torch.arange(16.0).reshape(1, 1, 4, 4)
        >>> roi_align(features, [torch.tensor([[0.0, 0, 4, 4]])], output_size=2, scale=1, aligned=True).tolist()
        [[[[2.5, 4.5], [10.5, 12.5]]]]
    """
    size = check_output_size(output_size, scale)
    _check_ratio(sampling_ratio)
    rois, images = stack_rois(boxes, features)
    rois = rois * scale - 0.5 * aligned
    lengths = rois[:, 2:] - rois[:, :2]
    lengths = (lengths if aligned else lengths.clamp(min=1)).flip(1) / lengths.new_tensor(size)
    points = (
        lengths.ceil().clamp(min=0).long()
        if sampling_ratio is None
        else torch.full_like(lengths, sampling_ratio).long()
    )
    table, aligned_rows, order = as_table(features), [], []
    for which, counts in _alike(points, size):
        taps = [
            _taps(rois[which, 1 - axis], lengths[which, axis], size[axis], (counts[axis], features.shape[2 + axis]))
            for axis in (0, 1)
        ]
        many = 4 * counts[0] * counts[1] > MANY
        aligned_rows.append(
            _by_matrices(features, images[which], taps)
            if many
            else _by_rows(table, images[which], taps, features.shape)
        )
        order.append(which)
    regions = as_regions(torch.cat([table[:0], *aligned_rows]), size)
    return regions if len(order) < 2 else regions[torch.cat(order).argsort()]


def multilevel_roi_align(
    levels: Sequence[Float[Tensor, "batch channels _ _"]],
    boxes: Sequence[Float[Tensor, "_ 4"]],
    *,
    strides: Sequence[int],
    output_size: int | tuple[int, int] = 7,
    sampling_ratio: int | None = 2,
    canonical_size: float = 224.0,
    canonical_level: int = 4,
) -> Float[Tensor, "rois channels bins_high bins_wide"]:
    """Read each region from the level of a pyramid that suits its size.

    Args:
        levels: The maps of each level, the finest first.
        boxes: For each image its rows (x1, y1, x2, y2) in pixels of the image.
        strides: Of each level, in pixels of the image: powers of two, each the double of the one before.
        output_size: (height, width) in bins.
        sampling_ratio: Points in a bin along each axis; None for as many as it has pixels, rounded up.
        canonical_size: Of the box that gets the canonical level, in pixels.
        canonical_level: Its level; level k has the stride 2^k.

    Returns:
        One small map for each box, those of the first image first.

    Raises:
        BadShape: If maps and boxes do not belong together.
        BadConfig: If the strides are no such powers, or another argument is out of range.

    Source: Lin et al., 2017, arXiv 1612.03144, section 4.2.

    Example:
        >>> levels = [torch.zeros(1, 8, 16, 16), torch.ones(1, 8, 8, 8)]
        >>> boxes = [torch.tensor([[0.0, 0, 9, 9], [0, 0, 60, 60]])]
        >>> multilevel_roi_align(levels, boxes, strides=(4, 8), canonical_size=112)[:, 0, 0, 0].round().tolist()
        [0.0, 1.0]
    """
    lowest = _lowest_level(strides, len(levels))
    rois, images = [stack_rois(boxes, features) for features in levels][-1]
    if len({features.shape[:2] for features in levels}) != 1:
        raise BadShape(
            f"got levels of shapes {[tuple(features.shape) for features in levels]}; taken are maps of the same images "
            "with as many channels; make them alike first"
        )
    canon = {"canonical_size": canonical_size, "canonical_level": canonical_level}
    assigned = levels_of_boxes(rois, lowest=lowest, highest=lowest + len(levels) - 1, **canon)
    regions, order = [], []
    for number, features in enumerate(levels):
        mine = assigned == lowest + number
        lists = [rois[mine & (images == image)] for image in range(len(features))]
        regions.append(
            roi_align(
                features, lists, output_size=output_size, scale=1 / strides[number], sampling_ratio=sampling_ratio
            )
        )
        order.append(mine.nonzero()[:, 0])
    return torch.cat(regions)[torch.cat(order).argsort()]


def _check_ratio(sampling_ratio: int | None) -> None:
    if sampling_ratio is not None and (type(sampling_ratio) is not int or sampling_ratio < 1):
        raise BadConfig(
            f"got sampling_ratio={sampling_ratio!r}; taken is a whole number ≥ 1, or None for as many points as "
            "pixels; 2 is usual"
        )


def _lowest_level(strides: Sequence[int], levels: int) -> int:
    lowest = int(strides[0]).bit_length() - 1 if strides else 0
    if levels != len(strides) or [2 ** (lowest + number) for number in range(levels)] != list(strides) or not strides:
        raise BadConfig(
            f"got {levels} levels and strides={tuple(strides)!r}; taken is a power of two for each level, each "
            "the double of the one before; (4, 8, 16, 32) is usual"
        )
    return lowest


def _alike(
    points: Int[Tensor, "rois 2"], size: tuple[int, int]
) -> Iterator[tuple[Int[Tensor, " alike"], tuple[int, int]]]:
    """Yield the regions in runs that have as many points in a bin, and not too many together."""
    for high, wide in points.unique(dim=0).tolist():
        which = (points == points.new_tensor([high, wide])).all(1).nonzero()[:, 0]
        weights = size[0] * size[1] * min(4 * max(high, 1) * max(wide, 1), MANY)
        for part in which.split(max(WEIGHTS // weights, 1)):
            yield part, (high, wide)


def _taps(start: Float[Tensor, " rois"], step: Float[Tensor, " rois"], bins: int, sides: tuple[int, int]) -> Taps:
    """Say which pixels of a line each bin reads, of so many points and on so many pixels, and with what weight."""
    points, pixels = sides
    number = torch.arange(bins, device=start.device, dtype=start.dtype)[:, None]
    within = torch.arange(max(points, 1), device=start.device, dtype=start.dtype) + 0.5
    step = step[:, None, None]
    place = start[:, None, None] + number * step + within * step / max(points, 1)
    counts = (place >= -1) & (place <= pixels) & (points > 0)
    place = place.clamp(0, pixels - 1)
    low = place.floor()
    share = place - low
    weights = torch.stack([1 - share, share], -1) * counts[..., None] / max(points, 1)
    return torch.stack([low, (low + 1).clamp(max=pixels - 1)], -1).long().flatten(2), weights.flatten(2)


def _by_rows(
    table: Float[Tensor, "places channels"], images: Int[Tensor, " rois"], taps: list[Taps], shape: torch.Size
) -> Float[Tensor, "rows channels"]:
    (lines, line_weights), (columns, column_weights) = taps
    lines = lines + images[:, None, None] * shape[2]
    rows = lines[:, :, None, :, None] * shape[3] + columns[:, None, :, None, :]
    weights = line_weights[:, :, None, :, None] * column_weights[:, None, :, None, :]
    rows, weights = rows.flatten(0, 2).flatten(1), weights.flatten(0, 2).flatten(1)
    return F.embedding_bag(rows, table, mode="sum", per_sample_weights=weights.to(table))


def _by_matrices(
    features: Float[Tensor, "batch channels height width"], images: Int[Tensor, " rois"], taps: list[Taps]
) -> Float[Tensor, "rows channels"]:
    (lines, line_weights), (columns, column_weights) = taps
    down = line_weights.new_zeros(*lines.shape[:2], features.shape[2]).scatter_add_(2, lines, line_weights)
    along = column_weights.new_zeros(*columns.shape[:2], features.shape[3]).scatter_add_(2, columns, column_weights)
    regions = [
        torch.einsum("ph,chw,qw->pqc", down[number].to(features), features[image], along[number].to(features))
        for number, image in enumerate(images.tolist())
    ]
    return torch.stack(regions).flatten(0, 2)
