"""The head of YOLO with anchors: each anchor of each cell says whether something is there, what, and where.

The middle of a box stays within its cell, through a sigmoid; its sides are told beside those of the anchor. Two things
in one cell are two anchors' business.

Source: Redmon and Farhadi, "YOLO9000: better, faster, stronger", arXiv 1612.08242, section 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.ops.anchor_assignment import assign_anchors
from saccade.ops.boxes import iou
from saccade.ops.grid_cells import cells_of, decode_beside_anchors, encode_beside_anchors
from saccade.types.truth import Truth

_LARGEST_LOG = 6.0  # no box grows to more than 400 anchors


@dataclass(frozen=True)
class AnchorLossWeights:
    """How much the terms of the loss count.

    Args:
        boxes: Of the squared errors of the codes.
        objects: Of the confidence of anchors that answer for a thing.
        background: Of the confidence of the others.
        classes: Of the cross-entropy.
        spared: An anchor that answers for nothing is let alone if its box overlaps some thing by more.

    Source: The authors' code, as their paper prints no loss.
    """

    boxes: float = 1.0
    objects: float = 5.0
    background: float = 1.0
    classes: float = 1.0
    spared: float = 0.6


class AnchorGridHead(nn.Module):
    """A 1×1 convolution on a map, and what it says of each anchor of each cell.

    Args:
        width: Channels of the map.
        num_classes: Of things.
        anchors: (width, height) of each anchor in pixels; they are part of the state dict.
        weights: Of the terms of the loss; None for the usual ones.

    Source: Redmon and Farhadi 2017, section 2.

    Example:
        >>> head = AnchorGridHead(8, 2, [(16.0, 16.0), (32.0, 16.0)])
        >>> head(torch.zeros(1, 8, 3, 3)).shape
        torch.Size([1, 3, 3, 2, 7])
    """

    anchors: Tensor

    def __init__(
        self,
        width: int,
        num_classes: int,
        anchors: Sequence[tuple[float, float]],
        *,
        weights: AnchorLossWeights | None = None,
    ) -> None:
        super().__init__()
        self.num_classes, self.weights = num_classes, weights or AnchorLossWeights()
        self.register_buffer("anchors", torch.tensor(anchors))
        self.convolution = nn.Conv2d(width, len(anchors) * (5 + num_classes), 1)
        nn.init.normal_(self.convolution.weight, std=0.01)

    def forward(
        self, maps: Float[Tensor, "batch width rows columns"]
    ) -> Float[Tensor, "batch rows columns anchors numbers"]:
        """Give of each anchor of each cell four numbers of its box, one of its confidence, one of each class."""
        return self.convolution(maps).permute(0, 2, 3, 1).unflatten(3, (len(self.anchors), -1))

    def candidates(self, maps: Float[Tensor, "batch width rows columns"], size: tuple[int, int]) -> dict[str, Tensor]:
        """Give the box of each anchor of each cell, and what it scores each class.

        Args:
            maps: Of the trunk.
            size: (height, width) of the images in pixels.

        Returns:
            "boxes" in pixels, not cut to the image, and "scores", the confidence times the probability of the class.

        Source: Redmon and Farhadi 2017, section 2.
        """
        numbers = self(maps).float()
        scores = numbers[..., 4:5].sigmoid() * numbers[..., 5:].softmax(-1)
        return {"boxes": self._boxes(numbers, size).flatten(1, 3), "scores": scores.flatten(1, 3)}

    def losses(
        self, maps: Float[Tensor, "batch width rows columns"], size: tuple[int, int], truths: Sequence[Truth]
    ) -> dict[str, Float[Tensor, ""]]:
        """Give the terms of the loss, weighted.

        Args:
            maps: Of the trunk.
            size: (height, width) of the images in pixels.
            truths: What is to be found in each image.

        Returns:
            "boxes", "objects" (the confidence of anchors that answer for a thing, which is to be their overlap with
            it), "background" (that of the others, which is to be 0) and "classes"; sums, a mean over the images.

        Source: As `AnchorLossWeights`.
        """
        numbers = self(maps).float()
        boxes = self._boxes(numbers.detach(), size)
        sums = torch.zeros(4, device=numbers.device)
        for image, truth in enumerate(truths):
            sums = sums + self._losses(numbers[image], boxes[image], size, truth)
        weights = self.weights
        weighted = sums * sums.new_tensor([weights.boxes, weights.objects, weights.background, weights.classes])
        return dict(zip(("boxes", "objects", "background", "classes"), weighted / len(truths), strict=True))

    def _losses(self, numbers: Tensor, boxes: Tensor, size: tuple[int, int], truth: Truth) -> Float[Tensor, " 4"]:
        """The four terms of one image, before they are weighted."""
        goals, sure = truth.boxes.to(numbers), numbers[..., 4].sigmoid()
        if not len(truth):
            return torch.stack([numbers.sum() * 0, numbers.sum() * 0, sure.square().sum(), numbers.sum() * 0])
        grid = (numbers.shape[0], numbers.shape[1])
        cells, anchors = cells_of(goals, size, grid), self._in_cells(size, grid)
        pixels = goals.new_tensor([size[1] / grid[1], size[0] / grid[0]])
        chosen = assign_anchors((goals[:, 2:] - goals[:, :2]) / pixels, cells, anchors)
        learnt = chosen >= 0
        goals, class_ids = goals[learnt], truth.class_ids[learnt]
        place = (cells[learnt, 0], cells[learnt, 1], chosen[learnt])
        overlaps = iou(truth.boxes.to(boxes), boxes.flatten(0, 2)).amax(0).view(sure.shape)
        others = overlaps <= self.weights.spared
        others[place] = False
        wanted = encode_beside_anchors(goals, anchors[place[2]], size, grid)
        found = torch.cat([numbers[place][:, :2].sigmoid(), numbers[place][:, 2:4]], 1)
        own = iou(goals, boxes[place]).diagonal()
        return torch.stack(
            [
                (found - wanted).square().sum(),
                (sure[place] - own).square().sum(),
                sure[others].square().sum(),
                F.cross_entropy(numbers[place][:, 5:], class_ids, reduction="sum"),
            ]
        )

    def _in_cells(self, size: tuple[int, int], grid: tuple[int, int]) -> Float[Tensor, "anchors 2"]:
        return self.anchors / self.anchors.new_tensor([size[1] / grid[1], size[0] / grid[0]])

    def _boxes(self, numbers: Tensor, size: tuple[int, int]) -> Float[Tensor, "batch rows columns anchors 4"]:
        codes = torch.cat([numbers[..., :2].sigmoid(), numbers[..., 2:4].clamp(max=_LARGEST_LOG)], -1)
        return decode_beside_anchors(codes, self._in_cells(size, (numbers.shape[1], numbers.shape[2])), size)
