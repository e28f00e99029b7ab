"""Pictures with boxes, as the tasks that find boxes take them: what is learnt from, and where it was on the picture.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from saccade.errors import BadLabel
from saccade.types.annotations import Annotations
from saccade.types.batch import Batch


def check_boxed(targets: Sequence[Any], labels: Sequence[str]) -> tuple[Annotations, ...]:
    """See that each target is annotations, with a box of a known class for each thing.

    Args:
        targets: What is known of each picture; one without things is background.
        labels: The names of the classes; when empty, any class is one.

    Returns:
        The same.

    Raises:
        BadLabel: If one is nothing of the kind, or has a class that is none; all such are listed.

    Source: ours.

    Example:
        >>> len(check_boxed([Annotations((8, 8))], ["cat"]))
        1
    """
    problems = list[str]()
    for place, target in enumerate(targets):
        if not isinstance(target, Annotations) or (target.boxes is None and len(target)):
            problems.append(
                f"got target {place} of type {type(target).__name__} without boxes; taken are annotations with a "
                "box for each thing; look at the labels"
            )
        elif (
            labels and len(target) and not 0 <= int(target.class_ids.min()) <= int(target.class_ids.max()) < len(labels)
        ):
            problems.append(
                f"got class ids {sorted(set(target.class_ids.tolist()))} in target {place}; taken are 0 to "
                f"{len(labels) - 1}; mend the labels"
            )
    if problems:
        raise BadLabel("\n".join(problems))
    return tuple(targets)


def learnable(target: Annotations) -> Bool[Tensor, " things"]:
    """Say which things can be learnt from: those that are no crowd, whose box has an area.

    Args:
        target: Things with boxes.

    Returns:
        True for each such thing.

    Source: ours.

    Example:
        >>> from saccade.types.boxes import Boxes
        >>> boxes = Boxes(torch.tensor([[0.0, 0, 4, 4], [2, 2, 2, 6]]), (8, 8))
        >>> learnable(Annotations((8, 8), torch.tensor([0, 1]), boxes)).tolist()
        [True, False]
    """
    if target.boxes is None:
        return torch.zeros(len(target), dtype=torch.bool, device=target.class_ids.device)
    boxes = target.boxes.coordinates
    learnt = (boxes[:, 2:] > boxes[:, :2]).all(1)
    return learnt if target.crowd is None else learnt & ~target.crowd


def on_picture(
    boxes: Float[Tensor, "boxes 4"], batch: Batch, image: int
) -> tuple[Float[Tensor, "boxes 4"], tuple[int, int]]:
    """Bring boxes on an image of a batch to where they are on its picture, as that was decoded.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels of the image.
        batch: Its placements say where each picture lies on its image; without them the image is the picture.
        image: The number of the image.

    Returns:
        Rows in pixels of the picture, not cut off at its edges; and its (height, width).

    Source: ours.

    Example:
        >>> import numpy as np
        >>> from saccade.types.warp import Warp
        >>> half = Warp(np.diag([0.5, 0.5, 1.0]), (16, 16), (8, 8))
        >>> batch = Batch(torch.zeros(1, 1, 8, 8), torch.tensor([[8, 8]]), placements=(half,))
        >>> on_picture(torch.tensor([[1.0, 2, 3, 4]]), batch, 0)
        (tensor([[2., 4., 6., 8.]]), (16, 16))
    """
    if not batch.placements:
        height, width = batch.sizes[image].tolist()
        return boxes, (height, width)
    warp = batch.placements[image]
    matrix = torch.from_numpy(warp.matrix).to(boxes)
    return (boxes - matrix[:2, 2].repeat(2)) / matrix.diagonal()[:2].repeat(2), warp.source
