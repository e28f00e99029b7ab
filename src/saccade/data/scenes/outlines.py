"""The outlines of the shapes in synthetic scenes: polygons that differ from each other however they are turned.

Source: ours.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from jaxtyping import Float

SHAPES = ("circle", "cross", "heart", "moon", "ring", "square", "star", "triangle")


@cache
def outline(kind: str) -> Float[np.ndarray, "points 2"]:
    """Give the outline of a shape, within the circle of radius 1 around (0, 0) and touching it, y pointing down.

    Args:
        kind: One of `SHAPES`.

    Returns:
        Corners as (x, y), in order; not to be written to.

    Source: ours.

    Example:
        >>> outline("triangle").round(2).tolist()[0]
        [0.0, -1.0]
    """
    points = np.array(_OUTLINES[kind](), dtype=np.float64)
    return points / np.linalg.norm(points, axis=1).max()


def _arc(start: float, stop: float, radius: float = 1.0, centre: float = 0.0) -> list[tuple[float, float]]:
    angles = np.radians(np.linspace(start, stop, 49))
    return [(centre + radius * math.cos(angle), radius * math.sin(angle)) for angle in angles]


def _spikes(count: int, inner: float) -> list[tuple[float, float]]:
    """A star or, when the inner points lie on the sides, a polygon that stands on a side."""
    angles = [math.pi * step / count - math.pi / 2 for step in range(2 * count)]
    radii = [1.0, inner] * count
    return [(radius * math.cos(angle), radius * math.sin(angle)) for radius, angle in zip(radii, angles, strict=True)]


def _cross(half: float = 0.3) -> list[tuple[float, float]]:
    tip = math.sqrt(1 - half * half)
    quarter = [(half, -tip), (half, -half), (tip, -half)]
    return [
        (x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn))
        for turn in (0, math.pi / 2, math.pi, 3 * math.pi / 2)
        for x, y in quarter
    ]


def _heart() -> list[tuple[float, float]]:
    angles = np.linspace(0, 2 * math.pi, 64, endpoint=False)
    down = [13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t) for t in angles]
    return [(16 * math.sin(t) ** 3 / 17, -(y + 2.5) / 17) for t, y in zip(angles, down, strict=True)]


_OUTLINES = {
    "circle": lambda: _arc(0, 360),
    "cross": _cross,
    "heart": _heart,
    "moon": lambda: _arc(60, 300) + _arc(262, 98, 0.874, 0.621),
    "ring": lambda: _arc(0, 360) + _arc(360, 0, 0.55),
    "square": lambda: [(-1, -1), (1, -1), (1, 1), (-1, 1)],
    "star": lambda: _spikes(5, 0.42),
    "triangle": lambda: _spikes(3, math.cos(math.pi / 3)),
}
