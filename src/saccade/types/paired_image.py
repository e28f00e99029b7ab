"""The picture that another is to become: the target of a translation between two kinds of pictures."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from saccade.errors import BadLabel
from saccade.types.geometry import check_size
from saccade.types.warp import Warp

_ROWS_AT_ONCE = 1 << 16


@dataclass(frozen=True, eq=False)
class PairedImage:
    """The picture that another is to become, pixel for pixel: it moves as the other does.

    Mirroring and cutting are exact. Stretching weighs all pixels near a point, more of them where the picture becomes
    smaller; warping mixes the four around it.

    Args:
        pixels: Levels in [0, 255].

    Raises:
        BadLabel: If it is no array of uint8 with three dimensions, or it has no pixels.

    Source: ours.

    Example:
        >>> PairedImage(np.array([[[1], [2], [3]]], np.uint8)).mirror().pixels[..., 0].tolist()
        [[3, 2, 1]]
    """

    pixels: UInt8[np.ndarray, "height width channels"]

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.dtype != np.uint8 or not self.pixels.shape[2]:
            raise BadLabel(
                f"got a paired picture of shape {self.pixels.shape} and type {self.pixels.dtype}; taken is uint8 of "
                "shape (height, width, channels); convert it first"
            )
        check_size(self.size)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def mirror(self) -> PairedImage:
        """Follow the other picture when left and right change places."""
        return PairedImage(self.pixels[:, ::-1])

    def scale(self, size: tuple[int, int]) -> PairedImage:
        """Follow the other picture when it is stretched to another size.

        Args:
            size: The new (height, width) in pixels.

        Returns:
            The stretched picture.

        Source: ours; a triangle filter, as wide as two pixels of the coarser of both pictures.
        """
        check_size(size)
        if size == self.size:
            return self
        rows, columns = (_triangle(old, new) for old, new in zip(self.size, size, strict=True))
        narrow = np.einsum("ij,hjc->hic", columns, self.pixels.astype(np.float32), optimize=True)
        return PairedImage(np.rint(np.einsum("ij,jwc->iwc", rows, narrow, optimize=True)).astype(np.uint8))

    def crop(self, top: int, left: int, size: tuple[int, int]) -> PairedImage:
        """Follow the other picture when a window is cut out of it.

        Args:
            top: First row of the window; negative when rows are added above.
            left: First column of the window; negative when columns are added.
            size: (height, width) of the window; what lies beyond the picture is 0.

        Returns:
            The window.

        Source: ours.
        """
        check_size(size)
        window = np.zeros((*size, self.pixels.shape[2]), np.uint8)
        part = self.pixels[max(top, 0) : max(top + size[0], 0), max(left, 0) : max(left + size[1], 0)]
        row, column = max(-top, 0), max(-left, 0)
        window[row : row + part.shape[0], column : column + part.shape[1]] = part
        return PairedImage(window)

    def warp(self, warp: Warp) -> PairedImage:
        """Follow the other picture wherever it goes.

        Args:
            warp: Where its points go.

        Returns:
            The picture of the result; 0 where it shows nothing of this one.

        Source: ours; bilinear interpolation.
        """
        return PairedImage(self._shown(warp))

    def digest(self) -> str:
        """Hash every pixel, so that one can tell whether it has changed."""
        about = f"{self.pixels.shape}".encode()
        return hashlib.sha256(about + np.ascontiguousarray(self.pixels).tobytes()).hexdigest()

    def _shown(self, warp: Warp) -> UInt8[np.ndarray, "height width channels"]:
        """What each pixel of the result shows: the four pixels around its point, by their nearness."""
        points = warp.origins().reshape(-1, 2)
        result = np.zeros((len(points), self.pixels.shape[2]), np.uint8)
        for start in range(0, len(points), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            result[rows] = self._between(points[rows])
        return result.reshape(*warp.size, -1)

    def _between(self, points: Float[np.ndarray, "points 2"]) -> UInt8[np.ndarray, "points channels"]:
        height, width = self.size
        inside = ((points >= 0) & (points <= [width, height])).all(1, keepdims=True)
        at = np.clip(np.where(inside, points, 0) - 0.5, 0, [width - 1, height - 1])
        x, y = np.floor(at).astype(np.int64).T
        right, below = np.minimum(x + 1, width - 1), np.minimum(y + 1, height - 1)
        across, down = (at - np.floor(at)).T[..., None]
        upper = self.pixels[y, x] * (1 - across) + self.pixels[y, right] * across
        lower = self.pixels[below, x] * (1 - across) + self.pixels[below, right] * across
        return (np.rint(upper * (1 - down) + lower * down) * inside).astype(np.uint8)


def _triangle(old: int, new: int) -> Float[np.ndarray, "new old"]:
    """How much of each old pixel is in each new one, along one side."""
    step = old / new
    away = np.abs(np.arange(old) + 0.5 - (np.arange(new)[:, None] + 0.5) * step) / max(step, 1)
    weights = np.maximum(1 - away, 0)
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)
