"""Things that are made by formulas, as many kinds as one likes: to learn to see before there are photographs.

A formula gives a species its parts, their outlines and what they are covered with. Things of a species differ in where
and how they stand, in light, in a little of everything else; they stand before any ground, and other things may hide
some of them.

Source: ours; after formula-driven supervised learning (Kataoka et al., arXiv 2101.08515) and noise as training data
(Baradad et al., arXiv 2106.05963).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float32, Int64, UInt8

from saccade.data.randomness import Draws, noise, order
from saccade.data.scenes.plan import Kind, Pen, Plan, Rendered
from saccade.data.scenes.stuff import Stuff, any_colour, any_stuff, cloud, painted, varied

__all__ = ["species"]

_CORNERS = 48
_SHIFT = 4  # bits of a coordinate behind the point, for drawing
_ANGLES = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False, dtype=np.float32)
_MOST, _PICTURES = 1000, 12
_ALL = tuple(f"species{number:03d}" for number in range(_MOST))
Levels = Float32[np.ndarray, "size size 3"]


@dataclass(frozen=True, eq=False)
class _Part:
    radii: Float32[np.ndarray, " corners"]
    stretch: float
    place: tuple[float, float]
    size: float
    stuff: Stuff
    free: bool


def species() -> Kind:
    """Things from a thousand formulas, before any ground."""
    return Kind(
        "things of many kinds, each from a formula", "classification", _names, _drawn,
        {"classes": _ALL, "size": 64}, least_size=16,
    )  # fmt: skip


def draw_thing(plan: Plan, index: int) -> UInt8[np.ndarray, "size size 3"]:
    """Draw one thing.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        Its pixels.

    Source: ours.
    """
    draws, hard = Draws(plan.seed, 41, index), plan.difficulty
    levels = _ground(plan, index, draws)
    kind = int(_names(plan)[_class(plan, index)].removeprefix("species"))
    levels = _with_thing(levels, _formula(kind), plan, index, draws)
    for _ in range(draws.below(3) if draws.uniform() < hard else 0):
        levels = _with_thing(levels, (_any_part(draws, 0.25 * draws.uniform(0.4, 1)),), plan, index, draws, apart=True)
    return _seen(levels, plan, index, draws)


@lru_cache(_MOST)
def _formula(kind: int) -> tuple[_Part, ...]:
    """The parts of a species, the largest first; the same in every data set."""
    draws = Draws(40, kind)
    parts = [_any_part(draws, 1.0)]
    for _ in range(draws.below(4)):
        angle, away = 2 * math.pi * draws.uniform(), draws.uniform(0.3, 1.0)
        place = (away * math.cos(angle), away * math.sin(angle))
        parts.append(_any_part(draws, draws.uniform(0.25, 0.6), place))
    return tuple(parts)


def _any_part(draws: Draws, size: float, place: tuple[float, float] = (0.0, 0.0)) -> _Part:
    """An outline by Fourier's series around a circle, as often with a symmetry as without."""
    fold = (1, 1, 2, 3, 4, 5, 6)[draws.below(7)]
    rough, radii = 0.5 * draws.uniform(), np.ones(_CORNERS, np.float32)
    for wave in range(1, 5):
        strength = rough * draws.normal() / wave
        radii += np.float32(strength) * np.cos(np.float32(wave * fold) * _ANGLES + np.float32(draws.uniform(0, 6.28)))
    radii = np.clip(radii, 0.15, 2.0)
    return _Part(radii / radii.max(), 2.5 ** draws.uniform(-1, 0.2), place, size, any_stuff(draws), draws.below(2) > 0)


def _ground(plan: Plan, index: int, draws: Draws) -> Levels:
    """Stuff, clouds of two colours, or leaves that lie on each other."""
    side, hard = plan.size, plan.difficulty
    u, v = _plane(side, draws, 1.0, (side / 2, side / 2))
    stuff = any_stuff(draws)
    if draws.uniform() >= hard:
        levels = np.broadcast_to(np.array(stuff.colours[0], np.float32), (side, side, 3))
    elif draws.below(2):
        levels = painted(stuff, u, v, (plan.seed, 42, index))
    else:
        ink = np.clip(0.5 + cloud(side, (2 + draws.below(3), 2 + draws.below(3)), 4, (plan.seed, 42, index)), 0, 1)
        first, second = np.array(stuff.colours, np.float32)
        levels = first + ink[..., None] * (second - first)
    levels = np.ascontiguousarray(levels, np.float32)
    leaves = draws.below(24) if draws.uniform() < 0.5 * hard else 0
    for _ in range(leaves):
        size = 0.6 * (0.15 / draws.uniform(0.15, 1.0))
        points = _any_part(draws, 1.0).radii * np.float32(side * size * 0.5)
        centre = draws.uniform(0, side), draws.uniform(0, side)
        colour = any_colour(draws, draws.uniform())
        cv2.fillPoly(levels, [_corners(_ring(points), centre)], colour, cv2.LINE_AA, _SHIFT)
    return levels


