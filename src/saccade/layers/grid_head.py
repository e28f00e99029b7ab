"""The first head of YOLO: each cell of a grid says which class is in it, and where a few boxes are.

A cell gives for each of its boxes x and y, as shares of the cell, the roots of its width and height, as shares of the
image, and how sure it is; and, once, how likely each class is. Of its boxes the one that overlaps most with a thing
learns it, if the middle of the thing lies in the cell.

Source: Redmon et al., "You only look once", arXiv 1506.02640, section 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.ops.box_overlaps import overlap_by_row
from saccade.ops.grid_cells import cells_of, decode_from_cells, encode_in_cells
from saccade.types.truth import Truth

_SLOPE = 0.1


@dataclass(frozen=True)
class GridLossWeights:
    """How much the terms of the loss count.

    Args:
        boxes: Of the squared errors of x, y and the roots of the sides.
        background: Of the confidence of boxes that answer for nothing.

    Source: Redmon et al. 2016, section 2.2.
    """

    boxes: float = 5.0
    background: float = 0.5


class GridHead(nn.Module):
    """Two dense layers on a map, and what they say of each cell.

    Args:
        width: Channels of the map, which is averaged to one value for each cell and channel.
        num_classes: Of things.
        grid: Cells in a row, and in a column.
        boxes: Of each cell.
        units: Of the first dense layer.
        dropout_rate: Of its outputs.

    Source: Redmon et al. 2016, section 2.1.

    Example:
        >>> GridHead(8, 20, units=16)(torch.zeros(1, 8, 14, 14)).shape
        torch.Size([1, 7, 7, 30])
    """

    def __init__(
        self,
        width: int,
        num_classes: int,
        *,
        grid: int = 7,
        boxes: int = 2,
        units: int = 4096,
        dropout_rate: float = 0.5,
    ) -> None:
        super().__init__()
        self.num_classes, self.grid, self.boxes = num_classes, grid, boxes
        self.pool = nn.AdaptiveAvgPool2d(grid)
        self.dense = nn.Sequential(
            nn.Linear(width * grid**2, units),
            nn.LeakyReLU(_SLOPE, inplace=True),
            nn.Dropout(dropout_rate),
            nn.Linear(units, grid**2 * (5 * boxes + num_classes)),
        )

    def forward(self, maps: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch grid grid numbers"]:
        """Give of each cell, for each box, x, y, the roots of its sides, and the confidence; then the classes."""
        return self.dense(self.pool(maps).flatten(1)).unflatten(1, (self.grid, self.grid, -1))

    def candidates(self, maps: Float[Tensor, "batch width rows columns"], size: tuple[int, int]) -> dict[str, Tensor]:
        """Give the boxes of each cell, and what they score each class.

        Args:
            maps: Of the trunk.
            size: (height, width) of the images in pixels.

        Returns:
            "boxes" in pixels, not cut to the image, and "scores", the probability of the class times the confidence of
            the box; both are cut to [0, 1], since nothing else holds them there.

        Source: Redmon et al. 2016, equation 1.
        """
        codes, sure, classes = split_cells(self(maps).float(), self.boxes)
        boxes = decode_from_cells(_squared(codes), size)
        scores = classes.clamp(0, 1)[..., None, :] * sure.clamp(0, 1)[..., None]
        return {"boxes": boxes.flatten(1, 3), "scores": scores.flatten(1, 3)}

    def losses(
        self, maps: Float[Tensor, "batch width rows columns"], size: tuple[int, int], truths: Sequence[Truth]
    ) -> dict[str, Float[Tensor, ""]]:
        """Give the terms of the loss. Arguments as for `grid_losses`, which compares."""
        return grid_losses(self(maps).float(), self.boxes, size, truths)


def split_cells(
    numbers: Float[Tensor, "batch rows columns numbers"], boxes: int
) -> tuple[
    Float[Tensor, "batch rows columns boxes 4"],
    Float[Tensor, "batch rows columns boxes"],
    Float[Tensor, "batch rows columns classes"],
]:
    """Take apart what a head says of its cells.

    Args:
        numbers: Of each cell: five for each box, then one for each class.
        boxes: Of each cell.

    Returns:
        (x, y, root of width, root of height) of each box; its confidence; the probabilities of the classes.

    Source: Redmon et al. 2016, section 2.
    """
    of_boxes = numbers[..., : 5 * boxes].unflatten(-1, (boxes, 5))
    return of_boxes[..., :4], of_boxes[..., 4], numbers[..., 5 * boxes :]


def grid_losses(
    numbers: Float[Tensor, "batch rows columns numbers"],
    boxes: int,
    size: tuple[int, int],
    truths: Sequence[Truth],
    weights: GridLossWeights | None = None,
) -> dict[str, Float[Tensor, ""]]:
    """Compare what a head says of its cells with what there is.

    Args:
        numbers: Of each cell: for each box x, y, the roots of width and height, and the confidence; then the classes.
        boxes: Of each cell.
        size: (height, width) of the images in pixels.
        truths: What is to be found in each image. Of several things of one cell the first is learnt.
        weights: Of the terms; None for the published ones.

    Returns:
        "boxes", "objects" (the confidence of boxes that answer for a thing, which is to be their overlap with it),
        "background" (that of the others, which is to be 0) and "classes"; sums of squares, a mean over the images.

    Source: Redmon et al. 2016, section 2.2, equation 3.
    """
    weights, images = weights or GridLossWeights(), len(numbers)
    codes, sure, classes = split_cells(numbers, boxes)
    image, cell, goals, class_ids = _first_of_each_cell(truths, size, (numbers.shape[1], numbers.shape[2]))
    place = (image, cell[:, 0], cell[:, 1])
    with torch.no_grad():
        found = decode_from_cells(_squared(codes), size)[place]
        overlap, box = _responsible(found, goals)
    wanted = encode_in_cells(goals, size, (numbers.shape[1], numbers.shape[2])).to(numbers)
    wanted = torch.cat([wanted[:, :2], wanted[:, 2:].sqrt()], 1)
    answering = torch.zeros_like(sure, dtype=torch.bool)
    answering[(*place, box)] = True
    kinds = F.one_hot(class_ids, classes.shape[-1]).to(numbers)
    terms = {
        "boxes": (codes[(*place, box)] - wanted).square().sum() * weights.boxes,
        "objects": (sure[(*place, box)] - overlap.to(numbers)).square().sum(),
        "background": sure[~answering].square().sum() * weights.background,
        "classes": (classes[place] - kinds).square().sum(),
    }
    return {name: term / images for name, term in terms.items()}


def _squared(codes: Float[Tensor, "*batch 4"]) -> Float[Tensor, "*batch 4"]:
    return torch.cat([codes[..., :2], codes[..., 2:].square()], -1)


def _responsible(
    found: Float[Tensor, "things boxes 4"], goals: Float[Tensor, "things 4"]
) -> tuple[Float[Tensor, " things"], Int[Tensor, " things"]]:
    """The box of each thing's cell that overlaps most with it, by how much; where none does, the one nearest to it."""
    boxes = found.shape[1]
    goals = goals.to(found).repeat_interleave(boxes, 0)
    overlaps = overlap_by_row(found.flatten(0, 1), goals, "iou").view(-1, boxes)
    distance = (found.flatten(0, 1) - goals).square().sum(1).view(-1, boxes)
    box = torch.where(overlaps.amax(1) > 0, overlaps.argmax(1), distance.argmin(1))
    return overlaps.gather(1, box[:, None])[:, 0], box


def _first_of_each_cell(
    truths: Sequence[Truth], size: tuple[int, int], grid: tuple[int, int]
) -> tuple[Int[Tensor, " things"], Int[Tensor, "things 2"], Float[Tensor, "things 4"], Int[Tensor, " things"]]:
    """Of each thing that is learnt: its image, cell, box and class."""
    device = truths[0].boxes.device
    image = torch.cat([torch.full((len(one),), number, device=device) for number, one in enumerate(truths)])
    boxes, class_ids = torch.cat([one.boxes for one in truths]), torch.cat([one.class_ids for one in truths])
    cells = cells_of(boxes, size, grid)
    numbers = (image * grid[0] + cells[:, 0]) * grid[1] + cells[:, 1]
    order = numbers.argsort(stable=True)
    first = order[torch.cat([numbers.new_ones(1).bool(), numbers[order].diff() > 0])[: len(order)]]
    return image[first], cells[first], boxes[first], class_ids[first]
