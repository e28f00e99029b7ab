"""Shapes before clutter, labelled by boxes, by masks, or by the class of each pixel.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import UInt8

from saccade.data.scenes.outlines import SHAPES
from saccade.data.scenes.painting import draw_ground, finish, paint
from saccade.data.scenes.plan import Kind, Pen, Plan, Rendered
from saccade.data.scenes.things import class_ids_of, compose_things, layers_of, masks_of, names_of
from saccade.data.scenes.tracing import traced
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.masks import Masks
from saccade.types.pixel_map import PixelMap
from saccade.types.polygons import Polygons

__all__ = ["detection", "instance_segmentation", "segmentation"]

_OPTIONS = {"shapes": 5, "classes": SHAPES}


def detection() -> Kind:
    """Shapes with boxes around what can be seen of them."""
    return Kind("shapes with boxes", "detection", names_of, _boxed, _OPTIONS)


def instance_segmentation() -> Kind:
    """Shapes with boxes, and masks of what can be seen of them."""
    return Kind("shapes with masks", "instance_segmentation", names_of, _masked, {**_OPTIONS, "outlines": 0})


def segmentation() -> Kind:
    """Shapes, and the class of each pixel; 0 is the ground."""
    return Kind("shapes with a class for each pixel", "segmentation", _with_ground, _regioned, _OPTIONS)


def draw_things(plan: Plan, index: int) -> UInt8[np.ndarray, "size size 3"]:
    """Draw a scene of shapes.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        Its pixels.

    Source: ours.

    Example:
        >>> draw_things(Plan("detection", size=32), 0).shape
        (32, 32, 3)
    """
    canvas = draw_ground(plan, index)
    paint(canvas, layers_of(plan, index))
    return finish(canvas, plan, index)


def boxes_of(plan: Plan, index: int) -> Annotations:
    """Give the class and the box of each thing, tight around what can be seen of it.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        The things from back to front.

    Source: ours.
    """
    found = _instances(plan, index)
    return Annotations(found.size, found.class_ids, found.boxes)


def instances_of(plan: Plan, index: int) -> Annotations:
    """Give the class, the box and the mask or outlines of each thing.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        The things from back to front.

    Source: ours.
    """
    found = _instances(plan, index)
    if not plan.outlines or found.masks is None:
        return found
    rings = tuple(tuple(torch.from_numpy(ring) for ring in traced(mask)) for mask in found.masks.pixels.numpy())
    return Annotations(found.size, found.class_ids, found.boxes, Polygons(rings, found.size))


def regions_of(plan: Plan, index: int) -> Annotations:
    """Give the class of each pixel.

    Args:
        plan: What was asked for.
        index: Which scene.

    Returns:
        Regions: 0 where no thing is seen, else 1 + the class of the thing.

    Source: ours.
    """
    found = _instances(plan, index)
    assert found.masks is not None
    values = torch.zeros(found.size, dtype=torch.uint8)
    for class_id, mask in zip(found.class_ids.tolist(), found.masks.pixels, strict=True):
        values[mask] = class_id + 1
    return Annotations(found.size, regions=PixelMap(values))


def _instances(plan: Plan, index: int) -> Annotations:
    things = compose_things(plan, index)
    masks = Masks(torch.from_numpy(masks_of(layers_of(plan, index), plan.size, len(things))))
    boxes = Boxes(masks.boxes().coordinates.double(), masks.size)
    class_ids = torch.tensor([thing.class_id for thing in things])
    found = Annotations(masks.size, class_ids, boxes, masks=masks)
    seen = masks.area() > 0
    return found if bool(seen.all()) else found.select(seen)


def _classes(plan: Plan, index: int) -> tuple[int, ...]:
    return tuple(sorted(set(class_ids_of(plan, index))))


def _region_classes(plan: Plan, index: int) -> tuple[int, ...]:
    return (0, *(1 + one for one in _classes(plan, index)))


def _with_ground(plan: Plan) -> tuple[str, ...]:
    return ("ground", *names_of(plan))


def _boxed(plan: Plan, rows: Sequence[int]) -> Rendered:
    return Rendered(plan, rows, Pen(draw_things, boxes_of, _classes))


def _masked(plan: Plan, rows: Sequence[int]) -> Rendered:
    return Rendered(plan, rows, Pen(draw_things, instances_of, _classes))


def _regioned(plan: Plan, rows: Sequence[int]) -> Rendered:
    return Rendered(plan, rows, Pen(draw_things, regions_of, _region_classes))
