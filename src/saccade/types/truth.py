"""What is to be found in one image, as a detector's loss takes it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Truth:
    """What is to be found in one image.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels of what the network sees, each with an area.
        class_ids: Of each, from 0.

    Source: ours.

    Example:
        >>> len(Truth(torch.tensor([[1.0, 2.0, 4.0, 6.0]]), torch.tensor([0])))
        1
    """

    boxes: Float[Tensor, "things 4"]
    class_ids: Int[Tensor, " things"]

    def __len__(self) -> int:
        """Count the things."""
        return len(self.class_ids)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Truth:
        """Move to a device."""
        moved = (part.to(device, non_blocking=non_blocking) for part in (self.boxes, self.class_ids))
        return Truth(*moved)
