"""Keypoints on an image: the joints of a body, the corners of a face."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saccade.errors import BadLabel
from saccade.types.geometry import check_size, unchecked
from saccade.types.warp import Warp


@dataclass(frozen=True, eq=False)
class Keypoints:
    """Keypoints on an image, the same named points for each thing, in continuous pixels (pixel i covers [i, i + 1]).

    Args:
        points: (x, y) of each point of each thing; any finite value where a point is not labelled.
        visibility: 0 not labelled, 1 labelled but hidden, 2 labelled and seen (as COCO has it).
        size: (height, width) of the image in pixels.
        swaps: Pairs of points that change names in a mirror, such as (left eye, right eye).

    Raises:
        BadLabel: If a coordinate is not finite, a visibility is not 0, 1 or 2, or a point is in two pairs.

    Source: ours; visibility as in COCO (Lin et al., 2014).

    Example:
        >>> eyes = Keypoints(torch.tensor([[[2.0, 3.0], [7.0, 3.0]]]), torch.tensor([[2, 1]]), (8, 10), ((0, 1),))
        >>> eyes.mirror().points.tolist(), eyes.mirror().visibility.tolist()
        ([[[3.0, 3.0], [8.0, 3.0]]], [[1, 2]])
    """

    points: Float[Tensor, "things points 2"]
    visibility: Int[Tensor, "things points"]
    size: tuple[int, int]
    swaps: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        check_size(self.size)
        shape, wanted = tuple(self.points.shape), (*self.visibility.shape, 2)
        if len(shape) != 3 or shape != wanted or not self.points.is_floating_point():
            raise BadLabel(
                f"got points of shape {shape} and type {self.points.dtype}, visibility of shape "
                f"{tuple(self.visibility.shape)}; taken are floats (things, points, 2) and ints (things, points); "
                "give one visibility for each point"
            )
        wrong = ~self.points.isfinite().all(2) | (self.visibility < 0) | (self.visibility > 2)
        if wrong.any():
            thing, point = (int(number) for number in wrong.nonzero()[0])
            raise BadLabel(
                f"got point {point} of thing {thing} = {self.points[thing, point].tolist()} with visibility "
                f"{int(self.visibility[thing, point])}; taken are finite (x, y) and visibility 0, 1 or 2; "
                "mend the labels, or give (0, 0) and visibility 0"
            )
        named = [point for pair in self.swaps for point in pair]
        if len(set(named)) < len(named) or any(not 0 <= point < shape[1] for point in named):
            raise BadLabel(
                f"got swaps={self.swaps} for {shape[1]} points; taken are pairs of numbers from 0 to {shape[1] - 1}, "
                "each number once; list each left-right pair once"
            )

    def __len__(self) -> int:
        """Count the things that have keypoints."""
        return self.points.shape[0]

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Keypoints:
        """Move to a device."""
        points, visibility = (item.to(device, non_blocking=non_blocking) for item in (self.points, self.visibility))
        return unchecked(self, {"points": points, "visibility": visibility})

    def select(self, which: Bool[Tensor, " things"] | Int[Tensor, " chosen"]) -> Keypoints:
        """Keep some things.

        Args:
            which: True for each thing to keep, or the numbers of the things in the new order.

        Returns:
            Their keypoints.

        Source: ours.
        """
        return unchecked(self, {"points": self.points[which], "visibility": self.visibility[which]})

    def mirror(self) -> Keypoints:
        """Follow the image when left and right change places; the points of each pair change names too."""
        named = self.renamed()
        x, y = named.points.unbind(2)
        return replace(named, points=torch.stack([self.size[1] - x, y], 2))

    def renamed(self) -> Keypoints:
        """Let the points of each pair in `swaps` change names, and stay where they are."""
        order = list(range(self.points.shape[1]))
        for one, other in self.swaps:
            order[one], order[other] = other, one
        return replace(self, points=self.points[:, order], visibility=self.visibility[:, order])

    def scale(self, size: tuple[int, int]) -> Keypoints:
        """Follow the image when it is stretched to another size.

        Args:
            size: The new (height, width) in pixels.

        Returns:
            The points on the stretched image.

        Source: ours.
        """
        check_size(size)
        factors = self.points.new_tensor([size[1] / self.size[1], size[0] / self.size[0]])
        return replace(self, points=self.points * factors, size=size)

    def crop(self, top: int, left: int, size: tuple[int, int]) -> Keypoints:
        """Follow the image when a window is cut out of it.

        Args:
            top: First row of the window; negative when rows are added above.
            left: First column of the window; negative when columns are added.
            size: (height, width) of the window; what lies beyond the image is padding.

        Returns:
            The points in the window; those left outside have visibility 0.

        Source: ours.
        """
        return self._on(self.points - self.points.new_tensor([left, top]), size)

    def warp(self, warp: Warp) -> Keypoints:
        """Follow the image wherever it goes; where that mirrors it, the points of each pair change names.

        Args:
            warp: Where its points go.

        Returns:
            The points on the result; those left outside have visibility 0.

        Source: ours.
        """
        named = self.renamed() if warp.mirrors else self
        moved = warp.points(named.points.double().cpu().numpy().reshape(-1, 2)).reshape(named.points.shape)
        return named._on(torch.from_numpy(moved).to(self.points), warp.size)

    def _on(self, points: Float[Tensor, "things points 2"], size: tuple[int, int]) -> Keypoints:
        inside = ((points >= 0) & (points <= points.new_tensor([size[1], size[0]]))).all(2)
        return replace(self, points=points, visibility=self.visibility * inside, size=size)
