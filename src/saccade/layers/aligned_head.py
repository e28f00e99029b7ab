"""The head of an anchor-free detector: at each place of each map, how far the sides of a box are, and what is in it.

A distance is a distribution over whole steps of the map, of which the mean counts; class and box have convolutions of
their own. Places learn the things with which they agree best (see `ops.task_alignment`).

Source: Feng et al., "TOOD", arXiv 2108.07755; Li et al., "Generalized focal loss", arXiv 2006.04388, section 3.2 (the
distributions); Ge et al., "YOLOX", arXiv 2107.08430, section 2.1 (the decoupled head); Rezatofighi et al., "Generalized
intersection over union", arXiv 1902.09630.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.layers.convolution import ConvBlock
from saccade.ops.anchors import cell_centres
from saccade.ops.box_coding import decode_distances, encode_distances
from saccade.ops.box_overlaps import overlap_by_row
from saccade.ops.task_alignment import align
from saccade.types.truth import Truth

_STEPS = 16
_PRIOR, _FALL = 0.01, 0.3


@dataclass(frozen=True)
class LossWeights:
    """How much each term of the loss counts.

    Args:
        classes: Of the binary cross-entropy of the classes.
        boxes: Of one minus the generalised overlap.
        distances: Of the cross-entropy of the distributions.

    Source: Xu et al., "PP-YOLOE", arXiv 2203.16250, section 2.5: 1, 2.5 and 0.5.
    """

    classes: float = 1.0
    boxes: float = 2.5
    distances: float = 0.5


class AlignedHead(nn.Module):
    """Boxes and classes at each place of several maps.

    Args:
        in_channels: Of each map.
        strides: Pixels from one place to the next, of each map.
        num_classes: Of things.
        weights: Of the terms of the loss.
        activation: Makes the activation of each convolution.

    Source: Feng et al. 2021, Ge et al. 2021, Li et al. 2020.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        strides: Sequence[int],
        num_classes: int,
        *,
        weights: LossWeights | None = None,
        activation: Callable[[], nn.Module] = nn.SiLU,
    ) -> None:
        super().__init__()
        self.strides, self.num_classes, self.weights = tuple(strides), num_classes, weights or LossWeights()
        inner = in_channels[0]

        def branch(width: int, bias: Tensor) -> nn.Sequential:
            last = nn.Conv2d(inner, len(bias), 1)
            last.bias = nn.Parameter(bias.clone())
            blocks = (ConvBlock(before, inner, activation=activation) for before in (width, inner))
            return nn.Sequential(*blocks, last)

        near = -_FALL * torch.arange(_STEPS, dtype=torch.float32)  # boxes begin with sides of some strides
        rare = torch.full((num_classes,), -math.log((1 - _PRIOR) / _PRIOR))  # nearly every place is background
        self.boxes = nn.ModuleList(branch(width, near.repeat(4)) for width in in_channels)
        self.classes = nn.ModuleList(branch(width, rare) for width in in_channels)

    def forward(
        self, maps: Sequence[Float[Tensor, "batch _ _ _"]]
    ) -> tuple[Float[Tensor, "batch places classes"], Float[Tensor, "batch places 4 steps"]]:
        """Give the logits of the classes, and of the distances (left, top, right, bottom), at every place."""
        logits = [branch(one).flatten(2).transpose(1, 2) for branch, one in zip(self.classes, maps, strict=True)]
        bins = [branch(one).flatten(2).transpose(1, 2) for branch, one in zip(self.boxes, maps, strict=True)]
        return torch.cat(logits, 1), torch.cat(bins, 1).unflatten(2, (4, _STEPS))

    def places(self, maps: Sequence[Float[Tensor, "batch _ _ _"]]) -> tuple[Tensor, Tensor]:
        """Give the middle (x, y) of each place in pixels, and the stride of its map."""
        points = [
            cell_centres((one.shape[2], one.shape[3]), stride).to(one.device)
            for one, stride in zip(maps, self.strides, strict=True)
        ]
        strides = [
            torch.full((len(there),), float(stride), device=there.device)
            for there, stride in zip(points, self.strides, strict=True)
        ]
        return torch.cat(points), torch.cat(strides)

    def candidates(self, maps: Sequence[Float[Tensor, "batch _ _ _"]]) -> dict[str, Tensor]:
        """Give the box of each place, and what it scores each class."""
        logits, bins = self(maps)
        return {"boxes": boxes_of(bins, *self.places(maps)), "scores": logits.sigmoid()}

    def losses(
        self, maps: Sequence[Float[Tensor, "batch _ _ _"]], truths: Sequence[Truth]
    ) -> dict[str, Float[Tensor, ""]]:
        """Give the terms of the loss, weighted.

        Args:
            maps: Of the pyramid.
            truths: What is to be found in each image.

        Returns:
            "classes", "boxes" and "distances"; each a sum over the images by the sum of what their places are to score.

        Source: Feng et al. 2021, section 3.3; Li et al. 2020, equation 6.
        """
        logits, bins = self(maps)
        logits, bins = logits.float(), bins.float()
        points, strides = self.places(maps)
        boxes = boxes_of(bins, points, strides)
        wanted = torch.zeros_like(logits)
        terms, total = [logits.sum() * 0, logits.sum() * 0], 0.0
        for image, truth in enumerate(truths):
            found = boxes[image].detach(), logits[image].detach().sigmoid()
            assigned = align(points, found, (truth.boxes, truth.class_ids))
            places = (assigned.thing >= 0).nonzero()[:, 0]
            if not len(places):
                continue
            things, scores = assigned.thing[places], assigned.score[places]
            wanted[image, places, truth.class_ids[things]] = scores
            total += float(scores.sum())
            goal = truth.boxes[things]
            terms[0] = terms[0] + ((1 - overlap_by_row(boxes[image, places], goal, "giou")) * scores).sum()
            terms[1] = terms[1] + (_spread(bins[image, places], goal, points[places], strides[places]) * scores).sum()
        scale = 1 / max(total, 1.0)
        classes = F.binary_cross_entropy_with_logits(logits, wanted, reduction="sum")
        return {
            "classes": classes * scale * self.weights.classes,
            "boxes": terms[0] * scale * self.weights.boxes,
            "distances": terms[1] * scale * self.weights.distances,
        }


