"""What polygons cover: which pixels show which thing, decided at the centre of each pixel.

A label never looks at a colour. Coordinates are continuous pixels: pixel i covers [i, i + 1].

Source: ours.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int16

from saccade.data.scenes.painting import GROUND, Layer


def inside(points: Float[np.ndarray, "points 2"], size: tuple[int, int]) -> Bool[np.ndarray, "height width"]:
    """Say which pixels have their centre in a polygon.

    Args:
        points: Its corners (x, y).
        size: (height, width) of the picture.

    Returns:
        True where the centre lies inside an odd number of times.

    Source: ours; the crossings of each row of centres with the edges.

    Example:
        >>> inside(np.array([[1.0, 0.0], [3.0, 0.0], [3.0, 1.0], [1.0, 1.0]]), (2, 4)).tolist()
        [[False, True, True, False], [False, False, False, False]]
    """
    pixels = np.zeros(size, bool)
    for row, first, last in _spans(points, size):
        pixels[row, first:last] = True
    return pixels


def _spans(points: np.ndarray, size: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
    """The runs of pixels in a polygon: row, first column, and the column after the last."""
    height, width = size
    crossings: dict[int, list[float]] = defaultdict(list)
    corners = points.tolist()
    xa, ya = corners[-1]
    for xb, yb in corners:
        top, bottom = (ya, yb) if ya < yb else (yb, ya)
        rows = range(max(math.ceil(top - 0.5), 0), min(math.ceil(bottom - 0.5), height))
        if rows:
            slope = (xb - xa) / (yb - ya)
            for row in rows:
                crossings[row].append(xa + (row + 0.5 - ya) * slope)
        xa, ya = xb, yb
    for row, found in crossings.items():
        found.sort()
        for left, right in zip(found[::2], found[1::2], strict=True):
            first, last = max(math.ceil(left - 0.5), 0), min(math.ceil(right - 0.5), width)
            if first < last:
                yield row, first, last


def holds(polygon: Float[np.ndarray, "points 2"], places: Float[np.ndarray, "places 2"]) -> Bool[np.ndarray, " places"]:
    """Say which places lie in a polygon.

    Args:
        polygon: Its corners (x, y).
        places: Anywhere.

    Returns:
        True for those inside an odd number of times.

    Source: ours.

    Example:
        >>> holds(np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]]), np.array([[0.5, 0.5], [1.5, 1.5]])).tolist()
        [True, False]
    """
    x, y = places[:, 0, None], places[:, 1, None]
    (x1, y1), (x2, y2) = polygon.T, np.roll(polygon, -1, 0).T
    crosses = (y1 <= y) != (y2 <= y)
    height = np.where(y2 == y1, 1.0, y2 - y1)
    return (crosses & (x < x1 + (y - y1) * ((x2 - x1) / height))).sum(1) % 2 == 1


def owners(layers: Sequence[Layer], size: int) -> Int16[np.ndarray, "size size"]:
    """Say which thing each pixel shows.

    Args:
        layers: From back to front.
        size: Height and width of the picture.

    Returns:
        The owner of the foremost layer at the centre of each pixel, `GROUND` where there is none.

    Source: ours.
    """
    shown = np.full((size, size), GROUND, np.int16)
    for layer in itertools.dropwhile(lambda layer: layer.owner == GROUND, layers):
        for row, first, last in _spans(layer.points, (size, size)):
            shown[row, first:last] = layer.owner
    return shown
