"""Textures to be told apart: a patch of one of eight, in a shape, colour, size and turn that say nothing about it.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw

from saccade.data.randomness import Draws
from saccade.data.scenes.outlines import SHAPES
from saccade.data.scenes.painting import clutter, draw_ground, finish, ground_colour, on_canvas, paint
from saccade.data.scenes.patterns import PATTERNS, pattern
from saccade.data.scenes.plan import Kind, Pen, Plan, Rendered, in_turn
from saccade.data.scenes.shapes import Shape, contrasting

__all__ = ["textures"]


def textures() -> Kind:
    """Patches of eight textures, in shapes that do not tell which."""
    return Kind("patches of texture", "classification", _names, _patched, {"classes": PATTERNS}, least_size=24)


def draw_texture(plan: Plan, index: int) -> UInt8[np.ndarray, "size size 3"]:
    """Draw one patch.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        Its pixels.

    Source: ours.
    """
    draws, hard, side = Draws(plan.seed, 16, index), plan.difficulty, plan.size
    canvas = draw_ground(plan, index)
    shape = _patch(plan, draws)
    ground = ground_colour(plan, index)
    first = contrasting(ground, 110 - 70 * hard, draws)
    second = contrasting(first, 150 - 85 * hard, draws)
    period = max(4.0, side * draws.uniform(0.125 - 0.04 * hard, 0.125 + 0.06 * hard))
    ink = pattern(
        _names(plan)[_class(plan, index)],
        side,
        period=period,
        angle=math.pi * hard * draws.uniform(-1, 1),
        shift=(draws.uniform(), draws.uniform()),
    )
    levels = np.array(first, np.float32) * ink[..., None] + np.array(second, np.float32) * (1 - ink[..., None])
    inked = Image.fromarray(np.round(levels).astype(np.uint8)).resize(canvas.size, Image.Resampling.NEAREST)
    stencil = Image.new("1", canvas.size)
    ImageDraw.Draw(stencil).polygon(on_canvas(shape.points()), fill=1)
    paint(canvas, clutter(plan, round(5 * hard), draws))
    canvas.paste(inked, (0, 0), stencil)
    paint(canvas, clutter(plan, round(3 * hard * hard), draws))
    return finish(canvas, plan, index)


def _patch(plan: Plan, draws: Draws) -> Shape:
    """A disc that fills the picture at difficulty 0; else any shape, anywhere."""
    hard, side = plan.difficulty, plan.size
    kind = draws.below(len(SHAPES)) if hard else SHAPES.index("circle")
    radius = side * draws.uniform(0.5 - 0.17 * hard, 0.5 - 0.04 * hard)
    slack = (side / 2 - radius) * min(1.0, 2 * hard)
    centre = (side / 2 + draws.uniform(-slack, slack), side / 2 + draws.uniform(-slack, slack))
    return Shape(kind, centre, radius, math.pi * hard * draws.uniform(-1, 1), (0, 0, 0))


def _names(plan: Plan) -> tuple[str, ...]:
    return plan.classes or PATTERNS


def _class(plan: Plan, index: int) -> int:
    return in_turn(plan, index, len(_names(plan)))


def _patched(plan: Plan, rows: Sequence[int]) -> Rendered:
    return Rendered(plan, rows, Pen(draw_texture, _class))
