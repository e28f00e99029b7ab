"""What a camera sees of a surface of triangles: for each pixel the nearest one, and where on it.

The camera stands at (0, 0, 0) and looks along z; x is to the right and y down.

Source: ours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int


class Seen(NamedTuple):
    """What each pixel shows.

    Args:
        face: The number of the triangle at the centre of each pixel; −1 where there is none.
        depth: How far away it is along z; infinite where there is none.
        weights: How much of each of its corners is there; they sum to 1.

    Source: ours.
    """

    face: Int[np.ndarray, "size size"]
    depth: Float[np.ndarray, "size size"]
    weights: Float[np.ndarray, "size size 3"]


def project(vertices: Float[np.ndarray, "vertices 3"], size: int, focal: float) -> Float[np.ndarray, "vertices 2"]:
    """Say where points appear in the picture.

    Args:
        vertices: In front of the camera.
        size: Height and width of the picture in pixels; the camera looks at its middle.
        focal: How many times as far away as it is wide a thing is that fills the picture.

    Returns:
        (x, y) in continuous pixels.

    Source: the pinhole camera.

    Example:
        >>> project(np.array([[0.0, 0.0, 2.0], [1.0, 0.0, 2.0]]), 64, 1.0).tolist()
        [[32.0, 32.0], [64.0, 32.0]]
    """
    return vertices[:, :2] / vertices[:, 2:] * (focal * size) + size / 2


def see(
    vertices: Float[np.ndarray, "vertices 3"], faces: Int[np.ndarray, "faces 3"], *, size: int, focal: float
) -> Seen:
    """Find the nearest triangle at the centre of each pixel.

    Args:
        vertices: All in front of the camera.
        faces: The triangles of a closed surface, counter-clockwise from outside; those that face away are left out.
        size: Height and width of the picture in pixels.
        focal: As for `project`.

    Returns:
        What each pixel shows.

    Source: Catmull, 1974 (the z-buffer), over all pixels of all triangles at once.
    """
    flat, inverse = project(vertices, size, focal), 1 / vertices[:, 2]
    corners = flat[faces]
    (ax, ay), (bx, by), (cx, cy) = corners.transpose(1, 2, 0)
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    front = np.flatnonzero(area < 0)
    number, x, y = _pixels(corners[front], size)
    face = front[number]
    second, third = _shares(corners[front], area[front], number, (x, y))
    near = inverse[faces[front]]
    steps = near[:, 1:] - near[:, :1]
    depth = near[number, 0] + second * steps[number, 0] + third * steps[number, 1]  # 1 / z is linear in the picture
    place = y * size + x
    order = np.argsort(depth, kind="stable")  # of those in one place the last, the nearest, stays
    winner = np.full(size * size, -1)
    winner[place[order]] = order
    return _gathered(winner, size, face, depth, np.stack([second, third], 1), inverse[faces])


def _gathered(
    winner: np.ndarray, size: int, face: np.ndarray, nearness: np.ndarray, shares: np.ndarray, inverse: np.ndarray
) -> Seen:
    """Fill in what each pixel shows; shares in the picture become shares on the triangle."""
    shown = np.flatnonzero(winner >= 0)
    won = winner[shown]
    found = Seen(np.full((size, size), -1), np.full((size, size), np.inf), np.zeros((size, size, 3)))
    found.face.ravel()[shown] = face[won]
    found.depth.ravel()[shown] = 1 / nearness[won]
    weights = np.concatenate([1 - shares[won].sum(1, keepdims=True), shares[won]], 1)
    found.weights.reshape(-1, 3)[shown] = weights * inverse[face[won]] / nearness[won, None]
    return found


def _pixels(corners: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every pixel whose centre is in a triangle: the number of the triangle, its column and its row."""
    top, bottom = (
        np.clip(np.ceil(end - 0.5), 0, size).astype(np.int64)
        for end in (corners[..., 1].min(1), corners[..., 1].max(1))
    )
    number, row = _counted(top, bottom)
    left, right = np.full(len(row), np.inf), np.full(len(row), -np.inf)
    for start, end in ((0, 1), (1, 2), (2, 0)):
        (x1, y1), (x2, y2) = corners[:, start].T, corners[:, end].T
        height = np.where(y1 == y2, 1.0, y2 - y1)
        slope = (x2 - x1) / height
        at = x1[number] + (row + 0.5 - y1[number]) * slope[number]
        crossed = (y1[number] <= row + 0.5) != (y2[number] <= row + 0.5)
        left, right = np.where(crossed, np.minimum(left, at), left), np.where(crossed, np.maximum(right, at), right)
    some = left <= right
    number, row = number[some], row[some]
    first, last = (np.clip(np.ceil(end[some] - 0.5), 0, size).astype(np.int64) for end in (left, right))
    span, column = _counted(first, last)
    return number[span], column, row[span]


def _counted(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count from each first number up to each last, not included: which span, and the number."""
    lengths = np.maximum(last - first, 0)
    span = np.repeat(np.arange(len(lengths)), lengths)
    return span, np.arange(len(span)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + first[span]


def _shares(
    corners: np.ndarray, area: np.ndarray, number: np.ndarray, pixel: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """How much of the second and of the third corner of its triangle is in a pixel."""
    (ax, ay), (bx, by), (cx, cy) = corners.transpose(1, 2, 0)
    x, y = pixel[0] + 0.5 - ax[number], pixel[1] + 0.5 - ay[number]
    second = x * ((cy - ay) / area)[number] - y * ((cx - ax) / area)[number]
    third = y * ((bx - ax) / area)[number] - x * ((by - ay) / area)[number]
    return second, third