def boxes_of(
    bins: Float[Tensor, "batch places 4 steps"], points: Float[Tensor, "places 2"], strides: Float[Tensor, " places"]
) -> Float[Tensor, "batch places 4"]:
    """Give boxes from the distributions of their distances.

    Args:
        bins: Logits of each whole distance, in strides: left, top, right, bottom.
        points: The middle of each place.
        strides: Of each place.

    Returns:
        (x1, y1, x2, y2) in pixels.

    Source: Li et al. 2020, equation 4.
    """
    steps = torch.arange(bins.shape[-1], device=bins.device, dtype=bins.dtype)
    return decode_distances(points, (bins.softmax(-1) @ steps) * strides[:, None])


def _spread(
    bins: Float[Tensor, "places 4 steps"],
    boxes: Float[Tensor, "places 4"],
    points: Float[Tensor, "places 2"],
    strides: Float[Tensor, " places"],
) -> Float[Tensor, " places"]:
    """The cross-entropy of the two whole distances around the right one, by how near they are; mean of the four."""
    far = (encode_distances(points, boxes) / strides[:, None]).clamp(0, bins.shape[-1] - 1 - 1e-3)
    low = far.long()
    share = far - low
    entropy = -bins.log_softmax(-1)
    near = entropy.gather(-1, low[..., None])[..., 0] * (1 - share)
    return (near + entropy.gather(-1, low[..., None] + 1)[..., 0] * share).mean(1)
