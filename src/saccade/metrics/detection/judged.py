"""What was found in each picture beside what is there, checked once, so that nothing is ever silently scored.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.errors import BadData, BadLabel, BadShape, printable
from saccade.types.annotations import Annotations
from saccade.types.detections import Detections
from saccade.types.warp import Warp


@dataclass(frozen=True, eq=False)
class Judged:
    """What was found in one picture beside what is there, in the same pixels.

    Args:
        key: Which picture.
        boxes: Rows (x1, y1, x2, y2) of the things that are there.
        class_ids: Of each thing.
        crowd: Whether each thing is a crowd, which is never missed, and in which nothing found is wrong.
        difficult: Whether each thing is called difficult, which only VOC's figures ask for.
        area: Of each thing in square pixels: what the labels say, or the area of its box.
        found: Rows (x1, y1, x2, y2) of what was found.
        confidence: Of each box found, in [0, 1].
        found_ids: The class of each box found.

    Source: ours.
    """

    key: str
    boxes: Float[np.ndarray, "things 4"]
    class_ids: Int[np.ndarray, " things"]
    crowd: Bool[np.ndarray, " things"]
    difficult: Bool[np.ndarray, " things"]
    area: Float[np.ndarray, " things"]
    found: Float[np.ndarray, "found 4"]
    confidence: Float[np.ndarray, " found"]
    found_ids: Int[np.ndarray, " found"]


def judged(found: Sequence[Detections], truth: Sequence[Annotations], placements: Sequence[Warp] = ()) -> list[Judged]:
    """Lay what was found in each picture beside what is there.

    A box found that is turned inside out counts as one without area, which is on nothing.

    Args:
        found: What was found in each picture, in its own pixels.
        truth: What is there, in the same order. Its attributes "area" and "difficult" are heeded.
        placements: How each picture was scaled and shifted, where `truth` is in the pixels of what became of it;
            without them both are in the same pixels.

    Returns:
        One for each picture.

    Raises:
        BadShape: If they are not as many.
        BadData: If a number of the truth is NaN or infinite, things have no boxes, the two are of pictures of
            different sizes, or a placement turns its picture; the picture is named. `Detections` refuses such numbers
            itself.
        BadLabel: If a thing is of a class that the detector does not have.

    Source: ours.

    Example:
        >>> import torch
        >>> from saccade.types.boxes import Boxes
        >>> thing = Boxes(torch.tensor([[1.0, 2.0, 5.0, 8.0]]), (10, 10))
        >>> there = Annotations((10, 10), torch.tensor([1]), thing)
        >>> nothing = Detections("a.jpg", ("cat", "dog"), (10, 10), np.zeros((0, 4)), np.zeros(0), np.zeros(0, int))
        >>> judged([nothing], [there])[0].area.tolist()
        [24.0]
    """
    if len(found) != len(truth) or (placements and len(placements) != len(truth)):
        raise BadShape(
            f"got what was found in {len(found)} images, what is there in {len(truth)}"
            f"{f' and {len(placements)} placements' if placements else ''}; taken are as many of each; give one for "
            "each image, in the same order"
        )
    return [_judged(*three) for three in zip(found, truth, placements or [None] * len(truth), strict=True)]


def overlaps(
    boxes: Float[np.ndarray, "boxes 4"], others: Float[np.ndarray, "others 4"], crowd: Bool[np.ndarray, " others"]
) -> Float[np.ndarray, "boxes others"]:
    """Measure how much of two boxes is common: intersection over union; over the area of the box in a crowd.

    Args:
        boxes: Rows (x1, y1, x2, y2), of what was found.
        others: Of the things that are there.
        crowd: Whether each thing is a crowd.

    Returns:
        For each pair a number in [0, 1]; 0 for boxes that touch at most.

    Source: the evaluation of COCO, to the last bit: ends are worked out from start and size.

    Example:
        >>> whole, half = np.array([[0.0, 0.0, 10.0, 10.0]]), np.array([[0.0, 0.0, 10.0, 5.0]])
        >>> overlaps(half, np.concatenate([whole, whole]), np.array([False, True])).tolist()
        [[0.5, 1.0]]
    """
    sizes, other_sizes = boxes[:, 2:] - boxes[:, :2], others[:, 2:] - others[:, :2]
    end = np.minimum((boxes[:, :2] + sizes)[:, None], (others[:, :2] + other_sizes)[None])
    common = (end - np.maximum(boxes[:, None, :2], others[None, :, :2])).clip(min=0).prod(axis=2)
    area = sizes.prod(axis=1)[:, None]
    union = np.where(crowd, area, area + other_sizes.prod(axis=1)[None] - common)
    return common / np.where(common > 0, union, 1)


def _judged(found: Detections, truth: Annotations, placement: Warp | None) -> Judged:
    name, size = printable(found.key), truth.size if placement is None else placement.source
    if found.size != size:
        raise BadData(
            f"got boxes found on {found.size[0]} × {found.size[1]} pixels (height × width) and labels on "
            f"{size[0]} × {size[1]} for image {name!r}; taken are both in the pixels of one picture; map one of them, "
            "or give placements"
        )
    boxes, class_ids = _boxes(truth, name), truth.class_ids.cpu().numpy()
    if placement is not None:
        boxes = _returned(boxes, placement, name)
    _check(boxes, class_ids, found.names, name)
    said = {one: values.double().cpu().numpy() for one, values in truth.attributes.items() if values.ndim == 1}
    unknown = np.full(len(truth), np.nan)
    area, plain = said.get("area", unknown), (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    none = np.zeros(len(truth), bool)
    start, end = found.boxes[:, :2].astype(np.float64), found.boxes[:, 2:].astype(np.float64)
    return Judged(
        key=found.key,
        boxes=boxes,
        class_ids=class_ids,
        crowd=none if truth.crowd is None else truth.crowd.cpu().numpy(),
        difficult=said.get("difficult", unknown) > 0,
        area=np.where(np.isfinite(area) & (area >= 0), area, plain),
        found=np.concatenate([start, np.maximum(start, end)], axis=1),
        confidence=found.confidence.astype(np.float64),
        found_ids=found.class_id.astype(np.int64),
    )


def _boxes(truth: Annotations, name: str) -> Float[np.ndarray, "things 4"]:
    boxes, shape = truth.boxes, truth.polygons if truth.polygons is not None else truth.masks
    if boxes is None and shape is not None:
        boxes = shape.boxes()
    if boxes is not None:
        return boxes.coordinates.double().cpu().numpy()
    if len(truth):
        raise BadData(
            f"got {len(truth)} things without boxes for image {name!r}; taken are things with boxes, outlines or "
            "masks; give labels of detection"
        )
    return np.zeros((0, 4))


def _returned(boxes: Float[np.ndarray, "things 4"], placement: Warp, name: str) -> Float[np.ndarray, "things 4"]:
    """Bring boxes back to where they were before the picture was scaled and shifted."""
    matrix = placement.matrix / placement.matrix[2, 2]
    scale, shift = matrix.diagonal()[:2], matrix[:2, 2]
    if placement.field is not None or (matrix - np.diag(matrix.diagonal()))[:, :2].any():
        raise BadData(
            f"got placement {placement.matrix.round(4).tolist()} of image {name!r}; taken are those that scale and "
            "shift; judge on pictures that are not turned or bent"
        )
    corners = (boxes.reshape(-1, 2, 2) - shift) / scale
    return np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)


def _check(
    boxes: Float[np.ndarray, "things 4"], class_ids: Int[np.ndarray, " things"], names: Sequence[str], name: str
) -> None:
    wrong = np.flatnonzero(~np.isfinite(boxes).all(axis=1))
    if len(wrong):
        raise BadData(
            f"got the true box {boxes[wrong[0]].tolist()} for image {name!r}; taken are finite numbers; mend its labels"
        )
    strange = np.flatnonzero((class_ids < 0) | (class_ids >= len(names)))
    if len(strange):
        raise BadLabel(
            f"got a thing of class {class_ids[strange[0]]} in image {name!r}; taken are 0 to {len(names) - 1}; mend "
            "the labels, or take a network with more classes"
        )
