"""Several samples, stacked for a network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saccade.types.warp import Warp


@dataclass(frozen=True)
class Batch:
    """Several samples, stacked and ready for a network.

    Args:
        images: Float in [0, 1].
        sizes: The valid (height, width) of each image in pixels; the rest is padding below and to the right.
        targets: What the task's loss compares with, as the task encoded it.
        keys: Where each image comes from.
        set_aside: Files that could not be read and are not in this batch, each with the reason.
        placements: Where each picture, as it was decoded, lies on its image; () where pictures were changed at random,
            or nobody asks.

    Source: ours.
    """

    images: Float[Tensor, "batch channels height width"]
    sizes: Int[Tensor, "batch 2"]
    targets: Any = None
    keys: tuple[str, ...] = ()
    set_aside: tuple[tuple[str, str], ...] = ()
    placements: tuple[Warp, ...] = ()

    def __len__(self) -> int:
        """Count the images."""
        return self.images.shape[0]

    def to(self, device: torch.device, memory_format: torch.memory_format = torch.contiguous_format) -> Batch:
        """Move the images and whatever tensors the targets hold.

        Args:
            device: Where to.
            memory_format: How the images shall lie in memory.

        Returns:
            A batch on that device.

        Source: ours.
        """
        images = self.images.to(device, memory_format=memory_format, non_blocking=True)
        return replace(self, images=images, targets=_moved(self.targets, device))


def _moved(value: Any, device: torch.device) -> Any:
    if isinstance(value, Tensor) or hasattr(value, "to"):
        return value.to(device, non_blocking=True)
    if isinstance(value, dict):
        return {key: _moved(item, device) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_moved(item, device) for item in value)
    return value
