"""The confusion matrix of a detector: what was taken for what, with a row and a column for the background."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Int

from saccade.errors import BadConfig
from saccade.metrics.detection.judged import Judged, overlaps


def detection_confusion(
    images: Sequence[Judged], num_classes: int, *, confidence: float = 0.25, iou_threshold: float = 0.5
) -> Int[np.ndarray, "true predicted"]:
    """Count how often things of each class were taken for each class, or for background, and background for things.

    In each image the box and the thing that have most in common go together, whatever their classes; then the next
    two of those left, as long as their IoU is enough. So each box and each thing is used once. Of equal pairs the one
    with the surer box comes first. A box that is left over and lies in a crowd of its class is not counted.

    Args:
        images: What was found beside what is there.
        num_classes: How many classes there are.
        confidence: From which confidence on boxes count.
        iou_threshold: How much a box and its thing must have in common.

    Returns:
        Counts, a row for each true class and a column for each predicted one; the last of each is the background: in
        its row are boxes on nothing, in its column things that were missed.

    Raises:
        BadConfig: If confidence or IoU is not in [0, 1], or the IoU is 0.

    Source: ours.

    Example:
        >>> box, one = np.array([[0.0, 0.0, 8.0, 8.0]]), np.array([0])
        >>> no = np.array([False])
        >>> image = Judged("a.jpg", box, one, no, no, np.array([64.0]), box, np.array([0.9]), one + 1)
        >>> detection_confusion([image], 2).tolist()
        [[0, 1, 0], [0, 0, 0], [0, 0, 0]]
    """
    if not 0 <= confidence <= 1 or not 0 < iou_threshold <= 1:
        raise BadConfig(
            f"got confidence={confidence} and iou_threshold={iou_threshold}; taken are shares from 0 to 1, and an IoU "
            "above 0; 0.25 and 0.5 are usual"
        )
    cells = np.zeros((num_classes + 1, num_classes + 1), np.int64)
    for image in images:
        _count(image, confidence, iou_threshold, cells)
    return cells


def _count(image: Judged, confidence: float, iou_threshold: float, cells: Int[np.ndarray, "true predicted"]) -> None:
    background = len(cells) - 1
    order = np.argsort(-image.confidence, kind="stable")
    order = order[image.confidence[order] >= confidence]
    boxes, found_ids = image.found[order], image.found_ids[order]
    class_ids = image.class_ids[~image.crowd]
    common = overlaps(boxes, image.boxes[~image.crowd], np.zeros(len(class_ids), bool))
    free_boxes, free_things = np.ones(len(boxes), bool), np.ones(len(class_ids), bool)
    for box, thing in _pairs(common, iou_threshold):
        if free_boxes[box] and free_things[thing]:
            free_boxes[box] = free_things[thing] = False
            cells[class_ids[thing], found_ids[box]] += 1
    free_boxes &= ~_in_crowd(image, order, iou_threshold)
    cells[background] += np.bincount(found_ids[free_boxes], minlength=len(cells))
    cells[:, background] += np.bincount(class_ids[free_things], minlength=len(cells))


def _pairs(common: np.ndarray, iou_threshold: float) -> list[tuple[int, int]]:
    boxes, things = np.nonzero(common >= iou_threshold)
    order = np.argsort(-common[boxes, things], kind="stable")
    return list(zip(boxes[order].tolist(), things[order].tolist(), strict=True))


def _in_crowd(image: Judged, order: Int[np.ndarray, " boxes"], iou_threshold: float) -> Bool[np.ndarray, " boxes"]:
    crowd = image.crowd
    inside = overlaps(image.found[order], image.boxes[crowd], crowd[crowd]) >= iou_threshold
    return (inside & (image.found_ids[order][:, None] == image.class_ids[crowd])).any(axis=1)
