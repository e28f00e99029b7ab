"""Figures in any pose, with the seventeen joints of COCO.

Source: ours; the joints and their order are those of COCO (Lin et al., 2014).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float64, UInt8

from saccade.data.randomness import Draws
from saccade.data.scenes.body import JOINTS, SKELETON, SWAPS, Body, pose
from saccade.data.scenes.covering import holds, owners
from saccade.data.scenes.painting import GROUND, Layer, blobs, clutter, draw_ground, finish, paint
from saccade.data.scenes.plan import Kind, Pen, Plan, Rendered
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.keypoints import Keypoints
from saccade.types.masks import Masks

__all__ = ["keypoints"]

_MARGIN = 0.03
_TRIES = 24


class Figure(NamedTuple):
    """One figure in a scene.

    Args:
        body: Its pose, in shares of its height.
        height: In pixels.
        pelvis: Where its pelvis is, (x, y) in pixels.

    Source: ours.
    """

    body: Body
    height: float
    pelvis: tuple[float, float]

    def place(self, points: Float64[np.ndarray, "points 2"]) -> Float64[np.ndarray, "points 2"]:
        """Say where points of the body are in the picture."""
        return points * self.height + self.pelvis


def keypoints() -> Kind:
    """Figures with boxes and seventeen joints each."""
    return Kind(
        "figures with joints", "keypoints", _names, _posed, {"shapes": 3}, least_size=32,
        keypoint_names=JOINTS, skeleton=SKELETON,
    )  # fmt: skip


@lru_cache(maxsize=8)
def compose_figures(plan: Plan, index: int) -> tuple[Figure, ...]:
    """Say where the figures of a scene are, how large, in which pose.

    Args:
        plan: What was asked for; `shapes` is how many figures there are at most.
        index: Which scene.

    Returns:
        The figures from back to front; each is wholly in the picture. At difficulty 0 there is one in the middle.

    Source: ours.
    """
    draws, hard = Draws(plan.seed, 22, index), plan.difficulty
    count = 1 + draws.below(1 + round((plan.shapes - 1) * min(1.0, 2 * hard)))
    figures: list[Figure] = []
    for _ in range(count):
        body = pose(draws, hard)
        outline = np.concatenate([part.points for part in body.parts])
        low, high = outline.min(0), outline.max(0)
        most = (1 - 2 * _MARGIN) * plan.size / float((high - low).max())
        height = most * draws.uniform(0.94 - 0.5 * hard, 0.96 - 0.16 * hard) / count**0.25
        first, last = _MARGIN * plan.size - low * height, (1 - _MARGIN) * plan.size - high * height
        figures.append(Figure(body, height, _free(first, last, min(1.0, 2 * hard), draws, figures)))
    return tuple(figures)


@lru_cache(maxsize=8)
def figure_layers(plan: Plan, index: int) -> tuple[Layer, ...]:
    """Lay out a scene of figures from back to front.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        The layers; those of figure i have the owner i.

    Source: ours.
    """
    draws, hard = Draws(plan.seed, 23, index), plan.difficulty
    behind = blobs(plan, round(4 * hard), draws) + clutter(plan, round(4 * hard), draws)
    drawn = [
        Layer(figure.place(part.points), part.colour, number)
        for number, figure in enumerate(compose_figures(plan, index))
        for part in figure.body.parts
    ]
    return (*behind, *drawn, *clutter(plan, round(2 * hard * hard), draws))


def draw_figures(plan: Plan, index: int) -> UInt8[np.ndarray, "size size 3"]:
    """Draw a scene of figures.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        Its pixels.

    Source: ours.
    """
    canvas = draw_ground(plan, index)
    paint(canvas, figure_layers(plan, index))
    return finish(canvas, plan, index)


def figure_masks(plan: Plan, index: int) -> Masks:
    """Say which pixels show each figure.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        A mask for each, from back to front.

    Source: ours.
    """
    shown = owners(figure_layers(plan, index), plan.size)
    numbers = np.arange(len(compose_figures(plan, index)), dtype=np.int16)
    return Masks(torch.from_numpy(shown[None] == numbers[:, None, None]))


def joints_of(plan: Plan, index: int) -> Annotations:
    """Give the box and the joints of each figure.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        The figures from back to front. A joint is hidden (1) when something is drawn over it or its side of the body
        looks away, else seen (2).

    Source: ours.
    """
    figures, size = compose_figures(plan, index), (plan.size, plan.size)
    layers = figure_layers(plan, index)
    points = np.stack([figure.place(figure.body.joints[:, :2]) for figure in figures])
    first = next(number for number, layer in enumerate(layers) if layer.owner != GROUND)
    visibility = np.stack([
        np.where(_hidden(figure.body, points[number], layers[first:], (number, figures)), 1, 2)
        for number, figure in enumerate(figures)
    ])  # fmt: skip
    masks = figure_masks(plan, index)
    found = Annotations(
        size,
        torch.zeros(len(figures), dtype=torch.int64),
        Boxes(masks.boxes().coordinates.double(), size),
        keypoints=Keypoints(torch.from_numpy(points), torch.from_numpy(visibility), size, SWAPS),
    )
    seen = masks.area() > 0
    return found if bool(seen.all()) else found.select(seen)


def _hidden(
    body: Body, places: np.ndarray, layers: Sequence[Layer], which: tuple[int, tuple[Figure, ...]]
) -> np.ndarray:
    """Which joints have something drawn over them that they are no part of."""
    number, figures = which
    later = layers[sum(len(figure.body.parts) for figure in figures[:number]) :]
    hidden, parts = np.array(body.turned), body.parts
    ends = np.array([(*layer.points.min(0), *layer.points.max(0)) for layer in later])
    near = ((ends[:, None, :2] <= places) & (places <= ends[:, None, 2:])).all(2)
    near &= np.arange(len(later))[:, None] > [_drawn_at(body, joint) for joint in range(len(JOINTS))]
    for place in np.flatnonzero(near.any(1)).tolist():
        chosen = near[place]
        if place < len(parts):
            chosen[list(parts[place].joints)] = False
        hidden[chosen] |= holds(later[place].points, places[chosen])
    return hidden


def _drawn_at(body: Body, joint: int) -> int:
    """The number of the last part that a joint lies on."""
    return max(number for number, part in enumerate(body.parts) if joint in part.joints)


def _free(
    first: np.ndarray, last: np.ndarray, reach: float, draws: Draws, others: Sequence[Figure]
) -> tuple[float, float]:
    """The place, of some that are tried, that is furthest from the other figures."""
    middle, half = (first + last) / 2, np.maximum(last - first, 0) / 2 * reach
    tried = [
        (float(middle[0] + half[0] * draws.uniform(-1, 1)), float(middle[1] + half[1] * draws.uniform(-1, 1)))
        for _ in range(_TRIES if others else 1)
    ]

    def room(place: tuple[float, float]) -> float:
        gaps = [abs(place[0] - other.pelvis[0]) + 0.5 * abs(place[1] - other.pelvis[1]) for other in others]
        return min(gaps, default=0.0)

    return max(tried[: max(1, round(len(tried) * 0.4))], key=room)


def _names(plan: Plan) -> tuple[str, ...]:
    del plan
    return ("person",)


def _classes(plan: Plan, index: int) -> tuple[int, ...]:
    del plan, index
    return (0,)


def _posed(plan: Plan, rows: Sequence[int]) -> Rendered:
    return Rendered(plan, rows, Pen(draw_figures, joints_of, _classes))
