"""OverFeat: a classifier that looks everywhere at once, and says at every place what is there and where its edges are.

A line of convolutions is shared by two heads, one for the class and one for the box. Their dense layers are written as
convolutions, the last pooling is done at every offset, and the image is seen at several scales. And a small form, which
a processor can train.

Taught: sliding windows cost little once they are convolutions, for neighbours share nearly all work; and a window that
sees a part of a thing can tell its box, so that many unsure windows are merged into one sure box.

Source: Sermanet, Eigen, Zhang, Mathieu, Fergus & LeCun, "OverFeat: integrated recognition, localization and detection
using convolutional networks", arXiv 1312.6229.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.errors import BadConfig
from saccade.layers.borrowed_maps import BorrowedMaps, check_name
from saccade.layers.convolution import ConvNorm
from saccade.layers.detector import Detector
from saccade.layers.initialisation import initialise_kaiming
from saccade.layers.offset_pooling import AtEveryOffset
from saccade.ops.box_merging import merge_candidates
from saccade.ops.boxes import iou
from saccade.ops.edge_coding import decode_edges, encode_edges
from saccade.ops.hard_negatives import hard_negatives
from saccade.ops.matching import BACKGROUND, match_anchors
from saccade.types.truth import Truth

__all__ = ["overfeat", "overfeat_small"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "overfeat": {
        "task": "detection", "paper": "OverFeat: integrated recognition, localization and detection using "
        "convolutional networks", "year": 2013, "arxiv": "1312.6229",
        "parameters": 297_186_277, "macs": 211_882_125_312,
        "classes": 20,
        "channels": 3, "native_size": (461, 461), "smallest_size": (1, 1),
        "paper_result": "a mean average precision of 24.3 % on the test set of ILSVRC 2013, with seven larger networks",
        "deviates": "the fast model, whose heads learn at once and with its trunk, not one after the other; the "
        "scales are evenly spaced, from that of the paper's largest image down to that at which a window is the whole "
        "image; a thing that no window overlaps by half is learnt from the free one that overlaps it most; edges of "
        "boxes are told as shares of the window",
    },
    "overfeat_small": {
        "task": "detection", "paper": "OverFeat: integrated recognition, localization and detection using "
        "convolutional networks", "year": 2013, "arxiv": "1312.6229",
        "parameters": 104_885, "macs": 314_809_536,
        "classes": 20, "channels": 3, "native_size": (96, 96), "smallest_size": (1, 1),
        "deviates": "a form of ours for a processor: three convolutions with batch normalisation, windows of 43 "
        "pixels, no dropout, the first scale twice the image; and as `overfeat`",
    },
}
# fmt: on

_MATCHED = 0.5, 0.3  # from which overlap on a window shows a thing; below which it shows background
_BOXES = 10.0  # how much the squared errors of the edges count: they are shares of a window, so they are small


@dataclass(frozen=True)
class _Form:
    """What the two forms differ in.

    Args:
        layers: (filters, kernel, stride, padding) of each convolution of the trunk, or 0 for a pooling.
        batch_norm: Whether each convolution is followed by it.
        cells: Pixels a side of the last pooled maps that a window is.
        dense: Units of the classifier's and of the regressor's hidden layers.
        dropout_rate: In the classifier.
        window: Side of a window in pixels.
        step: Pixels from one window to the next.
        scales: The first scale of the image, and from each scale to the next.
    """

    layers: tuple[int | tuple[int, int, int, int], ...]
    batch_norm: bool
    cells: int
    dense: tuple[tuple[int, ...], tuple[int, ...]]
    dropout_rate: float
    window: int
    step: int
    scales: tuple[float, float]


_POOL, _FACTOR = 0, 2
_FAST = _Form(
    ((96, 11, 4, 0), _POOL, (256, 5, 1, 0), _POOL, (512, 3, 1, 1), (1024, 3, 1, 1), (1024, 3, 1, 1)),
    batch_norm=False, cells=6, dense=((3072, 4096), (4096, 1024)), dropout_rate=0.5, window=231, step=16,
    scales=(1.0, (245 / 461) ** (1 / 5)),
)  # fmt: skip
_SMALL = _Form(
    ((16, 5, 2, 0), _POOL, (32, 3, 1, 0), (64, 3, 1, 0)),
    batch_norm=True, cells=3, dense=((64,), (64,)), dropout_rate=0.0, window=43, step=4, scales=(2.0, 0.5**0.5),
)  # fmt: skip


class Overfeat(Detector):
    """A trunk, a classifier and a regressor of boxes, at every place of an image at several scales.

    Every image is seen at a first scale and at smaller ones, down to that at which a window covers all of it; each
    side is stretched a little, so that the last window ends at the edge.

    Args:
        name: What it is called in messages.
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images.
        small: The form of ours.
        backbone: The name of an architecture whose last map is looked at instead of a trunk of its own, or "". Images
            are then seen at their own size first, and windows are as large as an odd number of pixels of that map.
        merging: Whether candidates are merged class by class before they are given. Of a merged box the score is
            s / (1 + s), where s is the sum of those it was merged from: it keeps their order and stays below 1.

    Raises:
        BadConfig: If there are no classes or no channels, the backbone is none, or `merging` is neither true nor false.

    Merging is done here, for it belongs to the network: it reads the scores as votes, which only windows as close as
    these cast. Whatever suppresses boxes afterwards finds little left to do.

    Source: Sermanet et al. 2013, sections 3 and 4.
    """

    def __init__(
        self, name: str, *, num_classes: int, in_channels: int, small: bool, backbone: str = "", merging: bool = False
    ) -> None:
        super().__init__(name, num_classes=num_classes, in_channels=in_channels)
        check_name(backbone)
        if not isinstance(merging, bool):
            raise BadConfig(f"got merging={merging!r}; taken are True and False; choose one of them")
        self.merging, form = merging, _SMALL if small else _FAST
        self.window, self.step, self.scales, self.least = form.window, form.step, form.scales, form.window
        self.backbone: BorrowedMaps | nn.Sequential
        if backbone:
            self.scales = (1.0, form.scales[1])
            self.backbone = BorrowedMaps(backbone, in_channels, maps=1, finest=8)
            width, self.step = self.backbone.widths[-1], self.backbone.strides[-1]
            cells, factor = min(max(3, 2 * round((form.window / self.step - 1) / 2) + 1), 7), 1
            self.window = cells * self.step
            self.least = max(self.window, *self.backbone.smallest_size)
        else:
            self.backbone, width, cells, factor = _trunk(in_channels, form), _width(form), form.cells, _FACTOR
            initialise_kaiming(self.backbone, "fan_in")
        for_class, for_box = form.dense
        classifier = _head(width, (cells, *for_class), num_classes + 1, form.dropout_rate)
        regressor = _head(width, (cells, *for_box), 4 * num_classes, 0.0)
        self.classifier = AtEveryOffset(classifier, factor, window=cells)
        self.regressor = AtEveryOffset(regressor, factor, window=cells)

    def candidates(self, images: Float[Tensor, "batch channels height width"]) -> dict[str, Tensor]:
        """Give what each window of each scale scores each class, and its box for each class."""
        logits, codes, windows = self._numbers(images)
        found = {"boxes": decode_edges(codes, windows), "scores": logits.softmax(2)[:, :, :-1]}
        return merge_candidates(found) if self.merging else found

    def losses(
        self, images: Float[Tensor, "batch channels height width"], truths: Sequence[Truth]
    ) -> dict[str, Float[Tensor, ""]]:
        """Give the terms "classes" and "boxes", weighted.

        A window that overlaps a thing by half learns its class and box; for a thing that none overlaps by half, the
        free one that overlaps it most does. Of those that overlap all things by less than 0.3, three times as many
        learn that they show nothing: those that look least like it.
        """
        logits, codes, windows = self._numbers(images)
        matches = torch.stack([self._matches(truth, windows) for truth in truths])
        objects, background = matches >= 0, matches == BACKGROUND
        costs = -logits.detach().log_softmax(2)[:, :, -1]
        chosen = hard_negatives(costs.masked_fill(~background, -math.inf), objects) & background
        boxes, class_ids = _goals(truths, matches)
        wanted = F.pad(class_ids, (0, int(chosen.sum())), value=self.num_classes)
        classes = F.cross_entropy(torch.cat([logits[objects], logits[chosen]]), wanted, reduction="sum")
        number = max(len(class_ids), 1)
        own = codes[objects][torch.arange(len(class_ids), device=codes.device), class_ids]
        goals = encode_edges(boxes, windows.expand(len(images), -1, -1)[objects]).to(own)
        return {
            "classes": classes / max(len(wanted), 1),
            "boxes": _BOXES * (own - goals).square().sum() / number,
        }

    def looks(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> list[tuple[Float[Tensor, "batch _ _ _"], Float[Tensor, "windows 4"]]]:
        """Look at images at every scale.

        Args:
            images: Floats.

        Returns:
            For each scale the maps of the trunk, and the windows of all places of what the heads give on them, line by
            line, in pixels of the images.

        Source: Sermanet et al. 2013, section 3.3.
        """
        size, found = (images.shape[2], images.shape[3]), []
        for seen in self.sizes(size):
            scaled = images
            if seen != size:
                scaled = F.interpolate(images, seen, mode="bilinear", align_corners=False, antialias=True)
            maps = self.backbone(scaled)
            if isinstance(maps, list):
                maps = F.pad(maps[-1], [self.classifier.window // 2] * 4)  # each pixel is the middle of a window
            found.append((maps, self._windows(maps, seen, size)))
        return found

    def sizes(self, size: tuple[int, int]) -> list[tuple[int, int]]:
        """Say as how large images are seen.

        Args:
            size: (height, width) of the images.

        Returns:
            (height, width) at each scale, the largest first.

        Source: Sermanet et al. 2013, table 5, for the fast model's first scale.

        Example:
            >>> overfeat_small().sizes((96, 64))
            [(195, 131), (139, 91), (99, 67), (71, 47), (51, 43), (43, 43)]
        """
        (scale, ratio), found = self.scales, list[tuple[int, int]]()
        while not found or max(found[-1]) > self.least:
            height, width = (
                self.least + self.step * math.ceil(max(0.0, side * scale - self.least) / self.step) for side in size
            )
            if (height, width) not in found:
                found.append((height, width))
            scale *= ratio
        return found

    def _numbers(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of all windows of all scales: logits, background the last; codes of a box for each class; where they lie."""
        looks = self.looks(images)
        logits, codes = (
            torch.cat([_wide(head(maps)).flatten(2) for maps, _ in looks], 2).transpose(1, 2)
            for head in (self.classifier, self.regressor)
        )
        return logits, codes.unflatten(2, (-1, 4)), torch.cat([windows for _, windows in looks])

    def _windows(self, maps: Tensor, seen: tuple[int, int], size: tuple[int, int]) -> Float[Tensor, "windows 4"]:
        """Where the windows lie: one for each place of what the heads give."""
        starts = []
        cells = self.classifier.factor * self.classifier.window - 1
        for axis in (0, 1):
            places = torch.arange(maps.shape[2 + axis] - cells, device=maps.device, dtype=torch.float32)
            if isinstance(self.backbone, BorrowedMaps):
                places = (places + 0.5) * (seen[axis] / len(places)) - self.window / 2
            else:
                places = places * self.step
            starts.append(places)
        top, left = (one.flatten() for one in torch.meshgrid(*starts, indexing="ij"))
        windows = torch.stack([left, top, left + self.window, top + self.window], 1)
        return windows * windows.new_tensor([size[1] / seen[1], size[0] / seen[0]]).repeat(2)

    @staticmethod
    def _matches(truth: Truth, windows: Tensor) -> Tensor:
        """Of each window the thing that it shows; each thing has one at least, if any is free that touches it."""
        above, below = _MATCHED
        overlaps = iou(truth.boxes.to(windows), windows)
        matches = match_anchors(overlaps, background_below=below, object_from=above)
        found = set(matches.tolist())
        for thing in (number for number in range(len(truth)) if number not in found):
            free = overlaps[thing].masked_fill(matches >= 0, 0.0)
            best = free.argmax()
            matches[best] = matches[best].where(free[best] <= 0, thing)
        return matches


