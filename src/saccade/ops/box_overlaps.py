"""How near two boxes are: the intersection over union, and three forms of it that tell distant boxes apart.

With I the intersection and U the union of two boxes, H the smallest box around both, d the distance of their centres
and c the diagonal of H:

    IoU  = I / U
    GIoU = IoU − (H − U) / H
    DIoU = IoU − d² / c²
    CIoU = DIoU − v² / (1 − IoU + v),  v = 4/π² · (atan(w′/h′) − atan(w/h))²

All are 1 for equal boxes. A ratio of two areas that are both 0 counts as 0, so every value and every gradient is
finite, for equal boxes and boxes without area too. Nothing is added to a denominator: the values do not depend on
whether boxes are in pixels or in shares of the image. Half precision is computed, and given, in float32.

Source: Rezatofighi et al., 2019, "Generalized intersection over union", arXiv 1902.09630; Zheng et al., 2020,
    "Distance-IoU loss", arXiv 1911.08287, equations 7 and 10 to 12.
"""

from __future__ import annotations

import math
from typing import Literal, get_args

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from saccade.errors import BadShape, UnknownName
from saccade.ops.boxes import rows_of_four

Overlap = Literal["iou", "giou", "diou", "ciou"]


def giou(boxes: Shaped[Tensor, "boxes 4"], others: Shaped[Tensor, "others 4"]) -> Float[Tensor, "boxes others"]:
    """Measure the generalised overlap of every pair.

    Args:
        boxes: Rows (x1, y1, x2, y2), of any type of number.
        others: Rows of the same kind.

    Returns:
        Numbers in [−1, 1]; −1 only where two points are apart.

    Raises:
        BadShape: If the rows have not four numbers.

    Example:
        >>> giou(torch.tensor([[0, 0, 1, 1]]), torch.tensor([[0, 0, 1, 1], [3, 0, 4, 1]])).tolist()
        [[1.0, -0.5]]
    """
    return _of_all_pairs(boxes, others, "giou")


def diou(boxes: Shaped[Tensor, "boxes 4"], others: Shaped[Tensor, "others 4"]) -> Float[Tensor, "boxes others"]:
    """Measure the overlap less the distance of every pair.

    Args:
        boxes: Rows (x1, y1, x2, y2), of any type of number.
        others: Rows of the same kind.

    Returns:
        Numbers in [−1, 1]; −1 only where two points are apart.

    Raises:
        BadShape: If the rows have not four numbers.

    Example:
        >>> round(diou(torch.tensor([[0, 0, 1, 1]]), torch.tensor([[3, 0, 4, 1]])).item(), 4)  # −9 / 17
        -0.5294
    """
    return _of_all_pairs(boxes, others, "diou")


def ciou(boxes: Shaped[Tensor, "boxes 4"], others: Shaped[Tensor, "others 4"]) -> Float[Tensor, "boxes others"]:
    """Measure the overlap less the distance and the difference in shape of every pair.

    Args:
        boxes: Rows (x1, y1, x2, y2), of any type of number.
        others: Rows of the same kind.

    Returns:
        Numbers in [−2, 1].

    Raises:
        BadShape: If the rows have not four numbers.

    Example:
        >>> round(ciou(torch.tensor([[0, 0, 1, 1]]), torch.tensor([[3, 0, 4, 1]])).item(), 4)  # both are squares
        -0.5294
    """
    return _of_all_pairs(boxes, others, "ciou")


def overlap_by_row(
    boxes: Shaped[Tensor, "boxes 4"], others: Shaped[Tensor, "boxes 4"], kind: Overlap = "iou"
) -> Float[Tensor, " boxes"]:
    """Measure each box against the one in the same row, to be differentiated.

    Gradients pass to both. Where a minimum is reached by both boxes, each gets half; boxes that only touch count as
    apart. The weight v / (1 − IoU + v) of CIoU is taken as a constant, as the paper says.

    Args:
        boxes: Rows (x1, y1, x2, y2), of any type of number.
        others: As many rows of the same kind.
        kind: "iou", "giou", "diou" or "ciou".

    Returns:
        One number for each row.

    Raises:
        BadShape: If the rows have not four numbers, or are not as many.
        UnknownName: If there is no such kind.

    Example:
        >>> overlap_by_row(torch.tensor([[0, 0, 2, 1]]), torch.tensor([[0, 0, 1, 1]])).tolist()
        [0.5]
    """
    if kind not in get_args(Overlap):
        raise UnknownName("overlap", str(kind), get_args(Overlap))
    boxes, others = rows_of_four(boxes, "boxes"), rows_of_four(others, "others")
    if len(boxes) != len(others):
        raise BadShape(f"got {len(boxes)} boxes and {len(others)} others; taken is one for each; give as many")
    return _overlap(_sides(boxes), _sides(others), kind)


def _of_all_pairs(boxes: Tensor, others: Tensor, kind: Overlap) -> Tensor:
    boxes, others = rows_of_four(boxes, "boxes"), rows_of_four(others, "others")
    return _overlap(_sides(boxes[:, None]), _sides(others[None]), kind)


def _sides(boxes: Tensor) -> tuple[Tensor, ...]:
    return (boxes if boxes.dtype.itemsize > 2 else boxes.float()).unbind(-1)


def _overlap(box: tuple[Tensor, ...], other: tuple[Tensor, ...], kind: Overlap) -> Tensor:
    x1, y1, x2, y2 = box
    left, top, right, bottom = other
    shared = (x2.minimum(right) - x1.maximum(left)).relu() * (y2.minimum(bottom) - y1.maximum(top)).relu()
    width, height, other_width, other_height = (
        side.clamp(min=0) for side in (x2 - x1, y2 - y1, right - left, bottom - top)
    )
    union = width * height + other_width * other_height - shared
    iou = _ratio(shared, union)
    if kind == "iou":
        return iou
    around = (x2.maximum(right) - x1.minimum(left)).clamp(min=0), (y2.maximum(bottom) - y1.minimum(top)).clamp(min=0)
    if kind == "giou":
        hull = around[0] * around[1]
        return iou - _ratio(hull - union, hull)
    distance = ((x1 + x2 - left - right) ** 2 + (y1 + y2 - top - bottom) ** 2) / 4
    diou = iou - _ratio(distance, around[0] ** 2 + around[1] ** 2)
    if kind == "diou":
        return diou
    unlike = 4 / math.pi**2 * (_slope(other_width, other_height) - _slope(width, height)) ** 2
    with torch.no_grad():
        weight = _ratio(unlike, 1 - iou + unlike)
    return diou - weight * unlike


def _ratio(part: Tensor, whole: Tensor) -> Tensor:
    """Divide; by what is next to nothing, or nothing, by 1 instead."""
    return part / whole.where(whole > torch.finfo(whole.dtype).eps ** 4, 1)


def _slope(width: Tensor, height: Tensor) -> Tensor:
    """Give atan(width / height), and 0 for a box that is a point."""
    extended = width**2 + height**2 > torch.finfo(width.dtype).eps ** 4
    return torch.atan2(width.where(extended, 0), height.where(extended, 1))
