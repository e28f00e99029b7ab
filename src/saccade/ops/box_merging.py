"""Greedy merging of boxes: those that tell of the same thing become one, which is surer the more they were.

Suppression keeps the surest box and throws away what the others say. Merging takes the mean: a thing that many windows
agree on outweighs a window that is sure and alone.

Source: Sermanet et al., "OverFeat", arXiv 1312.6229, section 4.3.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Float, Shaped
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from saccade.errors import BadConfig, BadShape
from saccade.ops.boxes import rows_of_four


def merge_boxes(
    boxes: Shaped[Tensor, "boxes 4"],
    confidences: Float[Tensor, " boxes"],
    *,
    match_threshold: float = 0.5,
    confidence_threshold: float = 0.05,
    most: int = 2000,
) -> tuple[Float[Tensor, "merged 4"], Float[Tensor, " merged"]]:
    """Merge boxes of one class, the best pair first, until no pair matches.

    1. Of all pairs, take the one whose match score is least; stop if it is above the threshold.
    2. Put one box in their place: the mean of their corners, the sum of their confidences. Go on with 1.

    The match score is 1 − IoU + d² / c², with d the distance of the centres and c the diagonal of the smallest box
    around both: 0 for equal boxes, 1 or more for those that do not overlap. Boxes without area overlap with none.
    Gradients do not pass; it is computed on the processor, in time that grows with the square of the number of boxes.

    Args:
        boxes: Rows (x1, y1, x2, y2), in any order.
        confidences: How sure each one is, 0 or more.
        match_threshold: In [0, 2]; pairs with a match score above it stay apart.
        confidence_threshold: Boxes that are less sure are left out first.
        most: Of those that are left, so many of the surest are merged.

    Returns:
        The merged boxes, and the sums of confidences, which exceed 1 where many agree; the surest first. The order in
        which boxes are given makes no difference.

    Raises:
        BadShape: If boxes and confidences do not belong together, or are not all finite.
        BadConfig: If a threshold is out of its range, or `most` is below 1.

    Source: Sermanet et al. 2013, section 4.3. Deviates: the paper's match score is "the sum of the distance between
        centers of the two bounding boxes and the intersection area of the boxes", of which the least is taken. As it
        stands, boxes that overlap much would match less than those that touch; so it is read as the distance and what
        is *not* shared, both without a unit: 1 − DIoU (arXiv 1911.08287). The paper states no threshold.

    Example:
        >>> boxes = torch.tensor([[0, 0, 10, 10], [2, 0, 12, 10], [30, 0, 40, 10]])
        >>> merged, sums = merge_boxes(boxes, torch.tensor([0.5, 0.5, 0.75]))
        >>> merged.tolist(), sums.tolist()
        ([[1.0, 0.0, 11.0, 10.0], [30.0, 0.0, 40.0, 10.0]], [1.0, 0.75])
    """
    rows = rows_of_four(boxes, "boxes").detach()
    _check(rows, confidences, match_threshold, confidence_threshold, most)
    numbers = np.concatenate([_array(rows), _array(confidences)[:, None]], 1)
    numbers = numbers[numbers[:, 4] >= confidence_threshold]
    numbers = numbers[np.lexsort((*numbers.T[3::-1], -numbers[:, 4]))][:most]  # however they were given
    merged = _merged(numbers, match_threshold)
    found = torch.from_numpy(merged[np.argsort(-merged[:, 4], kind="stable")])
    return found[:, :4].to(rows), found[:, 4].to(confidences)


def merge_candidates(found: dict[str, Tensor]) -> dict[str, Tensor]:
    """Merge candidates class by class.

    Args:
        found: "boxes", one for each class, and "scores".

    Returns:
        "boxes" of one class each, and "scores", 0 for the other classes; images with fewer are filled with empty boxes
        that score 0.

    Source: Sermanet et al. 2013, section 4.3; that s is told as s / (1 + s) is ours.

    Example:
        >>> boxes = torch.tensor([[[[0.0, 0, 10, 10]], [[2.0, 0, 12, 10]]]])
        >>> both = merge_candidates({"boxes": boxes, "scores": torch.tensor([[[0.5], [0.5]]])})
        >>> both["boxes"].tolist(), both["scores"].tolist()
        ([[[1.0, 0.0, 11.0, 10.0]]], [[[0.5]]])
    """
    boxes, scores = found["boxes"], found["scores"]
    rows, sums = list[Tensor](), list[Tensor]()
    for image in range(len(boxes)):
        pairs = [merge_boxes(boxes[image, :, one], scores[image, :, one]) for one in range(scores.shape[2])]
        rows.append(torch.cat([pair[0] for pair in pairs]))
        sums.append(torch.block_diag(*[(pair[1] / (1 + pair[1]))[:, None] for pair in pairs]))
    most = max(1, *map(len, rows))
    rows, sums = ([F.pad(one, (0, 0, 0, most - len(one))) for one in part] for part in (rows, sums))
    return {"boxes": torch.stack(rows), "scores": torch.stack(sums)}


def _array(numbers: Tensor) -> NDArray[np.float64]:
    return numbers.detach().double().cpu().numpy()


def _merged(numbers: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """Merge rows of corners and confidences. Each row of the table of scores knows the least and where it stands."""
    numbers = numbers.copy()
    scores = np.stack([_scores(row, numbers) for row in numbers]) if len(numbers) else np.zeros((0, 0))
    np.fill_diagonal(scores, np.inf)
    while len(numbers) > 1:  # what is left is moved together whenever half of it is gone
        numbers, scores, done = _halved(numbers, scores, threshold)
        if done:
            break
    return numbers


def _halved(
    numbers: NDArray[np.float64], scores: NDArray[np.float64], threshold: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], bool]:
    """Merge until half of the boxes are gone, or no pair matches, which is said."""
    nearest, alive = scores.argmin(1), np.ones(len(numbers), np.bool_)
    least, done = scores.min(1), False
    for _ in range(max(1, len(numbers) // 2)):
        one = int(least.argmin())
        other = int(nearest[one])
        done = not least[one] <= threshold
        if done:
            break
        one, other = min(one, other), max(one, other)
        numbers[one, :4] = (numbers[one, :4] + numbers[other, :4]) / 2
        numbers[one, 4] += numbers[other, 4]
        alive[other] = False
        scores[other], scores[:, other], least[other] = np.inf, np.inf, np.inf
        row = np.where(alive, _scores(numbers[one], numbers), np.inf)
        row[one] = np.inf
        scores[one], scores[:, one] = row, row
        nearer = (row < least) | ((row == least) & (nearest >= one))
        stale = np.flatnonzero(alive & ((nearest == one) | (nearest == other)) & ~nearer)
        nearest[nearer], least[nearer] = one, row[nearer]
        stale = np.append(stale, one)
        nearest[stale] = scores[stale].argmin(1)
        least[stale] = scores[stale, nearest[stale]]
    return numbers[alive], scores[np.ix_(alive, alive)], done


def _scores(row: NDArray[np.float64], numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The match score of one box with each of others: 1 − DIoU, by the arithmetic of `ops.box_overlaps.diou`."""
    (x1, y1, x2, y2), (left, top, right, bottom) = row[:4], numbers[:, :4].T
    shared = np.maximum(np.minimum(right, x2) - np.maximum(left, x1), 0)
    shared *= np.maximum(np.minimum(bottom, y2) - np.maximum(top, y1), 0)
    area = np.maximum(right - left, 0) * np.maximum(bottom - top, 0)
    union = max(x2 - x1, 0) * max(y2 - y1, 0) + area - shared
    around = (np.maximum(right, x2) - np.minimum(left, x1)) ** 2 + (np.maximum(bottom, y2) - np.minimum(top, y1)) ** 2
    distance = ((left + right - x1 - x2) ** 2 + (top + bottom - y1 - y2) ** 2) / 4
    return 1 - shared / np.where(shared > 0, union, 1) + distance / np.where(distance > 0, around, 1)


def _check(boxes: Tensor, confidences: Tensor, match: float, confidence: float, most: int) -> None:
    if tuple(confidences.shape) != (len(boxes),):
        raise BadShape(
            f"got {len(boxes)} boxes and confidences of shape {tuple(confidences.shape)}; "
            "taken is one confidence for each box; give as many"
        )
    if not (boxes.isfinite().all() and confidences.isfinite().all()):
        raise BadShape("got boxes or confidences that are not finite; taken are finite numbers; leave those boxes out")
    if not 0 <= match <= 2:
        raise BadConfig(f"got match_threshold={match!r}; taken is a number from 0 to 2; 0.5 is ours")
    if not 0 <= confidence < math.inf:
        raise BadConfig(f"got confidence_threshold={confidence!r}; taken is a number of 0 or more; 0.05 is ours")
    if type(most) is not int or most < 1:
        raise BadConfig(f"got most={most!r}; taken are whole numbers ≥ 1; 2000 is ours")
