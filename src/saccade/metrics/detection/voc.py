"""VOC's average precision, in both of its forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.metrics.detection.judged import Judged, overlaps
from saccade.metrics.per_class import macro


@dataclass(frozen=True, eq=False)
class VocFigures:
    """VOC's average precision of each class; NaN for one without things.

    Args:
        eleven_points: The mean of the best precision at recall 0, 0.1, … 1 or above, as until 2009.
        area: The area under the best precision at that recall or above, as from 2010 on.

    Source: Everingham et al., 2010, "The PASCAL Visual Object Classes (VOC) Challenge", section 4.2; the 2010 kit.
    """

    eleven_points: Float[np.ndarray, " classes"]
    area: Float[np.ndarray, " classes"]

    def numbers(self) -> dict[str, float]:
        """Give the mean of each over the classes that have things: "voc2007" and "voc2010"."""
        return {"voc2007": float(macro(self.eleven_points)), "voc2010": float(macro(self.area))}


def voc_figures(images: Sequence[Judged], num_classes: int, *, iou_threshold: float = 0.5) -> VocFigures:
    """Work out VOC's average precision of each class.

    Each box is judged by the thing of its class with which it has most in common, and by no other: it is right if that
    is enough and no surer box is on the same thing. On a difficult thing, or a crowd, it counts neither way.

    Args:
        images: What was found beside what is there.
        num_classes: How many classes there are.
        iou_threshold: How much a box and its thing must have in common.

    Returns:
        Both forms: 0 where there are things and none was found.

    Source: as `VocFigures`.

    Deviates: coordinates are continuous, where the kit adds a pixel to each width and height.

    Example:
        >>> box, one = np.array([[0.0, 0.0, 8.0, 8.0]]), np.array([0])
        >>> no = np.array([False])
        >>> image = Judged("a.jpg", box, one, no, no, np.array([64.0]), box, np.array([0.9]), one)
        >>> voc_figures([image], 1).numbers()
        {'voc2007': 1.0, 'voc2010': 1.0}
    """
    groups: list[list[_Group]] = [[] for _ in range(num_classes)]
    things = np.zeros(num_classes, np.int64)
    for image in images:
        things += np.bincount(image.class_ids[_counted(image)], minlength=num_classes)
        order = np.argsort(-image.confidence, kind="stable")
        for class_id in np.unique(image.found_ids).tolist():
            chosen = order[image.found_ids[order] == class_id]
            groups[class_id].append(_judged(image, class_id, chosen, iou_threshold))
    both = [_both(*one) for one in zip(groups, things.tolist(), strict=True)]
    eleven_points, area = np.array(both).reshape(-1, 2).T
    return VocFigures(eleven_points, area)


def average_precision_11(precision: Float[np.ndarray, " found"], recall: Float[np.ndarray, " found"]) -> float:
    """Average the best precision at eleven recalls.

    Args:
        precision: After each box, the surest first.
        recall: After each box.

    Returns:
        A share in [0, 1].

    Source: Everingham et al., 2010, equation 1.

    Example:
        >>> round(average_precision_11(np.array([1.0]), np.array([0.5])), 4)  # reached: 0, 0.1, … 0.5
        0.5455
    """
    best = [precision[recall >= wanted / 10].max(initial=0) for wanted in range(11)]
    return float(np.mean(best))


def average_precision_area(precision: Float[np.ndarray, " found"], recall: Float[np.ndarray, " found"]) -> float:
    """Measure the area under the best precision at each recall or above.

    Args:
        precision: After each box, the surest first.
        recall: After each box.

    Returns:
        A share in [0, 1].

    Source: the kit of VOC 2010.

    Example:
        >>> average_precision_area(np.array([1.0]), np.array([0.5]))
        0.5
    """
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall, prepend=0) * best).sum())


_Group = tuple[np.ndarray, np.ndarray, np.ndarray]


def _both(groups: list[_Group], things: int) -> tuple[float, float]:
    if not things or not groups:
        return (0.0, 0.0) if things else (float("nan"), float("nan"))
    confidence, right, wrong = (np.concatenate(part) for part in zip(*groups, strict=True))
    order = np.argsort(-confidence, kind="stable")
    right, wrong = right[order].cumsum(), wrong[order].cumsum()
    precision, recall = right / np.maximum(right + wrong, 1), right / things
    return average_precision_11(precision, recall), average_precision_area(precision, recall)


def _counted(image: Judged) -> Bool[np.ndarray, " things"]:
    return ~(image.difficult | image.crowd)


def _judged(image: Judged, class_id: int, order: Int[np.ndarray, " boxes"], iou_threshold: float) -> _Group:
    """Some boxes of one class in one image, the surest first: their confidence, which are right, which are wrong."""
    confidence, there = image.confidence[order], np.flatnonzero(image.class_ids == class_id)
    if not len(there):
        return confidence, np.zeros(len(order), bool), np.ones(len(order), bool)
    common = overlaps(image.found[order], image.boxes[there], image.crowd[there])
    nearest = common.argmax(axis=1)
    on_thing = common[np.arange(len(order)), nearest] >= iou_threshold
    counts = _counted(image)[there[nearest]]
    right = on_thing & counts & _first(np.where(on_thing, nearest, -1))
    return confidence, right, ~(right | (on_thing & ~counts))


def _first(things: Int[np.ndarray, " boxes"]) -> Bool[np.ndarray, " boxes"]:
    """Which boxes are the first on their thing."""
    first = np.zeros(len(things), bool)
    first[np.unique(things, return_index=True)[1]] = True
    return first
