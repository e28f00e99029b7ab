"""Which object an anchor answers for while a detector learns: its best, if they overlap enough; or none.

Source: Ren et al., 2015, "Faster R-CNN", arXiv 1506.01497, section 3.1.2; Liu et al., 2016, "SSD", arXiv 1512.02325,
    section 2.2, "matching strategy".
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saccade.errors import BadConfig, BadShape

BACKGROUND, BETWEEN = -1, -2  # for an anchor that shows nothing; for one that is neither this nor an object


def match_anchors(
    overlaps: Float[Tensor, "objects anchors"],
    *,
    background_below: float,
    object_from: float,
    allow_low_quality: bool = False,
) -> Int[Tensor, " anchors"]:
    """Give each anchor the object that it overlaps most, if they overlap enough.

    Args:
        overlaps: IoU of each object with each anchor.
        background_below: An anchor whose best overlap is below it shows nothing: 0.3 in the region proposal network,
            0.4 in RetinaNet, 0.5 in Fast R-CNN's head.
        object_from: An anchor whose best overlap reaches it shows that object: 0.7, 0.5, 0.5.
        allow_low_quality: Whether an anchor that no other surpasses for some object keeps its best object, however
            little they overlap; so no object that any anchor touches is left without one. True in the region proposal
            network and RetinaNet.

    Returns:
        For each anchor the number of its object (the first of equals), −1 for background, −2 for what lies between
        the thresholds and shall not be learned from. Without objects all are −1.

    Raises:
        BadShape: If the overlaps are no table.
        BadConfig: If the thresholds are not 0 ≤ background_below ≤ object_from.

    Source: as the file. Deviates from common code where an object touches no anchor at all: there it would turn every
        anchor that touches it as little into an object; here it is left without one.

    Example:
        >>> overlaps = torch.tensor([[0.8, 0.5, 0.1, 0.0], [0.0, 0.2, 0.2, 0.0]])
        >>> match_anchors(overlaps, background_below=0.3, object_from=0.7).tolist()
        [0, -2, -1, -1]
        >>> match_anchors(overlaps, background_below=0.3, object_from=0.7, allow_low_quality=True).tolist()
        [0, 0, 1, -1]
    """
    if not 0 <= background_below <= object_from:
        raise BadConfig(
            f"got background_below={background_below!r} and object_from={object_from!r}; taken are two thresholds, the "
            "first not above the second; 0.3 and 0.7 are usual"
        )
    best, objects = _best(overlaps)
    matches = objects.clone()
    matches[best < object_from] = BETWEEN
    matches[best < background_below] = BACKGROUND
    if allow_low_quality and overlaps.numel():
        most = overlaps.amax(1, keepdim=True)
        unsurpassed = ((overlaps == most) & (most > 0)).any(0)
        matches[unsurpassed] = objects[unsurpassed]
    return matches


def match_default_boxes(
    overlaps: Float[Tensor, "objects anchors"], *, iou_threshold: float = 0.5
) -> Int[Tensor, " anchors"]:
    """Give each object its best default box, and each other box the object that it overlaps most, if enough.

    Args:
        overlaps: IoU of each object with each default box.
        iou_threshold: From which on a box that is no object's best shows its object.

    Returns:
        For each box the number of its object, or −1 for background. Where two objects have the same best box, the
        later one gets it.

    Raises:
        BadShape: If the overlaps are no table.
        BadConfig: If the threshold is below 0.

    Source: Liu et al., 2016, section 2.2.

    Example:
        >>> match_default_boxes(torch.tensor([[0.8, 0.6, 0.1], [0.0, 0.2, 0.3]])).tolist()
        [0, 0, 1]
    """
    matches = match_anchors(overlaps, background_below=iou_threshold, object_from=iou_threshold)
    if overlaps.numel():
        for number, box in enumerate(overlaps.argmax(1).tolist()):
            matches[box] = number
    return matches


def _best(overlaps: Tensor) -> tuple[Tensor, Tensor]:
    if overlaps.ndim != 2 or not overlaps.is_floating_point():
        raise BadShape(
            f"got overlaps of shape {tuple(overlaps.shape)} and {overlaps.dtype}; taken are floats of shape (objects, "
            "anchors); use ops.boxes.iou(objects, anchors)"
        )
    if not len(overlaps):
        anchors = overlaps.shape[1]
        nothing = overlaps.new_full((anchors,), -1.0)
        return nothing, torch.full((anchors,), BACKGROUND, device=overlaps.device)
    best, objects = overlaps.max(0)
    return best, objects
