"""Laying the annotations of several pictures, which are parts of one canvas, together.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.keypoints import Keypoints
from saccade.types.masks import Masks
from saccade.types.pixel_map import PixelMap
from saccade.types.polygons import Polygons


def joined(parts: Sequence[Annotations]) -> Annotations:
    """Lay the annotations of several pictures, which are parts of one canvas, together.

    What only some of them have, such as masks, is left out, but for crowds: where nothing is said there are none. A
    pixel of a map has the value of the last part that says something of it.

    Args:
        parts: At least one; all of the size of the canvas.

    Returns:
        Their things, one part after the other.

    Source: ours.

    Example:
        >>> len(joined([Annotations((4, 4), torch.tensor([1])), Annotations((4, 4), torch.tensor([2, 3]))]))
        3
    """
    first, size = parts[0], parts[0].size
    boxes = [part.boxes.coordinates for part in parts if part.boxes is not None]
    masks = [part.masks.pixels for part in parts if part.masks is not None]
    rings = [part.polygons.rings for part in parts if part.polygons is not None]
    crowds = [torch.zeros(len(part), dtype=torch.bool) if part.crowd is None else part.crowd for part in parts]
    names = set.intersection(*(set(part.attributes) for part in parts))
    all_phrased = all(part.phrases or not len(part) for part in parts)
    return Annotations(
        size,
        torch.cat([part.class_ids for part in parts]),
        Boxes(torch.cat(boxes), size) if len(boxes) == len(parts) else None,
        Polygons(tuple(thing for things in rings for thing in things), size) if len(rings) == len(parts) else None,
        Masks(torch.cat(masks)) if len(masks) == len(parts) else None,
        _points([part.keypoints for part in parts if part.keypoints is not None], len(parts)),
        torch.cat(crowds) if any(part.crowd is not None for part in parts) else None,
        {name: torch.cat([part.attributes[name] for part in parts]) for name in sorted(names)},
        tuple(phrase for part in parts for phrase in part.phrases) if all_phrased else (),
        _map([part.regions for part in parts if part.regions is not None], len(parts)),
        _map([part.depth for part in parts if part.depth is not None], len(parts)),
        first.captions if len(parts) == 1 else (),
    )


def _points(parts: Sequence[Keypoints], wanted: int) -> Keypoints | None:
    if len(parts) < wanted or len({part.points.shape[1] for part in parts}) != 1:
        return None
    points, visibility = torch.cat([part.points for part in parts]), torch.cat([part.visibility for part in parts])
    return replace(parts[0], points=points, visibility=visibility)


def _map(parts: Sequence[PixelMap], wanted: int) -> PixelMap | None:
    if len(parts) < wanted:
        return None
    values = parts[0].values
    for part in parts[1:]:
        values = torch.where(part.values == part.outside, values, part.values)
    return replace(parts[0], values=values)
