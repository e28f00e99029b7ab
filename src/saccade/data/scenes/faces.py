"""Faces: people who are the same in each of their pictures, whatever their pose, light and expression.

Source: ours; the points are those of 300-W (Sagonas et al., 2013), the pairs those of LFW (Huang et al., 2007).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float64, UInt8
from PIL import Image

from saccade.data.randomness import Draws
from saccade.data.scenes.covering import holds
from saccade.data.scenes.face_layers import layers_of_face
from saccade.data.scenes.face_shape import POINTS, SKELETON, SWAPS, Look, Person, person, points_of, rotation
from saccade.data.scenes.painting import FINER, Layer, add_noise, clutter, draw_ground, paint
from saccade.data.scenes.plan import Kind, Pen, Plan, Rendered, in_turn
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.keypoints import Keypoints
from saccade.types.sample import Pair, Source, class_lists

__all__ = ["faces", "landmarks"]

_MOST_PAIRS = 6000


class Portrait(NamedTuple):
    """One face in one picture.

    Args:
        number: Which person.
        who: That person.
        look: Pose and expression.
        height: Of the head, in pixels.
        centre: The middle of the head, (x, y) in pixels.
        light: The direction to the light, and how strong it is.
        tint: The colour of the light.

    Source: ours.
    """

    number: int
    who: Person
    look: Look
    height: float
    centre: tuple[float, float]
    light: tuple[float, float, float]
    tint: tuple[float, float, float]

    def place(self, points: Float64[np.ndarray, "points _"]) -> Float64[np.ndarray, "points 2"]:
        """Say where points of the head are in the picture."""
        return points[:, :2] * self.height + self.centre


def faces() -> Kind:
    """People to be told apart, with pairs of pictures that show the same one or not."""
    return Kind("faces of people", "classification", _people, _named, {"people": 20}, least_size=32, pairs=pairs_of)


def landmarks() -> Kind:
    """Faces with a box and sixty-eight points."""
    return Kind(
        "faces with points", "keypoints", _face, _pointed, {"people": 200}, least_size=32,
        keypoint_names=POINTS, skeleton=SKELETON,
    )  # fmt: skip


@lru_cache(maxsize=8)
def compose_face(plan: Plan, index: int) -> Portrait:
    """Say whose face a scene shows, in which pose, with which expression, in which light.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        The face; at difficulty 0 it looks straight ahead from the middle of the picture.

    Source: ours.
    """
    draws, hard, side = Draws(plan.seed, 25, index), plan.difficulty, plan.size
    number = in_turn(plan, index, plan.people)
    who = person(plan.seed, number)
    look = Look(
        yaw=0.55 * hard * draws.uniform(-1, 1),
        pitch=0.28 * hard * draws.uniform(-1, 1),
        roll=0.35 * hard * draws.uniform(-1, 1),
        smile=min(1.0, 2 * hard) * draws.uniform(-0.7, 1),
        gape=max(0.0, min(1.0, 2 * hard) * draws.uniform(-1, 1)),
        lids=1 - 0.55 * hard * draws.uniform(),
        brows=hard * draws.uniform(-1, 1),
    )
    height = side * draws.uniform(0.68 - 0.26 * hard, 0.7 - 0.02 * hard)
    slack = (side / 2 - 0.62 * height) * min(1.0, 2 * hard)
    centre = side / 2 + draws.uniform(-slack, slack), side / 2 + draws.uniform(-slack, slack)
    angle, strength = draws.uniform(0, 2 * math.pi), 0.6 * hard * draws.uniform()
    light = math.cos(angle) * strength, math.sin(angle) * strength, 1 + 0.3 * hard * draws.uniform(-1, 1)
    red, green, blue = (1 + 0.22 * hard * draws.uniform(-1, 1) for _ in range(3))
    return Portrait(number, who, look, height, centre, light, (red, green, blue))


@lru_cache(maxsize=8)
def portrait_layers(plan: Plan, index: int) -> tuple[tuple[Layer, ...], tuple[Layer, ...]]:
    """Lay out a portrait from back to front.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        The layers up to the hair, those of the head with owner 0; and the clutter before it.

    Source: ours.
    """
    portrait, hard = compose_face(plan, index), plan.difficulty
    draws = Draws(plan.seed, 26, index)
    behind = clutter(plan, round(5 * hard), draws)
    clothes = (draws.uniform(0, 256), draws.uniform(0, 256), draws.uniform(0, 256))
    drawn = layers_of_face(portrait.who, portrait.look, clothes)
    placed = (Layer(portrait.place(layer.points), layer.colour, layer.owner) for layer in drawn)
    return (*behind, *placed), tuple(clutter(plan, round(2 * hard * hard), draws))


def draw_face(plan: Plan, index: int) -> UInt8[np.ndarray, "size size 3"]:
    """Draw a portrait in its light.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        Its pixels.

    Source: ours; brightness falls off over the head as over a ball.
    """
    portrait, (layers, before) = compose_face(plan, index), portrait_layers(plan, index)
    canvas = draw_ground(plan, index)
    paint(canvas, layers)
    levels = np.asarray(canvas.reduce(FINER), np.float32) * _light(portrait, plan.size)
    if before:
        levels = _painted_over(levels, before, plan)
    return add_noise(levels, plan, index)


def points_in(plan: Plan, index: int) -> Annotations:
    """Give the box and the sixty-eight points of a face.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        One face. The box is around its points and its forehead; a point is hidden (1) where clutter lies over it or its
        place on the head looks away, else seen (2).

    Source: ours.
    """
    portrait, (_, before) = compose_face(plan, index), portrait_layers(plan, index)
    size = (plan.size, plan.size)
    spread = points_of(portrait.who, portrait.look)
    points = portrait.place(spread)
    hidden = _looks_away(portrait)
    for layer in before:
        hidden |= holds(layer.points, points)
    head = np.concatenate([points, *(one.points for one in _heads(plan, index))])
    box = np.clip(np.concatenate([head.min(0), head.max(0)]), 0, plan.size)
    return Annotations(
        size,
        torch.tensor([0]),
        Boxes(torch.from_numpy(box)[None], size),
        keypoints=Keypoints(
            torch.from_numpy(points)[None], torch.from_numpy(2 - hidden.astype(np.int64))[None], size, SWAPS
        ),
    )


def pairs_of(source: Source, seed: int) -> tuple[Pair, ...]:
    """Choose pairs of pictures: as many of one person as of two.

    Args:
        source: Whose classes are people.
        seed: Another seed chooses others.

    Returns:
        About as many pairs as there are pictures, 6,000 at most; none where nobody has two pictures.

    Source: the pairs of LFW (Huang et al., 2007).
    """
    draws, rows = Draws(seed, 27, len(source)), defaultdict(list)
    for row, (number,) in enumerate(class_lists(source)):
        rows[number].append(row)
    several, people = [number for number in sorted(rows) if len(rows[number]) > 1], sorted(rows)
    if not several or len(people) < 2:
        return ()
    pairs: dict[Pair, None] = {}
    for _ in range(min(_MOST_PAIRS, len(source)) // 2):
        one = rows[several[draws.below(len(several))]]
        first = draws.below(len(one))
        second = (first + 1 + draws.below(len(one) - 1)) % len(one)
        pairs[Pair(min(one[first], one[second]), max(one[first], one[second]), True)] = None
        here = draws.below(len(people))
        there = (here + 1 + draws.below(len(people) - 1)) % len(people)
        apart = [rows[people[place]][draws.below(len(rows[people[place]]))] for place in (here, there)]
        pairs[Pair(min(apart), max(apart), False)] = None
    return tuple(pairs)


def _heads(plan: Plan, index: int) -> list[Layer]:
    """The outline of the face, without hair."""
    return [layer for layer in portrait_layers(plan, index)[0] if layer.owner == 1]


def _looks_away(portrait: Portrait) -> np.ndarray:
    """Which points of the outline are on the side from which the head is turned away."""
    still = points_of(portrait.who, portrait.look, turned=False)
    out = still / np.array([portrait.who.width / 2, 0.53, 0.42]) ** 2
    out[:17, 2] -= 0.9  # the line of the jaw runs a little before the ears
    return (out @ rotation(portrait.look).T)[:, 2] > 0.35


def _light(portrait: Portrait, size: int) -> np.ndarray:
    """How bright each pixel is under the light, of three colours."""
    steps = np.arange(size, dtype=np.float32) + np.float32(0.5)
    x = (steps - np.float32(portrait.centre[0])) / np.float32(portrait.height * 0.55)
    y = (steps - np.float32(portrait.centre[1])) / np.float32(portrait.height * 0.6)
    across, down, strength = (np.float32(value) for value in portrait.light)
    slope = np.clip(x, -1, 1)[None] * across + np.clip(y, -1, 1)[:, None] * down
    return (strength * np.clip(1 + slope, 0.15, 1.8))[..., None] * np.array(portrait.tint, np.float32)


def _painted_over(levels: np.ndarray, layers: Sequence[Layer], plan: Plan) -> np.ndarray:
    """Paint what no light falls on."""
    small = Image.fromarray(np.clip(np.round(levels), 0, 255).astype(np.uint8))
    canvas = small.resize((plan.size * FINER, plan.size * FINER), Image.Resampling.NEAREST)
    paint(canvas, layers)
    return np.asarray(canvas.reduce(FINER), np.float32)


def _person(plan: Plan, index: int) -> int:
    return in_turn(plan, index, plan.people)


def _people(plan: Plan) -> tuple[str, ...]:
    digits = len(str(plan.people - 1))
    return tuple(f"person {number:0{digits}d}" for number in range(plan.people))


def _face(plan: Plan) -> tuple[str, ...]:
    del plan
    return ("face",)


def _only(plan: Plan, index: int) -> tuple[int, ...]:
    del plan, index
    return (0,)


def _named(plan: Plan, rows: Sequence[int]) -> Rendered:
    return Rendered(plan, rows, Pen(draw_face, _person))


def _pointed(plan: Plan, rows: Sequence[int]) -> Rendered:
    return Rendered(plan, rows, Pen(draw_face, points_in, _only))
