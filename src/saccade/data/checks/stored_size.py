"""Labels that were drawn on another version of the picture: one of another size, or one that was not turned yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from saccade.data.checking.check import Check, Look
from saccade.types.annotations import Annotations
from saccade.types.finding import Finding

__all__ = ["stored_size"]

CARDS: dict[str, dict[str, Any]] = {"stored_size": {"codes": ["size-mismatch", "orientation"]}}
_SLACK = 1.0


def stored_size() -> Check:
    """Compare the size that labels say, and where boxes reach, with the picture as it is and as it is stored.

    A label says its size where what the source holds has an attribute `stated_size`, (height, width).

    Source: ours.
    """
    return Check(look=_look)


def _look(look: Look) -> Iterator[Finding]:
    target = look.target
    if look.image is None or not isinstance(target, Annotations):
        return
    size = look.image.shape[0], look.image.shape[1]
    stated = getattr(look.label, "stated_size", None)
    sideways = size[0] != size[1] and look.orientation >= 5
    if sideways and (stated == size[::-1] or _fits_only_unturned(target, size)):
        told = f"got labels for {size[1]} × {size[0]} pixels (height × width), as the file is stored; taken are labels "
        yield look.finding("orientation", told + f"for {size[0]} × {size[1]}, as it is turned by EXIF")
    elif stated and tuple(stated) != size:
        told = f"got a label for {stated[0]} × {stated[1]} pixels (height × width); the picture has "
        yield look.finding("size-mismatch", told + f"{size[0]} × {size[1]}")


def _fits_only_unturned(target: Annotations, size: tuple[int, int]) -> bool:
    """Whether the boxes reach beyond the picture, and would not if it lay as it is stored."""
    if target.boxes is None or not len(target.boxes):
        return False
    reach = target.boxes.coordinates[:, 2:].amax(0) - _SLACK
    turned, stored = torch.tensor([size[1], size[0]]), torch.tensor([size[0], size[1]])
    return bool((reach > turned).any() and (reach <= stored).all())
