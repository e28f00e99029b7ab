"""Painting in layers: polygons from back to front, drawn with smooth edges, on a ground, under noise.

Coordinates are continuous pixels: pixel i covers [i, i + 1].

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw

from saccade.data.randomness import Draws, noise
from saccade.data.scenes.plan import Plan

FINER = 4
Colour = tuple[int, int, int]
GROUND = -1


@dataclass(frozen=True, eq=False)
class Layer:
    """One polygon of a scene.

    Args:
        points: Its corners (x, y) in pixels; what lies inside an odd number of times belongs to it.
        colour: Red, green, blue from 0 to 255.
        owner: The number of the thing that it is a part of; `GROUND` for clutter.

    Source: ours.
    """

    points: Float[np.ndarray, "points 2"]
    colour: Colour
    owner: int = GROUND


def ground_colour(plan: Plan, index: int) -> Colour:
    """Give the mean colour of the ground: dark grey at difficulty 0, dark or bright from 0.25 on, any at 1.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        The colour.

    Source: ours.
    """
    draws, hard = Draws(plan.seed, 6, index), plan.difficulty
    levels = [30 + 190 * hard * draws.uniform() for _ in range(3)]
    bright = hard >= 0.25 and draws.below(2)
    return as_colour([255 - level for level in levels] if bright else levels)


def draw_ground(plan: Plan, index: int) -> Image.Image:
    """Draw the ground: plain at difficulty 0, else blotches of two sizes around its mean colour.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        The canvas to paint on, `FINER` times as wide as the picture.

    Source: ours.
    """
    side, colour, hard = plan.size, ground_colour(plan, index), plan.difficulty
    wide = (side * FINER, side * FINER)
    if not hard:
        return Image.new("RGB", wide, colour)
    draws = Draws(plan.seed, 7, index)
    grains = max(3, round(side / draws.uniform(3, 9)))
    levels = np.array(colour, np.float32)
    for cells, strength in ((4, 28), (grains, 16)):
        blotches = 128 + noise((cells, cells, 3), plan.seed, 8, index, cells) * np.float32(strength * hard)
        small = Image.fromarray(_bytes(blotches)).resize((side, side), Image.Resampling.BILINEAR)
        levels = levels + np.asarray(small, np.float32) - 128
    return Image.fromarray(_bytes(levels)).resize(wide, Image.Resampling.NEAREST)


def paint(canvas: Image.Image, layers: Sequence[Layer]) -> None:
    """Paint layers onto a canvas.

    Args:
        canvas: `FINER` times as wide as the picture; changed.
        layers: From back to front.

    Source: ours.
    """
    pen = ImageDraw.Draw(canvas)
    for layer in layers:
        pen.polygon(on_canvas(layer.points), fill=layer.colour)


def on_canvas(points: Float[np.ndarray, "points 2"]) -> list[tuple[int, int]]:
    """Give the pixel of the canvas in which each point of a picture lies.

    Args:
        points: (x, y) in pixels of the picture.

    Returns:
        (column, row) on the canvas.

    Source: ours.
    """
    return [(x, y) for x, y in np.floor(points * FINER).astype(int).tolist()]


def finish(canvas: Image.Image, plan: Plan, index: int) -> UInt8[np.ndarray, "size size 3"]:
    """Turn a canvas into a picture, and add the noise of its difficulty.

    Args:
        canvas: `FINER` times as wide as the picture.
        plan: What was asked for.
        index: Which scene.

    Returns:
        The pixels.

    Source: ours.
    """
    return add_noise(np.asarray(canvas.reduce(FINER), np.float32), plan, index)


def add_noise(
    levels: Float[np.ndarray, "height width 3"], plan: Plan, index: int
) -> UInt8[np.ndarray, "height width 3"]:
    """Add the noise of a plan's difficulty, and round.

    Args:
        levels: From 0 to 255.
        plan: What was asked for.
        index: Which scene.

    Returns:
        The pixels.

    Source: ours.
    """
    if plan.difficulty:
        levels = levels + noise(levels.shape, plan.seed, 5, index) * np.float32(24 * plan.difficulty)
    return _bytes(levels)


def clutter(plan: Plan, count: int, draws: Draws) -> list[Layer]:
    """Make strokes of any colour, anywhere.

    Args:
        plan: What was asked for.
        count: How many.
        draws: A generator.

    Returns:
        Thin rectangles that belong to no thing.

    Source: ours.
    """
    side, strokes = plan.size, []
    for _ in range(count):
        x, y, angle = draws.uniform(0, side), draws.uniform(0, side), draws.uniform(0, np.pi)
        along = np.array([np.cos(angle), np.sin(angle)]) * side * draws.uniform(0.08, 0.25)
        across = np.array([-np.sin(angle), np.cos(angle)]) * side * draws.uniform(0.01, 0.025)
        colour = as_colour([draws.uniform(0, 256) for _ in range(3)])
        corners = np.stack([-across, along - across, along + across, across]) + np.array([x, y])
        strokes.append(Layer(corners, colour))
    return strokes


def blobs(plan: Plan, count: int, draws: Draws) -> list[Layer]:
    """Make ragged patches of any colour, anywhere: things that are of no class.

    Args:
        plan: What was asked for.
        count: How many.
        draws: A generator.

    Returns:
        Polygons that belong to no thing.

    Source: ours.
    """
    patches = []
    for _ in range(count):
        corners = 5 + draws.below(4)
        angles = 2 * np.pi * np.arange(corners) / corners
        radii = np.array([draws.uniform(0.4, 1.0) for _ in range(corners)]) * plan.size * draws.uniform(0.05, 0.16)
        centre = draws.uniform(0, plan.size), draws.uniform(0, plan.size)
        colour = as_colour([draws.uniform(0, 256) for _ in range(3)])
        patches.append(Layer(np.stack([np.cos(angles), np.sin(angles)], 1) * radii[:, None] + centre, colour))
    return patches


def as_colour(levels: Sequence[float]) -> Colour:
    """Cut three levels to whole numbers from 0 to 255.

    Args:
        levels: Red, green, blue.

    Returns:
        The colour.

    Source: ours.

    Example:
        >>> as_colour([-3.0, 12.7, 300.0])
        (0, 12, 255)
    """
    red, green, blue = (min(255, max(0, int(level))) for level in levels)
    return red, green, blue


def shade(colour: Colour, factor: float) -> Colour:
    """Make a colour darker or lighter.

    Args:
        colour: Any.
        factor: Below 1 is darker.

    Returns:
        The colour.

    Source: ours.

    Example:
        >>> shade((100, 200, 40), 0.5)
        (50, 100, 20)
    """
    return as_colour([level * factor for level in colour])


def brightness(colour: Sequence[float]) -> float:
    """Give the brightness of a colour.

    Args:
        colour: Red, green, blue.

    Returns:
        From 0 to 255.

    Source: ITU-R BT.601.

    Example:
        >>> round(brightness((255, 255, 255)))
        255
    """
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def _bytes(levels: np.ndarray) -> np.ndarray:
    return np.clip(np.round(levels), 0, 255).astype(np.uint8)
