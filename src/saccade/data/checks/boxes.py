"""Boxes that lie outside their picture, have no area, or are there twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from saccade.data.checking.check import Check, Look
from saccade.data.labels.box_checks import box_finding
from saccade.types.annotations import Annotations
from saccade.types.finding import Finding

__all__ = ["boxes"]

CARDS: dict[str, dict[str, Any]] = {"boxes": {"codes": ["box-outside", "box-empty", "box-twice"]}}


def boxes() -> Check:
    """Find boxes that mean nothing for the size of their picture, which only the picture itself tells.

    Source: ours.
    """
    return Check(look=_look)


def _look(look: Look) -> Iterator[Finding]:
    target = look.target
    if not isinstance(target, Annotations) or target.boxes is None:
        return
    seen: dict[tuple, int] = {}
    rows = zip(target.class_ids.tolist(), target.boxes.coordinates.tolist(), strict=True)
    for number, (class_id, box) in enumerate(rows, 1):
        drawn = ((box[0], box[1], box[2], box[3]),)
        wrong = box_finding(box, target.size)
        if wrong:
            yield look.finding(wrong.code, wrong.message, boxes=drawn, severity=wrong.severity)
        elif (first := seen.setdefault((class_id, *box), number)) != number:
            told = f"got box {number}, the same as box {first}; taken is one for each thing; remove one"
            yield look.finding("box-twice", told, boxes=drawn, severity="warning")