def _goals(truths: Sequence[Truth], matches: Tensor) -> tuple[Tensor, Tensor]:
    """The box and the class of the thing of each window that shows one, image by image."""
    pairs = list(zip(truths, matches, strict=True))
    boxes, class_ids = (
        torch.cat([getattr(truth, part).to(own.device)[own[own >= 0]] for truth, own in pairs])
        for part in ("boxes", "class_ids")
    )
    return boxes, class_ids


def _trunk(in_channels: int, form: _Form) -> nn.Sequential:
    layers = list[nn.Module]()
    for layer in form.layers:
        if isinstance(layer, int):
            layers.append(nn.MaxPool2d(2))
            continue
        filters, kernel, stride, padding = layer
        layers.append(
            ConvNorm(
                in_channels, filters, kernel_size=kernel, stride=stride, padding=padding, batch_norm=form.batch_norm
            )
        )
        in_channels = filters
    return nn.Sequential(*layers)


def _width(form: _Form) -> int:
    return next(layer[0] for layer in reversed(form.layers) if not isinstance(layer, int))


def _head(width: int, shape: tuple[int, ...], numbers: int, dropout_rate: float) -> nn.Sequential:
    """Dense layers as convolutions: the first sees a window, the others one place."""
    cells, *units = shape
    layers = list[nn.Module]()
    for kernel, many in zip((cells, *[1] * len(units)), units, strict=False):
        layers += [nn.Conv2d(width, many, kernel), nn.ReLU(inplace=True)]
        layers += [nn.Dropout(dropout_rate)] if dropout_rate else []
        width = many
    last = nn.Conv2d(width, numbers, 1)
    head = nn.Sequential(*layers, last)
    initialise_kaiming(head, "fan_in")
    nn.init.normal_(last.weight, std=0.01)
    return head


