"""Outlines on an image: each thing has one ring of points, or several where something stands before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saccade.errors import BadLabel
from saccade.types.boxes import Boxes
from saccade.types.geometry import check_size, chosen_rows, unchecked
from saccade.types.masks import Masks
from saccade.types.warp import Warp

Ring = Float[Tensor, "_ 2"]
_EDGE = 4.0  # pixels


@dataclass(frozen=True, eq=False)
class Polygons:
    """Outlines on an image, in continuous pixels (pixel i covers [i, i + 1]).

    Args:
        rings: For each thing its rings, each of at least three points (x, y) in order; the thing is all of their
            insides together.
        size: (height, width) of the image in pixels.

    Raises:
        BadLabel: If a ring is not a list of finite points. A ring of fewer than three points has no inside.

    Source: ours; rings as in COCO (Lin et al., 2014).

    Example:
        >>> square = Polygons(((torch.tensor([[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 3.0]]),),), (4, 4))
        >>> square.area().tolist(), square.masks().area().tolist()
        ([4.0], [4])
    """

    rings: tuple[tuple[Ring, ...], ...]
    size: tuple[int, int]

    def __post_init__(self) -> None:
        check_size(self.size)
        for number, thing in enumerate(self.rings):
            for ring in thing:
                if ring.ndim != 2 or ring.shape[1] != 2 or not ring.isfinite().all():
                    raise BadLabel(
                        f"got an outline of shape {tuple(ring.shape)} for thing {number}; taken are finite points "
                        "(x, y); mend the labels or leave it out"
                    )

    def __len__(self) -> int:
        """Count the things."""
        return len(self.rings)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Polygons:
        """Move to a device."""
        return self._each(lambda ring: ring.to(device, non_blocking=non_blocking), self.size)

    def select(self, which: Bool[Tensor, " things"] | Int[Tensor, " chosen"]) -> Polygons:
        """Keep some things.

        Args:
            which: True for each to keep, or their numbers in the new order.

        Returns:
            Their outlines.

        Source: ours.
        """
        return unchecked(self, {"rings": tuple(self.rings[row] for row in chosen_rows(which))})

    def area(self) -> Float[Tensor, " things"]:
        """Measure each thing in square pixels; what two of its rings share counts twice."""
        sizes = [sum((_area(ring) for ring in thing), torch.zeros(())) for thing in self.rings]
        return torch.stack(sizes).float() if sizes else torch.zeros(0)

    def boxes(self) -> Boxes:
        """Draw the smallest box around each thing; one without points has a box of area 0 at the corner."""
        corners = [
            torch.cat([points.amin(0), points.amax(0)])
            if len(points := torch.cat([torch.zeros(0, 2, dtype=torch.float64), *map(Tensor.double, thing)]))
            else torch.zeros(4, dtype=torch.float64)
            for thing in self.rings
        ]
        return Boxes(torch.stack(corners) if corners else torch.zeros(0, 4, dtype=torch.float64), self.size)

    def masks(self) -> Masks:
        """Fill the outlines: a pixel belongs to a thing when its centre lies inside an odd number of times.

        Returns:
            As many masks as things.

        Source: ours; the crossings of each row of centres with the edges, counted from the left.
        """
        pixels = np.zeros((len(self.rings), *self.size), bool)
        for number, thing in enumerate(self.rings):
            for ring in thing:
                pixels[number] |= _inside(ring.double().cpu().numpy(), self.size)
        return Masks(torch.from_numpy(pixels))

    def mirror(self) -> Polygons:
        """Follow the image when left and right change places."""
        width = self.size[1]
        return self._each(lambda ring: torch.stack([width - ring[:, 0], ring[:, 1]], 1), self.size)

    def scale(self, size: tuple[int, int]) -> Polygons:
        """Follow the image when it is stretched to another size.

        Args:
            size: The new (height, width) in pixels.

        Returns:
            The outlines on the stretched image.

        Source: ours.
        """
        check_size(size)
        factors = torch.tensor([size[1] / self.size[1], size[0] / self.size[0]], dtype=torch.float64)
        return self._each(lambda ring: (ring * factors).to(ring.dtype), size)

    def crop(self, top: int, left: int, size: tuple[int, int]) -> Polygons:
        """Follow the image when a window is cut out of it.

        Args:
            top: First row of the window; negative when rows are added above.
            left: First column of the window; negative when columns are added.
            size: (height, width) of the window.

        Returns:
            The outlines in the window, cut at its edges; a thing that is left outside has no rings.

        Source: ours.
        """
        return self._each(lambda ring: ring - ring.new_tensor([left, top]), size).clip()

    def warp(self, warp: Warp) -> Polygons:
        """Follow the image wherever it goes; where a local warp bends it, long edges get points between their ends.

        Args:
            warp: Where its points go.

        Returns:
            The outlines on the result, cut at its edges; a thing that is left outside has no rings.

        Source: ours.
        """
        dense = self if warp.field is None else self._each(_divided, self.size)
        moved = dense._each(lambda ring: torch.from_numpy(warp.points(ring.cpu().numpy())).to(ring.dtype), warp.size)
        return moved.clip()

    def clip(self) -> Polygons:
        """Cut off what reaches beyond the image.

        Returns:
            The same things, in their order.

        Source: Sutherland & Hodgman, "Reentrant polygon clipping", 1974.
        """
        rings = tuple(
            tuple(cut for ring in thing if len(cut := _clipped(ring, self.size)) >= 3) for thing in self.rings
        )
        return Polygons(rings, self.size)

    def _each(self, change: Callable[[Tensor], Tensor], size: tuple[int, int]) -> Polygons:
        return Polygons(tuple(tuple(change(ring) for ring in thing) for thing in self.rings), size)


def _area(ring: Tensor) -> Tensor:
    """Half the sum of the cross products of neighbouring points."""
    x, y = ring.double().unbind(1)
    return (x * y.roll(-1) - y * x.roll(-1)).sum().abs() / 2


def _divided(ring: Tensor) -> Tensor:
    """Put points on each edge that is longer than four pixels, so that it can bend."""
    following = ring.roll(-1, 0)
    lengths = (following - ring).norm(dim=1)
    parts = [
        start + (end - start) * (torch.arange(count, dtype=ring.dtype) / count)[:, None]
        for start, end, count in zip(ring, following, (lengths / _EDGE).ceil().clamp(min=1).int().tolist(), strict=True)
    ]
    return torch.cat(parts) if parts else ring


def _clipped(ring: Tensor, size: tuple[int, int]) -> Tensor:
    """Cut a ring at each of the four edges in turn."""
    height, width = size
    points = ring.double().cpu().numpy()
    for axis, bound, sign in ((0, 0, 1), (0, width, -1), (1, 0, 1), (1, height, -1)):
        if not len(points):
            break
        depth = sign * (points[:, axis] - bound)
        if (depth >= 0).all():
            continue
        following, deeper = np.roll(points, -1, 0), np.roll(depth, -1)
        kept: list[np.ndarray] = []
        for here, there, near, far in zip(points, following, depth, deeper, strict=True):
            if near >= 0:
                kept.append(here)
            if (near >= 0) != (far >= 0):
                kept.append(here + (there - here) * (near / (near - far)))
        points = np.array(kept).reshape(-1, 2)
    return torch.from_numpy(np.ascontiguousarray(points)).to(ring.dtype)


def _inside(ring: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Count for each pixel how many edges lie to the left of its centre; an odd number is inside."""
    height, width = size
    starts = np.zeros((height, width + 1), np.int32)
    for (x1, y1), (x2, y2) in zip(ring, np.roll(ring, -1, 0), strict=True):
        (xa, ya), (xb, yb) = ((x1, y1), (x2, y2)) if y1 <= y2 else ((x2, y2), (x1, y1))
        first, last = max(0, int(np.ceil(ya - 0.5))), min(height, int(np.ceil(yb - 0.5)))
        if first >= last:
            continue
        rows = np.arange(first, last)
        crossing = xa + (rows + 0.5 - ya) * ((xb - xa) / (yb - ya))
        np.add.at(starts, (rows, np.clip(np.ceil(crossing - 0.5), 0, width).astype(int)), 1)
    return (starts[:, :width].cumsum(1) % 2).astype(bool)