def _with_thing(
    levels: Levels, parts: Sequence[_Part], plan: Plan, index: int, draws: Draws, *, apart: bool = False
) -> Levels:
    """Put a thing before what is there: in the middle, or apart from it."""
    side, hard = plan.size, plan.difficulty
    slack = side * (0.45 if apart else 0.22 * hard)
    centre = side / 2 + draws.uniform(-slack, slack), side / 2 + draws.uniform(-slack, slack)
    scale = side * (0.42 - 0.2 * hard * draws.uniform(-0.2, 1.0))
    turn, mirror = hard * draws.uniform(-0.5, 0.5), 1.0 if draws.below(2) else -1.0
    squeeze = 1.35 ** (hard * draws.uniform(-1, 1))
    pose = _pose(scale, turn, mirror, squeeze)
    light = draws.uniform(0, 2 * math.pi)
    hue = draws.uniform() if parts[0].free else draws.uniform(-0.03, 0.03)
    for number, part in enumerate(parts):
        sides = np.array([part.stretch**0.5, part.stretch**-0.5], np.float32)
        points = _ring(part.radii * np.float32(part.size)) * sides
        points = points + np.array(part.place, np.float32) + noise((_CORNERS, 2), plan.seed, 43, index, number) * 0.02
        corners = _corners(points @ pose.T, centre)
        mask = np.zeros((side, side), np.uint8)
        cv2.fillPoly(mask, [corners], 255, cv2.LINE_AA, _SHIFT)
        u, v = _inverse(side, pose, centre)
        inked = painted(varied(part.stuff, draws, hue), u, v, (plan.seed, 44, index, number))
        inked = inked * _lit(u, v, light, draws)[..., None]
        share = (mask.astype(np.float32) / np.float32(255))[..., None]
        levels = levels + share * (inked - levels)
    return levels


def _seen(levels: Levels, plan: Plan, index: int, draws: Draws) -> UInt8[np.ndarray, "size size 3"]:
    """What a camera makes of it: a cast of colour, contrast, blur, noise."""
    hard = plan.difficulty
    cast = np.array([1 + 0.15 * hard * draws.uniform(-1, 1) for _ in range(3)], np.float32)
    levels = (levels - 0.5) * np.float32(1 + 0.3 * hard * draws.uniform(-1, 1)) + 0.5
    levels = levels * cast + np.float32(0.1 * hard * draws.uniform(-1, 1))
    if draws.uniform() < 0.5 * hard:
        levels = cv2.GaussianBlur(levels, (0, 0), plan.size / 64 * draws.uniform(0.3, 1.0))
    levels = levels + noise(levels.shape, plan.seed, 45, index) * np.float32(0.05 * hard * draws.uniform())
    return (np.clip(levels, 0, 1) * 255).round().astype(np.uint8)


def _pose(scale: float, turn: float, mirror: float, squeeze: float) -> Float32[np.ndarray, "2 2"]:
    cosine, sine = math.cos(turn), math.sin(turn)
    turned = np.array([[cosine, -sine], [sine, cosine]]) @ np.diag([mirror * squeeze, 1 / squeeze])
    return (scale * turned).astype(np.float32)


def _ring(radii: Float32[np.ndarray, " corners"]) -> Float32[np.ndarray, "corners 2"]:
    return np.stack([radii * np.cos(_ANGLES), radii * np.sin(_ANGLES)], 1)


def _corners(points: np.ndarray, centre: tuple[float, float]) -> np.ndarray:
    return np.round((points + np.array(centre, np.float32)) * (1 << _SHIFT)).astype(np.int32)


def _inverse(side: int, pose: np.ndarray, centre: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """The coordinates of each pixel on a thing."""
    (a, b), (c, d) = pose.tolist()
    whole = a * d - b * c
    back = np.array([[d, -b], [-c, a]], np.float32) / np.float32(whole)
    steps = np.arange(side, dtype=np.float32)
    x, y = steps[None] - np.float32(centre[0]), steps[:, None] - np.float32(centre[1])
    return back[0, 0] * x + back[0, 1] * y, back[1, 0] * x + back[1, 1] * y


def _plane(side: int, draws: Draws, scale: float, centre: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    return _inverse(side, _pose(side / 2 * scale, math.pi * draws.uniform(), 1.0, 1.0), centre)


def _lit(u: np.ndarray, v: np.ndarray, light: float, draws: Draws) -> np.ndarray:
    """Light from a side, on something round."""
    strength = np.float32(0.5 * draws.uniform())
    slope = np.float32(math.cos(light)) * u + np.float32(math.sin(light)) * v
    return np.clip(1 + strength * slope, 0.3, 1.6)


def _names(plan: Plan) -> tuple[str, ...]:
    """Those that were asked for, else the first of the thousand, so many that each has a dozen pictures."""
    return plan.classes or _ALL[: max(2, plan.count // _PICTURES)]


def _class(plan: Plan, index: int) -> int:
    """Each once in so many scenes, in an order that changes."""
    count = len(_names(plan))
    block, place = divmod(index, count)
    return int(_block(count, plan.seed, block)[place])


@lru_cache(4)
def _block(count: int, seed: int, block: int) -> Int64[np.ndarray, " count"]:
    return order(count, seed, 46, block)


def _drawn(plan: Plan, rows: Sequence[int]) -> Rendered:
    return Rendered(plan, rows, Pen(draw_thing, _target))


def _target(plan: Plan, index: int) -> Any:
    return _class(plan, index)
