"""What boxes, masks and keypoints have in common: they follow their image wherever it goes.

Coordinates are continuous pixels: pixel i covers [i, i + 1], so an image of width w ends at x = w and its mirror takes
x to w − x. An augmentation that moves an image calls the same method, with the same numbers, on what lies upon it.

Source: ours.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from jaxtyping import Bool, Int, Shaped
from torch import Tensor

from saccade.errors import BadLabel
from saccade.types.warp import Warp

Thing = TypeVar("Thing")


class Geometry(Protocol):
    """Things that lie on an image; every method gives new ones, in the same order."""

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the image in pixels."""
        ...

    def __len__(self) -> int:
        """Count the things."""
        ...

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Geometry:
        """Move to a device."""
        ...

    def select(self, which: Tensor) -> Geometry:
        """Keep some: a mask, or their numbers."""
        ...

    def mirror(self) -> Geometry:
        """Follow the image when left and right change places."""
        ...

    def scale(self, size: tuple[int, int]) -> Geometry:
        """Follow the image when it is stretched to another size."""
        ...

    def crop(self, top: int, left: int, size: tuple[int, int]) -> Geometry:
        """Follow the image when a window is cut out of it; a negative corner or a larger size is padding."""
        ...

    def warp(self, warp: Warp) -> Geometry:
        """Follow the image wherever it goes; what leaves it is cut off."""
        ...


def check_size(size: tuple[int, int]) -> None:
    """Refuse a size that no image has.

    Args:
        size: (height, width) in pixels.

    Raises:
        BadLabel: If either is below 1.

    Source: ours.

    Example:
        >>> check_size((3, 4))
    """
    if len(size) != 2 or min(size) < 1:
        raise BadLabel(f"got an image of size {size}; taken is (height, width) in pixels, both ≥ 1; give its size")


def unchecked(thing: Thing, changes: Mapping[str, Any]) -> Thing:
    """Copy a value with some fields changed, without checking it again.

    A check waits for the device; what only moves, or only loses members, is as good as it was.

    Args:
        thing: Boxes, masks or keypoints.
        changes: New values by field.

    Returns:
        The copy.

    Source: ours.

    Example:
        >>> from saccade.types.boxes import Boxes
        >>> len(unchecked(Boxes(torch.zeros(3, 4), (2, 2)), {"coordinates": torch.zeros(1, 4)}))
        1
    """
    other = copy.copy(thing)
    for name, value in changes.items():
        object.__setattr__(other, name, value)
    return other


def chosen_rows(which: Bool[Tensor, " things"] | Int[Tensor, " chosen"]) -> list[int]:
    """Read a choice of things as their numbers.

    Args:
        which: True for each to keep, or their numbers in the new order.

    Returns:
        The numbers.

    Source: ours.

    Example:
        >>> chosen_rows(torch.tensor([True, False, True]))
        [0, 2]
    """
    return (which.nonzero()[:, 0] if which.dtype == torch.bool else which).tolist()


def picked(
    values: Shaped[Tensor, "maps height width"], warp: Warp, outside: float
) -> Shaped[Tensor, "maps new_height new_width"]:
    """Let maps follow their image: each new pixel takes the old one under its centre.

    Args:
        values: Any numbers, one map or many.
        warp: Where the points of the image go.
        outside: What a pixel gets that shows nothing of the image.

    Returns:
        The maps of the result.

    Source: ours.

    Example:
        >>> turned = Warp(np.array([[0.0, -1.0, 2.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), (2, 3), (3, 2))
        >>> picked(torch.tensor([[[1, 2, 3], [4, 5, 6]]]), turned, 0)[0].tolist()
        [[4, 1], [5, 2], [6, 3]]
    """
    height, width = warp.source
    columns, rows = np.floor(warp.origins()).astype(np.int64).transpose(2, 0, 1)
    shown = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    there = torch.from_numpy(np.where(shown, rows * width + columns, 0)).to(values.device)
    result = values.flatten(1)[:, there.flatten()].reshape(len(values), *warp.size)
    return torch.where(torch.from_numpy(shown).to(values.device), result, result.new_tensor(outside))
