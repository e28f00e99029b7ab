"""Boxes on an image."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saccade.errors import BadLabel
from saccade.types.geometry import check_size, unchecked
from saccade.types.warp import Warp


@dataclass(frozen=True, eq=False)
class Boxes:
    """Boxes on an image: left, top, right, bottom, in continuous pixels (pixel i covers [i, i + 1]).

    Args:
        coordinates: One row (x1, y1, x2, y2) for each box, x1 ≤ x2 and y1 ≤ y2; they may reach beyond the image.
        size: (height, width) of the image in pixels.

    Raises:
        BadLabel: If a coordinate is NaN or infinite, or a box is turned inside out; the boxes are named by number.

    Source: ours.

    Example:
        >>> boxes = Boxes(torch.tensor([[1.0, 2.0, 4.0, 6.0]]), size=(10, 20))
        >>> boxes.area().tolist(), boxes.mirror().coordinates.tolist()
        ([12.0], [[16.0, 2.0, 19.0, 6.0]])
    """

    coordinates: Float[Tensor, "boxes 4"]
    size: tuple[int, int]

    def __post_init__(self) -> None:
        check_size(self.size)
        shape = tuple(self.coordinates.shape)
        if len(shape) != 2 or shape[1] != 4 or not self.coordinates.is_floating_point():
            raise BadLabel(
                f"got boxes of shape {shape} and type {self.coordinates.dtype}; taken are floats of shape (boxes, 4); "
                "for no boxes at all give torch.zeros(0, 4)"
            )
        wrong = ~self.coordinates.isfinite().all(1) | (self.coordinates[:, 2:] < self.coordinates[:, :2]).any(1)
        if wrong.any():
            number = int(wrong.nonzero()[0])
            raise BadLabel(
                f"got box {number} = {self.coordinates[number].tolist()}, one of {int(wrong.sum())} such; taken are "
                "finite (x1, y1, x2, y2) with x1 ≤ x2 and y1 ≤ y2; mend the labels or leave it out"
            )

    def __len__(self) -> int:
        """Count the boxes."""
        return self.coordinates.shape[0]

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Boxes:
        """Move to a device."""
        return unchecked(self, {"coordinates": self.coordinates.to(device, non_blocking=non_blocking)})

    def select(self, which: Bool[Tensor, " boxes"] | Int[Tensor, " chosen"]) -> Boxes:
        """Keep some boxes.

        Args:
            which: True for each box to keep, or the numbers of the boxes in the new order.

        Returns:
            Those boxes.

        Source: ours.
        """
        return unchecked(self, {"coordinates": self.coordinates[which]})

    def area(self) -> Float[Tensor, " boxes"]:
        """Measure each box in square pixels."""
        return (self.coordinates[:, 2:] - self.coordinates[:, :2]).prod(1)

    def clip(self) -> Boxes:
        """Cut off what reaches beyond the image; a box wholly outside keeps its place in the list with area 0."""
        return replace(self, coordinates=self.coordinates.clamp(min=0).minimum(self._corners(self.size)))

    def mirror(self) -> Boxes:
        """Follow the image when left and right change places."""
        x1, y1, x2, y2 = self.coordinates.unbind(1)
        width = self.size[1]
        return replace(self, coordinates=torch.stack([width - x2, y1, width - x1, y2], 1))

    def scale(self, size: tuple[int, int]) -> Boxes:
        """Follow the image when it is stretched to another size.

        Args:
            size: The new (height, width) in pixels.

        Returns:
            The boxes on the stretched image.

        Source: ours.
        """
        check_size(size)
        return Boxes(self.coordinates * (self._corners(size) / self._corners(self.size)), size)

    def shift(self, down: float, right: float, size: tuple[int, int]) -> Boxes:
        """Follow the image when it is laid onto a canvas.

        Args:
            down: How far the image moves down, in pixels; negative is up.
            right: How far it moves to the right.
            size: (height, width) of the canvas.

        Returns:
            The boxes on the canvas, not cut off.

        Source: ours.
        """
        return Boxes(self.coordinates + self.coordinates.new_tensor([right, down, right, down]), size)

    def crop(self, top: int, left: int, size: tuple[int, int]) -> Boxes:
        """Follow the image when a window is cut out of it.

        Args:
            top: First row of the window; negative when rows are added above.
            left: First column of the window; negative when columns are added.
            size: (height, width) of the window; what lies beyond the image is padding.

        Returns:
            The boxes in the window, as many as before and in their order, so that labels stay beside them; one that
            is left outside has area 0 (`boxes.select(boxes.area() > 0)` drops it).

        Source: ours.
        """
        return self.shift(-top, -left, size).clip()

    def warp(self, warp: Warp) -> Boxes:
        """Follow the image wherever it goes.

        Args:
            warp: Where its points go.

        Returns:
            The smallest upright boxes around the moved ones, cut off at the edges; as many as before and in their
            order. One that is left outside has area 0.

        Source: ours.
        """
        moved = torch.from_numpy(warp.boxes(self.coordinates.double().cpu().numpy()))
        return Boxes(moved.to(self.coordinates), warp.size).clip()

    def cxcywh(self) -> Float[Tensor, "boxes 4"]:
        """Give each box as centre and size (x, y, width, height)."""
        start, end = self.coordinates[:, :2], self.coordinates[:, 2:]
        return torch.cat([(start + end) / 2, end - start], 1)

    @staticmethod
    def from_cxcywh(boxes_cxcywh: Float[Tensor, "boxes 4"], size: tuple[int, int]) -> Boxes:
        """Make boxes from centres and sizes.

        Args:
            boxes_cxcywh: Rows (centre x, centre y, width, height) in pixels.
            size: (height, width) of the image.

        Returns:
            The boxes.

        Raises:
            BadLabel: If a value is not finite or a width or height is negative.

        Source: ours.

        Example:
            >>> Boxes.from_cxcywh(torch.tensor([[5.0, 5.0, 4.0, 2.0]]), (10, 10)).coordinates.tolist()
            [[3.0, 4.0, 7.0, 6.0]]
        """
        centre, half = boxes_cxcywh[:, :2], boxes_cxcywh[:, 2:] / 2
        return Boxes(torch.cat([centre - half, centre + half], 1), size)

    def _corners(self, size: tuple[int, int]) -> Float[Tensor, " 4"]:
        height, width = size
        return self.coordinates.new_tensor([width, height, width, height])
