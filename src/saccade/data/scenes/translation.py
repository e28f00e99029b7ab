"""Two styles of the same kind of scene: flat colours, and hatching on paper; in pairs, or each on its own.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw

from saccade.data.randomness import Draws, noise
from saccade.data.scenes.detection import draw_things
from saccade.data.scenes.outlines import SHAPES
from saccade.data.scenes.painting import FINER, add_noise, brightness, on_canvas, shade
from saccade.data.scenes.patterns import pattern
from saccade.data.scenes.plan import Kind, Pen, Plan, Rendered, in_turn
from saccade.data.scenes.things import compose_things
from saccade.types.paired_image import PairedImage

__all__ = ["translation"]

STYLES = ("flat", "hatched")
_PAPER = (243, 234, 214)


def translation() -> Kind:
    """Shapes in flat colours or hatched on paper; with paired=1, each flat one with its hatched twin."""
    options = {"shapes": 5, "classes": SHAPES, "paired": 0}
    return Kind("shapes in two styles", "translation", _styles, _styled, options, least_size=32)


def draw_hatched(plan: Plan, index: int) -> UInt8[np.ndarray, "size size 3"]:
    """Draw a scene as if by hand: each shape hatched in its colour and outlined, on paper, without clutter.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        Its pixels; what lies where is as in `draw_things`.

    Source: ours.
    """
    side, draws = plan.size, Draws(plan.seed, 18, index)
    wide = (side * FINER, side * FINER)
    grain = np.float32(5) * noise((side, side, 1), plan.seed, 19, index)
    levels = np.clip(np.round(np.array(_PAPER, np.float32) + grain), 0, 255).astype(np.uint8)
    canvas = Image.fromarray(levels).resize(wide, Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(canvas)
    for thing in compose_things(plan, index):
        corners = on_canvas(thing.shape.points())
        angle, period = draws.uniform(0, math.pi), max(2.5, side * draws.uniform(0.035, 0.05))
        lines = pattern("stripes", side, period=period, angle=angle, shift=(draws.uniform(), 0.0))
        hatching = Image.fromarray(np.round(lines * 255).astype(np.uint8)).resize(wide, Image.Resampling.BILINEAR)
        stencil = Image.new("L", wide)
        ImageDraw.Draw(stencil).polygon(corners, fill=255)
        canvas.paste(_PAPER, (0, 0, *wide), stencil)
        stencil.paste(0, (0, 0, *wide), Image.eval(hatching, lambda level: 255 - level))
        ink = shade(thing.shape.colour, 0.72 if brightness(thing.shape.colour) > 190 else 1.0)
        canvas.paste(ink, (0, 0, *wide), stencil)
        for loop in _loops(corners, thing.shape.kind):
            pen.line(loop, shade(thing.shape.colour, 0.45), max(2, round(side * FINER * 0.014)), "curve")
    return add_noise(np.asarray(canvas.reduce(FINER), np.float32), plan, index)


def draw_styled(plan: Plan, index: int) -> UInt8[np.ndarray, "size size 3"]:
    """Draw a scene in the style that it has.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        Its pixels; flat where pictures come in pairs.

    Source: ours.
    """
    return draw_hatched(plan, index) if not plan.paired and _style(plan, index) else draw_things(plan, index)


def _loops(corners: list[tuple[int, int]], kind: int) -> list[list[tuple[int, int]]]:
    """The closed lines around a shape: two for a ring, whose outline runs around it and back within."""
    half = len(corners) // 2
    loops = [corners[:half], corners[half:]] if SHAPES[kind] == "ring" else [corners]
    return [[*loop, loop[0]] for loop in loops]


def _target(plan: Plan, index: int) -> int | PairedImage:
    return PairedImage(draw_hatched(plan, index)) if plan.paired else _style(plan, index)


def _classes(plan: Plan, index: int) -> tuple[int, ...]:
    return () if plan.paired else (_style(plan, index),)


def _style(plan: Plan, index: int) -> int:
    return in_turn(plan, index, len(STYLES))


def _styles(plan: Plan) -> tuple[str, ...]:
    del plan
    return STYLES


def _styled(plan: Plan, rows: Sequence[int]) -> Rendered:
    return Rendered(plan, rows, Pen(draw_styled, _target, _classes))
