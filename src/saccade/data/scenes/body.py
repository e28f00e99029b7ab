"""A body in space: seventeen joints, how they may bend, and the layers that it is drawn by.

Lengths are shares of the body's height; x is to the right of the picture, y down and z away from the camera. A body
that faces the camera has its left side on the right of the picture.

Source: ours; the joints and their order are those of COCO (Lin et al., 2014).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from saccade.data.randomness import Draws
from saccade.data.scenes.painting import Colour, as_colour, shade

JOINTS = (
    "nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder", "left elbow",
    "right elbow", "left wrist", "right wrist", "left hip", "right hip", "left knee", "right knee", "left ankle",
    "right ankle",
)  # fmt: skip
SWAPS = ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16))
SKELETON = (
    (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8), (7, 9), (8, 10), (1, 2),
    (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6),
)  # fmt: skip
_NOSE, _EYES, _EARS, _SHOULDERS, _ELBOWS, _WRISTS = 0, (1, 2), (3, 4), (5, 6), (7, 8), (9, 10)
_HIPS, _KNEES, _ANKLES = (11, 12), (13, 14), (15, 16)
_HEAD = 0.072
_SKINS = ((255, 224, 196), (234, 192, 150), (198, 140, 96), (141, 85, 54), (92, 56, 38))
_ROUND = np.stack([np.cos(np.arange(16) * math.pi / 8), np.sin(np.arange(16) * math.pi / 8)], 1)
# a half disc to the right, and one to the left
_ENDS = np.stack([np.cos(np.arange(-4, 14) * math.pi / 8), np.sin(np.arange(-4, 14) * math.pi / 8)], 1)
_ENDS[9:] = -_ENDS[:9]

Point = Float64[np.ndarray, " 3"]


class Part(NamedTuple):
    """One piece of a body.

    Args:
        points: Its outline (x, y).
        depth: How far away it is; nearer pieces are drawn later.
        colour: Of it.
        joints: Those that lie on it and that it does not hide.

    Source: ours.
    """

    points: Float64[np.ndarray, "points 2"]
    depth: float
    colour: Colour
    joints: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Body:
    """One body.

    Args:
        joints: (x, y, z) of the seventeen joints.
        parts: What it is drawn by, far ones first.
        turned: Of each joint, whether it is on a side that looks away from the camera.

    Source: ours.
    """

    joints: Float64[np.ndarray, "17 3"]
    parts: tuple[Part, ...]
    turned: tuple[bool, ...]


def pose(draws: Draws, hard: float) -> Body:
    """Make a body in some pose and some clothes.

    Args:
        draws: A generator.
        hard: 0: it stands and faces the camera; 1: any turn and any pose.

    Returns:
        The body, its pelvis in (0, 0, 0).

    Source: ours.
    """
    joints = _standing()
    for side in (0, 1):
        sign = 1 - 2 * side
        _bend_arm(joints, side, sign, draws, hard)
        _bend_leg(joints, side, sign, draws, hard)
    yaw, lean = math.pi * hard * draws.uniform(-1, 1), 0.3 * hard * draws.uniform(-1, 1)
    turn = _upright(yaw)
    head = _along(joints, _SHOULDERS) + np.array([0, -0.135, -0.01])
    nod = _upright(0.7 * hard * draws.uniform(-1, 1))
    faced = [*_face_points(), np.array([0.0, -0.2, 0.93])]  # the last is the back of the head
    looks = [turn @ nod @ one for one in faced]
    whole = np.stack([turn @ one for one in joints])
    middle = turn @ head
    for number, direction in enumerate(looks[:5]):
        whole[number] = middle + direction * _HEAD
    parts = _parts(whole, middle, looks, draws)
    turned = (
        *(bool(one[2] > (0.2 if number in _EARS else -0.12)) for number, one in enumerate(looks[:5])),
        *(bool(whole[one, 2] > 0.055 and one in (*_SHOULDERS, *_HIPS)) for one in range(5, 17)),
    )
    tilt = np.array([[math.cos(lean), -math.sin(lean)], [math.sin(lean), math.cos(lean)]])
    whole[:, :2] = whole[:, :2] @ tilt.T
    parts = [part._replace(points=part.points @ tilt.T) for part in parts]
    return Body(whole, tuple(sorted(parts, key=lambda part: -part.depth)), turned)


def _standing() -> list[Point]:
    joints = [np.zeros(3) for _ in JOINTS]
    for side, sign in enumerate((1, -1)):
        joints[_SHOULDERS[side]] = np.array([0.115 * sign, -0.295, 0.0])
        joints[_HIPS[side]] = np.array([0.07 * sign, 0.0, 0.0])
    return joints


def _bend_arm(joints: list[Point], side: int, sign: int, draws: Draws, hard: float) -> None:
    """Raise an arm sideways and forwards, and bend its elbow."""
    sideways = 0.35 + 1.9 * hard * draws.uniform(-0.15, 1)
    forwards = 1.2 * hard * draws.uniform(-0.5, 1)
    bend = 0.15 + 2.0 * hard * draws.uniform()
    upper = _limb(sideways * sign, forwards)
    inwards = 0.8 * draws.uniform(-1, 1) * hard
    lower = _limb(sideways * sign * (1 + 0.4 * inwards) + 0.5 * bend * sign * (inwards - 0.3), forwards + bend)
    joints[_ELBOWS[side]] = joints[_SHOULDERS[side]] + 0.155 * upper
    joints[_WRISTS[side]] = joints[_ELBOWS[side]] + 0.15 * lower


def _bend_leg(joints: list[Point], side: int, sign: int, draws: Draws, hard: float) -> None:
    """Spread a leg, lift it forwards, and bend its knee backwards."""
    sideways, forwards = 0.1 + 0.35 * hard * draws.uniform(), 1.1 * hard * draws.uniform(-0.45, 1)
    bend = 1.4 * hard * draws.uniform() * (0.3 + 0.7 * (forwards > 0))
    joints[_KNEES[side]] = joints[_HIPS[side]] + 0.23 * _limb(sideways * sign, forwards)
    joints[_ANKLES[side]] = joints[_KNEES[side]] + 0.225 * _limb(sideways * sign * 0.6, forwards - bend)


def _limb(sideways: float, forwards: float) -> Point:
    """The direction of a limb that hangs down, after it was lifted forwards, then sideways."""
    down, ahead = math.cos(forwards), -math.sin(forwards)
    return np.array([math.sin(sideways) * max(down, 0.2), math.cos(sideways) * down, ahead])


def _face_points() -> list[Point]:
    """Directions from the middle of the head: nose, eyes, ears."""
    return [
        np.array([0.0, 0.12, -1.08]),
        np.array([0.36, -0.18, -0.91]),
        np.array([-0.36, -0.18, -0.91]),
        np.array([0.98, 0.0, 0.05]),
        np.array([-0.98, 0.0, 0.05]),
    ]


def _upright(angle: float) -> np.ndarray:
    cosine, sine = math.cos(angle), math.sin(angle)
    return np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])


def _along(joints: list[Point], pair: tuple[int, int]) -> Point:
    return (joints[pair[0]] + joints[pair[1]]) / 2


def _parts(joints: np.ndarray, head: Point, looks: list[Point], draws: Draws) -> list[Part]:
    """Everything that is drawn of a body."""
    skin = _SKINS[draws.below(len(_SKINS))]
    shirt, trousers, hair = (as_colour([draws.uniform(0, 256) for _ in range(3)]) for _ in range(3))
    shoes = as_colour([draws.uniform(0, 120)] * 3)
    sleeves = draws.below(2)
    parts = []
    for side in (0, 1):
        hip, knee, ankle = joints[_HIPS[side]], joints[_KNEES[side]], joints[_ANKLES[side]]
        shoulder, elbow, wrist = joints[_SHOULDERS[side]], joints[_ELBOWS[side]], joints[_WRISTS[side]]
        toe = ankle + (looks[5] * (-0.07, 0, -0.07)) + (0, 0.022, 0)
        tone = 1.0 if hip[2] <= 0.01 else 0.85
        parts += [
            _capsule(ankle + np.array([0, 0.018, 0]), toe, (0.022, 0.018), shoes, (_ANKLES[side],), 0.004),
            _capsule(knee, ankle, (0.034, 0.026), shade(trousers, tone * 0.93), (_KNEES[side], _ANKLES[side])),
            _capsule(hip, knee, (0.048, 0.036), shade(trousers, tone), (_HIPS[side], _KNEES[side])),
            _capsule(
                elbow, wrist, (0.026, 0.02), shade(shirt, 0.85) if sleeves else skin, (_ELBOWS[side], _WRISTS[side])
            ),
            _disc(wrist, 0.026, skin, (_WRISTS[side],)),
            _capsule(shoulder, elbow, (0.034, 0.028), shade(shirt, 0.92 * tone), (_SHOULDERS[side], _ELBOWS[side])),
        ]
    parts += _torso(joints, shirt, shade(trousers, 1.0))
    neck = (joints[_SHOULDERS[0]] + joints[_SHOULDERS[1]]) / 2
    parts.append(_capsule(neck, head, (0.03, 0.03), shade(skin, 0.85), (), 0.02))
    return parts + _head(head, looks, skin, hair)


def _torso(joints: np.ndarray, shirt: Colour, trousers: Colour) -> list[Part]:
    shoulders, hips = joints[list(_SHOULDERS)], joints[list(_HIPS)]
    held = (*_SHOULDERS, *_HIPS)
    waist = hips * 0.82 + shoulders * 0.18
    chest = [(*one[:2], 0.042) for one in shoulders] + [(*one[:2], 0.05) for one in waist]
    pelvis = [(*one[:2], 0.05) for one in hips] + [(*one[:2], 0.048) for one in waist]
    return [
        Part(_hull(pelvis), 0.006, trousers, held),
        Part(_hull(chest), 0.0, shirt, held),
    ]


def _head(head: Point, looks: list[Point], skin: Colour, hair: Colour) -> list[Part]:
    """Skull, hair on its back and top, ears, and a face as far as it looks at the camera."""
    x, y, z = head
    back = looks[5] * _HEAD
    parts = [
        Part(_ROUND * (_HEAD * 0.98, _HEAD * 1.12) + (x, y), z, skin, (0, 1, 2, 3, 4)),
        Part(
            _ROUND * (_HEAD, _HEAD * 0.98) + (x + 0.62 * back[0], y - 0.3 * _HEAD),
            z + back[2] * 0.2,
            hair,
            (0, 1, 2, 3, 4),
        ),
        Part(_cap() * _HEAD * 1.04 + (x + 0.12 * back[0], y - 0.02), z - 0.012, hair, (0, 1, 2, 3, 4)),
    ]
    for number, direction in enumerate(looks[:5]):
        spot = head + direction * _HEAD
        if number in _EARS and direction[2] < 0.25:
            parts.append(_disc(spot, 0.017, shade(skin, 0.88), (0, 1, 2, 3, 4), z - 0.013))
        elif number in _EYES and direction[2] < -0.12:
            parts.append(_disc(spot, 0.011, (20, 20, 30), (0, 1, 2, 3, 4), z - 0.02))
        elif number == _NOSE and direction[2] < -0.1:
            parts.append(_disc(spot, 0.011, shade(skin, 0.75), (0, 1, 2, 3, 4), z - 0.02))
    mouth = head + (looks[0] * (0.85, 0, 0.8) + (0, 0.55, 0)) * _HEAD
    if looks[0][2] < -0.4:
        parts.append(Part(_ROUND * (0.022, 0.007) + mouth[:2], z - 0.02, (150, 50, 50), (0, 1, 2, 3, 4)))
    return parts


def _cap() -> np.ndarray:
    """The upper part of a disc."""
    angles = np.linspace(math.pi * 1.02, math.pi * 1.98, 12)
    return np.stack([np.cos(angles), np.sin(angles) * 1.08 - 0.12], 1)


def _disc(at: Point, radius: float, colour: Colour, joints: tuple[int, ...], depth: float | None = None) -> Part:
    return Part(_ROUND * radius + at[:2], float(at[2]) - 0.002 if depth is None else depth, colour, joints)


def _capsule(
    start: Point, end: Point, radii: tuple[float, float], colour: Colour, joints: tuple[int, ...], further: float = 0.0
) -> Part:
    (x1, y1, z1), (x2, y2, z2) = start.tolist(), end.tolist()
    turned = math.atan2(y2 - y1, x2 - x1)
    cosine, sine = math.cos(turned), math.sin(turned)
    ends = _ENDS @ np.array([[cosine, sine], [-sine, cosine]])
    outline = np.concatenate([ends[9:] * radii[0] + (x1, y1), ends[:9] * radii[1] + (x2, y2)])
    return Part(outline, (z1 + z2) / 2 + further, colour, joints)


def _hull(discs: list[tuple[float, float, float]]) -> Float64[np.ndarray, "points 2"]:
    """The convex outline around some discs (x, y, radius)."""
    points = np.concatenate([_ROUND * radius + (x, y) for x, y, radius in discs])
    return convex(points)


def convex(points: Float64[np.ndarray, "points 2"]) -> Float64[np.ndarray, "corners 2"]:
    """Draw the tightest line around some points.

    Args:
        points: Three at least, not all in one line.

    Returns:
        The corners, in order.

    Source: Andrew, 1979 (monotone chain).

    Example:
        >>> len(convex(np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 0.5], [2.0, 2.0], [0.0, 2.0]])))
        4
    """
    ordered = sorted(map(tuple, points.tolist()))
    halves = []
    for walk in (ordered, ordered[::-1]):
        line: list[tuple[float, float]] = []
        for x, y in walk:
            while len(line) > 1:
                (ax, ay), (bx, by) = line[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                line.pop()
            line.append((x, y))
        halves += line[:-1]
    return np.array(halves)
