"""A face in space: sixty-eight points that a few numbers shape, an expression moves and a pose turns.

Lengths are shares of the height of the head; x is to the right of the picture, y down and z away from the camera; the
middle of the head is (0, 0, 0). The right side of a face that looks at the camera is on the left of the picture.

Source: ours; the points and their order are those of Multi-PIE (Gross et al., 2010) and 300-W (Sagonas et al., 2013).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from saccade.data.randomness import Draws
from saccade.data.scenes.painting import Colour, as_colour

POINTS = (
    *(f"jaw {number}" for number in range(1, 18)),
    *(f"right brow {number}" for number in range(1, 6)),
    *(f"left brow {number}" for number in range(1, 6)),
    *(f"nose bridge {number}" for number in range(1, 5)),
    *(f"nose bottom {number}" for number in range(1, 6)),
    *(f"right eye {number}" for number in range(1, 7)),
    *(f"left eye {number}" for number in range(1, 7)),
    *(f"outer lip {number}" for number in range(1, 13)),
    *(f"inner lip {number}" for number in range(1, 9)),
)
SWAPS = (
    *((number, 16 - number) for number in range(8)),
    *((17 + number, 26 - number) for number in range(5)),
    (31, 35), (32, 34), (36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46), (48, 54), (49, 53), (50, 52),
    (55, 59), (56, 58), (60, 64), (61, 63), (65, 67),
)  # fmt: skip
JAW, RIGHT_BROW, LEFT_BROW = slice(0, 17), slice(17, 22), slice(22, 27)
BRIDGE, NOSE, RIGHT_EYE, LEFT_EYE = slice(27, 31), slice(31, 36), slice(36, 42), slice(42, 48)
OUTER_LIP, INNER_LIP = slice(48, 60), slice(60, 68)
SKELETON = tuple(
    (first + step, first + (step + 1) % around)
    for first, count, around in (
        (0, 16, 17), (17, 4, 5), (22, 4, 5), (27, 3, 4), (31, 4, 5), (36, 6, 6), (42, 6, 6), (48, 12, 12), (60, 8, 8),
    )
    for step in range(count)
)  # fmt: skip
HAIR_STYLES = ("bald", "short", "long", "curly", "fringe")
_DEPTH = 0.42


@dataclass(frozen=True)
class Person:
    """What makes a face the face of one person.

    Args:
        width: Of the head, a share of its height.
        jaw: How wide the jaw is, a share of the head's width.
        chin: How pointed the chin is, from 0 to 1.
        eye_gap: From the middle of the face to the middle of an eye.
        eye_size: Half the width of an eye.
        eye_height: Where the eyes are.
        brow_height: How far the brows are above the eyes.
        brow_tilt: How much they rise outwards.
        brow_weight: How thick they are.
        nose_length: From the eyes down.
        nose_width: Half of it.
        mouth_width: Half of it.
        lips: How thick they are.
        mouth_height: How far the mouth is below the nose.
        skin: Of the face.
        hair: Of hair and brows.
        eyes: Of the eyes.
        style: One of `HAIR_STYLES`.
        beard: Whether there is one.

    Source: ours.
    """

    width: float
    jaw: float
    chin: float
    eye_gap: float
    eye_size: float
    eye_height: float
    brow_height: float
    brow_tilt: float
    brow_weight: float
    nose_length: float
    nose_width: float
    mouth_width: float
    lips: float
    mouth_height: float
    skin: Colour
    hair: Colour
    eyes: Colour
    style: str
    beard: bool


@dataclass(frozen=True)
class Look:
    """How a person looks in one picture.

    Args:
        yaw: Turned to the right of the picture, in radians.
        pitch: Turned down.
        roll: Tilted.
        smile: From −1 to 1.
        gape: How open the mouth is, from 0 to 1.
        lids: How open the eyes are, 1 as usual.
        brows: How far the brows are raised, from −1 to 1.

    Source: ours.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    smile: float = 0.0
    gape: float = 0.0
    lids: float = 1.0
    brows: float = 0.0


