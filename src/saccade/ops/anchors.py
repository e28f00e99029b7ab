"""Where detectors look: anchors on grids, SSD's default boxes, and the centres of cells for heads without anchors.

Source: Ren et al., 2015, "Faster R-CNN", arXiv 1506.01497; Liu et al., 2016, "SSD", arXiv 1512.02325.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadConfig
from saccade.ops.boxes import rows_of_four


def anchor_shapes(
    sizes: Sequence[float], ratios: Sequence[float] = (0.5, 1.0, 2.0), *, rounded: bool = True
) -> Float[Tensor, "shapes 4"]:
    """Make boxes around the origin, of every ratio in every size.

    Args:
        sizes: Square roots of their areas in pixels.
        ratios: Height over width.
        rounded: To whole pixels, halves to the even one, as the published detectors have them.

    Returns:
        Rows (x1, y1, x2, y2), all sizes of the first ratio first.

    Raises:
        BadConfig: If a size or ratio is not above 0.

    Source: as the file.

    Example:
        >>> anchor_shapes([32], [0.5, 1]).tolist()
        [[-23.0, -11.0, 23.0, 11.0], [-16.0, -16.0, 16.0, 16.0]]
    """
    for name, values in (("sizes", sizes), ("ratios", ratios)):
        _check_positive(name, values)
    heights = torch.tensor(ratios, dtype=torch.float32).sqrt()
    lengths = torch.tensor(sizes, dtype=torch.float32)
    wide, high = ((1 / heights)[:, None] * lengths).reshape(-1), (heights[:, None] * lengths).reshape(-1)
    shapes = torch.stack([-wide, -high, wide, high], 1) / 2
    return shapes.round() if rounded else shapes


def grid_anchors(
    shapes: Sequence[Float[Tensor, "_ 4"]],
    feature_sizes: Sequence[tuple[int, int]],
    strides: Sequence[int | tuple[int, int]],
) -> list[Float[Tensor, "_ 4"]]:
    """Repeat the shapes of each level at the upper left corner of each of its cells.

    Args:
        shapes: For each level its boxes around the origin, from `anchor_shapes`.
        feature_sizes: (height, width) of the map of each level.
        strides: Of each level, in pixels of the image, or (down, right); the published detectors divide the image's
            size by the map's, rounded down.

    Returns:
        For each level rows (x1, y1, x2, y2) of the type and on the device of its shapes: line by line, cell by cell,
        then shape by shape. They reach beyond the image.

    Raises:
        BadShape: If shapes have not four numbers.
        BadConfig: If the levels are not as many, or a size or stride is not above 0.

    Source: as the file.

    Example:
        >>> grid_anchors([torch.tensor([[-2.0, -1, 2, 1]])], [(1, 2)], [8])[0].tolist()
        [[-2.0, -1.0, 2.0, 1.0], [6.0, -1.0, 10.0, 1.0]]
    """
    if not len(shapes) == len(feature_sizes) == len(strides):
        raise BadConfig(
            f"got shapes for {len(shapes)} levels, sizes for {len(feature_sizes)} and strides for {len(strides)}; "
            "taken is one of each for each level; give as many"
        )
    levels = []
    for boxes, size, stride in zip(shapes, feature_sizes, strides, strict=True):
        rows = rows_of_four(boxes, "shapes")
        corners = cell_centres(size, stride, offset=0.0).to(rows)
        levels.append((corners.repeat(1, 2)[:, None] + rows).reshape(-1, 4))
    return levels


def cell_centres(
    feature_size: tuple[int, int], stride: int | tuple[int, int], *, offset: float = 0.5
) -> Float[Tensor, "cells 2"]:
    """Give the points of a map's cells in pixels of the image.

    Args:
        feature_size: (height, width) of the map.
        stride: In pixels of the image, or (down, right).
        offset: Where in its cell the point lies: 0.5 is the middle, 0 the upper left corner.

    Returns:
        Rows (x, y), line by line.

    Raises:
        BadConfig: If a size or stride is not above 0.

    Source: Tian et al., 2019, "FCOS", arXiv 1904.01355, section 3.1.

    Example:
        >>> cell_centres((1, 2), 8).tolist()
        [[4.0, 4.0], [12.0, 4.0]]
    """
    down, right = stride if isinstance(stride, tuple) else (stride, stride)
    _check_positive("stride", (down, right))
    _check_positive("feature_size", feature_size)
    y = (torch.arange(feature_size[0], dtype=torch.float32) + offset) * down
    x = (torch.arange(feature_size[1], dtype=torch.float32) + offset) * right
    return torch.stack([x.repeat(len(y)), y.repeat_interleave(len(x))], 1)


@dataclass(frozen=True)
class DefaultBoxLayout:
    """Which boxes SSD looks for, level by level.

    Args:
        strides: Of each level, in pixels of an image of the native size.
        scales: Of the boxes of each level, as a share of the image; and one more, which the last level needs.
        ratios: For each level the ratios besides 1; each is there lying and standing.

    Source: Liu et al., 2016, section 2.2; the smallest scale as in its code.
    """

    strides: tuple[int, ...]
    scales: tuple[float, ...]
    ratios: tuple[tuple[float, ...], ...]

    def boxes_per_cell(self) -> tuple[int, ...]:
        """Count the boxes in a cell of each level."""
        return tuple(2 + 2 * len(ratios) for ratios in self.ratios)


SSD300 = DefaultBoxLayout(
    strides=(8, 16, 32, 64, 100, 300),
    scales=(0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05),
    ratios=((2.0,), (2.0, 3.0), (2.0, 3.0), (2.0, 3.0), (2.0,), (2.0,)),
)
SSD512 = DefaultBoxLayout(
    strides=(8, 16, 32, 64, 128, 256, 512),
    scales=(0.04, 0.1, 0.26, 0.42, 0.58, 0.74, 0.9, 1.06),
    ratios=((2.0,), (2.0, 3.0), (2.0, 3.0), (2.0, 3.0), (2.0, 3.0), (2.0,), (2.0,)),
)


def default_boxes(
    layout: DefaultBoxLayout, feature_sizes: Sequence[tuple[int, int]], image_size: tuple[int, int]
) -> Float[Tensor, "boxes 4"]:
    """Make SSD's default boxes.

    Each cell has a square of the level's scale s_k, a square of √(s_k · s_{k+1}), and for each ratio r two boxes of
    s_k·√r by s_k/√r, lying and standing; no side is longer than the image's.

    Args:
        layout: `SSD300`, `SSD512`, or your own.
        feature_sizes: (height, width) of the map of each level.
        image_size: (height, width) of the image in pixels.

    Returns:
        Rows (x1, y1, x2, y2) in pixels, level by level, line by line, cell by cell; they reach beyond the image.
        8,732 for SSD300 and 24,564 for SSD512 at their native sizes.

    Raises:
        BadConfig: If the levels are not as many, or a size is not above 0.

    Source: Liu et al., 2016, section 2.2.

    Example:
        >>> sizes = [(38, 38), (19, 19), (10, 10), (5, 5), (3, 3), (1, 1)]
        >>> default_boxes(SSD300, sizes, (300, 300)).shape
        torch.Size([8732, 4])
    """
    levels = len(layout.strides)
    if not len(layout.scales) - 1 == len(layout.ratios) == levels == len(feature_sizes):
        raise BadConfig(
            f"got a layout of {levels} strides, {len(layout.scales)} scales and {len(layout.ratios)} of ratios, and "
            f"{len(feature_sizes)} maps; taken is one of each for each level, and one scale more; give as many"
        )
    _check_positive("image_size", image_size)
    image = torch.tensor([image_size[1], image_size[0]], dtype=torch.float64)
    boxes = []
    for number, size in enumerate(feature_sizes):
        centres = cell_centres(size, layout.strides[number]).double()
        half = torch.tensor(_sides(layout, number), dtype=torch.float64).clamp(max=1) * image / 2
        boxes.append(torch.cat([centres[:, None] - half, centres[:, None] + half], -1).reshape(-1, 4))
    return torch.cat(boxes).float()


def _sides(layout: DefaultBoxLayout, number: int) -> list[tuple[float, float]]:
    scale, between = layout.scales[number], math.sqrt(layout.scales[number] * layout.scales[number + 1])
    sides = [(scale, scale), (between, between)]
    for ratio in layout.ratios[number]:
        long, short = scale * math.sqrt(ratio), scale / math.sqrt(ratio)
        sides += [(long, short), (short, long)]
    return sides


def _check_positive(name: str, values: Sequence[float]) -> None:
    if not len(values) or not all(0 < value < math.inf for value in values):
        raise BadConfig(f"got {name}={values!r}; taken are numbers above 0; change the {name}")
