"""The region proposal network: where on the maps of a pyramid something may be, whatever it is.

Each place of each map has anchors of three shapes. For each, one number says whether it shows an object, and four say
how to move it onto that object. The surest of them, without those that another covers, are the regions that heads look
at.

Parameters have the names of the field's reference library.

Source: Ren et al., "Faster R-CNN", arXiv 1506.01497, section 3.1; Lin et al., "Feature pyramid networks", arXiv
1612.03144, section 4.1, for one size of anchor on each map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.ops.anchors import anchor_shapes, grid_anchors
from saccade.ops.box_coding import decode_boxes, encode_boxes
from saccade.ops.box_formats import clip_boxes
from saccade.ops.boxes import iou
from saccade.ops.match_sampling import Sampler, sample_matches
from saccade.ops.matching import match_anchors
from saccade.ops.suppression import suppress_by_class
from saccade.types.truth import Truth

STRAIGHT = 1 / 9  # from which error on the loss of boxes grows in a straight line
_RATIOS, _STRIDES_LONG, _LEAST_SIDE = (0.5, 1.0, 2.0), 8, 1e-3
_AT_ONCE = 32  # things compared with all anchors at a time, of which there may be very many


@dataclass(frozen=True)
class ProposalSettings:
    """How a region proposal network chooses what it learns from and what it proposes.

    Args:
        before: The surest boxes of a level that are looked at, while training and after.
        after: Boxes of an image that are proposed, at most, while training and after.
        overlap: Of two boxes of a level that overlap by more, the less sure one goes.
        object_from: An anchor shows an object from this overlap on.
        background_below: It shows background below this one.
        sampled: Anchors of an image that are learned from.
        share: The largest part of them that shows an object.

    Source: Ren et al. 2015, sections 3.1 and 3.3; the numbers of boxes are those of the published pyramids.
    """

    before: tuple[int, int] = (2000, 1000)
    after: tuple[int, int] = (2000, 1000)
    overlap: float = 0.7
    object_from: float = 0.7
    background_below: float = 0.3
    sampled: int = 256
    share: float = 0.5


@dataclass(frozen=True, eq=False)
class AnchorOutputs:
    """What is said of every anchor.

    Args:
        logits: Of each image and anchor: whether it shows an object.
        codes: How to move it; see `ops.box_coding`.
        anchors: Rows (x1, y1, x2, y2) in pixels, level by level.
        counts: How many there are of each level.

    Source: ours.
    """

    logits: Float[Tensor, "batch anchors"]
    codes: Float[Tensor, "batch anchors 4"]
    anchors: Float[Tensor, "anchors 4"]
    counts: tuple[int, ...]

    def doubt(self) -> Float[Tensor, " batch"]:
        """Give 0 for each image; NaN for one of which something that is said is not finite.

        Added to what is found, it keeps a broken network from answering that there is nothing.
        """
        return (self.logits.sum(1) + self.codes.sum((1, 2))).detach() * 0


class ProposalHead(nn.Module):
    """One convolution over each map, then a number and a box for each anchor of each place.

    Args:
        width: Channels of the maps.
        shapes: Anchors of a place.

    Source: Ren et al. 2015, figure 3.
    """

    def __init__(self, width: int, shapes: int) -> None:
        super().__init__()
        convolution = nn.Conv2d(width, width, 3, padding=1)
        self.conv = nn.Sequential(nn.Sequential(convolution, nn.ReLU(inplace=True)))
        self.cls_logits = nn.Conv2d(width, shapes, 1)
        self.bbox_pred = nn.Conv2d(width, 4 * shapes, 1)
        for part in (convolution, self.cls_logits, self.bbox_pred):
            nn.init.normal_(part.weight, std=0.01)
            nn.init.zeros_(part.bias)  # pyright: ignore[reportArgumentType]

    def forward(
        self, levels: Sequence[Float[Tensor, "batch width _ _"]]
    ) -> tuple[list[Float[Tensor, "batch shapes _ _"]], list[Float[Tensor, "batch codes _ _"]]]:
        """Give the logits and the codes of each level, as maps."""
        seen = [self.conv(one) for one in levels]
        return [self.cls_logits(one) for one in seen], [self.bbox_pred(one) for one in seen]


class RegionProposals(nn.Module):
    """Proposes regions of each image.

    Args:
        width: Channels of the maps.
        strides: Of each map, in pixels; anchors are eight times as long.
        settings: How it chooses; None for the published ones.
        sampler: Chooses the anchors that are learned from.

    Source: Ren et al. 2015, section 3.1.
    """

    def __init__(
        self,
        width: int,
        strides: Sequence[int],
        *,
        settings: ProposalSettings | None = None,
        sampler: Sampler = sample_matches,
    ) -> None:
        super().__init__()
        self.strides, self.settings, self.sampler = tuple(strides), settings or ProposalSettings(), sampler
        self.head = ProposalHead(width, len(_RATIOS))

    def forward(self, levels: Sequence[Float[Tensor, "batch width _ _"]], image_size: tuple[int, int]) -> AnchorOutputs:
        """Say of every anchor whether it shows an object, and how to move it there.

        Args:
            levels: Maps, one for each stride.
            image_size: (height, width) of the images that they are of, in pixels.

        Returns:
            At least in float32.

        Source: Ren et al. 2015, section 3.1.
        """
        logits, codes = self.head(levels)
        kind = torch.promote_types(levels[0].dtype, torch.float32)
        return AnchorOutputs(
            torch.cat([one.permute(0, 2, 3, 1).flatten(1) for one in logits], 1).to(kind),
            torch.cat([one.permute(0, 2, 3, 1).reshape(len(one), -1, 4) for one in codes], 1).to(kind),
            torch.cat(self.anchors(levels, image_size)).to(kind),
            tuple(one[0].numel() for one in logits),
        )

    def anchors(
        self, levels: Sequence[Float[Tensor, "batch width _ _"]], image_size: tuple[int, int]
    ) -> list[Float[Tensor, "_ 4"]]:
        """Give the anchors of each level.

        Args:
            levels: Maps, one for each stride.
            image_size: (height, width) of the images that they are of; the maps are spread over it evenly, by whole
                pixels, as in the published detectors.

        Returns:
            Rows (x1, y1, x2, y2) in pixels: line by line, cell by cell, then shape by shape.

        Source: Ren et al. 2015, section 3.1.1.
        """
        sizes = [(one.shape[2], one.shape[3]) for one in levels]
        steps = [(max(image_size[0] // high, 1), max(image_size[1] // wide, 1)) for high, wide in sizes]
        shapes = [anchor_shapes([_STRIDES_LONG * stride], _RATIOS).to(levels[0].device) for stride in self.strides]
        return grid_anchors(shapes, sizes, steps)

    @torch.no_grad()
    def propose(self, outputs: AnchorOutputs, sizes: Sequence[tuple[int, int]]) -> list[Float[Tensor, "_ 4"]]:
        """Give the regions of each image, the surest first.

        What is not finite is left out. On the meta device nothing is suppressed: there are as many as there may be.

        Args:
            outputs: What is said of every anchor.
            sizes: (height, width) of each image, within which its regions lie.

        Returns:
            Rows (x1, y1, x2, y2) in pixels; no gradients pass.

        Source: Ren et al. 2015, section 3.3.
        """
        levels = outputs.logits.split(outputs.counts, 1)
        most, starts = self.settings.before[not self.training], _starts(outputs.counts)
        best = [one.topk(min(most, one.shape[1])).indices + start for one, start in zip(levels, starts, strict=True)]
        level = [torch.full_like(one[0], number) for number, one in enumerate(best)]
        chosen, level = torch.cat(best, 1), torch.cat(level)
        return [
            self._keep(outputs.logits[image, rows], outputs.codes[image, rows], outputs.anchors[rows], level, size)
            for image, (rows, size) in enumerate(zip(chosen, sizes, strict=True))
        ]

    def losses(self, outputs: AnchorOutputs, truths: Sequence[Truth]) -> dict[str, Float[Tensor, ""]]:
        """Give the terms of the loss.

        Args:
            outputs: What is said of every anchor.
            truths: What is to be found in each image.

        Returns:
            "objectness", the mean over the anchors that are learned from, and "proposal_boxes", the sum over those of
            objects by the same number.

        Source: Ren et al. 2015, equation 1, with both terms by the size of the sample.
        """
        objectness, boxes, total = [outputs.logits.sum() * 0], [outputs.codes.sum() * 0], 0
        for logits, codes, truth in zip(outputs.logits, outputs.codes, truths, strict=True):
            matches, goals = self.assign(outputs.anchors, truth)
            objects, background = self.sampler(matches, self.settings.sampled, self.settings.share)
            rows = torch.cat([objects, background])
            wanted = torch.zeros_like(logits[rows])
            wanted[: len(objects)] = 1
            objectness.append(F.binary_cross_entropy_with_logits(logits[rows], wanted, reduction="sum"))
            targets = encode_boxes(goals[matches[objects]], outputs.anchors[objects])
            boxes.append(F.smooth_l1_loss(codes[objects], targets, beta=STRAIGHT, reduction="sum"))
            total += len(rows)
        scale = 1 / max(total, 1)
        return {"objectness": torch.stack(objectness).sum() * scale, "proposal_boxes": torch.stack(boxes).sum() * scale}

    def assign(
        self, anchors: Float[Tensor, "anchors 4"], truth: Truth
    ) -> tuple[Int[Tensor, " anchors"], Float[Tensor, "things 4"]]:
        """Say which thing each anchor shows.

        Args:
            anchors: Rows (x1, y1, x2, y2) in pixels.
            truth: What is to be found in the image.

        Returns:
            Of each anchor the number of its thing, −1 for background, −2 for neither; and the boxes of the things, of
            the type of the anchors.

        Source: Ren et al. 2015, section 3.1.2.
        """
        goals = truth.boxes.to(anchors)
        overlap = {"background_below": self.settings.background_below, "object_from": self.settings.object_from}
        table = torch.cat([iou(some, anchors) for some in goals.split(_AT_ONCE)])
        return match_anchors(table, **overlap, allow_low_quality=True), goals

    def _keep(self, logits: Tensor, codes: Tensor, anchors: Tensor, level: Tensor, size: tuple[int, int]) -> Tensor:
        boxes, after = clip_boxes(decode_boxes(codes, anchors), size), self.settings.after[not self.training]
        if boxes.is_meta:
            return boxes[:after]
        sides = boxes[:, 2:] - boxes[:, :2]
        there = (sides >= _LEAST_SIDE).all(1) & boxes.isfinite().all(1) & logits.isfinite()
        boxes, logits, level = boxes[there], logits[there], level[there]
        return boxes[suppress_by_class(boxes, logits, level, self.settings.overlap)[:after]]


def _starts(counts: Sequence[int]) -> list[int]:
    return [sum(counts[:number]) for number in range(len(counts))]
