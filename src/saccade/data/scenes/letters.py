"""Capital letters to be read, in several typefaces.

Source: ours; DejaVu, STIX and Computer Modern, the typefaces that come with matplotlib.
"""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from saccade.data.randomness import Draws
from saccade.data.scenes.painting import FINER, clutter, draw_ground, finish, ground_colour, paint
from saccade.data.scenes.plan import Kind, Pen, Plan, Rendered, in_turn
from saccade.data.scenes.shapes import contrasting

__all__ = ["letters"]

LETTERS = tuple(string.ascii_uppercase)
_FACES = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSansMono", "STIXGeneral",
    "STIXGeneralBol", "DejaVuSerif-Italic", "DejaVuSans-BoldOblique", "cmr10", "cmss10", "cmtt10",
)  # fmt: skip
_DRAWN = 128


def letters() -> Kind:
    """The capital letters from A to Z."""
    return Kind("capital letters", "classification", _names, _written, {"classes": LETTERS, "size": 32})


def draw_letter(plan: Plan, index: int) -> UInt8[np.ndarray, "size size 3"]:
    """Draw one letter: upright and plain at difficulty 0; never turned so far that it becomes another.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        Its pixels.

    Source: ours.
    """
    draws, hard, side = Draws(plan.seed, 17, index), plan.difficulty, plan.size
    canvas = draw_ground(plan, index)
    face = _FACES[draws.below(1 + round((len(_FACES) - 1) * min(1.0, 2 * hard)))]
    height = side * draws.uniform(0.66 - 0.36 * hard, 0.7 - 0.2 * hard)
    angle, slant = 0.45 * hard * draws.uniform(-1, 1), 0.35 * hard * draws.uniform(-1, 1)
    squeeze = 1 + 0.25 * hard * draws.uniform(-1, 1)
    glyph = _glyph(_names(plan)[_class(plan, index)], face)
    half = height * (0.5 + 0.15 * hard) * max(1.0, _aspect(glyph))
    slack = max(0.0, side / 2 - half) * min(1.0, 2 * hard)
    x, y = side / 2 + draws.uniform(-slack, slack), side / 2 + draws.uniform(-slack, slack)
    colour = contrasting(ground_colour(plan, index), 150 - 95 * hard, draws)
    paint(canvas, clutter(plan, round(4 * hard), draws))
    scale = _DRAWN / (height * FINER)
    cosine, sine = math.cos(angle) * scale, math.sin(angle) * scale
    matrix = np.array([[cosine * squeeze, sine * squeeze + slant * cosine], [-sine, cosine - slant * sine]])
    offset = _DRAWN - matrix @ np.array([x * FINER, y * FINER])
    coefficients = (*matrix[0].tolist(), float(offset[0]), *matrix[1].tolist(), float(offset[1]))
    stencil = glyph.transform(canvas.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)
    canvas.paste(colour, (0, 0, *canvas.size), stencil)
    paint(canvas, clutter(plan, round(3 * hard * hard), draws))
    return finish(canvas, plan, index)


@cache
def _glyph(letter: str, face: str) -> Image.Image:
    """A letter as high as half the square that it stands in the middle of."""
    import matplotlib

    path = Path(matplotlib.get_data_path(), "fonts", "ttf", f"{face}.ttf")
    font = ImageFont.truetype(str(path), 2 * _DRAWN, layout_engine=ImageFont.Layout.BASIC)
    left, top, right, bottom = font.getbbox(letter)
    written = Image.new("L", (math.ceil(right - left), math.ceil(bottom - top)))
    ImageDraw.Draw(written).text((-left, -top), letter, 255, font)
    scaled = written.resize((max(1, round(written.width * _DRAWN / written.height)), _DRAWN), Image.Resampling.BILINEAR)
    glyph = Image.new("L", (2 * _DRAWN, 2 * _DRAWN))
    glyph.paste(scaled, (_DRAWN - scaled.width // 2, _DRAWN // 2))
    return glyph


def _aspect(glyph: Image.Image) -> float:
    """The width of a letter by its height."""
    left, top, right, bottom = glyph.getbbox() or (0, 0, 1, 1)
    return (right - left) / (bottom - top)


def _names(plan: Plan) -> tuple[str, ...]:
    return plan.classes or LETTERS


def _class(plan: Plan, index: int) -> int:
    return in_turn(plan, index, len(_names(plan)))


def _written(plan: Plan, rows: Sequence[int]) -> Rendered:
    return Rendered(plan, rows, Pen(draw_letter, _class))
