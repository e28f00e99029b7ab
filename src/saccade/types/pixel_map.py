"""A number for each pixel of an image: the class it belongs to, or how far away it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from jaxtyping import Shaped
from torch import Tensor

from saccade.errors import BadLabel
from saccade.types.geometry import check_size, picked, unchecked
from saccade.types.warp import Warp

IGNORED = 255


@dataclass(frozen=True, eq=False)
class PixelMap:
    """A number for each pixel of an image: the class it belongs to (semantic segmentation), or its depth.

    Args:
        values: Whole numbers or floats.
        outside: What a pixel gets that lies beyond the image: 255, which is no class, or infinity, for depth.

    Raises:
        BadLabel: If the values have not two dimensions, or the image has no pixels.

    Source: ours; 255 as in Pascal VOC.

    Example:
        >>> PixelMap(torch.tensor([[1, 2, 3]])).crop(0, 1, (1, 3)).values.tolist()
        [[2, 3, 255]]
    """

    values: Shaped[Tensor, "height width"]
    outside: float = IGNORED

    def __post_init__(self) -> None:
        if self.values.ndim != 2:
            raise BadLabel(
                f"got a map of shape {tuple(self.values.shape)}; taken is (height, width); a mask in colours must be "
                "turned into class numbers first"
            )
        check_size(self.size)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the image in pixels."""
        return self.values.shape[0], self.values.shape[1]

    @property
    def classes(self) -> tuple[int, ...]:
        """The different whole numbers in it, but for the one that means outside."""
        return tuple(int(one) for one in self.values.unique().tolist() if one != self.outside)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> PixelMap:
        """Move to a device."""
        return unchecked(self, {"values": self.values.to(device, non_blocking=non_blocking)})

    def mirror(self) -> PixelMap:
        """Follow the image when left and right change places."""
        return replace(self, values=self.values.flip(1))

    def scale(self, size: tuple[int, int]) -> PixelMap:
        """Follow the image when it is stretched; each new pixel takes the old one under its centre.

        Args:
            size: The new (height, width) in pixels.

        Returns:
            The map of the stretched image.

        Source: ours.
        """
        check_size(size)
        rows, columns = (
            ((torch.arange(new, device=self.values.device) + 0.5) * (old / new)).long().clamp(max=old - 1)
            for new, old in zip(size, self.size, strict=True)
        )
        return replace(self, values=self.values[rows][:, columns])

    def crop(self, top: int, left: int, size: tuple[int, int]) -> PixelMap:
        """Follow the image when a window is cut out of it.

        Args:
            top: First row of the window; negative when rows are added above.
            left: First column of the window; negative when columns are added.
            size: (height, width) of the window; what lies beyond the image is outside.

        Returns:
            The map of the window.

        Source: ours.
        """
        check_size(size)
        window = self.values.new_full(size, self.outside)
        part = self.values[max(top, 0) : max(top + size[0], 0), max(left, 0) : max(left + size[1], 0)]
        row, column = max(-top, 0), max(-left, 0)
        window[row : row + part.shape[0], column : column + part.shape[1]] = part
        return replace(self, values=window)

    def warp(self, warp: Warp) -> PixelMap:
        """Follow the image wherever it goes; each new pixel takes the old one under its centre.

        Args:
            warp: Where its points go.

        Returns:
            The map of the result.

        Source: ours.
        """
        return replace(self, values=picked(self.values[None], warp, self.outside)[0])
