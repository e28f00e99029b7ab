"""A face in layers: shoulders, neck, hair, ears, skin, shadows, and the features drawn from its sixty-eight points.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

from saccade.data.scenes import face_shape as shape
from saccade.data.scenes.face_shape import Look, Person
from saccade.data.scenes.painting import GROUND, Colour, Layer, as_colour, shade

HEAD, FACE = 0, 1
_CIRCLE = np.stack([np.cos(np.arange(24) * math.pi / 12), np.sin(np.arange(24) * math.pi / 12)], 1)
Points = Float64[np.ndarray, "_ 2"]


def layers_of_face(who: Person, look: Look, clothes: Sequence[float]) -> list[Layer]:
    """Draw a person's head and shoulders.

    Args:
        who: The person.
        look: Pose and expression.
        clothes: Their colour.

    Returns:
        Layers from back to front in heads, around the middle of the head; their owner is `GROUND` for the shoulders,
        `FACE` for the skin of the face, else `HEAD`.

    Source: ours.
    """
    turn = shape.rotation(look)
    points = shape.points_of(who, look)[:, :2]
    dark = shade(who.skin, 0.78)
    return [
        *_back_hair(who, turn),
        *_shoulders(who, as_colour(clothes), turn),
        *_ears(who, turn, dark),
        Layer(_whole_face(who, turn), who.skin, FACE),
        *_beard(who, points),
        *_cheeks(who, turn),
        *_eyes(who, points),
        *_brows(who, points),
        *_nose(who, points),
        *_mouth(who, look, points),
        *_front_hair(who, turn),
    ]


def _seen(turn: np.ndarray, points: np.ndarray) -> Points:
    return (points @ turn.T)[:, :2]


def _whole_face(who: Person, turn: np.ndarray) -> Points:
    """The jaw as its points have it, and the forehead above."""
    below = shape.points_on_jaw(who, np.linspace(math.pi, 0, 33))
    above = shape.contour(who, np.linspace(0, -math.pi, 33)[1:-1])
    raised = np.concatenate([above, -0.08 * np.ones((len(above), 1))], 1)
    return _seen(turn, np.concatenate([below, raised]))


def _back_hair(who: Person, turn: np.ndarray) -> list[Layer]:
    """The skull behind the face, and what hangs down from it."""
    skull = _ball(turn, (0, -0.04, 0.13), (who.width * 0.53, 0.5))
    if who.style == "bald":
        return [Layer(skull, shade(who.skin, 0.82), HEAD)]
    layers = []
    if who.style == "long":
        wide = who.width * 0.62
        fall = np.array(
            [[-wide, -0.1, 0.12], [wide, -0.1, 0.12], [wide * 1.08, 0.62, 0.16], [-wide * 1.08, 0.62, 0.16]]
        )
        layers.append(Layer(_seen(turn, fall), shade(who.hair, 0.8), HEAD))
    if who.style == "curly":
        for step in range(11):
            angle = math.pi * (1 + step * 0.1)
            place = (0.58 * who.width * math.cos(angle) * 1.02, -0.02 + 0.52 * math.sin(angle), 0.1)
            layers.append(Layer(_ball(turn, place, (0.15, 0.15)), shade(who.hair, 0.86 + 0.05 * (step % 3)), HEAD))
    return [*layers, Layer(_ball(turn, (0, -0.05, 0.13), (who.width * 0.56, 0.53)), shade(who.hair, 0.85), HEAD)]


def _front_hair(who: Person, turn: np.ndarray) -> list[Layer]:
    """The hair over the forehead: from ear to ear along the outline, and back along the hairline."""
    if who.style == "bald":
        return []
    low, line = {"short": (-0.12, -0.3), "long": (0.0, -0.3), "curly": (-0.1, -0.29), "fringe": (-0.02, -0.17)}[
        who.style
    ]
    half = who.width / 2
    start = -math.asin(min(1, -low / 0.48)) if low else 0.0
    arc = np.linspace(start, -math.pi - start, 25)
    rim = np.stack([1.06 * half * np.cos(arc), 0.54 * np.sin(arc), np.full(25, -0.02)], 1)
    steps = np.linspace(-1, 1, 17)
    edge = line + (low - line) * np.abs(steps) ** (6 if who.style == "fringe" else 2.6)
    if who.style == "long":
        edge = line + 0.05 + (low - line) * np.abs(steps - 0.25) ** 2 * np.where(steps < 0.25, 0.64, 1.7)
    hairline = shape.on_head(who, np.stack([steps * half * 0.98, edge], 1))
    layers = [Layer(_seen(turn, np.concatenate([rim, hairline])), who.hair, HEAD)]
    if who.style == "curly":
        for step in range(8):
            x = (step / 7 - 0.5) * 1.5 * half
            place = np.array([[x, line - 0.06 + 0.06 * (x / half) ** 2, -0.25]])
            layers.append(Layer(_CIRCLE * 0.085 + _seen(turn, place), shade(who.hair, 0.95 + 0.08 * (step % 2)), HEAD))
    return layers


def _shoulders(who: Person, clothes: Colour, turn: np.ndarray) -> list[Layer]:
    """Neck and shoulders: they stay where they are when the head turns a little."""
    half = who.width * 0.27
    lean = turn[0, 1] * 0.3
    neck = np.array([[lean - half, 0.2], [lean + half, 0.2], [half * 1.15, 0.8], [-half * 1.15, 0.8]])
    right = np.array([[1.1, 3.0], [0.95, 0.92], [0.3, 0.7], [0.16, 0.66], [0.0, 0.76]])
    torso = np.concatenate([right, right[-2::-1] * (-1, 1)])
    return [Layer(neck, shade(who.skin, 0.68), HEAD), Layer(torso, clothes, GROUND)]


def _ears(who: Person, turn: np.ndarray, colour: Colour) -> list[Layer]:
    if who.style == "long":
        return []
    return [Layer(_ball(turn, (sign * who.width * 0.515, 0.02, 0.04), (0.05, 0.095)), colour, HEAD) for sign in (-1, 1)]


def _cheeks(who: Person, turn: np.ndarray) -> list[Layer]:
    spots = shape.on_head(who, np.array([[-1.0, 0.0], [1.0, 0.0]]) * who.width * 0.27 + (0, 0.13))
    red, green, blue = who.skin
    colour = as_colour([red * 1.0, green * 0.93, blue * 0.93])
    return [Layer(_CIRCLE * 0.06 + place, colour, HEAD) for place in _seen(turn, spots)]


def _eyes(who: Person, points: Points) -> list[Layer]:
    layers = []
    for part in (shape.RIGHT_EYE, shape.LEFT_EYE):
        lids = points[part]
        smooth = _smooth(lids)
        middle = lids.mean(0)
        opened = float(lids[4:, 1].mean() - lids[1:3, 1].mean())
        iris = min(0.62 * who.eye_size, max(opened * 0.62, 0.012))
        layers += [
            Layer((smooth - middle) * (1.14, 1.3) + middle, shade(who.skin, 0.55), HEAD),
            Layer(smooth, (246, 246, 242), HEAD),
            Layer(_within(_CIRCLE * iris + middle, lids), who.eyes, HEAD),
            Layer(_within(_CIRCLE * iris * 0.5 + middle, lids), (15, 12, 12), HEAD),
        ]
    return layers


def _within(circle: Points, lids: Points) -> Points:
    """A circle between the lids: each point is moved up or down to where the eye is open."""
    upper = lids[[0, 1, 2, 3]] if lids[0, 0] < lids[3, 0] else lids[[3, 2, 1, 0]]
    lower = lids[[0, 5, 4, 3]] if lids[0, 0] < lids[3, 0] else lids[[3, 4, 5, 0]]
    top, bottom = (np.interp(circle[:, 0], line[:, 0], line[:, 1]) for line in (upper, lower))
    return np.stack([circle[:, 0], np.clip(circle[:, 1], np.minimum(top, bottom), np.maximum(top, bottom))], 1)


def _brows(who: Person, points: Points) -> list[Layer]:
    colour = shade(who.hair, 0.7) if who.style != "bald" else shade(who.skin, 0.4)
    return [
        Layer(_stroke(points[part], who.brow_weight * np.array(weights)), colour, HEAD)
        for part, weights in (
            (shape.RIGHT_BROW, (0.35, 0.8, 1, 1, 0.8)),
            (shape.LEFT_BROW, (0.8, 1, 1, 0.8, 0.35)),
        )
    ]


def _nose(who: Person, points: Points) -> list[Layer]:
    """A shadow along the bridge and below the tip, and nostrils."""
    dark, bottom, bridge = shade(who.skin, 0.8), points[shape.NOSE], points[shape.BRIDGE]
    tip = bridge[3:]
    side = bottom[:1] if bridge[3, 0] < bottom[2, 0] else bottom[4:]
    nostrils = (bottom[1] * 0.6 + bottom[0] * 0.4, bottom[3] * 0.6 + bottom[4] * 0.4)
    return [
        Layer(np.concatenate([bridge[:1], tip, side]), shade(who.skin, 0.9), HEAD),
        Layer(np.concatenate([bottom, tip]), dark, HEAD),
        *(Layer(_CIRCLE * (0.016, 0.009) + place, shade(who.skin, 0.4), HEAD) for place in nostrils),
    ]


def _mouth(who: Person, look: Look, points: Points) -> list[Layer]:
    red, green, blue = who.skin
    lip = as_colour([red * 0.78 + 15, green * 0.5, blue * 0.52])
    outer, inner = points[shape.OUTER_LIP], points[shape.INNER_LIP]
    layers = [Layer(outer, lip, HEAD), Layer(inner, (70, 20, 25), HEAD)]
    if look.gape > 0.25:
        middle = inner.mean(0)
        teeth = np.concatenate([inner[1:4], (inner[[3, 2, 1]] * 0.65 + middle * 0.35)])
        layers.append(Layer(teeth, (240, 238, 230), HEAD))
    else:
        layers.append(Layer(_stroke(inner[:5], np.full(5, 0.009)), shade(lip, 0.5), HEAD))
    return layers


def _beard(who: Person, points: Points) -> list[Layer]:
    """From ear to ear along the jaw, up to the nose; the mouth is drawn over it."""
    if not who.beard:
        return []
    jaw, lip, nose = points[2:15], points[shape.OUTER_LIP], points[shape.NOSE]
    upper = [lip[6] * 0.55 + points[14] * 0.45, nose[4] * 0.5 + lip[6] * 0.5, nose[2] + (0, 0.012)]
    rest = [nose[0] * 0.5 + lip[0] * 0.5, lip[0] * 0.55 + points[2] * 0.45]
    return [Layer(np.concatenate([jaw, np.array([*upper, *rest])]), shade(who.hair, 0.8), HEAD)]


def _stroke(line: Points, widths: np.ndarray) -> Points:
    """A line with a width at each of its points."""
    along = np.gradient(line, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    across = across / np.maximum(np.sqrt((across * across).sum(1, keepdims=True)), 1e-9) * widths[:, None]
    return np.concatenate([line - across, (line + across)[::-1]])


def _smooth(ring: Points) -> Points:
    """Round the corners of a ring once (Chaikin, 1974)."""
    following = np.roll(ring, -1, 0)
    return np.stack([ring * 0.75 + following * 0.25, ring * 0.25 + following * 0.75], 1).reshape(-1, 2)


def _ball(turn: np.ndarray, centre: tuple[float, float, float], radii: tuple[float, float]) -> Points:
    """An upright ellipse around a place on the head; it looks the same from anywhere."""
    return _CIRCLE * radii + _seen(turn, np.array([centre]))
