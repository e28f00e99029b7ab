"""Solids as triangles: a sphere, a box, a cone, a torus, and what is put together from them.

All stand around (0, 0, 0), within a ball of radius 1 that they nearly fill, y pointing down. Triangles go
counter-clockwise when seen from outside, in a frame with x to the right, y down and z away.

Source: ours.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from jaxtyping import Float64, Int64

SOLIDS = ("bottle", "box", "cone", "cylinder", "dumbbell", "house", "sphere", "torus")
Surface = tuple[Float64[np.ndarray, "_ 3"], Int64[np.ndarray, "_ 3"], Float64[np.ndarray, "_ 3"]]
_AROUND = 40


@cache
def surface(name: str) -> Surface:
    """Give the surface of a solid.

    Args:
        name: One of `SOLIDS`.

    Returns:
        Vertices, faces (numbers of three vertices each), and the direction in which the surface looks at each vertex;
        where there is an edge, there are several vertices in one place. Not to be written to.

    Source: ours.

    Example:
        >>> vertices, faces, normals = surface("box")
        >>> vertices.shape, faces.shape
        ((24, 3), (12, 3))
    """
    return _SOLIDS[name]()


def _grid(points: np.ndarray, normals: np.ndarray) -> Surface:
    """The surface over a grid of points (rows, columns, 3)."""
    rows, columns = points.shape[:2]
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    faces = np.concatenate([
        np.stack([corner, corner + columns, corner + 1], 1),
        np.stack([corner + 1, corner + columns, corner + columns + 1], 1),
    ])  # fmt: skip
    corners = points.reshape(-1, 3)[faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    flat = normals.reshape(-1, 3)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return points.reshape(-1, 3), faces[area > 1e-12], flat / np.where(length > 0, length, 1)


def _lathe(profile: list[tuple[float, float]], smooth: bool = False) -> Surface:
    """Turn a line of (radius, height) around the upright axis, from top to bottom; smooth or with edges."""
    angles = 2 * math.pi * np.arange(_AROUND + 1) / _AROUND
    around = np.stack([np.cos(angles), np.zeros_like(angles), np.sin(angles)], 1)
    line = np.array(profile)
    if smooth:
        slope = np.gradient(line, axis=0)
        return _turned(line, slope, around)
    return _joined(
        *(_turned(line[i : i + 2], np.diff(line[i : i + 2], axis=0)[[0, 0]], around) for i in range(len(line) - 1))
    )


def _turned(line: np.ndarray, slope: np.ndarray, around: np.ndarray) -> Surface:
    points = line[:, :1, None] * around + line[:, 1, None, None] * np.array([0.0, 1.0, 0.0])
    normals = slope[:, 1, None, None] * around - slope[:, 0, None, None] * np.array([0.0, 1.0, 0.0])
    return _grid(points, normals)


def _sphere() -> Surface:
    angles = np.linspace(0, math.pi, 25)
    return _lathe([(math.sin(one), -math.cos(one)) for one in angles], smooth=True)


def _torus(large: float = 0.68, small: float = 0.32) -> Surface:
    turn = 2 * math.pi * np.arange(21) / 20
    line = np.stack([large + small * np.cos(turn), small * np.sin(turn)], 1)
    slope = np.stack([-np.sin(turn), np.cos(turn)], 1)
    angles = 2 * math.pi * np.arange(_AROUND + 1) / _AROUND
    return _turned(line, slope, np.stack([np.cos(angles), np.zeros_like(angles), np.sin(angles)], 1))


def _box(x: float = 0.58, y: float = 0.58, z: float = 0.57) -> Surface:
    sides = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            right, down = np.roll(np.eye(3), 0, 0)[(axis + 1) % 3], np.eye(3)[(axis + 2) % 3]
            out = np.eye(3)[axis] * sign
            square = np.array([[-right - down, right - down], [-right + down, right + down]]) + out
            square = square[:, ::-1] if sign > 0 else square
            sides.append(_grid(square * (x, y, z), np.broadcast_to(out, square.shape)))
    return _joined(*sides)


def _moved(solid: Surface, shift: tuple[float, float, float], scale: float = 1.0) -> Surface:
    vertices, faces, normals = solid
    return vertices * scale + np.array(shift), faces, normals


def _joined(*parts: Surface) -> Surface:
    starts = np.cumsum([0, *(len(vertices) for vertices, _, _ in parts)])
    return (
        np.concatenate([vertices for vertices, _, _ in parts]),
        np.concatenate([faces + start for (_, faces, _), start in zip(parts, starts, strict=False)]),
        np.concatenate([normals for _, _, normals in parts]),
    )


def _dumbbell() -> Surface:
    ball = _sphere()
    bar = _lathe([(0.0, -0.6), (0.16, -0.6), (0.16, 0.6), (0.0, 0.6)])
    return _joined(_moved(ball, (0, -0.6, 0), 0.39), bar, _moved(ball, (0, 0.6, 0), 0.39))


def _house() -> Surface:
    roof = _lathe([(0.0, -0.95), (0.76, -0.2), (0.0, -0.2)])
    return _joined(_moved(_box(0.5, 0.42, 0.5), (0, 0.22, 0)), roof)


_SOLIDS = {
    "bottle": lambda: _lathe([(0, -0.97), (0.17, -0.97), (0.17, -0.5), (0.42, -0.2), (0.42, 0.88), (0, 0.88)]),
    "box": _box,
    "cone": lambda: _lathe([(0.0, -0.95), (0.72, 0.65), (0.0, 0.65)]),
    "cylinder": lambda: _lathe([(0.0, -0.75), (0.62, -0.75), (0.62, 0.75), (0.0, 0.75)]),
    "dumbbell": _dumbbell,
    "house": _house,
    "sphere": _sphere,
    "torus": _torus,
}
