"""Which box found is which thing: COCO's matching, kept image by image, so that images can be drawn again.

The library of record gives its figures for all images together. To know how much they would move with other images,
and which boxes are wrong, one has to know what was matched; a test holds both to be equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.metrics.detection.judged import Judged, overlaps

IOUS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
SIZES = {"all": (0.0, 1e10), "small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}
_MOST = 100  # boxes of a class in an image
_LOWS, _HIGHS = (np.array(ends) for ends in zip(*SIZES.values(), strict=True))
_ASKED = np.minimum(IOUS, 1 - 1e-10)[:, None, None]


@dataclass(frozen=True, eq=False)
class ClassMatches:
    """What was found of one class in all images, the surest first; equal confidence in the order of the images.

    Args:
        image: In which image each box is.
        number: Its place among what was found there.
        rank: How many boxes of the class in that image are surer.
        confidence: Of each box.
        hit: Whether it is on a thing that counts, at each IoU and for each size of things.
        ignored: Whether it counts neither as right nor as wrong: in a crowd, or not of that size.
        thing: Its thing's place in the image at an IoU of 0.5; −1 without one.
        things: How many things of each size are in each image; crowds are none.

    Source: as `match_classes`.
    """

    image: Int[np.ndarray, " found"]
    number: Int[np.ndarray, " found"]
    rank: Int[np.ndarray, " found"]
    confidence: Float[np.ndarray, " found"]
    hit: Bool[np.ndarray, "10 4 found"]
    ignored: Bool[np.ndarray, "10 4 found"]
    thing: Int[np.ndarray, " found"]
    things: Int[np.ndarray, "4 images"]

    @property
    def wrong(self) -> Bool[np.ndarray, "10 4 found"]:
        """Which boxes are on nothing that is still free."""
        return ~(self.hit | self.ignored)


def match_classes(images: Sequence[Judged], num_classes: int) -> tuple[ClassMatches, ...]:
    """Match what was found with what is there.

    In each image and class the surest box chooses first: the free thing with which it has most in common, if that is
    enough. Things that do not count are chosen only when no other will do, and a crowd by any number of boxes.

    Args:
        images: What was found beside what is there.
        num_classes: How many classes there are.

    Returns:
        One for each class; of each class in an image, the surest hundred boxes.

    Source: Lin et al., 2014 (arXiv 1405.0312), and its evaluation.

    Example:
        >>> box, one = np.array([[0.0, 0.0, 8.0, 8.0]]), np.array([0])
        >>> no = np.array([False])
        >>> image = Judged("a.jpg", box, one, no, no, np.array([64.0]), box, np.array([0.9]), one)
        >>> match_classes([image], 1)[0].hit[:, 0].all()
        np.True_
    """
    groups: list[list[_Group]] = [[] for _ in range(num_classes)]
    things = np.zeros((num_classes, len(SIZES), len(images)), np.int64)
    for at, image in enumerate(images):
        left_out = _outside(image.area) | image.crowd
        for size in range(len(SIZES)):
            things[:, size, at] = np.bincount(image.class_ids[~left_out[size]], minlength=num_classes)
        order = np.argsort(-image.confidence, kind="stable")
        for class_id in np.unique(image.found_ids).tolist():
            chosen = order[image.found_ids[order] == class_id][:_MOST]
            groups[class_id].append((np.full(len(chosen), at), chosen, *_matched(image, class_id, chosen)))
    return tuple(_joined(*both, images) for both in zip(groups, things, strict=True))


_Group = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _matched(image: Judged, class_id: int, chosen: Int[np.ndarray, " found"]) -> tuple[np.ndarray, ...]:
    """Match the boxes of one class in one image: (found, 10, 4) hits and those ignored; the things they are on."""
    boxes, there = image.found[chosen], np.flatnonzero(image.class_ids == class_id)
    shape = (len(chosen), len(IOUS), len(SIZES))
    hit, ignored, thing = np.zeros(shape, bool), np.zeros(shape, bool), np.full(len(chosen), -1)
    ignored |= _outside((boxes[:, 2:] - boxes[:, :2]).prod(axis=1)).T[:, None]
    if not len(there):
        return hit, ignored, thing
    crowd = image.crowd[there]
    common = overlaps(boxes, image.boxes[there], crowd)
    counts = ~(_outside(image.area[there]) | crowd)
    free = np.ones((len(IOUS), len(SIZES), len(there)), bool)
    rows, columns = np.indices((len(IOUS), len(SIZES)))
    for at in np.flatnonzero(common.max(axis=1) >= _ASKED[0, 0, 0]).tolist():
        enough = free & (common[at] >= _ASKED)
        counted = enough & counts
        wanted = np.where(np.where(counted.any(axis=2, keepdims=True), counted, enough), common[at], -1.0)
        best = len(there) - 1 - wanted[..., ::-1].argmax(axis=2)  # of equal ones the last, as in the original
        some = enough.any(axis=2)
        hit[at] = some & counts[columns, best]
        ignored[at] = np.where(some, ~hit[at], ignored[at])
        free[rows, columns, best] &= ~some | crowd[best]
        if hit[at, 0, 0]:
            thing[at] = there[best[0, 0]]
    return hit, ignored, thing


def _outside(area: Float[np.ndarray, " boxes"]) -> Bool[np.ndarray, "4 boxes"]:
    return (area < _LOWS[:, None]) | (area > _HIGHS[:, None])


def _joined(groups: list[_Group], things: Int[np.ndarray, "4 images"], images: Sequence[Judged]) -> ClassMatches:
    nothing, never = np.zeros(0, np.int64), np.zeros((0, len(IOUS), len(SIZES)), bool)
    groups = [*groups, (nothing, nothing, never, never, nothing)]
    image, number, hit, ignored, thing = (np.concatenate(parts) for parts in zip(*groups, strict=True))
    rank = np.concatenate([np.arange(len(group[0])) for group in groups])
    confidence = np.array([images[at].confidence[row] for at, row in zip(image, number, strict=True)], np.float64)
    order = np.argsort(-confidence, kind="stable")
    image, number, rank, confidence, thing = (column[order] for column in (image, number, rank, confidence, thing))
    hit, ignored = (np.ascontiguousarray(np.moveaxis(cube[order], 0, 2)) for cube in (hit, ignored))
    return ClassMatches(image, number, rank, confidence, hit, ignored, thing, things)
