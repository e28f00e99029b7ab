"""Eight textures that differ in more than colour, size, turn and place."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float32
from PIL import Image

PATTERNS = ("bricks", "checks", "crosses", "dots", "grid", "scales", "stripes", "zigzag")
_FINER = 3
_Plane = np.ndarray


def pattern(
    name: str, size: int, *, period: float, angle: float = 0.0, shift: tuple[float, float] = (0.0, 0.0)
) -> Float32[np.ndarray, "size size"]:
    """Draw a texture that covers a square.

    Args:
        name: One of `PATTERNS`.
        size: Height and width in pixels.
        period: Pixels from one repetition to the next.
        angle: By which it is turned, in radians.
        shift: By which it is moved, in periods.

    Returns:
        From 0 to 1; edges are smooth.

    Source: ours; drawn three times as fine and averaged.

    Example:
        >>> pattern("stripes", 4, period=4.0)[0].round(1).tolist()
        [1.0, 1.0, 0.0, 0.0]
    """
    steps = (np.arange(size * _FINER, dtype=np.float32) + np.float32(0.5)) / np.float32(_FINER * period)
    cosine, sine = np.float32(math.cos(angle)), np.float32(math.sin(angle))
    u = cosine * steps[None] + sine * steps[:, None] + np.float32(shift[0] % 1 + 8)
    v = cosine * steps[:, None] - sine * steps[None] + np.float32(shift[1] % 1 + 8)
    drawn = Image.fromarray(_INK[name](u, v).astype(np.uint8) * 255)
    return np.asarray(drawn.reduce(_FINER), np.float32) / np.float32(255)


def _part(plane: _Plane) -> _Plane:
    return plane - np.floor(plane)


def _bricks(u: _Plane, v: _Plane) -> _Plane:
    shifted = u / 2 + 0.5 * (np.floor(v) % 2)
    return (_part(v) > 0.22) & (_part(shifted) > 0.11)


def _crosses(u: _Plane, v: _Plane) -> _Plane:
    x, y = np.abs(_part(u) - 0.5), np.abs(_part(v) - 0.5)
    return (np.minimum(x, y) < 0.13) & (np.maximum(x, y) < 0.4)


def _scales(u: _Plane, v: _Plane) -> _Plane:
    """Rows of half discs, each row moved by half a disc against the one before."""
    y = _part(v)
    x = _part(u + 0.5 * (np.floor(v) % 2)) - 0.5
    distance = np.sqrt(x * x + y * y * 0.36)
    return (distance > 0.36) & (distance < 0.56)


_INK: dict[str, Callable[[_Plane, _Plane], _Plane]] = {
    "bricks": _bricks,
    "checks": lambda u, v: (_part(u / 1.4) < 0.5) ^ (_part(v / 1.4) < 0.5),
    "crosses": _crosses,
    "dots": lambda u, v: (_part(u) - 0.5) ** 2 + (_part(v) - 0.5) ** 2 < 0.1,
    "grid": lambda u, v: (_part(u) < 0.25) | (_part(v) < 0.25),
    "scales": _scales,
    "stripes": lambda u, v: _part(u + 0 * v) < 0.5,
    "zigzag": lambda u, v: _part(v * 0.8 + 1.2 * np.abs(_part(u / 2) - 0.5)) < 0.5,
}
