"""Boxes relative to something: to an anchor, as the R-CNNs and SSD learn them, or to a point, as anchor-free heads do.

Relative to an anchor of centre (x, y) and size (w, h), a box of centre (x′, y′) and size (w′, h′) is

    weights · ((x′ − x) / w, (y′ − y) / h, log(w′ / w), log(h′ / h)).

Source: Girshick et al., 2014, "Rich feature hierarchies", arXiv 1311.2524, appendix C; the weights, which SSD states
    as their inverses, the variances, are the field's. Tian et al., 2019, "FCOS", arXiv 1904.01355, equation 1, for
    distances.
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadConfig, BadShape
from saccade.ops.box_formats import fours, xyxy_to_cxcywh
from saccade.ops.boxes import rows_of_four

Weights = tuple[float, float, float, float]
LARGEST_LOG = math.log(1000 / 16)  # Faster R-CNN's: no box grows to more than 62.5 anchors in one step


def encode_boxes(
    boxes: Float[Tensor, "boxes 4"], anchors: Float[Tensor, "boxes 4"], *, weights: Weights = (1.0, 1.0, 1.0, 1.0)
) -> Float[Tensor, "boxes 4"]:
    """Tell boxes relative to anchors.

    Args:
        boxes: Rows (x1, y1, x2, y2), with area.
        anchors: As many rows, with area.
        weights: Of x, y, width and height, above 0: (1, 1, 1, 1) in the region proposal network and RetinaNet,
            (10, 10, 5, 5) in Fast R-CNN's head and SSD, which calls (0.1, 0.1, 0.2, 0.2) the variances.

    Returns:
        The codes; infinite or NaN for what has no area.

    Raises:
        BadShape: If the rows have not four numbers, or are not as many.
        BadConfig: If a weight is not above 0.

    Source: as the file.

    Example:
        >>> encode_boxes(torch.tensor([[5.0, 0, 15, 10]]), torch.tensor([[0.0, 0, 10, 10]])).tolist()
        [[0.5, 0.0, 0.0, 0.0]]
    """
    boxes, anchors = rows_of_four(boxes, "boxes"), rows_of_four(anchors, "anchors")
    if len(boxes) != len(anchors):
        raise BadShape(f"got {len(boxes)} boxes and {len(anchors)} anchors; taken is one for each; give as many")
    goal, start = xyxy_to_cxcywh(boxes), xyxy_to_cxcywh(anchors)
    moves, growth = (goal[:, :2] - start[:, :2]) / start[:, 2:], (goal[:, 2:] / start[:, 2:]).log()
    return torch.cat([moves, growth], 1) * _weights(boxes, weights)


def decode_boxes(
    codes: Float[Tensor, "anchors *classes 4"],
    anchors: Float[Tensor, "anchors 4"],
    *,
    weights: Weights = (1.0, 1.0, 1.0, 1.0),
    largest_log: float = LARGEST_LOG,
) -> Float[Tensor, "anchors *classes 4"]:
    """Undo `encode_boxes`: from codes to boxes.

    Args:
        codes: For each anchor those of one box, or of one for each class.
        anchors: Rows (x1, y1, x2, y2).
        weights: As they were encoded with.
        largest_log: What log(w′ / w) and log(h′ / h) are cut to, so that an untrained network makes no infinite box;
            `math.inf` to leave them.

    Returns:
        Boxes (x1, y1, x2, y2), not cut to any image.

    Raises:
        BadShape: If codes and anchors do not belong together.
        BadConfig: If a weight is not above 0.

    Source: as the file.

    Example:
        >>> decode_boxes(torch.tensor([[0.5, 0.0, 0.0, 0.0]]), torch.tensor([[0.0, 0, 10, 10]])).tolist()
        [[5.0, 0.0, 15.0, 10.0]]
    """
    codes, anchors = fours(codes, "codes"), rows_of_four(anchors, "anchors")
    if codes.ndim < 2 or len(codes) != len(anchors):
        raise BadShape(
            f"got codes of shape {tuple(codes.shape)} and {len(anchors)} anchors; taken are (anchors, 4), or "
            "(anchors, classes, 4); use codes.reshape(len(anchors), -1, 4)"
        )
    start = xyxy_to_cxcywh(anchors).reshape(len(anchors), *[1] * (codes.ndim - 2), 4)
    codes = codes / _weights(codes, weights)
    centre = codes[..., :2] * start[..., 2:] + start[..., :2]
    half = codes[..., 2:].clamp(max=largest_log).exp() * start[..., 2:] / 2
    return torch.cat([centre - half, centre + half], -1)


def encode_distances(points: Float[Tensor, "points 2"], boxes: Float[Tensor, "points 4"]) -> Float[Tensor, "points 4"]:
    """Tell boxes by how far their sides are from points.

    Args:
        points: Rows (x, y).
        boxes: As many rows (x1, y1, x2, y2).

    Returns:
        Distances to the left, top, right and bottom; all are above 0 when the point is inside.

    Raises:
        BadShape: If points and boxes do not belong together.

    Source: as the file.

    Example:
        >>> encode_distances(torch.tensor([[3.0, 4.0]]), torch.tensor([[1.0, 1, 10, 6]])).tolist()
        [[2.0, 3.0, 7.0, 2.0]]
    """
    boxes = rows_of_four(boxes, "boxes")
    _check_points(points, len(boxes))
    return torch.cat([points - boxes[:, :2], boxes[:, 2:] - points], 1)


def decode_distances(
    points: Float[Tensor, "points 2"], distances: Float[Tensor, "*batch points 4"]
) -> Float[Tensor, "*batch points 4"]:
    """Undo `encode_distances`: from distances to boxes.

    Args:
        points: Rows (x, y).
        distances: To the left, top, right and bottom, for each point; any axes may stand before.

    Returns:
        Boxes (x1, y1, x2, y2).

    Raises:
        BadShape: If points and distances do not belong together.

    Source: as the file.

    Example:
        >>> decode_distances(torch.tensor([[3.0, 4.0]]), torch.tensor([[2.0, 3, 7, 2]])).tolist()
        [[1.0, 1.0, 10.0, 6.0]]
    """
    distances = fours(distances, "distances")
    _check_points(points, distances.shape[-2] if distances.ndim > 1 else -1)
    return torch.cat([points - distances[..., :2], points + distances[..., 2:]], -1)


def _check_points(points: Tensor, number: int) -> None:
    if tuple(points.shape) != (number, 2):
        raise BadShape(
            f"got points of shape {tuple(points.shape)} for {max(number, 0)} rows of four; "
            "taken is one row (x, y) for each; give as many"
        )


def _weights(boxes: Tensor, weights: Weights) -> Float[Tensor, " 4"]:
    if len(weights) != 4 or not all(0 < weight < math.inf for weight in weights):
        raise BadConfig(
            f"got weights={weights!r}; taken are four numbers above 0, of x, y, width and height; "
            "(1, 1, 1, 1) and (10, 10, 5, 5) are usual"
        )
    return boxes.new_tensor(weights)
