"""Where each point of a picture goes when it is moved, turned, bent and cut, all at once.

Coordinates are continuous pixels, as everywhere: pixel i covers [i, i + 1].

Source: ours; the matrix is the homography of projective geometry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from saccade.errors import BadConfig

_STEPS = 40
_EDGE = 16


@dataclass(frozen=True, eq=False)
class Warp:
    """Where each point of a picture goes.

    Args:
        matrix: Takes (x, y, 1) on the picture to a multiple of (x, y, 1) on the result.
        source: (height, width) of the picture in pixels.
        size: (height, width) of the result.
        field: A local warp: shifts (x, y) in pixels of the result, on a grid whose corners are those of the result. The
            result shows at p what it would show at p + shift(p) without it. None for none.

    Raises:
        BadConfig: If the matrix has no inverse, or a size is below 1.

    Source: ours.

    Example:
        >>> Warp(np.diag([2.0, 2.0, 1.0]), (4, 6), (8, 12)).points(np.array([[3.0, 1.0]])).tolist()
        [[6.0, 2.0]]
    """

    matrix: Float[np.ndarray, "3 3"]
    source: tuple[int, int]
    size: tuple[int, int]
    field: Float[np.ndarray, "rows columns 2"] | None = None

    def __post_init__(self) -> None:
        if not np.isfinite(self.matrix).all() or abs(np.linalg.det(self.matrix)) < 1e-12:
            raise BadConfig(
                f"got the matrix {self.matrix.tolist()}; taken is one with an inverse; change the strengths"
            )
        if min(*self.source, *self.size) < 1:
            raise BadConfig(
                f"got sizes {self.source} and {self.size}; taken are (height, width), both ≥ 1; change them"
            )

    @property
    def mirrors(self) -> bool:
        """Whether left and right have changed places, as in a mirror."""
        return bool(np.linalg.det(self.matrix[:2, :2]) < 0)

    def points(self, points: Float[np.ndarray, "points 2"]) -> Float[np.ndarray, "points 2"]:
        """Say where points of the picture are on the result.

        Args:
            points: (x, y) in pixels of the picture.

        Returns:
            (x, y) in pixels of the result; beyond it where they have left it.

        Source: ours; a local warp is inverted by iteration, p ← q − shift(p).
        """
        there = _projected(self.matrix, points.astype(np.float64, copy=False))
        if self.field is None or not len(there):
            return there
        found = there.copy()
        for _ in range(_STEPS):
            found = there - self._shift(found)
        return found

    def origins(self) -> Float[np.ndarray, "height width 2"]:
        """Say for the centre of each pixel of the result which point of the picture it shows.

        Returns:
            (x, y) in pixels of the picture.

        Source: ours.
        """
        height, width = self.size
        centres = np.stack(np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5), -1).reshape(-1, 2)
        if self.field is not None:
            centres = centres + self._shift(centres)
        return _projected(np.linalg.inv(self.matrix), centres).reshape(height, width, 2)

    def boxes(self, boxes: Float[np.ndarray, "boxes 4"]) -> Float[np.ndarray, "boxes 4"]:
        """Draw a box around where each box of the picture is on the result, whatever its turn.

        Args:
            boxes: (x1, y1, x2, y2) in pixels of the picture.

        Returns:
            The smallest upright boxes around them, not cut off at the edges of the result.

        Source: ours; with a local warp, of points along the four sides.
        """
        if not len(boxes):
            return boxes
        steps = np.array([0.0, 1.0]) if self.field is None else np.linspace(0, 1, _EDGE)
        across, zero = np.concatenate([steps, steps, 0 * steps, 0 * steps + 1]), 0 * steps
        down = np.concatenate([zero, zero + 1, steps, steps])
        x1, y1, x2, y2 = boxes[:, :, None].transpose(1, 0, 2)
        sides = np.stack([x1 + (x2 - x1) * across, y1 + (y2 - y1) * down], -1)
        moved = self.points(sides.reshape(-1, 2)).reshape(sides.shape)
        return np.concatenate([moved.min(1), moved.max(1)], 1)

    def _shift(self, points: Float[np.ndarray, "points 2"]) -> Float[np.ndarray, "points 2"]:
        """The field between its grid points, and beyond its edges as at them."""
        assert self.field is not None
        rows, columns = self.field.shape[:2]
        height, width = self.size
        at = points * [(columns - 1) / width, (rows - 1) / height]
        at = np.clip(at, 0, [columns - 1, rows - 1])
        first = np.minimum(at.astype(int), [max(columns - 2, 0), max(rows - 2, 0)])
        (x, y), (fx, fy) = first.T, (at - first).T[..., None]
        right, below = np.minimum(x + 1, columns - 1), np.minimum(y + 1, rows - 1)
        top = self.field[y, x] * (1 - fx) + self.field[y, right] * fx
        bottom = self.field[below, x] * (1 - fx) + self.field[below, right] * fx
        return top * (1 - fy) + bottom * fy


def _projected(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    there = points @ matrix[:2, :2].T + matrix[:2, 2]
    if not matrix[2, :2].any():
        return there / matrix[2, 2]
    return there / (points @ matrix[2, :2] + matrix[2, 2])[:, None]