def _wide(numbers: Tensor) -> Tensor:
    return numbers if numbers.dtype.itemsize > 2 else numbers.float()


def overfeat(*, num_classes: int = 20, in_channels: int = 3, backbone: str = "", merging: bool = False) -> Overfeat:
    """Make OverFeat's fast model, with its regressor of boxes.

    Args:
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images, which may have any size.
        backbone: An architecture whose last map is looked at instead, such as "resnet18"; "" for its own trunk.
        merging: Whether it merges what it finds, class by class, where it is not trained.

    Returns:
        A network of 297,186,277 parameters at 20 classes and three channels; its trunk and its classifier alone
        have 145,920,872 at 1000 classes without background.

    Raises:
        BadConfig: If there are no classes or no channels, the backbone is none, or `merging` is neither true nor false.
        UnknownName: If there is no architecture of that name; the nearest are offered.

    Source: Sermanet et al. 2013, table 1 and section 4.2.

    Example:
        >>> with torch.device("meta"):
        ...     overfeat().eval()(torch.zeros(1, 3, 231, 231))["scores"].shape
        torch.Size([1, 1, 20])
    """
    return Overfeat(
        "overfeat", num_classes=num_classes, in_channels=in_channels, small=False, backbone=backbone, merging=merging
    )


def overfeat_small(
    *, num_classes: int = 20, in_channels: int = 3, backbone: str = "", merging: bool = False
) -> Overfeat:
    """Make a small form, which learns on a processor. Arguments as for `overfeat`.

    Source: ours.
    """
    return Overfeat(
        "overfeat_small",
        num_classes=num_classes,
        in_channels=in_channels,
        small=True,
        backbone=backbone,
        merging=merging,
    )
