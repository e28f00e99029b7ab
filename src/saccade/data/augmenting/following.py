"""Letting what is known of a picture follow it: through preprocessing, and wherever augmentation takes it.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from saccade.data.augmenting.resampling import resample
from saccade.data.preprocess import placement
from saccade.types.annotations import Annotations
from saccade.types.paired_image import PairedImage
from saccade.types.preprocessing import Preprocessing
from saccade.types.soft_label import SoftLabel
from saccade.types.warp import Warp

LEAST_VISIBLE = 0.1


def preprocessed(target: Any, preprocessing: Preprocessing) -> Any:
    """Let what lies on a picture follow it through preprocessing.

    Args:
        target: As `followed` takes it.
        preprocessing: What is made of the picture.

    Returns:
        The target on what the network gets; nothing is dropped.

    Source: ours.

    Example:
        >>> preprocessed(3, Preprocessing((8, 8), 1, (0.0,), (1.0,)))
        3
    """
    return _carried(target, partial(_placing, preprocessing), 0.0)


def has_place(target: Any) -> bool:
    """Say whether a target is more than a class or a text, so that it may have to follow its picture.

    Args:
        target: Any target.

    Returns:
        Whether `followed` must be asked.

    Source: ours.

    Example:
        >>> has_place(3)
        False
    """
    return target is not None and not isinstance(target, int | str | tuple | SoftLabel)


def followed(target: Any, warp: Warp, least_visible: float = LEAST_VISIBLE) -> Any:
    """Let whatever lies on a picture follow it.

    Args:
        target: A class, annotations, boxes, masks, keypoints, a second picture, or a mapping of such things.
        warp: Where the points of the picture go.
        least_visible: Things of which less than this share of their box is left are dropped; of annotations only, so
            that boxes by themselves stay beside their labels.

    Returns:
        The target on the result; what has no place is unchanged.

    Source: ours.

    Example:
        >>> followed(3, Warp(np.eye(3), (2, 2), (2, 2)))
        3
    """
    return _carried(target, partial(_from_size, warp), least_visible)


def _placing(preprocessing: Preprocessing, size: tuple[int, int]) -> Warp | None:
    """Where preprocessing takes the points of a picture of a size; None where it moves nothing."""
    place = placement(size, preprocessing)
    same = size == preprocessing.size and np.array_equal(place, np.eye(3))
    return None if same else Warp(place, size, preprocessing.size)


def _from_size(warp: Warp, size: tuple[int, int]) -> Warp:
    """The same warp for labels that lie on another size of the same picture."""
    if size == warp.source:
        return warp
    stretch = np.diag([warp.source[1] / size[1], warp.source[0] / size[0], 1.0])
    return Warp(warp.matrix @ stretch, size, warp.size, warp.field)


def _carried(target: Any, warp_of: Callable[[tuple[int, int]], Warp | None], least_visible: float) -> Any:
    if not has_place(target):
        return target
    if isinstance(target, dict):
        return {name: _carried(item, warp_of, least_visible) for name, item in target.items()}
    if not hasattr(target, "warp"):
        return target
    warp = warp_of(target.size)
    if warp is None:
        return target
    if isinstance(target, PairedImage):
        return PairedImage(resample(target.pixels, warp))
    moved = target.warp(warp)
    return _visible(target, moved, warp, least_visible) if isinstance(target, Annotations) else moved


def _visible(before: Annotations, moved: Annotations, warp: Warp, least: float) -> Annotations:
    """Drop what has left the picture, or nearly so; nothing where `least` is 0."""
    if not least or not len(moved):
        return moved
    kept = moved.present()
    if before.boxes is not None:
        corners = warp.boxes(before.boxes.coordinates.double().cpu().numpy())
        inside = corners.clip(0, [warp.size[1], warp.size[0]] * 2)
        whole, left = ((each[:, 2:] - each[:, :2]).prod(1) for each in (corners, inside))
        kept &= kept.new_tensor(left >= least * whole)
    return moved if bool(kept.all()) else moved.select(kept)
