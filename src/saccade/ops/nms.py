"""Non-maximum suppression: of boxes that show the same thing, only the one that is surest stays.

Source: the notes.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from saccade.errors import BadConfig, BadShape
from saccade.ops.boxes import iou, rows_of_four


def nms(
    boxes: Shaped[Tensor, "boxes 4"],
    confidences: Float[Tensor, " boxes"],
    *,
    iou_threshold: float = 0.5,
    confidence_threshold: float = 0.6,
) -> Int[Tensor, " kept"]:
    """Keep the surest of boxes that overlap, by the notes' algorithm, to the letter.

    1. Discard every box whose confidence is below the threshold.
    2. Take the surest of those that are left: it is kept.
    3. Discard every other whose overlap with it is greater than the threshold; if any are left, go on with 2.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels, of one class, in any order.
        confidences: How sure each one is, in [0, 1]; of equals, the one that comes first is taken first.
        iou_threshold: N in [0, 1]; an overlap equal to it is not greater, so both boxes stay.
        confidence_threshold: In [0, 1]; a confidence equal to it is not below. The notes' 0.6 is for what a person
            shall see; to measure average precision use 0.05 or less.

    Returns:
        The numbers of the boxes that are kept, the surest first.

    Raises:
        BadShape: If boxes and confidences do not belong together, or are not all finite.
        BadConfig: If a threshold is outside [0, 1].

    Source: the notes: one says "discard P_c < 0.6", another "if IoU > N, remove"; here both are arguments.

    Example:
        >>> boxes = torch.tensor([[0, 0, 10, 10], [1, 0, 11, 10], [30, 0, 40, 10]])
        >>> nms(boxes, torch.tensor([0.7, 0.9, 0.8])).tolist()
        [1, 2]
    """
    boxes = rows_of_four(boxes, "boxes")
    _check(boxes, confidences, {"iou_threshold": iou_threshold, "confidence_threshold": confidence_threshold})
    order = confidences.argsort(descending=True, stable=True)
    left = order[confidences[order] >= confidence_threshold]
    kept = []
    while len(left):
        best, left = left[:1], left[1:]
        kept.append(best)
        left = left[iou(boxes[best], boxes[left])[0] <= iou_threshold]
    return torch.cat(kept) if kept else order[:0]


def _check(boxes: Tensor, confidences: Tensor, thresholds: dict[str, float]) -> None:
    if tuple(confidences.shape) != (len(boxes),):
        raise BadShape(
            f"got {len(boxes)} boxes and confidences of shape {tuple(confidences.shape)}; "
            "taken is one confidence for each box; give as many"
        )
    if not (boxes.isfinite().all() and confidences.isfinite().all()):
        raise BadShape("got boxes or confidences that are not finite; taken are finite numbers; leave those boxes out")
    wrong = [f"{name}={value!r}" for name, value in thresholds.items() if not 0 <= value <= 1]
    if wrong:
        raise BadConfig(f"got {' and '.join(wrong)}; taken are numbers from 0 to 1; change what is outside")
