"""Which anchor of its cell answers for a thing: the one whose shape is nearest, each for one thing at most.

So two things whose middles lie in one cell are both learnt, if there are two anchors.

Source: Redmon and Farhadi, 2017, "YOLO9000", arXiv 1612.08242, section 2; the notes' anchor boxes.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saccade.errors import BadShape
from saccade.ops.anchor_shapes import shape_overlaps


def assign_anchors(
    sizes: Float[Tensor, "things 2"], cells: Int[Tensor, "things 2"], anchors: Float[Tensor, "anchors 2"]
) -> Int[Tensor, " things"]:
    """Give each thing the anchor of its cell that overlaps most with it and is not taken.

    The pairs that overlap most come first; of equals, that of the first thing, then of the first anchor.

    Args:
        sizes: (width, height) of each thing, above 0.
        cells: (row, column) of each.
        anchors: Rows (width, height), above 0, in the unit of the sizes.

    Returns:
        The number of its anchor; −1 where all of its cell are taken.

    Raises:
        BadShape: If there is not one cell for each thing.

    Source: Redmon and Farhadi 2017, section 2; that no anchor answers twice is ours.

    Example:
        >>> sizes, cells = torch.tensor([[10.0, 20], [10, 22]]), torch.tensor([[3, 4], [3, 4]])
        >>> assign_anchors(sizes, cells, torch.tensor([[10.0, 22], [30, 10]])).tolist()
        [1, 0]
    """
    if tuple(cells.shape) != (len(sizes), 2):
        raise BadShape(
            f"got {len(sizes)} things and cells of shape {tuple(cells.shape)}; taken is (row, column) for each; "
            "give as many"
        )
    overlaps, places = shape_overlaps(sizes, anchors).cpu(), list(map(tuple, cells.tolist()))
    chosen, taken = [-1] * len(sizes), set[tuple[object, int]]()
    for pair in overlaps.flatten().argsort(descending=True, stable=True).tolist():
        thing, anchor = divmod(pair, len(anchors))
        if chosen[thing] < 0 and (places[thing], anchor) not in taken:
            chosen[thing] = anchor
            taken.add((places[thing], anchor))
    return torch.tensor(chosen, dtype=torch.int64, device=sizes.device)
