"""What a region shows, and where exactly its box is: the second look of a detector of two stages.

Each region is read from the map of a pyramid that suits its size, goes through two dense layers, and gets a score for
each class and the background, and a box for each class.

Parameters have the names of the field's reference library. Column 0 of classes and boxes is the background.

Source: Girshick, "Fast R-CNN", arXiv 1504.08083; Lin et al., "Feature pyramid networks", arXiv 1612.03144, section 4.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from saccade.layers.region_proposals import STRAIGHT
from saccade.ops.box_coding import decode_boxes, encode_boxes
from saccade.ops.box_formats import clip_boxes
from saccade.ops.boxes import iou
from saccade.ops.match_sampling import Sampler, sample_matches
from saccade.ops.matching import BETWEEN, match_anchors
from saccade.ops.roi_align import multilevel_roi_align
from saccade.types.truth import Truth

_LEAST_SIDE = 1e-2


@dataclass(frozen=True)
class RegionSettings:
    """How a head on regions reads them, and chooses what it learns from.

    Args:
        bins: Each region becomes a map of so many pixels a side.
        overlap: A region shows an object from this overlap on, and background below it.
        sampled: Regions of an image that are learned from.
        share: The largest part of them that shows an object.
        weights: Of the codes of boxes: x, y, width and height.
        background_from: Where there are things, a region that overlaps them all by less is not learned from.
        straight: From which error on the loss of boxes grows in a straight line.
        dropout_rate: Of what each dense layer says, this part is left out while training.

    Source: Girshick 2015, section 2.3; Lin et al. 2017, section 4.2, for 512.
    """

    bins: int = 7
    overlap: float = 0.5
    sampled: int = 512
    share: float = 0.25
    weights: tuple[float, float, float, float] = (10.0, 10.0, 5.0, 5.0)
    background_from: float = 0.0
    straight: float = STRAIGHT
    dropout_rate: float = 0.0


@dataclass(frozen=True, eq=False)
class Regions:
    """Regions of one image that are learned from, those of objects first.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels.
        columns: Of each the class and one, or 0 for background.
        things: Of each the number of its thing in the truth; those of background are −1.
        codes: Of those of objects, how to move them onto their thing.

    Source: ours.
    """

    boxes: Float[Tensor, "regions 4"]
    columns: Int[Tensor, " regions"]
    things: Int[Tensor, " regions"]
    codes: Float[Tensor, "objects 4"]


class DenseHead(nn.Module):
    """Two dense layers on all that was read of a region.

    Args:
        inputs: Numbers of a region.
        units: Of each layer.
        dropout_rate: Of what each layer says, this part is left out while training.

    Source: Lin et al. 2017, section 4.2; Girshick 2015, in whose code is the dropout.
    """

    def __init__(self, inputs: int, units: int, *, dropout_rate: float = 0.0) -> None:
        super().__init__()
        self.fc6, self.fc7 = nn.Linear(inputs, units), nn.Linear(units, units)
        self.dropout_rate = dropout_rate

    def forward(self, regions: Float[Tensor, "regions width bins bins"]) -> Float[Tensor, "regions units"]:
        """Give the features of each region."""
        first = F.dropout(F.relu(self.fc6(regions.flatten(1))), self.dropout_rate, self.training)
        return F.dropout(F.relu(self.fc7(first)), self.dropout_rate, self.training)


class BoxPredictor(nn.Module):
    """A score for each class and the background, and a box for each.

    Args:
        units: Of the features of a region.
        num_classes: Of things; the background is one more.

    Source: Girshick 2015, section 2.1; how weights start is section 2.4's.
    """

    def __init__(self, units: int, num_classes: int) -> None:
        super().__init__()
        self.cls_score, self.bbox_pred = nn.Linear(units, num_classes + 1), nn.Linear(units, 4 * (num_classes + 1))
        for layer, deviation in ((self.cls_score, 0.01), (self.bbox_pred, 0.001)):
            nn.init.normal_(layer.weight, std=deviation)
            nn.init.zeros_(layer.bias)

    def forward(
        self, features: Float[Tensor, "regions units"]
    ) -> tuple[Float[Tensor, "regions columns"], Float[Tensor, "regions columns 4"]]:
        """Give the logits, and the codes of the boxes."""
        return self.cls_score(features), self.bbox_pred(features).unflatten(1, (-1, 4))


class RegionHead(nn.Module):
    """Looks at regions of the maps of a pyramid.

    Args:
        width: Channels of the maps.
        strides: Of the maps that are read, the finest first; maps beyond them are left alone.
        num_classes: Of things, the background not counted.
        units: Of each dense layer.
        settings: How it reads and chooses; None for the published ones.
        sampler: Chooses the regions that are learned from.

    Source: Girshick 2015; Lin et al. 2017.
    """

    def __init__(
        self,
        width: int,
        strides: Sequence[int],
        *,
        num_classes: int,
        units: int = 1024,
        settings: RegionSettings | None = None,
        sampler: Sampler = sample_matches,
    ) -> None:
        super().__init__()
        self.strides, self.settings, self.sampler = tuple(strides), settings or RegionSettings(), sampler
        inputs, rate = width * self.settings.bins**2, self.settings.dropout_rate
        self.box_head = DenseHead(inputs, units, dropout_rate=rate)
        self.box_predictor = BoxPredictor(units, num_classes)

    def read(
        self, levels: Sequence[Float[Tensor, "batch width _ _"]], boxes: Sequence[Float[Tensor, "_ 4"]], bins: int = 0
    ) -> Float[Tensor, "regions width bins bins"]:
        """Read each region from the map that suits its size.

        Args:
            levels: Maps, the finest first.
            boxes: Of each image, in pixels.
            bins: Pixels a side of what becomes of a region; 0 for those of the settings.

        Returns:
            One small map for each box, those of the first image first.

        Source: Lin et al. 2017, equation 1; He et al., "Mask R-CNN", arXiv 1703.06870, section 3.
        """
        side, taken = bins or self.settings.bins, levels[: len(self.strides)]
        if taken[0].is_meta:
            return taken[0].new_empty(sum(map(len, boxes)), taken[0].shape[1], side, side)
        rows = [one.contiguous(memory_format=torch.channels_last) for one in taken]  # as they are read
        return multilevel_roi_align(rows, boxes, strides=self.strides, output_size=side)

    def forward(
        self, levels: Sequence[Float[Tensor, "batch width _ _"]], boxes: Sequence[Float[Tensor, "_ 4"]]
    ) -> tuple[Float[Tensor, "regions columns"], Float[Tensor, "regions columns 4"]]:
        """Say what each region shows.

        Args:
            levels: Maps, the finest first.
            boxes: Of each image, in pixels.

        Returns:
            The logits of background and classes, and the codes of the box of each; those of the first image first.

        Source: Girshick 2015, section 2.1.
        """
        return self.box_predictor(self.box_head(self.read(levels, boxes)))

    def candidates(
        self,
        levels: Sequence[Float[Tensor, "batch width _ _"]],
        boxes: Sequence[Float[Tensor, "_ 4"]],
        sizes: Sequence[tuple[int, int]],
    ) -> dict[str, Tensor]:
        """Give the box and the score of each region and class.

        Args:
            levels: Maps, the finest first.
            boxes: The regions of each image, in pixels.
            sizes: (height, width) of each image, within which boxes lie.

        Returns:
            "boxes" (batch, regions, classes, 4) and "scores" (batch, regions, classes), without the background. Images
            with fewer regions have zeros at the end; a box of no size scores 0.

        Source: Girshick 2015, section 2.2.
        """
        logits, codes = (_wide(one) for one in self(levels, boxes))
        scores, found = logits.softmax(1)[:, 1:], list[Tensor]()
        counts = [len(rows) for rows in boxes]
        for rows, moves, size in zip(boxes, codes.split(counts), sizes, strict=True):
            moved = decode_boxes(moves[:, 1:], rows.to(moves.dtype), weights=self.settings.weights)
            found.append(clip_boxes(moved, size))
        padded = pad_sequence(found, batch_first=True)
        sided = ~((padded[..., 2:] - padded[..., :2]) < _LEAST_SIDE).any(-1)  # what is NaN stays, and is named later
        return {"boxes": padded, "scores": pad_sequence(list(scores.split(counts)), batch_first=True) * sided}

    @torch.no_grad()
    def choose(self, boxes: Sequence[Float[Tensor, "_ 4"]], truths: Sequence[Truth]) -> list[Regions]:
        """Choose the regions that are learned from.

        The boxes of the truth are regions too, so that there is always one that shows each thing.

        Args:
            boxes: Of each image, in pixels.
            truths: What is to be found in each image.

        Returns:
            For each image.

        Source: Girshick 2015, section 2.3.
        """
        return [self._choose(rows, truth) for rows, truth in zip(boxes, truths, strict=True)]

    def losses(
        self, levels: Sequence[Float[Tensor, "batch width _ _"]], regions: Sequence[Regions]
    ) -> dict[str, Float[Tensor, ""]]:
        """Give the terms of the loss.

        Args:
            levels: Maps, the finest first.
            regions: Of each image, from `choose`.

        Returns:
            "classes", the mean cross-entropy of all regions, and "boxes", the sum over those of objects by the number
            of all.

        Source: Girshick 2015, equation 1.
        """
        logits, codes = (_wide(one) for one in self(levels, [one.boxes for one in regions]))
        columns = torch.cat([one.columns for one in regions])
        scale, objects = 1 / max(len(columns), 1), columns > 0
        moves, targets = codes[objects, columns[objects]], torch.cat([one.codes for one in regions])
        boxes = F.smooth_l1_loss(moves, targets.to(moves), beta=self.settings.straight, reduction="sum")
        return {"classes": F.cross_entropy(logits, columns, reduction="sum") * scale, "boxes": boxes * scale}

    def _choose(self, rows: Tensor, truth: Truth) -> Regions:
        goals, overlap = truth.boxes.to(rows), self.settings.overlap
        rows = torch.cat([rows, goals])
        overlaps = iou(goals, rows)
        matches = match_anchors(overlaps, background_below=overlap, object_from=overlap)
        if len(goals):
            matches[overlaps.amax(0) < self.settings.background_from] = BETWEEN
        objects, background = self.sampler(matches, self.settings.sampled, self.settings.share)
        things = torch.cat([matches[objects], matches[background]])
        columns = torch.zeros_like(things)
        columns[: len(objects)] = truth.class_ids[matches[objects]] + 1
        codes = encode_boxes(goals[matches[objects]], rows[objects], weights=self.settings.weights)
        return Regions(rows[torch.cat([objects, background])], columns, things, codes)


def _wide(numbers: Tensor) -> Tensor:
    return numbers.to(torch.promote_types(numbers.dtype, torch.float32))
