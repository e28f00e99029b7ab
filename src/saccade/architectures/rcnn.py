"""R-CNN: regions that look like things are cut out, brought to one size, and named one by one by a classifier.

It learns in two steps. First the classifier is tuned to windows of things and of background. Then, on the features of
its last layer but one, each class gets a linear support vector machine, which learns from the background that it takes
for a thing, and a ridge regression that moves a region onto its thing.

Taught: what a network learnt from whole pictures finds things, once something else says where to look. It also is the
slowest of its kind, since a network runs for each region: what came after it shares that work.

Source: Girshick, Donahue, Darrell & Malik, "Rich feature hierarchies for accurate object detection and semantic
segmentation", arXiv 1311.2524.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from saccade.layers.borrowed_features import BorrowedFeatures
from saccade.layers.detector import Detector
from saccade.layers.searched_regions import SearchedRegions
from saccade.ops.box_coding import decode_boxes
from saccade.ops.box_formats import clip_boxes
from saccade.ops.boxes import iou
from saccade.ops.match_sampling import sample_matches
from saccade.ops.matching import match_anchors
from saccade.ops.warping import warp_regions
from saccade.types.truth import Truth

__all__ = ["rcnn", "rcnn_small"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "rcnn": {
        "task": "detection",
        "paper": "Rich feature hierarchies for accurate object detection and semantic segmentation",
        "year": 2014, "arxiv": "1311.2524", "parameters": 57_089_877, "macs": 1_420_356_992_000,
        "classes": 20, "channels": 3, "native_size": (500, 500), "smallest_size": (1, 1),
        "paper_result": "a mean average precision of 53.7 % on the test set of VOC 2010",
        "deviates": "AlexNet in a single tower on crops of 224 pixels, as published weights have it, where the paper "
        "has two groups and 227; "
        "scores of the support vector machines are a sigmoid of three times their margin, so that all lie in "
        "[0, 1]; the regressors take the features of the machines instead of those of the last pooling, and move all "
        "regions before some are suppressed; where there are too few windows of things in a batch, more of background "
        "are taken; multiply-adds are for 2,000 regions",
    },
    "rcnn_small": {
        "task": "detection",
        "paper": "Rich feature hierarchies for accurate object detection and semantic segmentation",
        "year": 2014, "arxiv": "1311.2524", "parameters": 1_605_045, "macs": 1_500_211_200,
        "classes": 20, "channels": 3, "native_size": (208, 208), "smallest_size": (1, 1),
        "deviates": "a form of ours for a processor: resnet14_half on crops of 32 pixels, and 200 regions; and as "
        "`rcnn`",
    },
}
# fmt: on

_PAPER_SIDE, _PAPER_CONTEXT = 227, 16
_WINDOWS, _THINGS, _THING_FROM = 128, 0.25, 0.5
_AT_ONCE = 64
_STEEPNESS = 3.0


class Rcnn(Detector):
    """Regions that are searched for, a classifier's features of each, and what names and moves them.

    Args:
        name: What it is called in messages.
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images.
        backbone: The classifier whose features are taken.
        side: Pixels a side of what each region becomes; more where the backbone takes no such small ones.
        regions: How many an image has at most.

    Raises:
        BadConfig: If there are no classes or no channels, or the backbone is none.
        UnknownName: If there is no architecture of that name; the nearest are offered.

    `finished` is 1 once the second step has been taken; until then the classifier itself scores regions, which stay
    where they are.

    Source: Girshick et al. 2014, section 2.
    """

    finished: Tensor
    svm_weight: Tensor
    svm_bias: Tensor
    regressor_weight: Tensor
    regressor_bias: Tensor

    def __init__(
        self, name: str, *, num_classes: int, in_channels: int, backbone: str, side: int, regions: int
    ) -> None:
        super().__init__(name, num_classes=num_classes, in_channels=in_channels)
        self.backbone = BorrowedFeatures(backbone, in_channels)
        self.side = max(side, *self.backbone.smallest_size)
        self.context = _PAPER_CONTEXT * self.side / _PAPER_SIDE
        self.search = SearchedRegions(most=regions)
        self.width = self.backbone.width
        self.classifier = nn.Linear(self.width, num_classes + 1)
        nn.init.normal_(self.classifier.weight, std=0.01)
        nn.init.zeros_(self.classifier.bias)
        self.register_buffer("finished", torch.zeros((), dtype=torch.int64))
        self.register_buffer("svm_weight", torch.zeros(num_classes, self.width))
        self.register_buffer("svm_bias", torch.zeros(num_classes))
        self.register_buffer("regressor_weight", torch.zeros(num_classes, 4, self.width))
        self.register_buffer("regressor_bias", torch.zeros(num_classes, 4))

    def regions(self, images: Float[Tensor, "batch channels height width"]) -> list[Float[Tensor, "_ 4"]]:
        """Search for regions that look like things.

        Args:
            images: Floats; each pixel as the network was trained to see it.

        Returns:
            For each image its rows (x1, y1, x2, y2) in pixels; the whole image where nothing is found.

        Source: Girshick et al. 2014, section 2.1.
        """
        whole = images.new_tensor([[0.0, 0.0, images.shape[3], images.shape[2]]])
        return [found.to(images) if len(found) else whole for found in self.search(images)]

    def features(
        self, images: Float[Tensor, "batch channels height width"], boxes: Sequence[Float[Tensor, "_ 4"]]
    ) -> Float[Tensor, "regions features"]:
        """Compute what the classifier sees in regions, some at once; what it says of one hangs on no other image.

        Args:
            images: Floats; each pixel as the network was trained to see it.
            boxes: For each image its rows (x1, y1, x2, y2) in pixels.

        Returns:
            A row for each region, those of the first image first.

        Source: Girshick et al. 2014, section 2.1 and appendix A.
        """
        some = [
            self.backbone(self._cut(image[None], [part]))
            for image, rows in zip(images, boxes, strict=True)
            for part in rows.split(_AT_ONCE)
            if len(part)
        ]
        return torch.cat(some) if some else images.new_zeros(0, self.width)

    @torch.no_grad()
    def finish(self, svm: tuple[Tensor, Tensor], regressor: tuple[Tensor, Tensor]) -> None:
        """Take what the second step has learnt; from then on it scores and moves regions.

        Args:
            svm: Weight (classes, width) and bias (classes) of the support vector machines.
            regressor: Weight (classes, 4, width) and bias (classes, 4) of the codes of boxes.

        Source: Girshick et al. 2014, sections 2.3 and 3.5.
        """
        own = (self.svm_weight, self.svm_bias, self.regressor_weight, self.regressor_bias)
        for kept, given in zip(own, (*svm, *regressor), strict=True):
            kept.copy_(given)
        self.finished.fill_(1)

    def candidates(self, images: Float[Tensor, "batch channels height width"]) -> dict[str, Tensor]:
        """Give each region and its scores; in the end one box for each class, moved onto what it shows."""
        regions = self.regions(images)
        features, counts = self.features(images, regions), [len(rows) for rows in regions]
        every = torch.cat(regions)
        if self.finished.is_meta or not self.finished:
            boxes, scores = every, self.classifier(features).softmax(1)[:, 1:]
        else:
            features = features.to(self.svm_weight)
            scores = (_STEEPNESS * F.linear(features, self.svm_weight, self.svm_bias)).sigmoid()
            codes = F.linear(features, self.regressor_weight.flatten(0, 1), self.regressor_bias.flatten())
            boxes = decode_boxes(codes.unflatten(1, (-1, 4)).to(every), every)
            boxes = clip_boxes(boxes, (images.shape[2], images.shape[3]))
        padded = (pad_sequence(list(part.split(counts)), batch_first=True) for part in (boxes, scores))
        return dict(zip(("boxes", "scores"), padded, strict=True))

    def losses(
        self, images: Float[Tensor, "batch channels height width"], truths: Sequence[Truth]
    ) -> dict[str, Float[Tensor, ""]]:
        """Give the term "classes", of 32 windows of things and 96 of background of all images together."""
        if self.training:
            self.finished.zero_()  # what the second step has learnt is not about the features to come
        boxes, columns = [], []
        for searched, truth in zip(self.regions(images), truths, strict=True):
            boxes.append(torch.cat([searched, truth.boxes.to(searched)]))
            columns.append(_columns(boxes[-1], truth))
        labels = torch.cat(columns)
        rows = torch.cat(sample_matches(labels - 1, _WINDOWS, _THINGS)).sort().values
        ends = torch.tensor([len(one) for one in boxes], device=rows.device).cumsum(0)
        image = torch.bucketize(rows, ends, right=True)
        chosen = torch.cat(boxes)[rows].split(torch.bincount(image, minlength=len(boxes)).tolist())
        logits = self.classifier(self.backbone(self._cut(images, chosen)))
        return {"classes": F.cross_entropy(logits, labels[rows])}

    def _cut(self, images: Tensor, boxes: Sequence[Tensor]) -> Tensor:
        return warp_regions(images, boxes, self.side, context=self.context)


def _columns(boxes: Float[Tensor, "regions 4"], truth: Truth) -> Tensor:
    """Of each region the class that it shows and one, or 0 for background."""
    matches = match_anchors(iou(truth.boxes.to(boxes), boxes), background_below=_THING_FROM, object_from=_THING_FROM)
    return F.pad(truth.class_ids + 1, (0, 1))[matches]  # the last stands for −1, background


def rcnn(*, num_classes: int = 20, in_channels: int = 3, backbone: str = "alexnet") -> Rcnn:
    """Make R-CNN on AlexNet, with 2,000 regions an image.

    Trained by `saccade.train`, it takes the second step when its last epoch is done.

    Args:
        num_classes: Classes that it tells apart, the background not counted.
        in_channels: Channels of the images, which may have any size.
        backbone: The classifier whose features are taken; that of AlexNet are the 4,096 of its second dense layer.

    Returns:
        The detector.

    Raises:
        BadConfig: If there are no classes or no channels, or the backbone is none.
        UnknownName: If there is no architecture of that name; the nearest are offered.

    Source: Girshick et al. 2014.

    Example:
        >>> with torch.device("meta"):
        ...     rcnn().svm_weight.shape
        torch.Size([20, 4096])
    """
    return Rcnn("rcnn", num_classes=num_classes, in_channels=in_channels, backbone=backbone, side=224, regions=2000)


def rcnn_small(*, num_classes: int = 20, in_channels: int = 3, backbone: str = "resnet14_half") -> Rcnn:
    """Make a small form, which learns on a processor. Arguments as for `rcnn`.

    Source: ours.
    """
    return Rcnn("rcnn_small", num_classes=num_classes, in_channels=in_channels, backbone=backbone, side=32, regions=200)
