"""From a mask to outlines that fill to the very same mask."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float64

from saccade.data.scenes.covering import holds

_STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))  # right, down, left, up


def traced(mask: Bool[np.ndarray, "height width"]) -> list[Float64[np.ndarray, "points 2"]]:
    """Trace a mask along the edges of its pixels; a hole is joined to its outline by a seam of no width.

    Args:
        mask: True where the thing is.

    Returns:
        A ring of corners (x, y) for each connected piece, in continuous pixels; filled, they give the mask again.

    Source: ours; pieces are connected by their sides.

    Example:
        >>> traced(np.array([[False, True, True]]))[0].tolist()
        [[1.0, 0.0], [3.0, 0.0], [3.0, 1.0], [1.0, 1.0]]
    """
    loops = [np.array(loop, np.float64) for loop in _loops(mask)]
    outer = [loop for loop in loops if _turning(loop) > 0]
    for hole in (loop for loop in loops if _turning(loop) < 0):
        number = _around(hole, outer)
        outer[number] = np.concatenate([outer[number], outer[number][:1], hole, hole[:1]])
    return outer


def _loops(mask: np.ndarray) -> list[list[tuple[int, int]]]:
    """Closed walks along the edges with the thing on the right hand; only corners are kept."""
    padded = np.pad(mask, 1).astype(np.int8)
    across, down = np.diff(padded, axis=0)[:, 1:-1], np.diff(padded, axis=1)[1:-1]
    edges: dict[tuple[int, int], set[int]] = {}
    for direction, found, shift in (
        (0, across == 1, (0, 0)), (2, across == -1, (1, 0)), (1, down == -1, (0, 0)), (3, down == 1, (0, 1)),
    ):  # fmt: skip
        for y, x in np.argwhere(found).tolist():
            edges.setdefault((x + shift[0], y + shift[1]), set()).add(direction)
    loops = []
    while edges:
        start = min(edges, key=lambda place: (place[1], place[0]))
        loops.append(_walk(edges, start))
    return loops


def _walk(edges: dict[tuple[int, int], set[int]], start: tuple[int, int]) -> list[tuple[int, int]]:
    """Follow edges from one place until there again, turning right where there is a choice; used edges are removed."""
    place, heading, corners = start, -1, []
    while place in edges:
        choices = edges[place]
        turns = (heading + turn for turn in (1, 0, 3)) if heading >= 0 else iter(sorted(choices))
        chosen = next(turn % 4 for turn in turns if turn % 4 in choices)
        choices.remove(chosen)
        if not choices:
            del edges[place]
        if chosen != heading:
            corners.append(place)
        heading, place = chosen, (place[0] + _STEPS[chosen][0], place[1] + _STEPS[chosen][1])
        if place == start and not (edges.get(start, set()) & {(heading + 1) % 4}):
            break
    return corners


def _turning(loop: np.ndarray) -> float:
    """Twice the signed area: above 0 around a thing, below 0 around a hole."""
    x, y = loop.T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())


def _around(hole: np.ndarray, outer: list[np.ndarray]) -> int:
    """The number of the outline that a hole lies in: the smallest that holds a pixel beside it."""
    beside = hole[:1] + np.array([0.5, -0.5])
    areas = [(abs(_turning(loop)), number) for number, loop in enumerate(outer) if holds(loop, beside)[0]]
    return min(areas)[1]
