"""Masks on an image: which pixels belong to each thing."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from saccade.errors import BadLabel
from saccade.types.boxes import Boxes
from saccade.types.geometry import check_size, picked
from saccade.types.warp import Warp


@dataclass(frozen=True, eq=False)
class Masks:
    """Masks on an image: which pixels belong to each thing.

    Args:
        pixels: True where the thing is.

    Raises:
        BadLabel: If they are not booleans with three dimensions, or the image has no pixels.

    Source: ours.

    Example:
        >>> Masks(torch.tensor([[[True, False, False]]])).mirror().pixels.tolist()
        [[[False, False, True]]]
    """

    pixels: Bool[Tensor, "masks height width"]

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.dtype != torch.bool:
            raise BadLabel(
                f"got masks of shape {tuple(self.pixels.shape)} and type {self.pixels.dtype}; taken are booleans of "
                "shape (masks, height, width); compare with a threshold first"
            )
        check_size(self.size)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the image in pixels."""
        return self.pixels.shape[1], self.pixels.shape[2]

    def __len__(self) -> int:
        """Count the masks."""
        return self.pixels.shape[0]

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Masks:
        """Move to a device."""
        return Masks(self.pixels.to(device, non_blocking=non_blocking))

    def select(self, which: Bool[Tensor, " masks"] | Int[Tensor, " chosen"]) -> Masks:
        """Keep some masks.

        Args:
            which: True for each mask to keep, or the numbers of the masks in the new order.

        Returns:
            Those masks.

        Source: ours.
        """
        return Masks(self.pixels[which])

    def area(self) -> Int[Tensor, " masks"]:
        """Count the pixels of each mask."""
        return self.pixels.flatten(1).sum(1)

    def boxes(self) -> Boxes:
        """Draw the smallest box around each mask; one without pixels has a box of area 0 at the corner.

        Returns:
            As many boxes as masks.

        Source: ours.

        Example:
            >>> Masks(torch.eye(4, dtype=torch.bool)[None, 1:3]).boxes().coordinates.tolist()
            [[1.0, 0.0, 3.0, 2.0]]
        """
        sides = [self._span(self.pixels.any(dim)) for dim in (1, 2)]
        (left, right), (top, bottom) = sides
        return Boxes(torch.stack([left, top, right, bottom], 1).float(), self.size)

    def mirror(self) -> Masks:
        """Follow the image when left and right change places."""
        return Masks(self.pixels.flip(2))

    def scale(self, size: tuple[int, int]) -> Masks:
        """Follow the image when it is stretched; each new pixel takes the old one under its centre.

        Args:
            size: The new (height, width) in pixels.

        Returns:
            The masks on the stretched image.

        Source: ours.
        """
        check_size(size)
        rows, columns = (
            ((torch.arange(new, device=self.pixels.device) + 0.5) * (old / new)).long().clamp(max=old - 1)
            for new, old in zip(size, self.size, strict=True)
        )
        return Masks(self.pixels[:, rows][:, :, columns])

    def crop(self, top: int, left: int, size: tuple[int, int]) -> Masks:
        """Follow the image when a window is cut out of it.

        Args:
            top: First row of the window; negative when rows are added above.
            left: First column of the window; negative when columns are added.
            size: (height, width) of the window; what lies beyond the image is padding and belongs to no mask.

        Returns:
            The masks in the window.

        Source: ours.
        """
        check_size(size)
        window = self.pixels.new_zeros((len(self), *size))
        part = self.pixels[:, max(top, 0) : max(top + size[0], 0), max(left, 0) : max(left + size[1], 0)]
        row, column = max(-top, 0), max(-left, 0)
        window[:, row : row + part.shape[1], column : column + part.shape[2]] = part
        return Masks(window)

    def warp(self, warp: Warp) -> Masks:
        """Follow the image wherever it goes; each new pixel takes the old one under its centre.

        Args:
            warp: Where its points go.

        Returns:
            The masks on the result.

        Source: ours.
        """
        return Masks(picked(self.pixels, warp, outside=False))

    @staticmethod
    def _span(occupied: Bool[Tensor, "masks length"]) -> tuple[Int[Tensor, " masks"], Int[Tensor, " masks"]]:
        """Where each row starts and ends being True, the end not included."""
        numbers = occupied.int()
        some = occupied.any(1)
        end = occupied.shape[1] - numbers.flip(1).argmax(1)
        return numbers.argmax(1) * some, end * some
