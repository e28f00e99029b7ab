"""One less the overlap of a box with its target: the loss that is what detection is measured by.

Source: Yu et al., 2016, "UnitBox", arXiv 1608.01471, for IoU; Rezatofighi et al., 2019, arXiv 1902.09630, for GIoU;
    Zheng et al., 2020, arXiv 1911.08287, for DIoU and CIoU.
"""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from torch import Tensor

from saccade.losses.focal import reduce
from saccade.ops.box_overlaps import Overlap, overlap_by_row


def box_overlap_loss(
    boxes: Float[Tensor, "boxes 4"],
    targets: Float[Tensor, "boxes 4"],
    *,
    kind: Overlap = "giou",
    reduction: Literal["mean", "sum", "none"] = "mean",
) -> Float[Tensor, "*boxes"]:
    """Compare boxes with their targets, row by row.

    Args:
        boxes: Rows (x1, y1, x2, y2); half precision is computed in float32.
        targets: As many rows; they may be learned too.
        kind: "iou", "giou", "diou" or "ciou", as in `ops.box_overlaps`.
        reduction: "mean" or "sum" over the boxes, or "none" for one number for each.

    Returns:
        0 where they are equal; at most 1 for IoU, 2 for GIoU and DIoU, 3 for CIoU. Of no boxes it is 0, and can
        still be differentiated.

    Raises:
        BadShape: If the rows have not four numbers, or are not as many.
        UnknownName: If there is no such kind or reduction.

    Source: as the file.

    Example:
        >>> import torch
        >>> box_overlap_loss(torch.tensor([[0.0, 0, 2, 1]]), torch.tensor([[0.0, 0, 1, 1]]), kind="iou").item()
        0.5
    """
    return reduce(1 - overlap_by_row(boxes, targets, kind), reduction)
