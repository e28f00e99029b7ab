"""Scenes of several coloured shapes before clutter: what is where, in what colour, and which pixels show it.

The same (seed, index) is the same scene for every task that is drawn from these: boxes, masks, regions, sentences.
Colour never tells the class, and things that hide each other leave enough of each to be named.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Bool

from saccade.data.randomness import Draws
from saccade.data.scenes.covering import owners
from saccade.data.scenes.outlines import SHAPES
from saccade.data.scenes.painting import Colour, Layer, as_colour, blobs, brightness, clutter, ground_colour
from saccade.data.scenes.plan import Plan, shuffled
from saccade.data.scenes.shapes import Shape

PALETTE: dict[str, Colour] = {
    "red": (214, 40, 40),
    "orange": (244, 140, 30),
    "yellow": (245, 214, 50),
    "green": (60, 160, 70),
    "cyan": (70, 205, 215),
    "blue": (45, 85, 205),
    "purple": (140, 65, 180),
    "pink": (245, 150, 190),
    "brown": (125, 80, 45),
    "white": (240, 240, 240),
    "grey": (130, 130, 130),
    "black": (20, 20, 20),
}
_NAMES = tuple(PALETTE)
_TRIES = 40


@dataclass(frozen=True)
class Thing:
    """One shape of a scene, and the name of its colour.

    Args:
        shape: Which, where, how large, how turned.
        colour: A name in `PALETTE`.
        class_id: Its number among the classes of the plan.

    Source: ours.
    """

    shape: Shape
    colour: str
    class_id: int


def names_of(plan: Plan) -> tuple[str, ...]:
    """Name the shapes that a plan draws.

    Args:
        plan: What was asked for.

    Returns:
        Names of `SHAPES`.

    Source: ours.

    Example:
        >>> names_of(Plan("detection", classes=("star", "ring")))
        ('star', 'ring')
    """
    return plan.classes or SHAPES


def class_ids_of(plan: Plan, index: int) -> list[int]:
    """Say which things are in a scene, from back to front, without placing them.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        A class for each thing: one at difficulty 0, from 0.5 on up to as many as the plan allows.

    Source: ours.
    """
    draws = Draws(plan.seed, 12, index)
    most = 1 + round((plan.shapes - 1) * min(1.0, 2 * plan.difficulty))
    return [draws.below(len(names_of(plan))) for _ in range(1 + draws.below(most))]


@lru_cache(maxsize=8)
def compose_things(plan: Plan, index: int) -> tuple[Thing, ...]:
    """Say where the things of a scene are, how large, how turned, of what colour.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        The things from back to front. All lie wholly in the picture; up to difficulty 0.5 none touch, beyond that they
        may overlap, but never reach the centre of one that is smaller.

    Source: ours.
    """
    draws, hard, class_ids = Draws(plan.seed, 13, index), plan.difficulty, class_ids_of(plan, index)
    colours = _colours(plan, index, draws)
    placed: list[Thing] = []
    for number, class_id in enumerate(class_ids):
        radius = plan.size * draws.uniform(0.36 - 0.26 * hard, 0.38 - 0.12 * hard) / len(class_ids) ** 0.3
        centre, radius = _place(plan, max(3.0, radius), [thing.shape for thing in placed], draws)
        colour = colours[number % len(colours)]
        kind = SHAPES.index(names_of(plan)[class_id])
        jitter = as_colour([level + 24 * hard * draws.uniform(-1, 1) for level in PALETTE[colour]])
        angle = math.pi * hard * draws.uniform(-1, 1)
        placed.append(Thing(Shape(kind, centre, radius, angle, jitter), colour, class_id))
    return tuple(placed)


@lru_cache(maxsize=8)
def layers_of(plan: Plan, index: int) -> tuple[Layer, ...]:
    """Lay out a scene from back to front: patches and strokes, the things, strokes before them.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        The layers; those of thing i have the owner i.

    Source: ours.
    """
    draws, hard = Draws(plan.seed, 14, index), plan.difficulty
    behind = blobs(plan, round(3 * hard), draws) + clutter(plan, round(5 * hard), draws)
    things = [
        Layer(thing.shape.points(), thing.shape.colour, number)
        for number, thing in enumerate(compose_things(plan, index))
    ]
    return (*behind, *things, *clutter(plan, round(3 * hard * hard), draws))


def masks_of(layers: Sequence[Layer], size: int, things: int) -> Bool[np.ndarray, "things size size"]:
    """Say which pixels show each thing.

    Args:
        layers: From back to front.
        size: Height and width of the picture.
        things: How many there are.

    Returns:
        One mask for each, of what is not hidden.

    Source: ours.
    """
    return owners(layers, size)[None] == np.arange(things, dtype=np.int16)[:, None, None]


def _colours(plan: Plan, index: int, draws: Draws) -> list[str]:
    """Colours that can be told from the ground, shuffled; the closer, the more difficult."""
    ground, hard = ground_colour(plan, index), plan.difficulty

    def apart(name: str) -> float:
        colour = PALETTE[name]
        hue = max(abs(one - other) for one, other in zip(colour, ground, strict=True))
        return abs(brightness(colour) - brightness(ground)) + 0.5 * hue

    names = [_NAMES[number] for number in shuffled(len(_NAMES), draws)]
    return [name for name in names if apart(name) >= 110 - 55 * hard] or [max(names, key=apart)]


def _place(plan: Plan, radius: float, others: list[Shape], draws: Draws) -> tuple[tuple[float, float], float]:
    """Find a place with enough room; where there is none, take the roomiest, and shrink until it fits."""
    side, reach = plan.size, min(1.0, 2 * plan.difficulty)
    overlap = min(1.0, 2 * (1 - plan.difficulty))
    best, room = (side / 2, side / 2), -math.inf
    for _ in range(_TRIES):
        slack = (side / 2 - radius) * reach
        centre = side / 2 + draws.uniform(-slack, slack), side / 2 + draws.uniform(-slack, slack)
        gaps = [_gap(centre, radius, other, overlap) for other in others]
        if min(gaps, default=0.0) > room:
            best, room = centre, min(gaps, default=0.0)
        if room >= 0:
            return best, radius
    return best, max(2.0, radius + room)


def _gap(centre: tuple[float, float], radius: float, other: Shape, overlap: float) -> float:
    """How much further apart two shapes are than they must be."""
    distance = math.hypot(centre[0] - other.centre[0], centre[1] - other.centre[1])
    small, large = sorted((radius, other.radius))
    return distance - large - overlap * small
