"""Coloured shapes to be named: one in each picture, or several apart from each other.

Difficulty goes from 0 (one large bright shape in the middle of a dark ground) to 1 (any place, turn and size, little
contrast, clutter before and behind it, noise). Colour never tells the class.

Source: ours.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw

from saccade.data.randomness import Draws, noise
from saccade.data.scenes.outlines import SHAPES, outline
from saccade.data.scenes.painting import FINER, Colour, as_colour, brightness
from saccade.data.scenes.plan import Kind, Plan, shuffled
from saccade.errors import BadConfig
from saccade.types.sample import Sample

__all__ = ["classification", "multi_label"]

_OPTIONS = {"shapes": 1, "classes": SHAPES, "size": 32}


def classification() -> Kind:
    """One shape in each picture."""
    return Kind("coloured shapes", "classification", _names, _source, _OPTIONS, least_size=8)


def multi_label() -> Kind:
    """Several different shapes in each picture, all of them labels."""
    return Kind("several coloured shapes", "multi_label", _names, _source, {**_OPTIONS, "shapes": 3}, least_size=8)


@dataclass(frozen=True)
class SceneSettings:
    """What scenes look like.

    Args:
        count: How many there are.
        size: Height and width in pixels.
        difficulty: From 0 to 1.
        shapes: 1: one shape in each, one class. More: from one to so many different shapes in each, all of them labels.
        seed: Another seed draws other scenes.
        names: The shapes that there are, in the order of their class ids.

    Raises:
        BadConfig: If a value is out of its range; all are listed.

    Source: ours.

    Example:
        >>> SceneSettings(count=10, difficulty=0.2).size
        32
    """

    count: int = 2000
    size: int = 32
    difficulty: float = 0.5
    shapes: int = 1
    seed: int = 0
    names: tuple[str, ...] = field(default=SHAPES, repr=False)

    def __post_init__(self) -> None:
        wrong = [
            f"got {name}={value}; taken is {low} to {high}"
            for name, value, low, high in (
                ("count", self.count, 1, 10_000_000),
                ("size", self.size, 8, 2048),
                ("difficulty", self.difficulty, 0, 1),
                ("shapes", self.shapes, 1, len(self.names)),
            )
            if not low <= value <= high
        ]
        if wrong:
            raise BadConfig("; ".join(wrong) + "; change it")


@dataclass(frozen=True)
class Shape:
    """One shape in a scene.

    Args:
        kind: A number in `SHAPES`.
        centre: (x, y) in pixels.
        radius: Of the circle around it, in pixels.
        angle: By which it is turned, in radians.
        colour: Red, green, blue from 0 to 255.

    Source: ours.
    """

    kind: int
    centre: tuple[float, float]
    radius: float
    angle: float
    colour: Colour

    def points(self) -> Float[np.ndarray, "points 2"]:
        """Give its outline as (x, y) in pixels."""
        turn = np.array([[math.cos(self.angle), math.sin(self.angle)], [-math.sin(self.angle), math.cos(self.angle)]])
        return outline(SHAPES[self.kind]) @ turn * self.radius + self.centre


def kinds_of(settings: SceneSettings, index: int) -> tuple[int, ...]:
    """Say which shapes are in a scene, without composing it.

    Args:
        settings: What scenes look like.
        index: Which scene.

    Returns:
        Class ids, sorted. With one shape, each of eight kinds occurs once in each eight scenes.

    Source: ours.

    Example:
        >>> sorted(kinds_of(SceneSettings(), index)[0] for index in range(8))
        [0, 1, 2, 3, 4, 5, 6, 7]
    """
    kinds = len(settings.names)
    if settings.shapes == 1:
        block, place = divmod(index, kinds)
        return (shuffled(kinds, Draws(settings.seed, 1, block))[place],)
    draws = Draws(settings.seed, 2, index)
    return tuple(sorted(shuffled(kinds, draws)[: 1 + draws.below(settings.shapes)]))


def compose(settings: SceneSettings, index: int) -> list[Shape]:
    """Say where the shapes of a scene are, how large, how turned, of what colour.

    Args:
        settings: What scenes look like.
        index: Which scene.

    Returns:
        The shapes, in the order of their kinds; they never overlap and lie wholly in the image.

    Source: ours.
    """
    draws, kinds, hard = Draws(settings.seed, 3, index), kinds_of(settings, index), settings.difficulty
    grid = math.ceil(math.sqrt(settings.shapes))
    cell = settings.size / grid
    ground = _ground(settings, index)[0]
    shapes = []
    for kind, place in zip(kinds, shuffled(grid * grid, draws), strict=False):
        radius = cell * draws.uniform(0.42 - 0.27 * hard, 0.44 - 0.08 * hard)
        slack = (cell / 2 - radius) * hard
        centre = (
            (place % grid + 0.5) * cell + draws.uniform(-slack, slack),
            (place // grid + 0.5) * cell + draws.uniform(-slack, slack),
        )
        angle = math.pi * hard * draws.uniform(-1, 1)
        colour = contrasting(ground, 150 - 95 * hard, draws)
        shapes.append(Shape(SHAPES.index(settings.names[kind]), centre, radius, angle, colour))
    return shapes


def draw_scene(settings: SceneSettings, index: int) -> UInt8[np.ndarray, "size size 3"]:
    """Draw one scene, with smooth edges.

    Args:
        settings: What scenes look like.
        index: Which scene.

    Returns:
        Its pixels.

    Source: ours; drawn four times as fine and averaged.

    Example:
        >>> draw_scene(SceneSettings(size=16), 0).shape
        (16, 16, 3)
    """
    side, hard = settings.size, settings.difficulty
    corners = np.array(_ground(settings, index), np.uint8).reshape(2, 2, 3)
    canvas = Image.fromarray(corners).resize((side * FINER, side * FINER), Image.Resampling.BILINEAR)
    pen, draws = ImageDraw.Draw(canvas), Draws(settings.seed, 4, index)
    behind, before = round(6 * hard), round(3 * hard * hard)
    _clutter(pen, side, behind, draws)
    for shape in compose(settings, index):
        pen.polygon([(x * FINER, y * FINER) for x, y in shape.points().tolist()], fill=shape.colour)
    _clutter(pen, side, before, draws)
    pixels = np.asarray(canvas.reduce(FINER), np.float32)
    if hard:
        pixels = pixels + noise(pixels.shape, settings.seed, 5, index) * np.float32(36 * hard)
    return np.clip(np.round(pixels), 0, 255).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Scenes:
    """Synthetic scenes as a source; a scene is drawn when it is read.

    Args:
        settings: What they look like.
        rows: Which of them belong to this source.

    Source: ours.

    Example:
        >>> Scenes(SceneSettings(size=16), range(4)).read(2).key
        'synthetic[2]'
    """

    settings: SceneSettings
    rows: Sequence[int]

    def __len__(self) -> int:
        """Count the scenes."""
        return len(self.rows)

    def read(self, index: int) -> Sample:
        """Draw one scene."""
        return Sample(draw_scene(self.settings, self.rows[index]), self.target(index), self.key(index))

    def key(self, index: int) -> str:
        """Name one scene."""
        return f"synthetic[{self.rows[index]}]"

    def target(self, index: int) -> int | tuple[int, ...]:
        """Give one scene's class, or classes."""
        kinds = kinds_of(self.settings, self.rows[index])
        return kinds[0] if self.settings.shapes == 1 else kinds

    def pick(self, rows: Sequence[int]) -> Scenes:
        """Keep some scenes, in the order given."""
        return replace(self, rows=tuple(self.rows[row] for row in rows))

    def fingerprint(self) -> str:
        """Hash the settings, and eight scenes as this machine draws them."""
        names = () if self.settings.names == SHAPES else (self.settings.names,)
        digest = hashlib.sha256(repr((self.settings, tuple(self.rows), *names)).encode())
        for row in self.rows[:: max(1, len(self.rows) // 8)][:8]:
            digest.update(draw_scene(self.settings, row).tobytes())
        return digest.hexdigest()


def _source(plan: Plan, rows: Sequence[int]) -> Scenes:
    names = _names(plan)
    return Scenes(SceneSettings(plan.count, plan.size, plan.difficulty, plan.shapes, plan.seed, names), rows)


def _names(plan: Plan) -> tuple[str, ...]:
    return plan.classes or SHAPES


def _ground(settings: SceneSettings, index: int) -> list[Colour]:
    """Colours of the four corners: one dark grey at difficulty 0, any colours not far from each other at 1."""
    draws, hard = Draws(settings.seed, 6, index), settings.difficulty
    base = [30 + 190 * hard * draws.uniform() for _ in range(3)]
    return [as_colour([level + 35 * hard * draws.uniform(-1, 1) for level in base]) for _ in range(4)]


def contrasting(ground: Colour, contrast: float, draws: Draws) -> Colour:
    """Draw a colour whose brightness differs from another's by a least amount.

    Args:
        ground: The other.
        contrast: The least difference; where 64 draws do not reach it, the colour is black or white.
        draws: A generator.

    Returns:
        The colour.

    Source: ours.
    """
    for _ in range(64):
        colour = as_colour([draws.uniform(0, 256) for _ in range(3)])
        if abs(brightness(colour) - brightness(ground)) >= contrast:
            return colour
    return (255, 255, 255) if brightness(ground) < 128 else (0, 0, 0)


def _clutter(pen: ImageDraw.ImageDraw, side: int, count: int, draws: Draws) -> None:
    """Draw short strokes of any colour anywhere."""
    for _ in range(count):
        x, y, angle = (draws.uniform(0, high) for high in (side, side, math.pi))
        length, width = side * draws.uniform(0.08, 0.25), side * draws.uniform(0.02, 0.05)
        end = (x + length * math.cos(angle)) * FINER, (y + length * math.sin(angle)) * FINER
        colour = as_colour([draws.uniform(0, 256) for _ in range(3)])
        pen.line([(x * FINER, y * FINER), end], fill=colour, width=max(1, round(width * FINER)))
