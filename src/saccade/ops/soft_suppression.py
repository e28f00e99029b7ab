"""Soft suppression: what overlaps a surer box is not dropped but trusted less, the more they share.

Source: Bodla et al., 2017, "Soft-NMS – improving object detection with one line of code", arXiv 1704.04503.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped
from numpy.typing import NDArray
from torch import Tensor

from saccade.errors import BadConfig
from saccade.ops.suppression import plain_arrays


def soft_suppress(
    boxes: Shaped[Tensor, "boxes 4"],
    confidences: Float[Tensor, " boxes"],
    iou_threshold: float = 0.5,
    *,
    sigma: float | None = None,
    confidence_threshold: float = 0.001,
) -> tuple[Int[Tensor, " kept"], Float[Tensor, " kept"]]:
    """Take the surest box, lower the confidence of those that overlap it, and go on with the surest that is left.

    A box that shares s with the one taken is multiplied, linearly, by 1 − s if s is over the threshold; with a sigma,
    by exp(−s²/σ) whatever the threshold. Gradients do not pass.

    Args:
        boxes: Rows (x1, y1, x2, y2), of one class or of all; half precision is computed in float32.
        confidences: How sure each one is, 0 or more; of equals, the one that comes first is taken first.
        iou_threshold: In [0, 1]; for the linear form.
        sigma: Width σ of the Gaussian form, above 0; the paper's is 0.5. None is the linear form.
        confidence_threshold: 0 or more; a box whose confidence falls below it is dropped.

    Returns:
        The numbers of the boxes that are left, the surest first, and their confidences after that.

    Raises:
        BadShape: If boxes and confidences do not belong together, or are not all finite.
        BadConfig: If a threshold or sigma is out of range.

    Source: as the file, equations 1 and 3 and figure 2.

    Example:
        >>> boxes = torch.tensor([[0, 0, 10, 10], [0, 0, 10, 8], [30, 0, 40, 10]])
        >>> kept, sure = soft_suppress(boxes, torch.tensor([1.0, 0.5, 0.25]))
        >>> kept.tolist(), [round(value, 3) for value in sure.tolist()]
        ([0, 2, 1], [1.0, 0.25, 0.1])
    """
    corners, sure = plain_arrays(boxes, confidences, iou_threshold)
    if sigma is not None and not 0 < sigma < math.inf:
        raise BadConfig(f"got sigma={sigma!r}; taken is a number above 0, or None for the linear form; 0.5 is usual")
    if not confidence_threshold >= 0 or (sure < 0).any():
        raise BadConfig(
            f"got confidence_threshold={confidence_threshold!r} and confidences from {sure.min(initial=0):g} on; "
            "taken are numbers from 0 on; give probabilities"
        )
    with np.errstate(all="ignore"):
        kept, lowered = _soften(corners, sure.copy(), (iou_threshold, sigma, confidence_threshold))
    return torch.from_numpy(kept).to(boxes.device), torch.from_numpy(lowered).to(confidences)


def _soften(
    corners: NDArray, sure: NDArray, settings: tuple[float, float | None, float]
) -> tuple[NDArray[np.int64], NDArray]:
    _, _, lowest = settings
    left = np.flatnonzero(sure >= lowest)
    sides, sure = np.ascontiguousarray(corners[left].T), sure[left]
    kept, lowered = [], []
    while len(left):
        best = int(sure.argmax())
        kept.append(left[best])
        lowered.append(sure[best])
        sure = sure * _trust(_shared(sides[:, best], sides), settings)
        stays = sure >= lowest
        stays[best] = False
        left, sides, sure = left[stays], sides[:, stays], sure[stays]
    return np.array(kept, np.int64), np.array(lowered, sure.dtype)


def _trust(shared: NDArray, settings: tuple[float, float | None, float]) -> NDArray:
    threshold, sigma, _ = settings
    if sigma is None:
        return np.where(shared > shared.dtype.type(threshold), 1 - shared, 1)
    return np.exp(-shared * shared / shared.dtype.type(sigma))


def _shared(box: NDArray, sides: NDArray) -> NDArray:
    """Measure the overlap of one box with many, as `ops.boxes.iou`."""
    inner = np.maximum(np.minimum(box[2:, None], sides[2:]) - np.maximum(box[:2, None], sides[:2]), 0).prod(0)
    areas = np.maximum(sides[2:] - sides[:2], 0).prod(0)
    union = np.maximum(box[2:] - box[:2], 0).prod() + areas - inner
    return inner / np.where(inner > 0, union, 1)
