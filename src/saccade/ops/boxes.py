"""Boxes as plain tensors: rows (x1, y1, x2, y2) in pixels, that is left, top, right, bottom.

Coordinates are continuous: pixel i covers [i, i + 1], so that the box (0, 0, 10, 10) has an area of 100.

Source: the notes' intersection over union; Jaccard, 1912, for sets.
"""

from __future__ import annotations

from jaxtyping import Float, Shaped
from torch import Tensor

from saccade.errors import BadShape


def area(boxes: Shaped[Tensor, "boxes 4"]) -> Float[Tensor, " boxes"]:
    """Measure boxes.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels, of any type of number.

    Returns:
        Square pixels; 0 for a box without width or height, and for one that is turned inside out.

    Raises:
        BadShape: If the rows have not four numbers.

    Source: ours.

    Example:
        >>> import torch
        >>> area(torch.tensor([[0, 0, 4, 3], [5, 5, 5, 9]])).tolist()
        [12.0, 0.0]
    """
    return _sides(rows_of_four(boxes, "boxes")).prod(-1)


def iou(boxes: Shaped[Tensor, "boxes 4"], others: Shaped[Tensor, "others 4"]) -> Float[Tensor, "boxes others"]:
    """Measure how much of two boxes is common: the area of their intersection over that of their union.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels, of any type of number.
        others: Rows of the same kind.

    Returns:
        For each pair a number in [0, 1]: 1 for equal boxes, 0 for boxes that touch at most. A box without area has
        0 with every box, itself too.

    Raises:
        BadShape: If the rows have not four numbers.

    Source: the notes; Everingham et al., 2010, "The PASCAL Visual Object Classes (VOC) Challenge", equation 4.

    Example:
        >>> import torch
        >>> iou(torch.tensor([[0, 0, 10, 10]]), torch.tensor([[5, 0, 15, 10], [10, 0, 20, 10]])).tolist()
        [[0.3333333432674408, 0.0]]
    """
    boxes, others = rows_of_four(boxes, "boxes"), rows_of_four(others, "others")
    start = boxes[:, None, :2].maximum(others[None, :, :2])
    end = boxes[:, None, 2:].minimum(others[None, :, 2:])
    intersection = (end - start).clamp(min=0).prod(-1)
    union = _sides(boxes).prod(-1)[:, None] + _sides(others).prod(-1)[None, :] - intersection
    return intersection / union.where(intersection > 0, 1)


def rows_of_four(boxes: Shaped[Tensor, "boxes 4"], name: str) -> Float[Tensor, "boxes 4"]:
    """Check that a tensor holds boxes, and make their numbers floats.

    Args:
        boxes: Rows (x1, y1, x2, y2).
        name: What they are called, for the message.

    Returns:
        The same numbers, as they are or as floats of 32 bits.

    Raises:
        BadShape: If the rows have not four numbers.

    Source: ours.

    Example:
        >>> import torch
        >>> rows_of_four(torch.tensor([[0, 0, 4, 3]]), "boxes").dtype
        torch.float32
    """
    if boxes.dim() != 2 or boxes.shape[1] != 4:
        cure = "give boxes[None]" if tuple(boxes.shape) == (4,) else "give one row for each box"
        raise BadShape(f"got {name} of shape {tuple(boxes.shape)}; taken are rows (x1, y1, x2, y2) in pixels; {cure}")
    return boxes if boxes.is_floating_point() else boxes.float()


def _sides(boxes: Float[Tensor, "boxes 4"]) -> Float[Tensor, "boxes 2"]:
    return (boxes[:, 2:] - boxes[:, :2]).clamp(min=0)
