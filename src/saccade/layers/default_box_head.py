"""The head of SSD: at each cell of each map, what is in its default boxes, and where exactly.

The class is a softmax over all classes and the background, which comes first; the box is told relative to its default
box (see `ops.box_coding`). Learning, each default box answers for one object or for the background (see
`ops.matching`), and of the background only the hardest count (see `ops.hard_negatives`).

Source: Liu et al., "SSD: single shot multibox detector", arXiv 1512.02325, sections 2.1 and 2.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.layers.extra_map import initialise_xavier
from saccade.ops.anchors import DefaultBoxLayout, cell_centres, default_boxes
from saccade.ops.box_coding import decode_boxes, encode_boxes
from saccade.ops.boxes import iou
from saccade.ops.hard_negatives import hard_negatives
from saccade.ops.matching import match_default_boxes
from saccade.types.truth import Truth

WEIGHTS = (10.0, 10.0, 5.0, 5.0)  # of the codes: the inverse of the variances 0.1, 0.1, 0.2, 0.2
_MATCHED = 0.5

Maps = Sequence[Float[Tensor, "batch _ _ _"]]


class DefaultBoxHead(nn.Module):
    """Classes and boxes of every default box of several maps, by one 3×3 convolution each.

    Args:
        in_channels: Of each map.
        num_classes: Of things; the background is one more column, the first.
        layout: Which boxes each cell has.
        native_size: The side of the images that the layout's strides are for, in pixels.

    Source: Liu et al. 2016, section 2.1; the names of its parameters are those of the field's reference library.
    """

    def __init__(
        self, in_channels: Sequence[int], num_classes: int, *, layout: DefaultBoxLayout, native_size: int
    ) -> None:
        super().__init__()
        self.layout, self.native_size = layout, native_size
        boxes = layout.boxes_per_cell()
        self.classification_head = _AtEveryCell(in_channels, boxes, num_classes + 1)
        self.regression_head = _AtEveryCell(in_channels, boxes, 4)

    def forward(self, maps: Maps) -> tuple[Float[Tensor, "batch boxes 4"], Float[Tensor, "batch boxes columns"]]:
        """Give the code of each box, and the logits of the background and of each class."""
        return self.regression_head(maps), self.classification_head(maps)

    def default_boxes(self, maps: Maps, image_size: tuple[int, int]) -> Float[Tensor, "boxes 4"]:
        """Give the default boxes in pixels.

        Args:
            maps: Of which only the sizes count.
            image_size: (height, width) of the images in pixels.

        Returns:
            Rows (x1, y1, x2, y2), on the device of the maps.

        Source: see `placed_boxes`.
        """
        sizes = [(one.shape[2], one.shape[3]) for one in maps]
        return placed_boxes(self.layout, self.native_size, sizes, image_size).to(maps[0].device)

    def candidates(self, maps: Maps, image_size: tuple[int, int]) -> dict[str, Tensor]:
        """Give the box that each default box becomes, and what it scores each class.

        Args:
            maps: Of the backbone.
            image_size: (height, width) of the images in pixels.

        Returns:
            "boxes" in pixels, not cut to the image, and "scores", from which the background is left out.

        Source: Liu et al. 2016, section 2.1.
        """
        codes, logits = map(_wide, self(maps))
        defaults = self.default_boxes(maps, image_size).to(codes.dtype)
        boxes = decode_boxes(codes.transpose(0, 1), defaults, weights=WEIGHTS).transpose(0, 1)
        return {"boxes": boxes, "scores": logits.softmax(-1)[..., 1:]}

    def losses(self, maps: Maps, image_size: tuple[int, int], truths: Sequence[Truth]) -> dict[str, Float[Tensor, ""]]:
        """Give the terms of the loss.

        Args:
            maps: Of the backbone.
            image_size: (height, width) of the images in pixels.
            truths: What is to be found in each image.

        Returns:
            "classes", the cross-entropy of the boxes of objects and of the hardest of the background, and "boxes", the
            smooth L1 distance of the codes; each a sum over the images by the number of boxes of objects.

        Source: Liu et al. 2016, equations 1 to 3, with α = 1.
        """
        codes, logits = self(maps)
        return default_box_losses(codes, logits, self.default_boxes(maps, image_size), truths)


class _AtEveryCell(nn.Module):
    """A 3×3 convolution for each map, and its outputs as rows, one for each box of each cell."""

    def __init__(self, in_channels: Sequence[int], boxes: Sequence[int], columns: int) -> None:
        super().__init__()
        self.columns = columns
        self.module_list = nn.ModuleList(
            nn.Conv2d(width, count * columns, 3, padding=1) for width, count in zip(in_channels, boxes, strict=True)
        )
        initialise_xavier(self)

    def forward(self, maps: Maps) -> Float[Tensor, "batch boxes columns"]:
        found = (convolution(one) for convolution, one in zip(self.module_list, maps, strict=True))
        return torch.cat([one.permute(0, 2, 3, 1).reshape(len(one), -1, self.columns) for one in found], 1)


def placed_boxes(
    layout: DefaultBoxLayout, native_size: int, feature_sizes: Sequence[tuple[int, int]], image_size: tuple[int, int]
) -> Float[Tensor, "boxes 4"]:
    """Make the default boxes of images of any size.

    Their sides are shares of the image's. Their centres are those of the published networks where an image and its map
    have the size that those have; elsewhere they are spread evenly, at (i + ½) / n of the image for a map of n cells.

    Args:
        layout: Which boxes each cell has.
        native_size: The side of the images that the layout's strides are for, in pixels.
        feature_sizes: (height, width) of each map.
        image_size: (height, width) of the images in pixels.

    Returns:
        Rows (x1, y1, x2, y2) in pixels, in the order of `ops.anchors.default_boxes`.

    Raises:
        BadConfig: If the maps are not as many as the layout's levels, or a size is not above 0.

    Source: Liu et al. 2016, section 2.2, for centres that are spread evenly; its code has the strides.

    Example:
        >>> layout = DefaultBoxLayout(strides=(8,), scales=(0.5, 0.5), ratios=((),))
        >>> placed_boxes(layout, 16, [(2, 2)], (16, 32))[2].tolist()  # the cell on the right above
        [16.0, 0.0, 32.0, 8.0]
    """
    boxes, moves = default_boxes(layout, feature_sizes, image_size), []
    for stride, cells, count in zip(layout.strides, feature_sizes, layout.boxes_per_cell(), strict=True):
        down, right = (
            0.0 if side == native_size and number == math.ceil(side / stride) else side / number - stride
            for side, number in zip(image_size, cells, strict=True)
        )
        moves.append((cell_centres(cells, 1) * torch.tensor([right, down])).repeat_interleave(count, 0))
    return boxes + torch.cat(moves).repeat(1, 2)


def default_box_losses(
    codes: Float[Tensor, "batch boxes 4"],
    logits: Float[Tensor, "batch boxes columns"],
    defaults: Float[Tensor, "boxes 4"],
    truths: Sequence[Truth],
) -> dict[str, Float[Tensor, ""]]:
    """Compare what a head says of its default boxes with what there is.

    Args:
        codes: Of each box, relative to its default box.
        logits: Of the background and of each class.
        defaults: The default boxes, in pixels.
        truths: What is to be found in each image.

    Returns:
        "classes" and "boxes", as `DefaultBoxHead.losses` describes them.

    Source: Liu et al. 2016, equations 1 to 3, with α = 1.
    """
    codes, logits = _wide(codes), _wide(logits)
    matches = torch.stack([match_default_boxes(iou(one.boxes, defaults), iou_threshold=_MATCHED) for one in truths])
    objects = matches >= 0
    columns, goals = _targets(matches, defaults, truths)
    with torch.no_grad():
        costs = logits.logsumexp(-1) - logits[..., 0]
        counted = objects | hard_negatives(costs, objects)
    number = objects.sum().clamp(min=1)
    classes = F.cross_entropy(logits[counted], columns[counted], reduction="sum")
    boxes = F.smooth_l1_loss(codes[objects], goals.to(codes.dtype), reduction="sum")
    return {"classes": classes / number, "boxes": boxes / number}


def _wide(numbers: Tensor) -> Tensor:
    """Half precision as single: a box of several hundred pixels would be off by some of them."""
    return numbers if numbers.dtype.itemsize > 2 else numbers.float()


def _targets(
    matches: Int[Tensor, "batch boxes"], defaults: Float[Tensor, "boxes 4"], truths: Sequence[Truth]
) -> tuple[Int[Tensor, "batch boxes"], Float[Tensor, "objects 4"]]:
    """The column of each box, and the code of each that shows an object, image by image."""
    columns, goals = torch.zeros_like(matches), []
    for image, truth in enumerate(truths):
        rows = (matches[image] >= 0).nonzero()[:, 0]
        things = matches[image, rows]
        columns[image, rows] = truth.class_ids[things] + 1
        goals.append(encode_boxes(truth.boxes[things], defaults[rows], weights=WEIGHTS))
    return columns, torch.cat(goals)
