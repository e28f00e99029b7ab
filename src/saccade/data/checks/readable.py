"""Whether pictures and their labels can be read, and what there was to know when they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from saccade.data.checking.check import Check, Look
from saccade.types.finding import Finding

__all__ = ["readable"]

CARDS: dict[str, dict[str, Any]] = {
    "readable": {"codes": ["image-broken", "missing-image", "image-warning", "bad-label"]},
}


def readable() -> Check:
    """Find pictures that are broken, cut short or missing, and those that were read with a warning.

    Source: ours.
    """
    return Check(look=_look)


def _look(look: Look) -> Iterator[Finding]:
    if look.problem:
        yield look.finding(*look.problem)
    for text in look.warned:
        yield look.finding("image-warning", text, severity="warning")