def person(seed: int, number: int) -> Person:
    """Make a person.

    Args:
        seed: Another seed makes other people.
        number: Which one.

    Returns:
        The same person for the same numbers, always.

    Source: ours.

    Example:
        >>> person(0, 3) == person(0, 3), person(0, 3) == person(0, 4)
        (True, False)
    """
    draws = Draws(seed, 24, number)
    tone = draws.uniform()
    skin = as_colour([250 - 150 * tone + 8 * draws.uniform(-1, 1), 220 - 155 * tone, 195 - 155 * tone])
    hairs = ((25, 20, 20), (70, 42, 25), (125, 80, 40), (205, 165, 95), (165, 70, 35), (165, 165, 165))
    eyes = ((60, 35, 20), (110, 75, 35), (60, 110, 75), (70, 115, 165), (95, 110, 120))
    return Person(
        width=draws.uniform(0.66, 0.84),
        jaw=draws.uniform(0.72, 0.98),
        chin=draws.uniform(),
        eye_gap=draws.uniform(0.135, 0.185),
        eye_size=draws.uniform(0.055, 0.08),
        eye_height=draws.uniform(-0.07, 0.0),
        brow_height=draws.uniform(0.065, 0.1),
        brow_tilt=draws.uniform(-0.02, 0.04),
        brow_weight=draws.uniform(0.012, 0.032),
        nose_length=draws.uniform(0.15, 0.22),
        nose_width=draws.uniform(0.045, 0.085),
        mouth_width=draws.uniform(0.1, 0.165),
        lips=draws.uniform(0.02, 0.045),
        mouth_height=draws.uniform(0.085, 0.115),
        skin=skin,
        hair=hairs[draws.below(len(hairs))],
        eyes=eyes[draws.below(len(eyes))],
        style=HAIR_STYLES[draws.below(len(HAIR_STYLES))],
        beard=draws.uniform() < 0.22,
    )


def points_of(who: Person, look: Look, turned: bool = True) -> Float64[np.ndarray, "68 3"]:
    """Say where the sixty-eight points of a face are, turned and tilted.

    Args:
        who: Whose face.
        look: Its pose and expression.
        turned: Turn the head; else it looks straight ahead, with the same expression.

    Returns:
        (x, y, z) in heads.

    Source: ours.

    Example:
        >>> points_of(person(0, 0), Look()).shape
        (68, 3)
    """
    flat = np.concatenate([*_brows(who, look), _nose(who), *_eyes(who, look), *_mouth(who, look)])
    raised = np.concatenate([points_on_jaw(who, np.linspace(math.pi, 0, 17)), on_head(who, flat)])
    raised[BRIDGE, 2] -= np.array([0.01, 0.035, 0.065, 0.1])
    raised[NOSE, 2] -= np.array([0.02, 0.04, 0.055, 0.04, 0.02])
    return raised @ rotation(look).T if turned else raised


def contour(who: Person, angles: Float64[np.ndarray, " angles"]) -> Float64[np.ndarray, "angles 2"]:
    """Give points of the outline of a face: 0 is the left ear, a quarter turn on is the chin.

    Args:
        who: Whose face.
        angles: In radians; beyond half a turn the line runs over the forehead.

    Returns:
        (x, y) in heads.

    Source: ours.
    """
    cosine, sine = np.cos(angles), np.sin(angles)
    below = np.maximum(sine, 0)
    taper = 1 - (1 - who.jaw) * below**1.2 - 0.22 * who.chin * below**4
    square = np.sign(cosine) * np.abs(cosine) ** (0.95 - 0.25 * (1 - who.chin) * (sine > 0))
    return np.stack([who.width / 2 * square * taper, np.where(sine > 0, 0.5 * sine, 0.48 * sine)], 1)


