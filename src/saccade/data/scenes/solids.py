"""Solids under a light, with their depth or their mesh.

Source: ours; the light of Lambert, 1760.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, UInt8

from saccade.data.randomness import Draws
from saccade.data.scenes.painting import FINER, Colour, add_noise, clutter, draw_ground, ground_colour, paint
from saccade.data.scenes.plan import Kind, Pen, Plan, Rendered, in_turn
from saccade.data.scenes.shapes import contrasting
from saccade.data.scenes.surfaces import SOLIDS, surface
from saccade.data.scenes.z_buffer import Seen, see
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.masks import Masks
from saccade.types.mesh import Mesh
from saccade.types.pixel_map import PixelMap

__all__ = ["depth", "mesh"]

FOCAL = 1.5
_SMOOTHER = 2


class Solid(NamedTuple):
    """One solid before the camera.

    Args:
        class_id: Its number among the classes of the plan.
        vertices: In the frame of the camera: x to the right, y down, z away.
        faces: Its triangles.
        normals: Where its surface looks, at each vertex.
        centre: Where its middle is.
        radius: Of the ball that it stands in.
        colour: Under full light.
        light: The direction to the light.

    Source: ours.
    """

    class_id: int
    vertices: Float[np.ndarray, "vertices 3"]
    faces: np.ndarray
    normals: Float[np.ndarray, "vertices 3"]
    centre: tuple[float, float, float]
    radius: float
    colour: Colour
    light: Float[np.ndarray, " 3"]


def mesh() -> Kind:
    """Solids with the mesh of their surface, in the frame of the camera."""
    return Kind("solids with their mesh", "mesh", _names, _meshed, {"classes": SOLIDS}, least_size=24)


def depth() -> Kind:
    """Solids with a mask, and how far away each pixel is."""
    return Kind("solids with their depth", "depth", _names, _measured, {"classes": SOLIDS}, least_size=24)


@lru_cache(maxsize=8)
def compose_solid(plan: Plan, index: int) -> Solid:
    """Say which solid a scene shows, where, how turned, in which light.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        It; in the middle, tilted a little, lit from the upper left at difficulty 0. It is wholly in the picture.

    Source: ours.
    """
    draws, hard = Draws(plan.seed, 20, index), plan.difficulty
    class_id = in_turn(plan, index, len(_names(plan)))
    vertices, faces, normals = surface(_names(plan)[class_id])
    turn = _turn(0.5 + math.pi * hard * draws.uniform(-1, 1), -0.45 + 1.2 * hard * draws.uniform(-1, 1), 1)
    turn = _turn(0.0, math.pi * hard * hard * draws.uniform(-1, 1), 2) @ turn
    radius, distance = 1.0, draws.uniform(3.9, 4.0 + 4.0 * hard)
    reach = (distance / (2 * FOCAL) - 1.12 * radius) * min(1.0, 2 * hard)
    centre = (draws.uniform(-reach, reach), draws.uniform(-reach, reach), distance)
    light = np.array([-0.5 + 0.9 * hard * draws.uniform(-1, 1), -0.6 + 0.6 * hard * draws.uniform(-1, 1), -0.75])
    colour = contrasting(ground_colour(plan, index), 120 - 60 * hard, draws)
    return Solid(
        class_id, vertices @ turn.T * radius + centre, faces, normals @ turn.T, centre, radius, colour,
        light / math.sqrt(float((light * light).sum())),
    )  # fmt: skip


def draw_solid(plan: Plan, index: int) -> UInt8[np.ndarray, "size size 3"]:
    """Draw one solid under its light.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        Its pixels.

    Source: ours; brightness is ambient light and Lambert's cosine.
    """
    solid, side = compose_solid(plan, index), plan.size * _SMOOTHER
    canvas = draw_ground(plan, index)
    paint(canvas, clutter(plan, round(6 * plan.difficulty), Draws(plan.seed, 21, index)))
    levels = np.asarray(canvas.reduce(FINER // _SMOOTHER), np.float32)
    found = see(solid.vertices, solid.faces, size=side, focal=FOCAL)
    shown = found.face >= 0
    corners, weights = solid.faces[found.face[shown]].T, found.weights[shown].T
    normals = np.zeros((len(weights[0]), 3))
    for corner, weight in zip(corners, weights, strict=True):
        normals += solid.normals[corner] * weight[:, None]
    cosine = (normals @ solid.light) / np.sqrt(np.einsum("ij,ij->i", normals, normals))
    bright = 0.25 + 0.75 * np.maximum(cosine, 0)
    levels = levels.copy()
    levels[shown] = bright[:, None] * np.array(solid.colour)
    fine = levels[0::2] + levels[1::2]  # twice as fine each way
    return add_noise((fine[:, 0::2] + fine[:, 1::2]) / 4, plan, index)


def seen_of(plan: Plan, index: int) -> Seen:
    """Say what the centre of each pixel shows of the solid.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        Triangles, depth and where on the triangles.

    Source: ours.
    """
    solid = compose_solid(plan, index)
    return see(solid.vertices, solid.faces, size=plan.size, focal=FOCAL)


def mesh_of(plan: Plan, index: int) -> Mesh:
    """Give the mesh of a solid.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        In the frame of the camera: `z_buffer.project(vertices, size, FOCAL)` gives its place in the picture.

    Source: ours.
    """
    solid = compose_solid(plan, index)
    return Mesh(solid.vertices, solid.faces, solid.class_id)


def depth_of(plan: Plan, index: int) -> Annotations:
    """Give the class, box, mask and depth of a solid.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        One thing; depth is along the axis of the camera, infinite where there is only ground.

    Source: ours.
    """
    found = seen_of(plan, index)
    masks = Masks(torch.from_numpy(found.face >= 0)[None])
    boxes = Boxes(masks.boxes().coordinates.double(), masks.size)
    distances = PixelMap(torch.from_numpy(found.depth.astype(np.float32)), math.inf)
    return Annotations(masks.size, torch.tensor([_class(plan, index)]), boxes, masks=masks, depth=distances)


def _turn(start: float, angle: float, axis: int) -> np.ndarray:
    """A turn of `start` about the upright axis, then of `angle` about the axis that goes right (1) or away (2)."""
    upright = np.array([[math.cos(start), 0, math.sin(start)], [0, 1, 0], [-math.sin(start), 0, math.cos(start)]])
    c, s = math.cos(angle), math.sin(angle)
    second = [[1, 0, 0], [0, c, -s], [0, s, c]] if axis == 1 else [[c, -s, 0], [s, c, 0], [0, 0, 1]]
    return np.array(second) @ upright


def _names(plan: Plan) -> tuple[str, ...]:
    return plan.classes or SOLIDS


def _class(plan: Plan, index: int) -> int:
    return in_turn(plan, index, len(_names(plan)))


def _classes(plan: Plan, index: int) -> tuple[int, ...]:
    return (_class(plan, index),)


def _meshed(plan: Plan, rows: Sequence[int]) -> Rendered:
    return Rendered(plan, rows, Pen(draw_solid, mesh_of, _classes))


def _measured(plan: Plan, rows: Sequence[int]) -> Rendered:
    return Rendered(plan, rows, Pen(draw_solid, depth_of, _classes))