def points_on_jaw(who: Person, angles: Float64[np.ndarray, " angles"]) -> Float64[np.ndarray, "angles 3"]:
    """Give points of the line of the jaw in space: it comes forward from the ears to the chin.

    Args:
        who: Whose jaw.
        angles: From half a turn (the right ear) to 0 (the left ear).

    Returns:
        (x, y, z) in heads.

    Source: ours.
    """
    flat = contour(who, angles)
    return np.concatenate([flat, (-0.22 * np.sin(angles) ** 2)[:, None]], 1)


def on_head(who: Person, flat: Float64[np.ndarray, "points 2"]) -> Float64[np.ndarray, "points 3"]:
    """Lift points onto the round front of the head.

    Args:
        who: Whose head.
        flat: (x, y) as seen from the front.

    Returns:
        (x, y, z); 0 is as far away as the ears.

    Source: ours.
    """
    squares = (flat[:, 0] / (who.width / 2)) ** 2 + (flat[:, 1] / 0.53) ** 2
    return np.concatenate([flat, -_DEPTH * np.sqrt(np.maximum(0, 1 - squares))[:, None]], 1)


def rotation(look: Look) -> Float64[np.ndarray, "3 3"]:
    """Give the turn of a head: nod, then turn, then tilt.

    Args:
        look: Its angles.

    Returns:
        A matrix.

    Source: ours.
    """
    (cy, sy), (cp, sp), (cr, sr) = ((math.cos(one), math.sin(one)) for one in (look.yaw, look.pitch, look.roll))
    nod = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    turn = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    tilt = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return tilt @ turn @ nod


def _brows(who: Person, look: Look) -> list[np.ndarray]:
    steps = np.linspace(-1, 1, 5)
    height = who.eye_height - who.brow_height - 0.03 * look.brows
    arch = height - 0.018 * (1 - steps**2)
    right = np.stack([-who.eye_gap + steps * who.eye_size * 1.45, arch + steps * who.brow_tilt], 1)
    return [right, right[::-1] * (-1, 1)]


def _nose(who: Person) -> np.ndarray:
    tip = who.eye_height + who.nose_length
    bridge = np.stack([np.zeros(4), np.linspace(who.eye_height, tip - 0.02, 4)], 1)
    steps = np.linspace(-1, 1, 5)
    bottom = np.stack([steps * who.nose_width, tip + 0.018 * (1 - np.abs(steps))], 1)
    return np.concatenate([bridge, bottom])


def _eyes(who: Person, look: Look) -> list[np.ndarray]:
    opened = 0.42 * look.lids * who.eye_size
    x = np.array([-1, -0.4, 0.4, 1, 0.4, -0.4]) * who.eye_size - who.eye_gap
    y = np.array([0, -1, -1, 0, 0.75, 0.75]) * opened + who.eye_height
    right = np.stack([x, y], 1)
    return [right, right[[3, 2, 1, 0, 5, 4]] * (-1, 1)]


def _mouth(who: Person, look: Look) -> list[np.ndarray]:
    half = who.mouth_width * (1 + 0.14 * look.smile)
    middle = who.eye_height + who.nose_length + who.mouth_height
    corner, gape = -0.035 * look.smile, 0.055 * look.gape
    steps = np.array([-1, -0.62, -0.25, 0, 0.25, 0.62, 1])
    bend = corner * steps**2
    upper = middle + bend - who.lips * np.array([0, 0.75, 1.1, 0.85, 1.1, 0.75, 0]) - 0.2 * gape * (1 - steps**2)
    lower = middle + bend + (who.lips * 1.15 + gape) * (1 - np.abs(steps) ** 2.4)
    outer = np.concatenate([np.stack([half * steps, upper], 1), np.stack([half * steps, lower], 1)[5:0:-1]])
    inner = np.array([-0.85, -0.4, 0, 0.4, 0.85])
    bow = corner * inner**2
    above = middle + bow - 0.15 * gape * (1 - inner**2)
    under = middle + bow + (gape + 0.003) * (1 - inner**2)
    inside = np.concatenate([np.stack([half * inner, above], 1), np.stack([half * inner, under], 1)[3:0:-1]])
    return [outer, inside]
